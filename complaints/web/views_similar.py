"""Before a report is filed: what kind it may be, whether it is there already, and "this is it"."""

from dataclasses import replace

from django.http import JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from city import snapshot as city
from complaints import selectors
from complaints.domain import place
from complaints.models import StagedPhoto
from complaints.services import suggestions
from complaints.web import form_context, similar, words
from complaints.web.form_state import FormState, number

SUPPORT_ACTION = "support:"  # + the code of the report that is the same


@require_safe
def suggest_kinds(request):
    """The likely kinds for what a person typed; says nothing about anybody, so it may be kept for a while."""
    kinds = city.current().categories
    found = suggestions.suggest(request.GET.get("q", ""))
    rows = [
        {
            "code": item.code,
            "name": words.local(kinds[item.code]),
            "hint": words.local(kinds[item.code], "hint"),
            "score": item.score,
        }
        for item in found
    ]
    response = JsonResponse({"suggestions": rows})
    response["Cache-Control"] = "private, max-age=600"
    response["Vary"] = "Cookie, Accept-Language"
    return response


@require_safe
def similar_reports(request):
    """Open reports of the same trouble near a point (`lat`, `lon`) or in a kelurahan (`wilayah`), as the form
    shows them, without those that the person said are not theirs (`bukan`: codes, separated by commas); none
    for a kind or a place that is not known."""
    category = form_context.category_of(request.GET.get("kategori", ""))
    latitude, longitude = (number(request.GET.get(name, "")) for name in ("lat", "lon"))
    rows = of_place(category, latitude, longitude, request.GET.get("wilayah", ""))
    rows = _without(rows, request.GET.get("bukan", ""))
    html = render_to_string("complaints/_similar.html", {"similar": rows}, request) if rows else ""
    response = JsonResponse({"count": len(rows), "html": html})
    response["Cache-Control"] = "private, max-age=20"
    response["Vary"] = "Cookie, Accept-Language"
    return response


def of_place(category, latitude: float | None, longitude: float | None, area_code: str):
    """Similar reports for whatever is known of the place."""
    if category is None:
        return []
    if place.fault(latitude, longitude) is None:
        return similar.at_point(category, latitude, longitude, timezone.now())
    area = city.current().areas.get(area_code)
    return similar.in_area(category, area.id, timezone.now()) if area else []


def of_draft(checked, state: FormState) -> list[similar.SimilarReport]:
    """Similar reports for a draft that can be filed, but for those already looked at; none for one that is
    hidden from the public."""
    draft = checked.draft
    if checked.is_private:
        return []
    if draft.area:
        rows = of_place(checked.category, None, None, draft.area)
    else:
        rows = of_place(checked.category, draft.latitude, draft.longitude, "")
    return _without(rows, state.get("bukan"))


def _without(rows: list[similar.SimilarReport], codes: str) -> list[similar.SimilarReport]:
    others = set(codes.split(","))
    return [row for row in rows if row.report.code not in others]


def support_page(request, state: FormState, code: str):
    """ "This is it": the report that is there, and what the person brought, to be added to it. None if there
    is no such report in public any more, or if it has ended.

    The words of a report that was to be private are not carried over: below a public one everybody reads
    them.
    """
    report = selectors.by_code(code)
    if report is None or report.is_private or not report.is_open:
        return None
    return page(request, report, state, typed="" if state.is_private else state.get("description"))


def page(request, report, state: FormState, *, typed: str, faults: dict | None = None, status=200):
    """The page on which somebody adds to a report that others filed. The form they came from travels along,
    so that they can go back to it."""
    travelling = [(name, value) for name, value in state.hidden_fields() if name not in ("key", "photo")]
    context = {
        "row": similar.one(report, timezone.now()),
        "report": report,
        "state": state,
        "fields": travelling,
        "has_form": bool(state.get("category")),
        "typed": typed,
        "errors": faults or {},
        "staged": list(StagedPhoto.objects.filter(draft_key=state.key).order_by("id")),
        "texts": form_context.privacy_texts(),
    }
    return render(request, "complaints/report_support.html", context, status=status)


def suggested(state: FormState) -> FormState:
    """The form after "find" without JavaScript: what was searched begins the description if that is empty."""
    said = state.get("cari").strip()
    if said and not state.get("description").strip():
        return replace(state, values={**state.values, "description": said})
    return state
