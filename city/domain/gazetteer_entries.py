"""The gazetteer's entries, made of what the city knows: areas, lines, streets known by name, landmarks."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from city.domain.gazetteer import Entry
from city.domain.info import AreaInfo, Landmark, NamedRoad
from city.domain.place_words import name_words
from city.domain.places import Projection

# A line longer than this gets an entry in each kecamatan through which it runs for at least the second.
LONG_M = 1500.0
PART_M = 250.0
# Two main roads cross where they come this close: the drawing is simplified.
CROSSING_WITHIN_M = 25.0
# A short line's middle is the place; a longer one needs the pin to be moved.
POINT_LINE_M = 300.0
# Nobody stands on a toll road's crossing with a street below it.
_NO_CROSSINGS = frozenset({"motorway"})
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class NamedLine:
    """A stretch of a road or water. `geometry`: shapely, in degrees; `accuracy_m`: how far off it may be."""

    name: str
    line_class: str
    accuracy_m: float
    geometry: object


class Ground:
    """The city's areas as shapes on the plane: in which a point lies, what of a line runs through each."""

    def __init__(self, projection: Projection, areas: Mapping[str, AreaInfo], shapes: Mapping[str, object]):
        """`shapes`: area code → shapely geometry in degrees, of kecamatan and kelurahan."""
        self.projection = projection
        self.areas = areas
        self._codes = {level: [] for level in ("kecamatan", "kelurahan")}
        for code in sorted(shapes):
            if areas[code].level in self._codes:
                self._codes[areas[code].level].append(code)
        self._shapes = {
            level: np.array([projection.geometry(shapes[code]) for code in codes], dtype=object)
            for level, codes in self._codes.items()
        }
        for found in self._shapes.values():
            shapely.prepare(found)

    def at(self, point, level: str = "kelurahan") -> str | None:
        """The area of this level in which a point of the plane lies."""
        hits = shapely.intersects_xy(self._shapes[level], point.x, point.y).nonzero()[0]
        return self._codes[level][int(hits[0])] if hits.size else None

    def parts(self, line) -> list[tuple[str, object]]:
        """A line of the plane cut by kecamatan."""
        if not len(self._codes["kecamatan"]):
            return []
        hits = shapely.intersects(self._shapes["kecamatan"], line).nonzero()[0]
        cut = [
            (self._codes["kecamatan"][int(hit)], shapely.intersection(self._shapes["kecamatan"][hit], line))
            for hit in hits
        ]
        return [(code, part) for code, part in cut if part.length > 0]

    def degrees(self, point) -> tuple[float, float]:
        """Latitude and longitude of a point of the plane, to about a metre."""
        latitude, longitude = self.projection.degrees(point.x, point.y)
        return round(latitude, 5), round(longitude, 5)

    def box(self, geometry) -> tuple[float, float, float, float]:
        west, south, east, north = geometry.bounds
        (low, left), (high, right) = (
            self.projection.degrees(west, south),
            self.projection.degrees(east, north),
        )
        return round(left, 5), round(low, 5), round(right, 5), round(high, 5)


def of_areas(areas: Iterable[AreaInfo]) -> Iterator[Entry]:
    """Kecamatan and kelurahan: a middle, but no point."""
    for area in areas:
        if area.level not in ("kecamatan", "kelurahan"):
            continue
        yield Entry(
            key=f"{area.level}:{area.code}",
            kind=area.level,
            name=area.name,
            latitude=area.centre_latitude,
            longitude=area.centre_longitude,
            accuracy_m=_half_diagonal_m(area.bbox),
            is_point=False,
            area_code=area.code,
            bbox=tuple(round(value, 5) for value in area.bbox),
        )


def _half_diagonal_m(bbox: tuple[float, float, float, float]) -> float:
    west, south, east, north = bbox
    width = (east - west) * 111_320 * math.cos(math.radians((south + north) / 2))
    return float(round(math.hypot(width, (north - south) * 110_574) / 2, -1))


def of_lines(kind: str, lines: Iterable[NamedLine], ground: Ground) -> Iterator[Entry]:
    """One entry for each named line, for long ones one in each kecamatan: a point half-way along it."""
    for name, (geometry, accuracy_m, _class) in sorted(grouped(lines, ground).items()):
        parts = ground.parts(geometry)
        if geometry.length > LONG_M:
            long_parts = [(code, part) for code, part in parts if part.length >= PART_M]
            parts = long_parts or parts
        else:
            parts = sorted(parts, key=lambda part: -part[1].length)[:1]
        for code, part in parts:
            latitude, longitude = ground.degrees(_middle(part))
            yield Entry(
                key=f"{kind}:{slug(name)}:{code}",
                kind=kind,
                name=name,
                latitude=latitude,
                longitude=longitude,
                accuracy_m=float(round(max(accuracy_m, part.length / 2), -1)),
                is_point=part.length <= POINT_LINE_M,
                area_code=code,
                bbox=ground.box(part),
            )


def grouped(lines: Iterable[NamedLine], ground: Ground) -> dict[str, tuple[object, float, str]]:
    """Stretches of one name as one geometry on the plane, with the worst accuracy and the first class."""
    groups: dict[str, list[NamedLine]] = defaultdict(list)
    for line in lines:
        if line.name:
            groups[" ".join(name_words(line.name))].append(line)
    found = {}
    for members in groups.values():
        shapes = [ground.projection.geometry(line.geometry) for line in members]
        whole = shapely.line_merge(shapely.union_all(shapes))
        found[members[0].name] = (whole, max(line.accuracy_m for line in members), members[0].line_class)
    return found


def _middle(line):
    """A point on the line: half-way along its longest piece."""
    merged = shapely.line_merge(line) if line.geom_type == "MultiLineString" else line
    longest = max(
        (part for part in shapely.get_parts(merged) if part.geom_type == "LineString"),
        key=lambda part: part.length,
    )
    return longest.interpolate(0.5, normalized=True)


def of_crossings(lines: Iterable[NamedLine], ground: Ground) -> Iterator[Entry]:
    """Where two named main roads meet."""
    roads = {name: item for name, item in grouped(lines, ground).items() if item[2] not in _NO_CROSSINGS}
    names, shapes = list(roads), [item[0] for item in roads.values()]
    if len(shapes) < 2:
        return
    first, second = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=CROSSING_WITHIN_M)
    pairs = sorted((a, b) for a, b in zip(first.tolist(), second.tolist(), strict=True) if a < b)
    for a, b in pairs:
        point = _meeting(shapes[a], shapes[b])
        area = ground.at(point)
        if area is None:
            continue
        latitude, longitude = ground.degrees(point)
        yield Entry(
            key=f"crossing:{slug(names[a])}:{slug(names[b])}",
            kind="crossing",
            name=f"{names[a]} – {names[b]}",
            latitude=latitude,
            longitude=longitude,
            accuracy_m=max(roads[names[a]][1], roads[names[b]][1]),
            is_point=True,
            area_code=area,
        )


def _meeting(one, other):
    """The first point at which two lines cross, or the middle between them where they come closest."""
    shared = shapely.get_coordinates(shapely.intersection(one, other))
    if len(shared):
        return shapely.Point(shared[0])
    return shapely.centroid(shapely.shortest_line(one, other))


def of_streets(
    streets: Iterable[NamedRoad], areas: Mapping[str, AreaInfo], known: Sequence[Entry]
) -> Iterator[Entry]:
    """Streets of which only the kecamatan is known, unless they are drawn there."""
    drawn = {(" ".join(name_words(entry.name)), entry.area_code) for entry in known if entry.kind == "road"}
    seen: set[tuple[str, str]] = set()
    for street in streets:
        area = areas.get(street.kecamatan_code or "")
        words = " ".join(name_words(street.name))
        if area is None or (words, area.code) in drawn or (words, area.code) in seen:
            continue
        seen.add((words, area.code))
        yield Entry(
            key=f"street:{street.code}",
            kind="street",
            name=street.name,
            latitude=area.centre_latitude,
            longitude=area.centre_longitude,
            accuracy_m=_half_diagonal_m(area.bbox),
            is_point=False,
            area_code=area.code,
            bbox=tuple(round(value, 5) for value in area.bbox),
        )


def of_landmarks(landmarks: Iterable[Landmark], ground: Ground) -> Iterator[Entry]:
    """Markets, stations, hospitals: a point, as exact as the pack says."""
    for item in landmarks:
        point = shapely.Point(ground.projection.point(item.latitude, item.longitude))
        yield Entry(
            key=f"landmark:{item.code}",
            kind="landmark",
            name=item.name,
            latitude=item.latitude,
            longitude=item.longitude,
            accuracy_m=item.accuracy_m,
            is_point=True,
            area_code=ground.at(point),
            detail=item.kind,
            aliases=item.aliases,
            basis=item.basis,
        )


def context_names(areas: Mapping[str, AreaInfo]) -> dict[str, str]:
    """For each area the names that somebody may add to find something in it: its own and its kecamatan's."""
    names = {}
    for code, area in areas.items():
        parent = areas.get(area.parent_code or "")
        upper = parent.name if parent and parent.level == "kecamatan" else ""
        names[code] = f"{area.name} {upper}".strip()
    return names


def slug(name: str) -> str:
    return _NOT_SLUG.sub("-", " ".join(name_words(name))).strip("-")
