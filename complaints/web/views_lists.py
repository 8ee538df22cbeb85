"""Looking at many reports: home, list, map."""

from dataclasses import dataclass
from datetime import timedelta

import orjson
from django.core.cache import cache
from django.db.models import Prefetch
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from city import snapshot as city
from complaints import selectors
from complaints.domain import workflow
from complaints.models import Feedback, Photo, Report
from complaints.web import access, map_query, paging, tree, words
from complaints.web import filters as web_filters
from complaints.web.map_setup import city_box, map_setup

FIGURES_DAYS = 30
_FIGURES_KEEP_S = 60


@dataclass(frozen=True, slots=True)
class Figures:
    """Of the last FIGURES_DAYS days, except `late`: open reports past their promise right now."""

    reported: int
    resolved: int
    confirmed: int
    late: int


def figures(now) -> Figures:
    """Honest numbers for the front page; public and private reports alike, since nothing else is told."""
    try:
        known = cache.get("home:figures")
    except Exception:  # a broken cache must not break the front page
        known = None
    if known is None:
        since = now - timedelta(days=FIGURES_DAYS)
        done = (workflow.RESOLVED, workflow.CLOSED)
        paused = (workflow.WAITING, workflow.SCHEDULED)
        known = Figures(
            reported=Report.objects.filter(created_at__gte=since).count(),
            resolved=Report.objects.filter(status__in=done, status_since__gte=since).count(),
            confirmed=Feedback.objects.filter(
                verdict=Feedback.Verdict.FIXED, created_at__gte=since, report__status=workflow.CLOSED
            ).count(),
            late=Report.objects.filter(is_open=True, due_at__lt=now).exclude(status__in=paused).count(),
        )
        try:
            cache.set("home:figures", known, _FIGURES_KEEP_S)
        except Exception:  # as above
            return known
    return known


def latest_repairs(limit: int = 3) -> list[Report]:
    """The newest resolved public reports that have a photo of the problem and one of the repair."""
    ready = Photo.objects.filter(state=Photo.State.READY).order_by("id")
    repaired = (
        Photo.objects.filter(kind=Photo.Kind.REPAIR, state=Photo.State.READY, report__is_private=False)
        .filter(report__status__in=(workflow.RESOLVED, workflow.CLOSED))
        .order_by("-id")
        .values_list("report_id", flat=True)[: limit * 4]
    )
    reports = list(
        selectors.public_reports()
        .filter(pk__in=list(dict.fromkeys(repaired)))
        .select_related("category", "area", "department")
        .defer("area__geometry")
        .prefetch_related(Prefetch("photos", queryset=ready, to_attr="ready_photos"))
    )
    shown = []
    for report in sorted(reports, key=lambda item: item.resolved_at or item.updated_at, reverse=True):
        report.before = next((p for p in report.ready_photos if p.kind != Photo.Kind.REPAIR), None)
        report.after = next((p for p in reversed(report.ready_photos) if p.kind == Photo.Kind.REPAIR), None)
        if report.before and report.after:
            shown.append(report)
    return shown[:limit]


@gzip_page
@require_safe
def home(request):
    """What this is; `?kode=` finds a report however its code was typed."""
    typed = request.GET.get("kode", "")
    if code := access.code_to_open(request, typed):
        return redirect("report_detail", code=code)
    context = {
        "figures": figures(timezone.now()),
        "repairs": latest_repairs(),
        "groups": tree.groups(),
        "typed": typed,
        "not_found": bool(typed),
    }
    return render(request, "home.html", context, status=404 if typed else 200)


@gzip_page
@require_safe
def report_list(request):
    """Public reports, newest first, as an accessible list."""
    typed = request.GET.get("kode", "").strip()
    if code := access.code_to_open(request, typed):
        return redirect("report_detail", code=code)
    filters = web_filters.read(request.GET)
    reports = (
        web_filters.apply(filters).select_related("category", "area", "department").defer("area__geometry")
    )
    page = paging.page_of(reports, request.GET.get("sesudah", ""), request.GET.get("sebelum", ""))
    context = {"filters": filters, "page": page, "typed": typed, **filter_options()}
    return render(request, "complaints/report_list.html", context)


def filter_options() -> dict:
    """What the filter form offers."""
    return {
        "states": [
            {"code": state, "name": words.STATE_NAME[state], "icon": words.STATE_ICON[state]}
            for state in workflow.MAP_STATES
        ],
    }


@gzip_page
@require_safe
def map_page(request):
    """The map; filters stand in the address, position and zoom behind its #."""
    filters = web_filters.read(request.GET)
    names = {item.id: words.local(item) for item in city.current().categories.values() if item.parent_code}
    context = {
        "filters": filters,
        "map": map_setup(),
        "focus": _focus(filters),
        "map_texts": {
            "categories": names,
            "states": {state: str(words.STATE_NAME[state]) for state in workflow.MAP_STATES},
            "open": _("See this report"),
            "total": _("{count} reports in view"),
            "cluster": _("{count} reports here, {open} of them open; press to come closer"),
            "failed": _("The reports could not be loaded. The list shows them too."),
            "detail": reverse("report_detail", args=["CODE"]),
        },
        **filter_options(),
    }
    return render(request, "complaints/map.html", context)


def _focus(filters) -> list[float] | None:
    """South, west, north, east of the chosen kelurahan or kecamatan."""
    area = city.current().areas.get(filters.area) if filters.area else None
    if area is None or not area.bbox:
        return None
    west, south, east, north = area.bbox
    return [south, west, north, east]


@gzip_page
@require_safe
def map_data(request):
    """Reports or counted cells in `bbox` (minLon,minLat,maxLon,maxLat) at `zoom`."""
    zoom = request.GET.get("zoom", "12")
    if not (zoom.isascii() and zoom.isdigit() and len(zoom) <= 2 and int(zoom) <= 24):
        return _bad_request(_("zoom must be a whole number from 0 to 24."))
    try:
        box = map_query.parse_box(request.GET.get("bbox", ""), city_box())
    except map_query.BadBox:
        return _bad_request(_("bbox must be four numbers: minLon,minLat,maxLon,maxLat."))
    answer = map_query.query(box, int(zoom), web_filters.read(request.GET))
    response = HttpResponse(orjson.dumps(answer), content_type="application/json")
    response["Cache-Control"] = "public, max-age=15"
    return response


def _bad_request(detail: str) -> JsonResponse:
    body = {"type": "about:blank", "title": "Bad Request", "status": 400, "detail": detail, "code": "invalid"}
    return JsonResponse(body, status=400, content_type="application/problem+json")
