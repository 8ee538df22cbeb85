"""In which order a crew visits its stops: the nearest next, then the crossings taken out. Plain Python.

Straight-line metres: streets are not known here, and no crew is told what it may not change. For the few
dozen stops of a day the shortest way as the crow flies is a good one (nearest neighbour, then 2-opt:
Croes 1958); the phone's own map leads from one stop to the next.
"""

import itertools
from collections.abc import Sequence

from complaints.domain.place import distance_m

Point = tuple[float, float]  # latitude, longitude, WGS84 degrees
# Shorter by less than this is no better: rounding must not make it turn for ever.
_GAIN_M = 0.01


def order(points: Sequence[Point], start: Point | None) -> list[int]:
    """The indexes of `points` in the order of visit. Without `start` it begins at the first point.

    The way is open: nobody need come back. Of equals the first of `points` comes first.
    """
    if not points:
        return []
    places = [*points] if start is None else [start, *points]
    metres = [[distance_m(*one, *other) for other in places] for one in places]
    way = _without_crossings(_nearest_next(metres), metres)
    return way if start is None else [node - 1 for node in way[1:]]


def length_m(points: Sequence[Point], way: Sequence[int], start: Point | None) -> float:
    """How long the way is, in straight metres."""
    places = ([] if start is None else [start]) + [points[index] for index in way]
    return sum(distance_m(*one, *other) for one, other in itertools.pairwise(places))


def _nearest_next(metres: list[list[float]]) -> list[int]:
    """From node 0 always to the nearest that is left."""
    way, left = [0], list(range(1, len(metres)))
    while left:
        here = metres[way[-1]]
        following = min(left, key=lambda node: (here[node], node))
        way.append(following)
        left.remove(following)
    return way


def _without_crossings(way: list[int], metres: list[list[float]]) -> list[int]:
    """2-opt: turn round what makes the way shorter, until nothing does. Node 0 stays first."""
    has_gained = True
    while has_gained:
        has_gained = False
        for first in range(1, len(way) - 1):
            for last in range(first + 1, len(way)):
                if _gain_m(way, first, last, metres) > _GAIN_M:
                    way[first : last + 1] = way[first : last + 1][::-1]
                    has_gained = True
    return way


def _gain_m(way: list[int], first: int, last: int, metres: list[list[float]]) -> float:
    """How much shorter the way is with the piece from `first` to `last` the other way round."""
    before, begin, end = way[first - 1], way[first], way[last]
    gain = metres[before][begin] - metres[before][end]
    if last + 1 < len(way):
        after = way[last + 1]
        gain += metres[end][after] - metres[begin][after]
    return gain
