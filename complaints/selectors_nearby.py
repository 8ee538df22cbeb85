"""Similar reports near a point, by ring of H3 cells and one index: milliseconds among a million."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import h3.api.basic_int as h3
from django.db.models import QuerySet

from city import snapshot as city
from city.domain.info import CategoryInfo
from complaints.domain.place import distance_m
from complaints.models import Photo, Report

_RESOLUTION = 9
# From anywhere inside a cell the ring k=1 reaches at least this far; every further ring adds at least STEP.
_FIRST_RING_M, _RING_STEP_M = 150.0, 240.0
MAX_RADIUS_M = 1_000.0
# In a storm hundreds report one spot; so many of them are enough to recognise it.
_MAX_CANDIDATES = 5_000


@dataclass(frozen=True, slots=True)
class Near:
    """A report and how far from the point it lies."""

    report: Report
    distance_m: float


def nearby(
    category_codes: Iterable[str],
    latitude: float,
    longitude: float,
    radius_m: float,
    since: datetime,
    *,
    limit: int = 20,
    open_only: bool = False,
) -> list[Near]:
    """Public reports of these categories (a group covers its kinds) within `radius_m` of a point, told at or
    after `since`; nearest first, at most `limit`. WGS84 degrees. Radii above MAX_RADIUS_M count as that.
    `open_only` leaves out those that have ended. An incident is found by its primary alone.

    Two queries. The category, area and department of the reports are not loaded: names are in the snapshot.
    """
    radius_m = min(radius_m, MAX_RADIUS_M)
    # Nothing else in the condition and no order: every planner then takes the index made for this.
    places = Report.objects.filter(
        h3_r9__in=_cells(latitude, longitude, radius_m),
        category_id__in=_category_ids(category_codes),
        created_at__gte=since,
    ).values_list("id", "latitude", "longitude", "is_private", "is_open", "merged_into_id")[:_MAX_CANDIDATES]
    found = sorted(
        (distance_m(latitude, longitude, lat, lon), pk)
        for pk, lat, lon, is_private, is_open, primary_id in places
        if not is_private and primary_id is None and (is_open or not open_only)
    )
    near = [(metres, pk) for metres, pk in found if metres <= radius_m][:limit]
    reports = Report.objects.in_bulk([pk for _metres, pk in near]) if near else {}
    return [Near(reports[pk], metres) for metres, pk in near if pk in reports]


def among(
    scope: QuerySet[Report],
    category_codes: Iterable[str],
    latitude: float,
    longitude: float,
    radius_m: float,
    *,
    since: datetime,
    limit: int = 50,
) -> list[Report]:
    """The reports of a scope that lie within `radius_m` of a point, told at or after `since`; nearest first,
    private ones included: who asks is the scope's business. Two queries, read by the index of `nearby`."""
    radius_m = min(radius_m, MAX_RADIUS_M)
    places = Report.objects.filter(
        h3_r9__in=_cells(latitude, longitude, radius_m),
        category_id__in=_category_ids(category_codes),
        created_at__gte=since,
    ).values_list("id", "latitude", "longitude", "is_open")[:_MAX_CANDIDATES]
    found = sorted(
        (distance_m(latitude, longitude, lat, lon), pk) for pk, lat, lon, is_open in places if is_open
    )
    near = [pk for metres, pk in found if metres <= radius_m][: limit * 2]
    rows = scope.filter(pk__in=near).select_related("department", "category") if near else ()
    by_pk = {report.pk: report for report in rows}
    return [by_pk[pk] for pk in near if pk in by_pk][:limit]


def all_around(
    category_codes: Iterable[str],
    latitude: float,
    longitude: float,
    radius_m: float,
    *,
    since: datetime,
    without: int = 0,
    limit: int = 500,
) -> list[Report]:
    """Reports in any state within `radius_m` of a point, told at or after `since`; nearest first, private and
    merged ones included: what of them is shown is the caller's business. Two queries, read by the index of
    `nearby`; names are in the snapshot."""
    radius_m = min(radius_m, MAX_RADIUS_M)
    places = Report.objects.filter(
        h3_r9__in=_cells(latitude, longitude, radius_m),
        category_id__in=_category_ids(category_codes),
        created_at__gte=since,
    ).values_list("id", "latitude", "longitude")[:_MAX_CANDIDATES]
    found = sorted((distance_m(latitude, longitude, lat, lon), pk) for pk, lat, lon in places)
    near = [pk for metres, pk in found if metres <= radius_m and pk != without][:limit]
    rows = Report.objects.in_bulk(near) if near else {}
    return [rows[pk] for pk in near if pk in rows]


def similar(
    category: CategoryInfo, latitude: float, longitude: float, *, now: datetime, limit: int = 5
) -> list[Near]:
    """Open public reports that may be about the same trouble: of this kind or of one that people choose for
    the same, within the kind's `nearby_radius_m` and `similar_within_days`. Nearest first. Two queries."""
    if not category.similar_within_days:
        return []
    since = now - timedelta(days=category.similar_within_days)
    return nearby(
        (category.code, *category.similar),
        latitude,
        longitude,
        category.nearby_radius_m,
        since,
        limit=limit,
        open_only=True,
    )


def similar_in_area(category: CategoryInfo, area_id: int, *, now: datetime, limit: int = 5) -> list[Report]:
    """The same where only the kelurahan is known: of this kind alone, newest first. One query."""
    if not category.similar_within_days:
        return []
    since = now - timedelta(days=category.similar_within_days)
    reports = Report.objects.filter(
        area_id=area_id, category_id=category.id, created_at__gte=since, is_private=False, is_open=True
    )
    return list(reports.order_by("-created_at")[:limit])


def first_pictures(report_ids: Iterable[int]) -> dict[int, UUID]:
    """Report id → its first picture of the problem, where there is one that is ready. One query."""
    ready = Photo.objects.filter(
        report_id__in=list(report_ids), state=Photo.State.READY, kind=Photo.Kind.REPORT
    )
    pictures: dict[int, UUID] = {}
    for report_id, uuid in ready.order_by("id").values_list("report_id", "uuid"):
        pictures.setdefault(report_id, uuid)
    return pictures


def _cells(latitude: float, longitude: float, radius_m: float) -> list[int]:
    rings = 1 + max(0, math.ceil((radius_m - _FIRST_RING_M) / _RING_STEP_M))
    return list(h3.grid_disk(h3.latlng_to_cell(latitude, longitude, _RESOLUTION), rings))


def _category_ids(codes: Iterable[str]) -> list[int]:
    wanted = set(codes)
    categories = city.current().categories.values()
    return [item.id for item in categories if item.code in wanted or item.parent_code in wanted]
