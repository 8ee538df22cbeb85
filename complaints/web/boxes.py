"""Rectangles of the map, and the H3 cells they touch."""

import math
from dataclasses import dataclass

import h3.api.basic_int as h3
from django.db.models import QuerySet, Sum

from complaints.models import CellCount, Report

FINEST = 9
MAX_CELLS = 4_000  # in one question to the database
CELL_KM2 = {5: 252.9, 6: 36.13, 7: 5.161, 8: 0.7373, 9: 0.1053}
# A box of up to this many cells is read by the cell index. A larger one is looked up in the counts first:
# with more than _FEW reports in it, reading in order finds a page soon; with fewer (the sea, the hills) it
# would read the whole table.
_BY_CELLS = 128
_FEW = 10_000
_LOOK_UP = 8  # resolution of that look
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

    @property
    def is_empty(self) -> bool:
        return self.west >= self.east or self.south >= self.north

    def text(self) -> str:
        """As in an address: `minLon,minLat,maxLon,maxLat`."""
        return ",".join(f"{value:.5f}" for value in (self.west, self.south, self.east, self.north))

    def area_km2(self) -> float:
        middle = math.radians((self.south + self.north) / 2)
        width = (self.east - self.west) * _KM_PER_DEGREE * math.cos(middle)
        return width * (self.north - self.south) * _KM_PER_DEGREE

    def cut(self, limit: "Box") -> "Box":
        """What of it lies in `limit`; may be empty."""
        return Box(
            max(self.west, limit.west),
            max(self.south, limit.south),
            min(self.east, limit.east),
            min(self.north, limit.north),
        )

    def cells(self, resolution: int) -> list[int]:
        """Every H3 cell that touches the box."""
        ring = [
            (self.south, self.west),
            (self.south, self.east),
            (self.north, self.east),
            (self.north, self.west),
        ]
        return h3.h3shape_to_cells_experimental(h3.LatLngPoly(ring), resolution, contain="overlap")

    def narrow(self, reports: QuerySet[Report]) -> QuerySet[Report]:
        """The reports inside. Up to two small queries of its own, for a box that is neither small nor half a
        city."""
        if self.is_empty:
            return reports.none()
        reports = reports.filter(
            latitude__range=(self.south, self.north), longitude__range=(self.west, self.east)
        )
        cells = self.area_km2() / CELL_KM2[FINEST]
        if cells < _BY_CELLS:
            return reports.filter(h3_r9__in=self.cells(FINEST))
        if cells > MAX_CELLS:
            return reports
        few = self._few()
        return reports if few is None else reports.filter(pk__in=few)

    def _few(self) -> list[int] | None:
        """The reports in and beside the box, private ones too; None if they are many."""
        counted = CellCount.objects.filter(resolution=_LOOK_UP, cell__in=self.cells(_LOOK_UP), count__gt=0)
        rows = counted.order_by().values_list("cell").annotate(number=Sum("count"))
        found = dict(rows)
        if sum(found.values()) > _FEW:
            return None
        fine = [child for cell in found for child in h3.cell_to_children(cell, FINEST)]
        return list(Report.objects.filter(h3_r9__in=fine).order_by().values_list("id", flat=True))


def parse_box(text: str) -> Box:
    """`minLon,minLat,maxLon,maxLat`. Raises BadBox."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as exc:
        raise BadBox from exc
    inside = -180 <= west < east <= 180 and -90 <= south < north <= 90  # false for NaN and infinities
    if not inside:
        raise BadBox
    return Box(west, south, east, north)
