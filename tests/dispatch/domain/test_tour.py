"""The order of a crew's stops, as tables."""

import itertools
import random

import pytest

from dispatch.domain import tour

# A line along a street, west to east, about 110 m apart; and where the crew is.
A, B, C, D = (-7.0, 110.400), (-7.0, 110.401), (-7.0, 110.402), (-7.0, 110.403)


@pytest.mark.parametrize(
    ("points", "start", "way"),
    [
        ([], None, []),
        ([], A, []),
        ([B], None, [0]),
        ([B], A, [0]),
        ([D, B, C], A, [1, 2, 0]),
        ([D, B, C], None, [0, 2, 1]),  # without a start it begins at the first, wherever that is
        ([A, B, C, D], D, [3, 2, 1, 0]),
        ([C, C, C], A, [0, 1, 2]),  # equals keep their order
        ([B, A], A, [1, 0]),  # standing on a stop
    ],
)
def test_the_order_of_visit(points, start, way):
    assert tour.order(points, start) == way


def test_a_crossing_is_taken_out():
    # The nearest next goes A B D C and must come back for the far corner; turned round it is shorter.
    square = [(-7.000, 110.400), (-7.000, 110.409), (-7.010, 110.409), (-7.0101, 110.400)]
    crossed = [0, 2, 1, 3]
    way = tour.order([square[index] for index in crossed], square[0])
    assert [crossed[index] for index in way] == [0, 1, 2, 3]


@pytest.mark.parametrize("number", range(1, 8))
def test_every_stop_comes_once_and_no_turning_round_helps(number):
    dice = random.Random(number)
    points = [(-7 + dice.random() / 10, 110.4 + dice.random() / 10) for _ in range(number)]
    start = (-6.99, 110.42)
    way = tour.order(points, start)
    assert sorted(way) == list(range(number))
    length = tour.length_m(points, way, start)
    for first, last in itertools.combinations(range(number + 1), 2):
        other = way[:first] + way[first:last][::-1] + way[last:]
        assert tour.length_m(points, other, start) >= length - 0.1


def test_it_is_never_longer_than_the_nearest_next_and_close_to_the_best():
    dice = random.Random(7)
    for _attempt in range(10):
        points = [(-7 + dice.random() / 10, 110.4 + dice.random() / 10) for _ in range(7)]
        start = (-6.95, 110.45)
        best = min(tour.length_m(points, way, start) for way in itertools.permutations(range(7)))
        assert tour.length_m(points, tour.order(points, start), start) <= best * 1.25


def test_a_full_day_of_sixty_stops_is_the_same_every_time():
    dice = random.Random(60)
    points = [(-7 + dice.random() / 10, 110.4 + dice.random() / 10) for _ in range(60)]
    way = tour.order(points, points[5])
    assert sorted(way) == list(range(60))
    assert way[0] == 5
    assert way == tour.order(list(points), points[5])


def test_the_length_is_in_metres():
    assert tour.length_m([B, C], [0, 1], A) == pytest.approx(220.7, abs=0.5)
    assert tour.length_m([B, C], [0, 1], None) == pytest.approx(110.4, abs=0.3)
    assert tour.length_m([], [], None) == 0
