"""A map that can be measured: true to scale, north up, names off one another."""

import math
import re

import pytest

from city.models import Road
from city.services import paper_map
from tests.conftest import HERE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _read_anew(monkeypatch):
    """Roads that a test adds are no new version of the city."""
    monkeypatch.setattr(paper_map, "_kept", None)


def test_a_line_is_as_long_on_paper_as_its_scale_says():
    """A north-south line of 200 m beside the place: 40 mm at 1:5,000, 5 mm at 1:40,000, upright."""
    latitude, longitude = HERE
    step = 100 / 110_574  # metres per degree of latitude near the equator
    Road.objects.create(
        code="uji-skala",
        name="Jalan Uji Skala",
        line_class="tertiary",
        geometry={
            "type": "LineString",
            "coordinates": [[longitude + 0.0003, latitude - step], [longitude + 0.0003, latitude + step]],
        },
    )
    for scale, length in ((5_000, 40.0), (40_000, 5.0)):
        drawn = paper_map.draw(latitude, longitude, 118, 74, scale)
        wanted = [
            item.points
            for item in drawn.strokes
            if item.kind == "street" and abs(math.dist(item.points[0], item.points[-1]) - length) < 0.05
        ]
        assert len(wanted) == 1
        (x1, y1), (x2, y2) = wanted[0]
        assert x1 == pytest.approx(x2, abs=0.02)
        assert y1 > y2  # from the south, drawn below, to the north
        assert (y1 + y2) / 2 == pytest.approx(37, abs=0.05)


@pytest.mark.parametrize(
    ("scale", "metres", "millimetres"), [(5_000, 100, 20), (40_000, 1_000, 25), (1_000, 20, 20)]
)
def test_the_bar_says_how_long_it_is(scale, metres, millimetres):
    drawn = paper_map.draw(*HERE, 118, 74, scale)
    assert (drawn.bar_m, drawn.bar) == (metres, millimetres)


@pytest.mark.parametrize("scale", [5_000, 40_000])
def test_everything_lies_within_the_paper_and_no_name_on_another(scale):
    drawn = paper_map.draw(*HERE, 118, 74, scale)
    points = [point for item in drawn.strokes for point in item.points]
    assert len(points) > 10
    assert all(-0.01 <= x <= 118.01 and -0.01 <= y <= 74.01 for x, y in points)
    rooms = [
        (name.x - len(name.text) * 0.72, name.y - 3, name.x + len(name.text) * 0.72, name.y + 1)
        for name in drawn.names
    ]
    assert len(rooms) > 1
    for index, room in enumerate(rooms):
        assert not any(paper_map._overlap(room, other) for other in rooms[index + 1 :])


def test_outside_every_layer_the_map_is_empty_and_still_a_map():
    drawn = paper_map.draw(-6.2, 110.0, 60, 74, 5_000)
    assert (drawn.strokes, drawn.names) == ((), ())
    assert "pm-place" in paper_map.svg(drawn, "Peta")


def test_the_drawing_escapes_names_and_needs_no_style_attribute():
    Road.objects.create(
        code="uji-nama",
        name="<script>alert(1)</script>",
        line_class="primary",
        geometry={
            "type": "LineString",
            "coordinates": [[HERE[1] - 0.001, HERE[0] + 0.001], [HERE[1] + 0.001, HERE[0] + 0.001]],
        },
    )
    text = paper_map.svg(paper_map.draw(*HERE, 118, 74, 5_000), 'Peta "satu"')
    assert "<script" not in text
    assert "style=" not in text
    assert re.search(r'aria-label="Peta &quot;satu&quot;"', text)


def test_where_there_is_nothing_to_go_by_the_map_shows_more_and_says_so():
    scales = (5_000, 10_000, 20_000)
    empty = (-7.041079, 110.474728)
    assert paper_map.draw(*empty, 118, 74, 5_000).strokes == ()
    drawn = paper_map.fitting(*empty, 118, 74, scales)
    assert (drawn.scale, len(drawn.strokes) >= 3) == (20_000, True)
    assert "Sendangmulyo" in [name.text for name in drawn.names]
    assert paper_map.fitting(*HERE, 118, 74, scales).scale == 5_000
    assert paper_map.fitting(-6.2, 110.0, 60, 74, scales).scale == 20_000
