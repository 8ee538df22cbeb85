"""Points in areas and near lines, in memory.

Everything is projected once onto a flat plane in metres around the city's centre (equirectangular, with
the WGS84 ellipsoid's metres per degree at that latitude). Within 30 km of the centre distances are wrong
by less than 0.1 %, far below the accuracy of any line or phone.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

EARTH_RADIUS_M = 6_371_008.8


class Projection:
    """Degrees to metres on a plane around a centre."""

    def __init__(self, latitude: float, longitude: float):
        self.latitude, self.longitude = latitude, longitude
        phi = math.radians(latitude)
        # Length of a degree on the WGS84 ellipsoid, as a series in the latitude.
        self._y_m = 111_132.954 - 559.822 * math.cos(2 * phi) + 1.175 * math.cos(4 * phi)
        self._x_m = 111_412.84 * math.cos(phi) - 93.5 * math.cos(3 * phi) + 0.118 * math.cos(5 * phi)

    def point(self, latitude: float, longitude: float) -> tuple[float, float]:
        return (longitude - self.longitude) * self._x_m, (latitude - self.latitude) * self._y_m

    def degrees(self, x: float, y: float) -> tuple[float, float]:
        """Latitude and longitude of a point of the plane."""
        return self.latitude + y / self._y_m, self.longitude + x / self._x_m

    def geometry(self, geometry):
        """A shapely geometry (or an array of them) in longitude/latitude, on the plane."""
        scale = np.array([self._x_m, self._y_m])
        origin = np.array([self.longitude, self.latitude])
        return shapely.transform(geometry, lambda xy: (xy - origin) * scale)


def is_place(latitude: float, longitude: float) -> bool:
    """Whether these are coordinates on Earth at all (and not NaN, infinite or out of range)."""
    return -90 <= latitude <= 90 and -180 <= longitude <= 180


def great_circle_m(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Metres between two places on a sphere."""
    a, b = math.radians(lat1), math.radians(lat2)
    half = (
        math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, half)))


def enclosed_gaps(areas: Sequence[object]) -> list[tuple[str, object]]:
    """The holes between areas that lie wholly inside their union, as (number, shapely polygon)."""
    whole = shapely.union_all(list(areas))
    holes = [ring for part in shapely.get_parts(whole) for ring in part.interiors]
    return [(str(number), shapely.Polygon(ring)) for number, ring in enumerate(holes)]


class AreaIndex:
    """Which of some areas a point lies in, and which is nearest."""

    def __init__(self, areas: Sequence[tuple[str, object]], projection: Projection):
        """`areas`: (code, shapely geometry in degrees). Of two that share a border the lower code wins."""
        areas = sorted(areas, key=lambda area: area[0])
        self._codes = [code for code, _geometry in areas]
        self._projection = projection
        geometries = np.array([projection.geometry(geometry) for _code, geometry in areas], dtype=object)
        shapely.prepare(geometries)
        self._geometries = geometries
        self._tree = shapely.STRtree(geometries)

    def containing(self, latitude: float, longitude: float) -> str | None:
        x, y = self._projection.point(latitude, longitude)
        hits = self._tree.query(shapely.Point(x, y))
        if hits.size > 1:
            hits.sort()
        for hit in hits:
            if shapely.intersects_xy(self._geometries[hit], x, y):
                return self._codes[hit]
        return None

    def nearest(self, latitude: float, longitude: float) -> tuple[str, float] | None:
        """The nearest area and the metres to it; None if there are no areas."""
        if not self._codes:
            return None
        point = shapely.Point(*self._projection.point(latitude, longitude))
        index = int(self._tree.nearest(point))
        return self._codes[index], float(shapely.distance(self._geometries[index], point))

    def distance_m(self, code: str, latitude: float, longitude: float) -> float | None:
        """Metres from a point to one area, 0 inside it; None if there is no such area."""
        if code not in self._codes:
            return None
        point = shapely.Point(*self._projection.point(latitude, longitude))
        return float(shapely.distance(self._geometries[self._codes.index(code)], point))


@dataclass(frozen=True, slots=True)
class NearLine:
    index: int  # of the line in the sequence the index was made from
    distance_m: float


class LineIndex:
    """The lines near a point. Lines are cut into straight pieces, so that the tree's boxes are small."""

    def __init__(self, lines: Sequence[object], projection: Projection):
        """`lines`: shapely (Multi)LineStrings in degrees."""
        self._projection = projection
        pieces, owners = [], []
        for index, line in enumerate(lines):
            for part in shapely.get_parts(projection.geometry(line)):
                xy = shapely.get_coordinates(part)
                pairs = np.stack([xy[:-1], xy[1:]], axis=1)
                pieces.append(shapely.linestrings(pairs))
                owners.append(np.full(len(pairs), index))
        self._pieces = np.concatenate(pieces) if pieces else np.array([], dtype=object)
        self._owners = np.concatenate(owners) if owners else np.array([], dtype=int)
        self._tree = shapely.STRtree(self._pieces)

    def within(self, latitude: float, longitude: float, radius_m: float) -> list[NearLine]:
        """All lines within `radius_m`, nearest first."""
        x, y = self._projection.point(latitude, longitude)
        hits = self._tree.query(shapely.box(x - radius_m, y - radius_m, x + radius_m, y + radius_m))
        if not hits.size:
            return []
        distances = shapely.distance(self._pieces[hits], shapely.points(x, y))
        best: dict[int, float] = {}
        for owner, distance in zip(self._owners[hits].tolist(), distances.tolist(), strict=True):
            if distance <= radius_m and distance < best.get(owner, math.inf):
                best[owner] = distance
        return [NearLine(*item) for item in sorted(best.items(), key=lambda item: (item[1], item[0]))]
