"""Looking at many reports: home and list."""

from dataclasses import dataclass, replace
from datetime import timedelta

from django.core.cache import cache
from django.db.models import QuerySet, Sum
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from complaints import selectors
from complaints.domain import workflow
from complaints.models import Feedback, Photo, Report
from complaints.web import access, cards, filter_words, map_query, nearest, paging, tree
from complaints.web import filters as web_filters
from complaints.web.filters import Filters

FIGURES_DAYS = 30
_FIGURES_KEEP_S = 60
# What is not counted beforehand is counted up to here, and said to be more beyond.
COUNTED_UP_TO = 1_000


@dataclass(frozen=True, slots=True)
class Figures:
    """Of the last FIGURES_DAYS days, except `late`: open reports past their promise right now."""

    reported: int
    resolved: int
    confirmed: int
    unconfirmed: int  # closed because the reporter was silent: nobody knows whether it was fixed
    late: int


def figures(now) -> Figures:
    """Honest numbers for the front page; public and private reports alike, since nothing else is told."""
    try:
        known = cache.get("home:figures")
    except Exception:  # a broken cache must not break the front page
        known = None
    if known is None:
        known = _figures(now)
        try:
            cache.set("home:figures", known, _FIGURES_KEEP_S)
        except Exception:  # as above
            return known
    return known


def _figures(now) -> Figures:
    since = now - timedelta(days=FIGURES_DAYS)
    done = (workflow.RESOLVED, workflow.CLOSED)
    paused = (workflow.WAITING, workflow.SCHEDULED)
    closed = Report.objects.filter(status=workflow.CLOSED, status_since__gte=since)
    return Figures(
        reported=Report.objects.filter(created_at__gte=since, merged_into=None).count(),
        resolved=Report.objects.filter(status__in=done, status_since__gte=since).count(),
        confirmed=Feedback.objects.filter(
            verdict=Feedback.Verdict.FIXED, created_at__gte=since, report__status=workflow.CLOSED
        ).count(),
        unconfirmed=closed.filter(closure=Report.Closure.UNCONFIRMED).count(),
        late=Report.objects.filter(is_open=True, due_at__lt=now).exclude(status__in=paused).count(),
    )


def latest_repairs(limit: int = 3) -> list[Report]:
    """The newest resolved public reports that have a photo of the problem and one of the repair."""
    repaired = (
        Photo.objects.filter(kind=Photo.Kind.REPAIR, state=Photo.State.READY, report__is_private=False)
        .filter(report__status__in=(workflow.RESOLVED, workflow.CLOSED))
        .order_by("-id")
        .values_list("report_id", flat=True)[: limit * 4]
    )
    found = selectors.public_reports().filter(pk__in=list(dict.fromkeys(repaired)))
    reports = list(
        cards.with_photos(found.select_related("category", "area", "department").defer("area__geometry"))
    )
    reports.sort(key=lambda item: item.resolved_at or item.updated_at, reverse=True)
    return [report for report in reports if cards.pair(report)][:limit]


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
    """Public reports as an accessible list: newest, longest open, or nearest first."""
    typed = request.GET.get("kode", "").strip()
    if code := access.code_to_open(request, typed):
        return redirect("report_detail", code=code)
    filters, now = web_filters.read(request.GET), timezone.now()
    if filters.near and filters.near_text() != request.GET["dekat"]:
        # An exact position stands in no address of ours that somebody may share.
        return redirect(f"{request.path}?{filters.list_query()}")
    reports = web_filters.apply(filters, now)
    onward, back = request.GET.get("sesudah", ""), request.GET.get("sebelum", "")
    page = page_of(cards.with_photos(reports), filters, onward, back)
    cards.dress(page.reports)
    context = {
        "filters": filters,
        "chips": filter_words.chips(filters, is_list=True),
        "radii": filter_words.radii(filters) if filters.near else [],
        "newest_query": replace(filters, order=web_filters.NEWEST).list_query(),
        "longest_query": replace(filters, order=web_filters.LONGEST_OPEN).list_query(),
        "page": page,
        # Counted on the first page only: how many there are is said once, however deep one turns pages.
        "total": None if onward or back else total_of(reports, filters),
        "typed": typed,
        **filter_words.offered(filters),
    }
    return render(request, "complaints/report_list.html", context)


@dataclass(frozen=True, slots=True)
class Total:
    """How many reports pass; `is_more`: at least so many, nobody counted on."""

    number: int
    is_more: bool = False


def page_of(reports: QuerySet[Report], filters: Filters, onward: str, back: str) -> paging.Page:
    """The page in the order that the filters name. Around a point it is always the nearest first."""
    if filters.near:
        return nearest.page_near(reports, filters.near, filters.radius_m, onward)
    if filters.order == web_filters.LONGEST_OPEN:
        return paging.page_of(reports.filter(is_open=True), onward, back, oldest_first=True)
    return paging.page_of(reports, onward, back)


def total_of(reports: QuerySet[Report], filters: Filters) -> Total | None:
    """How many reports pass: exact from the map's counts, else counted as far as COUNTED_UP_TO.

    None around a point and for the longest open, where the page itself says what there is.
    """
    if filters.near or filters.order:
        return None
    if filters.is_counted_live or filters.box:
        # In no order: a planner asked for one would walk the newest instead of the few that pass.
        number = len(reports.order_by().values_list("id")[: COUNTED_UP_TO + 1])
        return Total(min(number, COUNTED_UP_TO), is_more=number > COUNTED_UP_TO)
    counts = map_query.counted(filters)
    if not filters.area:
        counts = counts.filter(resolution=5)
    return Total(counts.aggregate(total=Sum("count"))["total"] or 0)
