"""Reports for the map: single ones when they are few or near, counted cells otherwise; never cut silently."""

from collections import defaultdict
from contextlib import suppress
from datetime import datetime

import h3.api.basic_int as h3
from django.core.cache import cache
from django.db.models import Count, Q, QuerySet, Sum

from complaints.domain import workflow
from complaints.models import CellCount, Report
from complaints.web import filters as web_filters
from complaints.web import words
from complaints.web.boxes import CELL_KM2, FINEST, MAX_CELLS, Box
from complaints.web.filters import Filters

FEW = 40  # so few in view are shown one by one at any zoom
MANY = 250  # more than this in view are shown as cells even when near
NEAR_ZOOM = 14
LIVE_KEEP_S = 60
_RESOLUTION_OF_ZOOM = {10: 6, 11: 6, 12: 7, 13: 8, 14: 8}


def query(box: Box, zoom: int, filters: Filters, now: datetime) -> dict:
    """`{"cells": […], "reports": […], "total": n, "is_exact": …}`; one of the two lists is empty.

    `is_exact`: no counted cell reaches over the box's edge, so that `total` is what lies inside.
    A cell: [latitude, longitude, count, state → count].
    A report: [code, latitude, longitude, state, category id, 1 if late else 0].
    """
    if box.is_empty:
        return {"cells": [], "reports": [], "total": 0, "is_exact": True}
    if zoom >= NEAR_ZOOM and box.area_km2() / CELL_KM2[FINEST] < MAX_CELLS:
        near = _in_box(web_filters.apply(filters, now), box).filter(h3_r9__in=box.cells(FINEST))
        reports = list(near.only(*_SINGLE)[: MANY + 1])
        if len(reports) <= MANY:
            return _singles(reports, now)
    resolution = _resolution(box, zoom)
    counts = _counts(box, resolution, filters, now)
    if sum(sum(states.values()) for states in counts.values()) <= FEW:
        reports = _few(box, resolution, counts, filters, now)
        if reports is not None:
            return _singles(reports, now)
    return _cells(counts, box)


_SINGLE = ("code", "latitude", "longitude", "status", "category_id", "is_open", "due_at")


def _in_box(reports: QuerySet[Report], box: Box) -> QuerySet[Report]:
    return reports.filter(latitude__range=(box.south, box.north), longitude__range=(box.west, box.east))


def _resolution(box: Box, zoom: int) -> int:
    wanted = 5 if zoom < 10 else _RESOLUTION_OF_ZOOM.get(zoom, FINEST)
    while wanted > 5 and box.area_km2() / CELL_KM2[wanted] > MAX_CELLS:
        wanted -= 1
    return wanted


def _counts(box: Box, resolution: int, filters: Filters, now: datetime) -> dict[int, dict[str, int]]:
    """Cell → state → number of reports: pre-counted, or counted live for filters that go by the clock."""
    cells = box.cells(resolution)
    if filters.is_counted_live:
        return _live(cells, resolution, filters, now)
    if filters.area:
        return _of_area(cells, resolution, filters)
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    rows = counted(filters).filter(resolution=resolution, cell__in=cells)
    for cell, state, number in rows.order_by().values_list("cell", "state").annotate(number=Sum("count")):
        counts[cell][state] = number
    return counts


def counted(filters: Filters) -> QuerySet[CellCount]:
    """The counts that pass; the caller chooses the resolution. With an area there is only the finest."""
    rows = CellCount.objects.filter(count__gt=0)
    if filters.area:
        rows = rows.filter(area_id__in=filters.area_ids())
    if filters.states:
        rows = rows.filter(state__in=filters.states)
    if filters.category:
        rows = rows.filter(category_id__in=filters.category_ids())
    if filters.department:
        rows = rows.filter(department_id=filters.department_id())
    return rows


def _of_area(cells: list[int], resolution: int, filters: Filters) -> dict[int, dict[str, int]]:
    rows = counted(filters).order_by().values_list("cell", "state").annotate(number=Sum("count"))
    return _gathered(rows, cells, resolution)


def _live(cells: list[int], resolution: int, filters: Filters, now: datetime) -> dict[int, dict[str, int]]:
    """Counted now for the whole city and kept for LIVE_KEEP_S, since whoever looks pans and zooms."""
    key = f"map:live:{filters.query()}"
    try:
        rows = cache.get(key)
    except Exception:  # a broken cache must not break the map
        rows = None
    if rows is None:
        reports = web_filters.apply(filters, now).order_by()
        counted_now = reports.values_list("h3_r9", "status").annotate(number=Count("*"))
        rows = [(cell, workflow.MAP_STATE[status], number) for cell, status, number in counted_now]
        with suppress(Exception):  # as above
            cache.set(key, rows, LIVE_KEEP_S)
    return _gathered(rows, cells, resolution)


def _gathered(rows, cells: list[int], resolution: int) -> dict[int, dict[str, int]]:
    """Counts of the finest cells added up in those of `cells` that hold them."""
    wanted = set(cells)
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for cell, state, number in rows:
        parent = h3.cell_to_parent(cell, resolution)
        if parent in wanted:
            counts[parent][state] = counts[parent].get(state, 0) + number
    return counts


def _few(box: Box, resolution: int, counts: dict, filters: Filters, now: datetime) -> list | None:
    """The single reports behind a few counts, or None when asking for them would cost too much."""
    if not counts:
        return []
    if len(counts) * 7 ** (FINEST - resolution) > MAX_CELLS:
        fine = [_child_range(cell) for cell in counts]
        if len(fine) > 100:
            return None
        condition = Q()
        for low, high in fine:
            condition |= Q(h3_r9__range=(low, high))
    else:
        children = [child for cell in counts for child in h3.cell_to_children(cell, FINEST)]
        condition = Q(h3_r9__in=children)
    rows = _in_box(web_filters.apply(filters, now), box).filter(condition)
    reports = list(rows.only(*_SINGLE)[: MANY + 1])
    return reports if len(reports) <= MANY else None


def _child_range(cell: int) -> tuple[int, int]:
    """Lowest and highest id among a cell's children at the finest resolution: they share its digits."""
    resolution = h3.get_resolution(cell)
    low = cell & ~(0xF << 52) | (FINEST << 52)
    for level in range(resolution + 1, FINEST + 1):
        low &= ~(7 << 3 * (15 - level))
    high = low
    for level in range(resolution + 1, FINEST + 1):
        high |= 6 << 3 * (15 - level)
    return low, high


def _singles(rows: list[Report], now: datetime) -> dict:
    reports = [
        [
            report.code,
            round(report.latitude, 6),
            round(report.longitude, 6),
            workflow.MAP_STATE[report.status],
            report.category_id,
            int(words.is_late(report, now)),
        ]
        for report in rows
    ]
    return {"cells": [], "reports": reports, "total": len(reports), "is_exact": True}


def _cells(counts: dict[int, dict[str, int]], box: Box) -> dict:
    cells, is_exact = [], True
    for cell, states in counts.items():
        latitude, longitude = h3.cell_to_latlng(cell)
        cells.append([round(latitude, 5), round(longitude, 5), sum(states.values()), states])
        is_exact = is_exact and _is_inside(cell, box)
    return {
        "cells": cells,
        "reports": [],
        "total": sum(cell[2] for cell in cells),
        "is_exact": is_exact,
    }


def _is_inside(cell: int, box: Box) -> bool:
    return all(
        box.south <= latitude <= box.north and box.west <= longitude <= box.east
        for latitude, longitude in h3.cell_to_boundary(cell)
    )
