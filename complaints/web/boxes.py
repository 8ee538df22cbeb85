"""Rectangles of the map, and the H3 cells they touch."""

import math
from dataclasses import dataclass

import h3.api.basic_int as h3
from django.db.models import QuerySet

from complaints.models import Report

FINEST = 9
MAX_CELLS = 4_000  # in one question to the database
CELL_KM2 = {5: 252.9, 6: 36.13, 7: 5.161, 8: 0.7373, 9: 0.1053}
# A box of up to this many cells is read by the cell index; a larger one holds a fair share of the city, so
# that reading in order finds a page soon.
_BY_CELLS = 128
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
        """The reports inside."""
        reports = reports.filter(
            latitude__range=(self.south, self.north), longitude__range=(self.west, self.east)
        )
        if self.area_km2() / CELL_KM2[FINEST] < _BY_CELLS:
            reports = reports.filter(h3_r9__in=self.cells(FINEST))
        return reports


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
