"""Public pages about places: kelurahan and kecamatan, departments and other owners, the debt register."""

import csv
from collections.abc import Iterator
from datetime import datetime

from django.http import Http404, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from city import snapshot as city
from complaints import selectors_debt
from complaints.domain import privacy
from complaints.models import PlaceFigures, Report
from complaints.web import filter_words, place_pages, tree, words
from complaints.web import filters as web_filters
from complaints.web.filters import Filters

PAGE_SIZE = 50
_KINDS = ("city", "subdistrict", "external")


@gzip_page
@require_safe
def area_index(request):
    """All kecamatan with their kelurahan, by name."""
    return render(request, "complaints/area_index.html", {"areas": tree.areas()})


@gzip_page
@require_safe
def area_page(request, code: str):
    """How one kelurahan or kecamatan is served."""
    snap = city.current()
    area = snap.areas.get(code)
    if area is None or area.level not in ("kecamatan", "kelurahan"):
        raise Http404
    offices = [item for item in snap.departments.values() if item.area_code in (code, area.parent_code)]
    context = {
        "area": area,
        "title": filter_words.area_name(code),
        "parent": snap.areas.get(area.parent_code) if area.level == "kelurahan" else None,
        "members": sorted(
            (item for item in snap.areas.values() if item.parent_code == code), key=lambda item: item.name
        ),
        "office": offices[0] if offices else None,
        "feed": place_pages.feed("feed_area", code),
        **place_pages.context(PlaceFigures.Kind.AREA, area.id, Filters(area=code), timezone.now()),
    }
    return render(request, "complaints/place.html", context)


@gzip_page
@require_safe
def department_index(request):
    """Who is responsible for what: the city's departments, kecamatan offices, owners outside the city."""
    everybody = sorted(city.current().departments.values(), key=words.local)
    groups = [[item for item in everybody if item.kind == kind] for kind in _KINDS]
    context = dict(zip(("departments", "offices", "outside"), groups, strict=True))
    return render(request, "complaints/department_index.html", context)


@gzip_page
@require_safe
def department_page(request, code: str):
    """How one department, kecamatan office or outside owner serves."""
    department = city.current().departments.get(code)
    if department is None:
        raise Http404
    filters = Filters(department=code)
    context = {
        "department": department,
        "title": words.local(department),
        "feed": "",
        **place_pages.context(PlaceFigures.Kind.DEPARTMENT, department.id, filters, timezone.now()),
    }
    return render(request, "complaints/place.html", context)


@gzip_page
@require_safe
def debt_register(request):
    """Works the city owes: planned, dated, public until they are done."""
    now, filters = timezone.localtime(), web_filters.read(request.GET)
    filters = Filters(area=filters.area, department=filters.department)
    debts = selectors_debt.debts(area=filters.area, department=filters.department)
    cursor = request.GET.get("sesudah", "")
    found = list(selectors_debt.after(debts, cursor)[: PAGE_SIZE + 1])
    shown = place_pages.dress_debts(found[:PAGE_SIZE], now)
    unordered = debts.order_by()
    context = {
        "filters": filters,
        "chips": filter_words.chips(filters, is_list=False),
        "debts": shown,
        "onward": selectors_debt.cursor_of(shown[-1]) if len(found) > PAGE_SIZE else "",
        "is_first": not cursor,
        "total": unordered.count(),
        "past": unordered.filter(scheduled_for__lt=now.date()).count(),
    }
    return render(request, "complaints/debt_register.html", context)


@require_safe
def debt_csv(request):
    """The whole register with the page's filters, for a spreadsheet."""
    filters = web_filters.read(request.GET)
    debts = selectors_debt.debts(area=filters.area, department=filters.department)
    response = StreamingHttpResponse(
        _lines(debts.iterator(chunk_size=500), timezone.localtime(), request),
        content_type="text/csv; charset=utf-8",
    )
    response["Content-Disposition"] = 'attachment; filename="utang-publik.csv"'
    return response


class _Echo:
    """Gives the csv module's lines back instead of keeping them."""

    def write(self, line: str) -> str:
        return line


def _lines(reports: Iterator[Report], now: datetime, request) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff"  # by which spreadsheets know the encoding
    yield writer.writerow(
        [
            _("Code"),
            _("Kind of problem"),
            _("Street"),
            _("Kelurahan"),
            _("Kecamatan"),
            _("Office"),
            _("Reported"),
            _("Planned for"),
            _("Date has passed"),
            _("Budget line or reason"),
            _("Address"),
        ]
    )
    snap = city.current()
    for report in reports:
        [report] = place_pages.dress_debts([report], now)
        parent = snap.areas.get(report.place.parent_code) if report.place else None
        yield writer.writerow(
            [
                cell(value)
                for value in (
                    report.spoken_code,
                    words.local(report.kind),
                    privacy.mask(report.street),
                    report.place.name if report.place else "",
                    parent.name if parent else "",
                    words.local(report.office) if report.office else "",
                    timezone.localtime(report.created_at).date().isoformat(),
                    report.scheduled_for.isoformat(),
                    _("yes") if report.is_past else _("no"),
                    privacy.mask(report.budget_line),
                    request.build_absolute_uri(f"/laporan/{report.code}/"),
                )
            ]
        )


def cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula (OWASP, "CSV Injection")."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else text
