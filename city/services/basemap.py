"""The portal's own base map: outlines, waters and main roads, light enough for a phone.

It is drawn from the database, so that it shows what staff and pack say now, and needs no tile server.
"""

import hashlib
import threading

import orjson
import shapely
from shapely.geometry import mapping, shape

from city import snapshot
from city.models import Area, Road, Waterway

# Layer → how far a drawn line may lie from the true one, in degrees (0.0001° is about 11 m).
TOLERANCE_DEGREES = {
    "areas": 0.00025,
    "kelurahan": 0.0002,
    "water": 0.0002,
    "roads": 0.00015,
    "landmarks": 0.0,
}
ALIASES = {"kecamatan": "areas"}
LAYERS = (*TOLERANCE_DEGREES, *ALIASES)
# Decimals of a degree: five are about a metre. Borders and waters are simplified to twenty metres anyway:
# four decimals, half as many as that, take a fifth off what a phone must fetch. Roads stay where they are.
_DECIMALS = {"areas": 4, "kelurahan": 4, "water": 4}
_OTHER_DECIMALS = 5
# Unnamed ditches shorter than this only make the map slower.
_SHORTEST_UNNAMED_DEGREES = 0.004

_lock = threading.Lock()
_cache: dict[str, tuple[tuple[int, int], bytes]] = {}


def layer(name: str) -> tuple[bytes, str]:
    """A GeoJSON FeatureCollection of one layer and its ETag; made once per version of the city and process.

    Layers: `areas` (also called `kecamatan`): the kecamatan with `code` and `name`; `kelurahan`: the
    borders between them as lines, and their names as points; `water` and `roads`: lines with `name` and
    `class`; `landmarks`: points with `name` and `kind`. Raises KeyError for any other.
    """
    name = ALIASES.get(name, name)
    tolerance = TOLERANCE_DEGREES[name]
    city = snapshot.current()
    version = (city.version, city.boundaries_version)
    with _lock:
        known = _cache.get(name)
        if known is None or known[0] != version:
            decimals = _DECIMALS.get(name, _OTHER_DECIMALS)
            features = [_quantised(feature, decimals) for feature in _MAKERS[name](tolerance)]
            known = _cache[name] = version, orjson.dumps({"type": "FeatureCollection", "features": features})
    # The digest, not the version: after a load that left the borders alone browsers need not fetch again.
    return known[1], f'"{hashlib.sha256(known[1]).hexdigest()[:20]}"'


def basemap_geojson(name: str) -> bytes:
    """The bytes of a layer; see `layer`."""
    return layer(name)[0]


def _feature(properties: dict, geometry) -> dict:
    return {
        "type": "Feature",
        "properties": {key: value for key, value in properties.items() if value},
        "geometry": geometry,
    }


def _quantised(feature: dict, decimals: int) -> dict:
    """The feature with its geometry as GeoJSON on a grid; what falls onto the same dot is said once."""
    geometry = shapely.set_precision(feature["geometry"], 10**-decimals, mode="pointwise")
    found = mapping(shapely.remove_repeated_points(geometry))
    coordinates = _rounded(found["coordinates"], decimals)
    return {**feature, "geometry": {"type": found["type"], "coordinates": coordinates}}


def _rounded(value, decimals: int):
    if isinstance(value, float):
        return round(value, decimals)
    return [_rounded(item, decimals) for item in value]


def _areas(level: str) -> tuple[list, list]:
    rows = list(Area.objects.filter(level=level).order_by("code"))
    return rows, [shape(row.geometry) for row in rows]


def _kecamatan(tolerance: float) -> list[dict]:
    """Simplified together, so that neighbours still share their border."""
    rows, shapes = _areas(Area.Level.KECAMATAN)
    if not rows:
        return []
    simple = shapely.coverage_simplify(shapes, tolerance)
    return [
        _feature({"code": row.code, "name": row.name}, geometry)
        for row, geometry in zip(rows, simple, strict=True)
    ]


def _kelurahan(tolerance: float) -> list[dict]:
    """Borders as one shape (each drawn once) and a named point inside each."""
    rows, shapes = _areas(Area.Level.KELURAHAN)
    if not rows:
        return []
    simple = shapely.coverage_simplify(shapes, tolerance)
    borders = shapely.line_merge(shapely.union_all(shapely.boundary(simple)))
    names = [
        _feature(
            {"code": row.code, "name": row.name}, shapely.Point(row.centre_longitude, row.centre_latitude)
        )
        for row in rows
    ]
    return [_feature({"kind": "borders"}, borders), *names]


def _lines(model, tolerance: float, *, shortest_unnamed: float = 0.0) -> list[dict]:
    """Lines of one name and class drawn as one feature."""
    groups: dict[tuple[str, str], list] = {}
    for row in model.objects.exclude(geometry=None).order_by("code"):
        line = shape(row.geometry)
        if row.name or line.length >= shortest_unnamed:
            groups.setdefault((row.name, row.line_class), []).append(line)
    features = []
    for (name, line_class), lines in groups.items():
        joined = shapely.line_merge(shapely.union_all(lines))
        features.append(_feature({"name": name, "class": line_class}, joined.simplify(tolerance)))
    return features


def _landmarks(_tolerance: float) -> list[dict]:
    return [
        _feature({"name": item.name, "kind": item.kind}, shapely.Point(item.longitude, item.latitude))
        for item in snapshot.current().landmarks
    ]


_MAKERS = {
    "areas": _kecamatan,
    "kelurahan": _kelurahan,
    "water": lambda tolerance: _lines(Waterway, tolerance, shortest_unnamed=_SHORTEST_UNNAMED_DEGREES),
    "roads": lambda tolerance: _lines(Road, tolerance),
    "landmarks": _landmarks,
}
