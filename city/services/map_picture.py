"""A picture of our own base map around a point: for link previews and for paper."""

import threading
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import orjson
import shapely
from PIL import Image, ImageDraw
from shapely.geometry import shape

from city.domain.places import Projection
from city.services import basemap
from city.services.fonts import font

LAND, SEA, EDGE, BORDER = "#eeece4", "#cfe0e2", "#b9b4a4", "#a59f8c"
WATER, ROAD, ROAD_EDGE, INK, SIGNAL = "#6fa9b5", "#fffdf6", "#b3a988", "#15262b", "#b93c0a"
_SMOOTH = 2  # drawn this many times larger and shrunk: Pillow's lines have no soft edges
_BIG_ROADS = frozenset({"motorway", "trunk", "toll", "primary"})
_SPANS_M = (1_600.0, 3_200.0, 6_400.0)  # so wide that a main road or a river is in the picture
_MARKS_WANTED = 3
_MAX_NAMES = 7

_lock = threading.Lock()
_kept: tuple[tuple[str, ...], "_Layers"] | None = None


@dataclass(frozen=True)
class _Layers:
    """The layers' geometries with what is needed to draw them."""

    items: dict[str, tuple[list, list[dict]]] = field(default_factory=dict)

    @cached_property
    def trees(self) -> dict[str, shapely.STRtree]:
        return {name: shapely.STRtree(shapes) for name, (shapes, _facts) in self.items.items()}

    def within(self, name: str, box) -> list[tuple[object, dict]]:
        shapes, facts = self.items[name]
        return [(shapes[i], facts[i]) for i in sorted(self.trees[name].query(box, "intersects"))]


def _layers() -> _Layers:
    """Read once per version of the base map and process."""
    global _kept
    names = ("areas", "kelurahan", "water", "roads", "landmarks")
    found = {name: basemap.layer(name) for name in names}
    tags = tuple(tag for _content, tag in found.values())
    with _lock:
        if _kept is None or _kept[0] != tags:
            items = {}
            for name, (content, _tag) in found.items():
                features = orjson.loads(content)["features"]
                items[name] = (
                    [shape(feature["geometry"]) for feature in features],
                    [feature["properties"] for feature in features],
                )
            _kept = tags, _Layers(items)
        return _kept[1]


@dataclass(frozen=True)
class _View:
    """Degrees to pixels of the large picture, the point at its anchor."""

    projection: Projection
    size: tuple[int, int]
    anchor: tuple[float, float]
    metres_per_px: float

    @property
    def box(self):
        width, height = self.size
        x, y = self.anchor
        south, west = self.projection.degrees(-x * self.metres_per_px, -(height - y) * self.metres_per_px)
        north, east = self.projection.degrees((width - x) * self.metres_per_px, y * self.metres_per_px)
        return shapely.box(west, south, east, north)

    def pixels(self, coordinates) -> list[tuple[float, float]]:
        flat = self.projection.geometry(shapely.MultiPoint(np.asarray(coordinates)[:, :2]))
        xy = shapely.get_coordinates(flat) / self.metres_per_px
        xy[:, 0] += self.anchor[0]
        xy[:, 1] = self.anchor[1] - xy[:, 1]
        return [tuple(point) for point in xy]


def draw(
    latitude: float,
    longitude: float,
    size: tuple[int, int],
    *,
    anchor: tuple[float, float] = (0.5, 0.5),
    pin_colour: str = SIGNAL,
    letters: float = 1.0,
) -> Image.Image:
    """The base map around a point (WGS84 degrees) with a pin on it: about 30 ms once the layers are read.

    `size` in pixels, `anchor` where in the picture the point lies (0–1), `letters` how much larger than on
    a screen names are written.
    """
    layers = _layers()
    large = (size[0] * _SMOOTH, size[1] * _SMOOTH)
    view = _fitting(layers, Projection(latitude, longitude), large, anchor)
    image = Image.new("RGB", large, SEA)
    pen = ImageDraw.Draw(image)
    box = view.box.buffer(0.002)
    _land(pen, view, layers, box)
    _lines(pen, view, layers, box)
    image = image.resize(size, Image.Resampling.BOX)
    pen = ImageDraw.Draw(image)
    at = (size[0] * anchor[0], size[1] * anchor[1])
    small = _View(view.projection, size, at, view.metres_per_px * _SMOOTH)
    _names(pen, small, layers, letters)
    _paste_pin(image, small.anchor, pin_colour)
    return image


def _fitting(layers: _Layers, projection: Projection, size, anchor) -> _View:
    at = (size[0] * anchor[0], size[1] * anchor[1])
    for span_m in _SPANS_M:
        view = _View(projection, size, at, span_m / size[0])
        if len(layers.within("roads", view.box)) + len(layers.within("water", view.box)) >= _MARKS_WANTED:
            break
    return view


def _parts(geometry) -> list:
    return [part for part in shapely.get_parts(geometry) if not part.is_empty]


def _land(pen, view: _View, layers: _Layers, box) -> None:
    for geometry, _facts in layers.within("areas", box):
        for part in _parts(shapely.intersection(geometry, box)):
            if part.geom_type == "Polygon":
                pen.polygon(view.pixels(part.exterior.coords), fill=LAND, outline=EDGE, width=2)


def _lines(pen, view: _View, layers: _Layers, box) -> None:
    def stroke(name: str, colour: str, width_of) -> None:
        for geometry, facts in layers.within(name, box):
            for part in _parts(shapely.intersection(geometry, box)):
                if part.geom_type == "LineString":
                    width = round(width_of(facts) * _SMOOTH)
                    pen.line(view.pixels(part.coords), fill=colour, width=width, joint="curve")

    def road_width(facts: dict) -> float:
        return 8.0 if facts.get("class") in _BIG_ROADS else 6.0

    _dashes(pen, view, layers, box)
    stroke("water", WATER, lambda facts: 5.0 if facts.get("class") in ("river", "canal") else 2.5)
    stroke("roads", ROAD_EDGE, lambda facts: road_width(facts) + 2.5)
    stroke("roads", ROAD, road_width)


def _dashes(pen, view: _View, layers: _Layers, box) -> None:
    """The borders of the kelurahan, dashed as on the portal's map."""
    for geometry, facts in layers.within("kelurahan", box):
        if facts.get("kind") != "borders":
            continue
        for part in _parts(shapely.intersection(geometry, box)):
            if part.geom_type != "LineString":
                continue
            line = shapely.LineString(view.pixels(part.coords))
            starts = np.arange(0, line.length, 9 * _SMOOTH)
            # A dash is so short that a bend within it cannot be seen.
            ends = np.minimum(starts + 5 * _SMOOTH, line.length)
            a = shapely.get_coordinates(shapely.line_interpolate_point(line, starts)).tolist()
            b = shapely.get_coordinates(shapely.line_interpolate_point(line, ends)).tolist()
            for start, end in zip(a, b, strict=True):
                pen.line((*start, *end), fill=BORDER, width=round(1.5 * _SMOOTH))


def _names(pen, view: _View, layers: _Layers, letters: float) -> None:
    """Kelurahan, then landmarks, then roads; none over another, none over the pin."""
    x, y = view.anchor
    taken = [(x - 34, y - 76, x + 34, y + 14)]
    drawn = 0
    for place, text, look in _name_candidates(view, layers):
        if drawn == _MAX_NAMES:
            break
        size, weight, colour = look
        face = font(round(size * letters), weight)
        left, top, right, bottom = pen.textbbox(place, text, font=face, anchor="mm")
        room = (left - 8, top - 6, right + 8, bottom + 6)
        outside = room[0] < 0 or room[1] < 0 or room[2] > view.size[0] or room[3] > view.size[1]
        if outside or any(_overlap(room, other) for other in taken):
            continue
        pen.text(place, text, font=face, fill=colour, anchor="mm", stroke_width=3, stroke_fill=LAND)
        taken.append(room)
        drawn += 1


def _overlap(a, b) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _name_candidates(view: _View, layers: _Layers):
    box = view.box
    for geometry, facts in layers.within("kelurahan", box):
        if geometry.geom_type == "Point":
            yield view.pixels(geometry.coords)[0], facts.get("name", ""), (17, 600, "#6b6654")
    for name, look in (("roads", (14, 500, INK)), ("water", (14, 500, "#24616f"))):
        for geometry, facts in layers.within(name, box):
            inside = shapely.intersection(geometry, box)
            if facts.get("name") and not inside.is_empty:
                middle = max(_parts(inside), key=lambda part: part.length).interpolate(0.5, normalized=True)
                yield view.pixels(middle.coords)[0], facts["name"], look
    for geometry, facts in layers.within("landmarks", box):
        yield view.pixels(geometry.coords)[0], facts.get("name", ""), (14, 400, "#47585d")


def _paste_pin(image: Image.Image, at: tuple[float, float], colour: str) -> None:
    """A drop whose tip is the place, with a soft shadow and a white edge."""
    scale, (width, height) = 4, (64, 84)
    pin = Image.new("RGBA", (width * scale, height * scale))
    pen = ImageDraw.Draw(pin)
    middle, tip, radius = width * scale / 2, (height - 6) * scale, 24 * scale
    pen.ellipse((middle - 40, tip - 12, middle + 40, tip + 12), fill=(21, 38, 43, 90))
    for grow, fill in ((4 * scale, "white"), (0, colour)):
        r = radius + grow
        centre = 32 * scale
        shoulder = centre + r * 0.5
        pen.ellipse((middle - r, centre - r, middle + r, centre + r), fill=fill)
        pen.polygon(
            [(middle - r * 0.86, shoulder), (middle + r * 0.86, shoulder), (middle, tip + grow)],
            fill=fill,
        )
    r = 9 * scale
    pen.ellipse((middle - r, 32 * scale - r, middle + r, 32 * scale + r), fill="white")
    pin = pin.resize((width, height), Image.Resampling.LANCZOS)
    image.paste(pin, (round(at[0] - width / 2), round(at[1] - height + 6)), pin)
