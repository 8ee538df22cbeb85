"""A map for paper, true to scale: lines and names in millimetres, which print and PDF draw alike.

Unlike the picture of `map_picture` it is not simplified: at 1:5,000 twenty metres are four millimetres.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from django.utils.html import format_html, format_html_join
from django.utils.translation import pgettext
from shapely.geometry import shape

from city import snapshot
from city.domain.places import Projection
from city.models import Area, Road, Waterway

BORDER, WATER, RIVER, STREET, ROAD = "border", "water", "river", "street", "road"
AREA_NAME, LINE_NAME, LANDMARK = "area-name", "line-name", "landmark"
_BIG_ROADS = frozenset({"motorway", "trunk", "toll", "primary"})
_BIG_WATERS = frozenset({"river", "canal"})
_BARS_M = (2_000, 1_000, 500, 200, 100, 50, 20)
_BAR_AT_MOST_MM = 30.0
_NAMES_AT_MOST = 9
_STROKES_WANTED = 3
_LETTER_MM = 1.45  # of a name's mean width, and its height
_LINE_MM = 3.2
_PIN_MM = 6.0  # around the place no name is written

_lock = threading.Lock()
_kept: tuple[tuple[int, int], dict] | None = None


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line by its points, millimetres from the upper left corner."""

    kind: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Name:
    """A name, centred on its point."""

    kind: str
    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class PaperMap:
    """The place lies in the middle, north is up. `scale` 5000 means 1:5,000; the bar is `bar_m` metres
    long.
    """

    width: float
    height: float
    scale: int
    strokes: tuple[Stroke, ...]
    names: tuple[Name, ...]
    bar_m: int

    @property
    def bar(self) -> float:
        """The bar's length in millimetres."""
        return self.bar_m * 1000 / self.scale


def draw(latitude: float, longitude: float, width: float, height: float, scale: int) -> PaperMap:
    """The surroundings of a point (WGS84 degrees) on `width` × `height` millimetres: about 5 ms once the
    city is read, which takes half a second for each process."""
    projection = Projection(latitude, longitude)
    half_x, half_y = width * scale / 2000, height * scale / 2000  # metres
    south, west = projection.degrees(-half_x, -half_y)
    north, east = projection.degrees(half_x, half_y)
    view = shapely.box(west, south, east, north)

    def on_paper(geometry) -> np.ndarray:
        metres = shapely.get_coordinates(projection.geometry(geometry))
        return np.round(np.column_stack((half_x + metres[:, 0], half_y - metres[:, 1])) * 1000 / scale, 2)

    strokes = tuple(
        Stroke(kind, tuple(map(tuple, on_paper(part).tolist()))) for kind, part, _name in _lines(view)
    )
    names = _placed(_names(view, on_paper), width, height)
    bar_m = next(metres for metres in _BARS_M if metres * 1000 / scale <= _BAR_AT_MOST_MM)
    return PaperMap(width, height, scale, strokes, tuple(names), bar_m)


def fitting(
    latitude: float, longitude: float, width: float, height: float, scales: Sequence[int]
) -> PaperMap:
    """The map in the first of the scales at which there is something to find one's way by, or in the last."""
    for scale in scales:
        drawn = draw(latitude, longitude, width, height, scale)
        if len(drawn.strokes) >= _STROKES_WANTED:
            break
    return drawn


def _city() -> dict:
    """Exact shapes with their trees, read once per version of the city and process."""
    global _kept
    now = snapshot.current()
    version = (now.version, now.boundaries_version)
    with _lock:
        if _kept is None or _kept[0] != version:
            _kept = (
                version,
                {
                    "areas": _read(Area.objects.filter(level=Area.Level.KELURAHAN), "name"),
                    "water": _read(Waterway.objects.exclude(geometry=None), "name", "line_class"),
                    "roads": _read(Road.objects.exclude(geometry=None), "name", "line_class"),
                },
            )
        return _kept[1]


def _read(rows, *facts: str) -> tuple[list, list[tuple], shapely.STRtree]:
    found = list(rows.order_by("code").values_list("geometry", *facts))
    shapes = [shape(row[0]) for row in found]
    return shapes, [row[1:] for row in found], shapely.STRtree(shapes)


def _within(layer: str, view) -> Iterator[tuple]:
    shapes, facts, tree = _city()[layer]
    for index in sorted(tree.query(view, "intersects")):
        yield shapes[index], facts[index]


def _parts(geometry) -> list:
    return [part for part in shapely.get_parts(geometry) if part.geom_type == "LineString"]


def _lines(view) -> Iterator[tuple[str, object, str]]:
    """Kind, line within the view, and the name of what it belongs to; what lies on top comes last."""
    borders = [shapely.intersection(shapely.boundary(area), view) for area, _facts in _within("areas", view)]
    for part in _parts(shapely.line_merge(shapely.union_all(borders))) if borders else ():
        yield BORDER, part, ""
    for layer, big, kinds in (
        ("water", _BIG_WATERS, (WATER, RIVER)),
        ("roads", _BIG_ROADS, (STREET, ROAD)),
    ):
        for line, (name, line_class) in _within(layer, view):
            for part in _parts(shapely.intersection(line, view)):
                yield kinds[line_class in big], part, name


def _names(view, on_paper) -> Iterator[Name]:
    """The most helpful first: what the place is beside, then what is around."""
    longest: dict[str, object] = {}
    for _kind, part, name in _lines(view):
        if name and part.length > getattr(longest.get(name), "length", 0):
            longest[name] = part
    for name, part in longest.items():
        yield _name(LINE_NAME, on_paper(part.interpolate(0.5, normalized=True)), name)
    for landmark in snapshot.current().landmarks:
        point = shapely.Point(landmark.longitude, landmark.latitude)
        if view.contains(point):
            yield _name(LANDMARK, on_paper(point), landmark.name)
    for area, (name,) in _within("areas", view):
        seen = shapely.intersection(area, view)
        yield _name(AREA_NAME, on_paper(shapely.point_on_surface(seen)), name)
        if area.contains(view.centroid):  # its own name, above the place where that is in its way
            yield _name(AREA_NAME, on_paper(_above(view)), name)


def _above(view) -> shapely.Point:
    west, south, east, north = view.bounds
    return shapely.Point((west + east) / 2, south + (north - south) * 0.72)


def _name(kind: str, points: np.ndarray, text: str) -> Name:
    x, y = points[0].tolist()
    return Name(kind, x, y + (_LINE_MM if kind == LANDMARK else 0), text)


def _placed(names: Iterator[Name], width: float, height: float) -> list[Name]:
    """Those that fit into the map, off the place and off one another."""
    corner = (width - 9, 0, width, 14)  # the arrow to the north
    foot = (0, height - 8, _BAR_AT_MOST_MM + 22, height)  # the bar
    middle = (width / 2 - _PIN_MM, height / 2 - _PIN_MM, width / 2 + _PIN_MM, height / 2 + _PIN_MM)
    taken, placed = [corner, foot, middle], []
    for name in names:
        if any(other.text == name.text for other in placed):
            continue
        half = len(name.text) * _LETTER_MM / 2
        room = (name.x - half, name.y - _LINE_MM, name.x + half, name.y + 1)
        is_inside = room[0] >= 0 and room[1] >= 0 and room[2] <= width and room[3] <= height
        if not is_inside or any(_overlap(room, other) for other in taken):
            continue
        taken.append(room)
        placed.append(name)
        if len(placed) == _NAMES_AT_MOST:
            break
    return placed


def _overlap(a, b) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def north_letter() -> str:
    return pgettext("north on a map", "N")


def svg(drawn: PaperMap, label: str) -> str:
    """The map as SVG in the page, its size that of the paper; the look is the style sheet's
    (`.paper-map`).
    """
    strokes = format_html_join(
        "",
        '<polyline class="pm-{}" points="{}"/>',
        ((item.kind, " ".join(f"{x:g},{y:g}" for x, y in item.points)) for item in drawn.strokes),
    )
    names = format_html_join(
        "",
        '<text class="pm-{}" x="{}" y="{}">{}</text>',
        ((item.kind, f"{item.x:g}", f"{item.y:g}", item.text) for item in drawn.names),
    )
    return format_html(
        '<svg class="paper-map" viewBox="0 0 {w} {h}" role="img" aria-label="{label}">{strokes}{names}'
        '<circle class="pm-place" cx="{x}" cy="{y}" r="3"/>'
        '<circle class="pm-point" cx="{x}" cy="{y}" r="0.7"/>'
        '<path class="pm-north" d="M{nx} 2 l2.2 6 l-2.2 -1.4 l-2.2 1.4 z"/>'
        '<text class="pm-n" x="{nx}" y="12">{n}</text>'
        '<path class="pm-bar" d="M3 {by} v-1.6 m0 1.6 h{bar} v-1.6"/>'
        '<text class="pm-bar-text" x="{tx}" y="{by}">{m} m</text>'
        "</svg>",
        w=f"{drawn.width:g}",
        h=f"{drawn.height:g}",
        label=label,
        strokes=strokes,
        names=names,
        x=f"{drawn.width / 2:g}",
        y=f"{drawn.height / 2:g}",
        nx=f"{drawn.width - 5:g}",
        by=f"{drawn.height - 3:g}",
        bar=f"{drawn.bar:g}",
        tx=f"{drawn.bar + 4.5:g}",
        m=drawn.bar_m,
        n=north_letter(),
    )
