"""Boundaries that people draw, on a chequered city of one-kilometre squares."""

import pytest
import shapely
from shapely.geometry import box

from city.domain import boundaries as rules
from city.domain.places import Projection

PLANE = Projection(0.0, 0.0)
D = 0.01  # about 1.1 km at the equator
M2 = PLANE.geometry(box(0, 0, D, D)).area


def square(x: int, y: int, *, wide: float = 1.0) -> shapely.Polygon:
    return box(x * D, y * D, (x + wide) * D, (y + 1) * D)


CITY = {"a": square(0, 0), "b": square(1, 0), "c": square(0, 1), "d": square(1, 1)}
WIDER = square(0, 0, wide=1.25)  # takes a quarter of b
NARROWER = square(0, 0, wide=0.75)


def about(value: float, wanted: float) -> bool:
    return abs(value - wanted) < 2.0


def test_neighbours_give_way_to_what_is_taken():
    found = rules.plan("a", WIDER, CITY, PLANE, neighbours_give_way=True)
    assert set(found.shapes) == {"a", "b"}
    assert (found.overlaps, found.gaps) == ({}, ())
    assert about(found.neighbours_m2["b"], -M2 / 4)
    assert about(found.after_m2 - found.before_m2, M2 / 4)


def test_what_is_given_up_goes_to_the_longest_border():
    found = rules.plan("a", NARROWER, CITY, PLANE, neighbours_give_way=True)
    assert set(found.shapes) == {"a", "b"}  # one kilometre with b, a quarter with c
    assert (found.overlaps, found.gaps) == ({}, ())
    whole = shapely.union_all(list((CITY | dict(found.shapes)).values()))
    assert about(PLANE.geometry(whole).area, 4 * M2)


def test_without_giving_way_overlap_and_gap_are_told_in_square_metres():
    wider = rules.plan("a", WIDER, CITY, PLANE, neighbours_give_way=False)
    assert set(wider.shapes) == {"a"}
    assert about(wider.overlaps["b"], M2 / 4)
    narrower = rules.plan("a", NARROWER, CITY, PLANE, neighbours_give_way=False)
    assert narrower.overlaps == {}
    [gap] = narrower.gaps
    assert about(gap, M2 / 4)


def test_what_lies_outside_the_city_belongs_to_nobody():
    alone = {"a": CITY["a"]}
    found = rules.plan("a", NARROWER, alone, PLANE, neighbours_give_way=True)
    assert len(found.gaps) == 1


def test_a_neighbour_cannot_vanish():
    with pytest.raises(rules.BadShape) as fault:
        rules.plan("a", square(0, 0, wide=2), CITY, PLANE, neighbours_give_way=True)
    assert (fault.value.code, fault.value.name) == ("vanishes", "b")


def test_holes_and_parts_are_kept():
    ring = shapely.Polygon(square(0, 0).exterior, [box(0.004, 0.004, 0.006, 0.006).exterior])
    both = shapely.MultiPolygon([ring, square(5, 5)])
    read = rules.read(rules.as_geojson(both))
    assert read.equals(both)
    assert [len(part.interiors) for part in read.geoms] == [1, 0]


def test_the_upper_area_follows_and_stays_where_nothing_crosses_it():
    new = rules.plan("a", WIDER, CITY, PLANE, neighbours_give_way=True).shapes
    inside = shapely.union_all([CITY["a"], CITY["b"]])
    both = ([CITY["a"], CITY["b"]], [new["a"], new["b"]])
    assert rules.follow(inside, *both, PLANE) is None
    upper = rules.follow(CITY["a"].union(CITY["c"]), [CITY["a"]], [new["a"]], PLANE)
    assert about(PLANE.geometry(upper).area, 2.25 * M2)


def geojson(points, kind="Polygon"):
    return {"type": kind, "coordinates": [points]}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (None, "not_polygon"),
        ([], "not_polygon"),
        ({"type": "Point", "coordinates": [1, 1]}, "not_polygon"),
        ({"type": "Polygon"}, "not_polygon"),
        ({"type": "Polygon", "coordinates": []}, "empty"),
        ({"type": "Polygon", "coordinates": [7]}, "not_polygon"),
        ({"type": "FeatureCollection", "features": []}, "not_polygon"),
        (geojson([[0, 0], [1, 1]]), "too_few"),
        (geojson([[0, 0], [0, 0], [0, 0], [0, 0]]), "too_few"),
        (geojson([[0, 0], [1, 0], ["1", 1]]), "not_numbers"),
        (geojson([[0, 0], [1, 0], [True, 1]]), "not_numbers"),
        (geojson([[0, 0], [1, 0], [float("nan"), 1]]), "not_numbers"),
        (geojson([[0, 0], [1, 0], 5]), "not_numbers"),
        (geojson([[-7, 110], [-7, 111], [-6, 110]]), "outside_world"),
        (geojson([[i / 1e6, 0] for i in range(20_001)]), "too_many"),
    ],
)
def test_what_is_no_boundary(data, code):
    with pytest.raises(rules.BadShape) as fault:
        rules.read(data)
    assert fault.value.code == code


def test_a_crossing_is_said_with_its_place():
    with pytest.raises(rules.BadShape) as fault:
        rules.read(geojson([[0, 0], [2, 2], [2, 0], [0, 2]]))
    assert (fault.value.code, fault.value.place) == ("crosses", (1.0, 1.0))


def test_a_feature_or_a_collection_of_one_is_read_and_rings_are_closed():
    open_ring = geojson([[0, 0], [0, 1, 99.5], [1, 1]])
    for data in (
        open_ring,
        {"type": "Feature", "geometry": open_ring},
        {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": open_ring}]},
    ):
        assert rules.read(data).equals(shapely.Polygon([[0, 0], [0, 1], [1, 1]]))
