"""Which street or landmark a point is said to be at."""

import pytest

from city.domain.address import nearest_landmark, nearest_street
from city.domain.info import Landmark, LineHit


def hit(name, distance_m, accuracy_m=30.0, line_class="primary"):
    return LineHit("c", name, line_class, None, "", distance_m, accuracy_m, "osm")


@pytest.mark.parametrize(
    ("hits", "street"),
    [
        ([], ("", 0.0)),
        ([hit("Jalan A", 59.94)], ("Jalan A", 59.9)),
        ([hit("Jalan A", 90)], ("Jalan A", 90)),  # 60 m and the drawing's own 30 m
        ([hit("Jalan A", 91)], ("", 0.0)),
        ([hit("Jalan A", 119, accuracy_m=500)], ("Jalan A", 119)),
        ([hit("Jalan A", 121, accuracy_m=500)], ("", 0.0)),  # a bad drawing does not reach farther
        ([hit("", 1), hit("Jalan B", 20)], ("Jalan B", 20)),
        ([hit("Tol", 5, line_class="motorway"), hit("Jalan B", 50)], ("Jalan B", 50)),
        ([hit("Tol", 5, line_class="motorway")], ("Tol", 5)),
    ],
)
def test_the_nearest_street(hits, street):
    assert nearest_street(hits) == street


@pytest.mark.parametrize(
    ("latitude", "accuracy_m", "found"),
    [(-7.0, 100, "Pasar"), (-7.0013, 100, "Pasar"), (-7.0014, 100, ""), (-7.0, 200, ""), (-7.1, 100, "")],
)
def test_a_landmark_at_hand(latitude, accuracy_m, found):
    market = Landmark("p", "Pasar", "market", -7.0, 110.4, accuracy_m)
    assert nearest_landmark([market], latitude, 110.4) == found
