"""Boundaries that people draw: reading them, what is wrong with them, and making neighbours fit.

Shapes are shapely geometries in WGS84, longitude first. Sizes are measured on the city's plane
(`city.domain.places.Projection`), in square metres.
"""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import shapely
from shapely.geometry import mapping, shape

from city.domain.places import Projection

MOST_POINTS = 20_000
# Rounding leaves slivers of centimetres; a smaller overlap or gap is nobody's.
SLIVER_M2 = 1.0
_DECIMALS = 7  # about a centimetre
_PLACE = re.compile(r"\[?(-?\d+(?:\.\d+)?(?:e-?\d+)?) (-?\d+(?:\.\d+)?(?:e-?\d+)?)\]?$")


class BadShape(Exception):
    """`code`: not_polygon, too_many, too_few, not_numbers, outside_world, crosses, empty, vanishes. The place
    (latitude, longitude) is known for what crosses itself; `name` for a neighbour that would vanish."""

    def __init__(self, code: str, place: tuple[float, float] | None = None, name: str = ""):
        super().__init__(code)
        self.code, self.place, self.name = code, place, name


@dataclass(frozen=True, slots=True)
class Plan:
    """What a new boundary means. `shapes`: all areas that change, the edited one first. Overlaps, gaps (m²)
    are what remains after the neighbours gave way, if they do; a gap belongs to no area any more."""

    shapes: Mapping[str, Any]
    overlaps: Mapping[str, float]
    gaps: tuple[float, ...]
    before_m2: float
    after_m2: float
    neighbours_m2: Mapping[str, float] = field(default_factory=dict)  # change of each neighbour's size


def read(data: Any) -> Any:
    """A polygon from GeoJSON (geometry, Feature, or a FeatureCollection of one). Raises BadShape."""
    geometry = _geometry(data)
    rings = _rings(geometry)
    if sum(map(len, rings)) > MOST_POINTS:
        raise BadShape("too_many")
    for ring in rings:
        _check_ring(ring)
    found = shape(_closed(geometry))
    if found.is_empty:
        raise BadShape("empty")
    if not found.is_valid:
        raise BadShape("crosses", _place_of(shapely.is_valid_reason(found)))
    return rounded(found)


def mark(geometry: Any) -> str:
    """A fingerprint of a GeoJSON geometry (or several), to see whether it is still the same."""
    return hashlib.sha256(json.dumps(geometry, sort_keys=True).encode()).hexdigest()[:24]


def rounded(found: Any) -> Any:
    return shapely.transform(found, lambda xy: xy.round(_DECIMALS))


def as_geojson(found: Any) -> dict[str, Any]:
    """Plain lists, as the database keeps them."""
    return _plain(mapping(found))


def plan(
    code: str, after: Any, areas: Mapping[str, Any], plane: Projection, *, neighbours_give_way: bool
) -> Plan:
    """What changes when the area `code` gets the shape `after`. `areas`: all of its level by code.

    Where neighbours give way, what is taken comes off them, and what is given up goes to the neighbour with
    whom it shares the longest border. Raises BadShape("vanishes") where nothing of a neighbour is left.
    """
    before = areas[code]
    near = {
        name: other for name, other in areas.items() if name != code and other.intersects(before.union(after))
    }
    changed = _give_way(before, after, near) if neighbours_give_way else {}
    for name, other in changed.items():
        if other.is_empty or _m2(other, plane) < SLIVER_M2:
            raise BadShape("vanishes", name=name)
    now = near | changed
    overlaps = {name: _m2(after.intersection(other), plane) for name, other in now.items()}
    gone = before.difference(shapely.union_all([after, *now.values()]))
    gaps = [_m2(part, plane) for part in _polygons(gone)]
    return Plan(
        {code: after, **changed},
        {name: size for name, size in overlaps.items() if size >= SLIVER_M2},
        tuple(sorted((size for size in gaps if size >= SLIVER_M2), reverse=True)),
        _m2(before, plane),
        _m2(after, plane),
        {name: _m2(other, plane) - _m2(near[name], plane) for name, other in changed.items()},
    )


def follow(upper: Any, old: list[Any], new: list[Any], plane: Projection) -> Any | None:
    """The kecamatan (or city) around areas that changed from `old` to `new`; None if it stays as it is."""
    was, now = shapely.union_all(old), shapely.union_all(new)
    if _m2(was.symmetric_difference(now), plane) < SLIVER_M2:
        return None
    return rounded(_areal(upper.difference(was.difference(now)).union(now.difference(was))))


def _give_way(before: Any, after: Any, near: Mapping[str, Any]) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    gained = after.difference(before)
    for name, other in near.items():
        if other.intersection(gained).area > 0:
            changed[name] = _areal(other.difference(after))
    for part in _polygons(before.difference(after)):
        taker = _longest_border(part, near, changed)
        if taker:
            changed[taker] = _areal(changed.get(taker, near[taker]).union(part))
    return {name: rounded(other) for name, other in changed.items()}


def _longest_border(part: Any, near: Mapping[str, Any], changed: Mapping[str, Any]) -> str | None:
    lengths = {
        name: part.boundary.intersection(changed.get(name, other).boundary).length
        for name, other in near.items()
    }
    best = max(lengths, key=lambda name: lengths[name], default=None)
    return best if best is not None and lengths[best] > 0 else None


def _m2(found: Any, plane: Projection) -> float:
    return float(plane.geometry(found).area) if not found.is_empty else 0.0


def _polygons(found: Any) -> list[Any]:
    return [part for part in shapely.get_parts(found) if part.geom_type == "Polygon" and part.area > 0]


def _areal(found: Any) -> Any:
    """Without the points and lines that set operations leave."""
    if found.geom_type in ("Polygon", "MultiPolygon"):
        return found
    return shapely.union_all(_polygons(found))


def _geometry(data: Any) -> dict[str, Any]:
    if isinstance(data, dict) and data.get("type") == "FeatureCollection":
        features = data.get("features")
        data = features[0] if isinstance(features, list) and len(features) == 1 else None
    if isinstance(data, dict) and data.get("type") == "Feature":
        data = data.get("geometry")
    if not isinstance(data, dict) or data.get("type") not in ("Polygon", "MultiPolygon"):
        raise BadShape("not_polygon")
    return data


def _rings(geometry: dict[str, Any]) -> list[list]:
    coordinates = geometry.get("coordinates")
    polygons = [coordinates] if geometry["type"] == "Polygon" else coordinates
    if not isinstance(polygons, list) or not all(isinstance(polygon, list) for polygon in polygons):
        raise BadShape("not_polygon")
    rings = [ring for polygon in polygons for ring in polygon]
    if not rings or not all(isinstance(ring, list) for ring in rings):
        raise BadShape("empty" if not rings else "not_polygon")
    return rings


def _check_ring(ring: list) -> None:
    for point in ring:
        if not isinstance(point, list) or len(point) < 2:
            raise BadShape("not_numbers")
        if not all(isinstance(part, int | float) and not isinstance(part, bool) for part in point[:2]):
            raise BadShape("not_numbers")
        longitude, latitude = point[:2]
        if not (math.isfinite(longitude) and math.isfinite(latitude)):
            raise BadShape("not_numbers")
        if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
            raise BadShape("outside_world")
    if len({(point[0], point[1]) for point in ring}) < 3:
        raise BadShape("too_few")


def _closed(geometry: dict[str, Any]) -> dict[str, Any]:
    """The same with its rings closed and without heights."""

    def close(ring: list) -> list:
        points = [point[:2] for point in ring]
        return points if points[0] == points[-1] else [*points, points[0]]

    one = geometry["type"] == "Polygon"
    polygons = [geometry["coordinates"]] if one else geometry["coordinates"]
    closed = [[close(ring) for ring in polygon] for polygon in polygons]
    return {"type": geometry["type"], "coordinates": closed[0] if one else closed}


def _place_of(reason: str) -> tuple[float, float] | None:
    found = _PLACE.search(reason)
    return (float(found[2]), float(found[1])) if found else None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
