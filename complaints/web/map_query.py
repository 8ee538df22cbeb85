"""Reports for the map: single ones when they are few or near, counted cells otherwise; never cut silently."""

import math
from collections import defaultdict
from dataclasses import dataclass

import h3.api.basic_int as h3
from django.db.models import Count, Q, QuerySet, Sum

from complaints.domain import workflow
from complaints.models import CellCount, Report
from complaints.web import filters as web_filters
from complaints.web.filters import Filters

FEW = 40  # so few in view are shown one by one at any zoom
MANY = 250  # more than this in view are shown as cells even when near
NEAR_ZOOM = 14
_FINEST = 9
_MAX_CELLS = 4000  # in one question to the database
_RESOLUTION_OF_ZOOM = {10: 6, 11: 6, 12: 7, 13: 8, 14: 8}
_CELL_KM2 = {5: 252.9, 6: 36.13, 7: 5.161, 8: 0.7373, 9: 0.1053}
_KM_PER_DEGREE = 111.2


class BadBox(ValueError):
    """The bbox is not four finite numbers west,south,east,north inside the world."""


@dataclass(frozen=True, slots=True)
class Box:
    """WGS84 degrees."""

    west: float
    south: float
    east: float
    north: float

    def area_km2(self) -> float:
        middle = math.radians((self.south + self.north) / 2)
        width = (self.east - self.west) * _KM_PER_DEGREE * math.cos(middle)
        return width * (self.north - self.south) * _KM_PER_DEGREE

    def cells(self, resolution: int) -> list[int]:
        """Every H3 cell that touches the box."""
        ring = [
            (self.south, self.west),
            (self.south, self.east),
            (self.north, self.east),
            (self.north, self.west),
        ]
        return h3.h3shape_to_cells_experimental(h3.LatLngPoly(ring), resolution, contain="overlap")


def parse_box(text: str, limit: Box) -> Box:
    """`minLon,minLat,maxLon,maxLat`, cut to `limit` (the city and a margin). Raises BadBox."""
    parts = text.split(",")
    try:
        west, south, east, north = (float(part) for part in parts)
    except ValueError as exc:
        raise BadBox from exc
    inside = -180 <= west < east <= 180 and -90 <= south < north <= 90  # false for NaN and infinities
    if not inside:
        raise BadBox
    return Box(max(west, limit.west), max(south, limit.south), min(east, limit.east), min(north, limit.north))


def is_empty(box: Box) -> bool:
    return box.west >= box.east or box.south >= box.north


def query(box: Box, zoom: int, filters: Filters) -> dict:
    """`{"cells": […], "reports": […], "total": n}`; one of the two lists is empty.

    A cell: [latitude, longitude, count, state → count].
    A report: [code, latitude, longitude, state, category id].
    """
    if is_empty(box):
        return {"cells": [], "reports": [], "total": 0}
    if zoom >= NEAR_ZOOM and box.area_km2() / _CELL_KM2[_FINEST] < _MAX_CELLS:
        near = _in_box(web_filters.apply(filters), box).filter(h3_r9__in=box.cells(_FINEST))
        reports = list(near.values_list(*_SINGLE)[: MANY + 1])
        if len(reports) <= MANY:
            return _singles(reports)
    resolution = _resolution(box, zoom)
    counts = _counts(box, resolution, filters)
    if sum(sum(states.values()) for states in counts.values()) <= FEW:
        reports = _few(box, resolution, counts, filters)
        if reports is not None:
            return _singles(reports)
    return _cells(counts)


_SINGLE = ("code", "latitude", "longitude", "status", "category_id")


def _in_box(reports: QuerySet[Report], box: Box) -> QuerySet[Report]:
    return reports.filter(latitude__range=(box.south, box.north), longitude__range=(box.west, box.east))


def _resolution(box: Box, zoom: int) -> int:
    wanted = 5 if zoom < 10 else _RESOLUTION_OF_ZOOM.get(zoom, _FINEST)
    while wanted > 5 and box.area_km2() / _CELL_KM2[wanted] > _MAX_CELLS:
        wanted -= 1
    return wanted


def _counts(box: Box, resolution: int, filters: Filters) -> dict[int, dict[str, int]]:
    """Cell → state → number of reports: pre-counted, or counted live for filters the cells do not know."""
    cells = box.cells(resolution)
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    if filters.area or filters.department:
        wanted = set(cells)
        rows = (
            web_filters.apply(filters).order_by().values_list("h3_r9", "status").annotate(number=Count("id"))
        )
        for cell, status, number in rows:
            parent, state = h3.cell_to_parent(cell, resolution), workflow.MAP_STATE[status]
            if parent in wanted:
                counts[parent][state] = counts[parent].get(state, 0) + number
        return counts
    rows = CellCount.objects.filter(resolution=resolution, cell__in=cells, count__gt=0)
    if filters.state:
        rows = rows.filter(state=filters.state)
    if filters.category:
        rows = rows.filter(category_id__in=filters.category_ids())
    for cell, state, number in rows.order_by().values_list("cell", "state").annotate(number=Sum("count")):
        counts[cell][state] = number
    return counts


def _few(box: Box, resolution: int, counts: dict, filters: Filters) -> list | None:
    """The single reports behind a few counts, or None when asking for them would cost too much."""
    if len(counts) * 7 ** (_FINEST - resolution) > _MAX_CELLS:
        fine = [_child_range(cell) for cell in counts]
        if len(fine) > 100:
            return None
        condition = Q()
        for low, high in fine:
            condition |= Q(h3_r9__range=(low, high))
    else:
        children = [child for cell in counts for child in h3.cell_to_children(cell, _FINEST)]
        condition = Q(h3_r9__in=children)
    if not counts:
        return []
    rows = _in_box(web_filters.apply(filters), box).filter(condition)
    reports = list(rows.values_list(*_SINGLE)[: MANY + 1])
    return reports if len(reports) <= MANY else None


def _child_range(cell: int) -> tuple[int, int]:
    """Lowest and highest id among a cell's children at the finest resolution: they share its digits."""
    resolution = h3.get_resolution(cell)
    low = cell & ~(0xF << 52) | (_FINEST << 52)
    for level in range(resolution + 1, _FINEST + 1):
        low &= ~(7 << 3 * (15 - level))
    high = low
    for level in range(resolution + 1, _FINEST + 1):
        high |= 6 << 3 * (15 - level)
    return low, high


def _singles(rows: list) -> dict:
    reports = [
        [code, round(latitude, 6), round(longitude, 6), workflow.MAP_STATE[status], category_id]
        for code, latitude, longitude, status, category_id in rows
    ]
    return {"cells": [], "reports": reports, "total": len(reports)}


def _cells(counts: dict[int, dict[str, int]]) -> dict:
    cells = []
    for cell, states in counts.items():
        latitude, longitude = h3.cell_to_latlng(cell)
        cells.append([round(latitude, 5), round(longitude, 5), sum(states.values()), states])
    return {"cells": cells, "reports": [], "total": sum(cell[2] for cell in cells)}
