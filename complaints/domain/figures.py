"""Numbers that a page about a place may say, and those it must not."""

from collections.abc import Mapping

# Below this a median or a share says more about chance, or about a person, than about a place.
TOO_FEW = 5


def median(counts: Mapping[int, int]) -> float | None:
    """The median of values given as value → how often; None below TOO_FEW values.

    Exact for the values given; where they were cut to whole hours it is exact to the hour.
    """
    total = sum(counts.values())
    if total < TOO_FEW:
        return None
    return (_at_rank(counts, (total - 1) // 2) + _at_rank(counts, total // 2)) / 2


def percentile(counts: Mapping[int, int], percent: int) -> int | None:
    """The smallest value that at least `percent` of a hundred do not exceed (nearest rank); None below
    TOO_FEW values."""
    total = sum(counts.values())
    if total < TOO_FEW:
        return None
    return _at_rank(counts, max(0, -(-total * percent // 100) - 1))


def _at_rank(counts: Mapping[int, int], rank: int) -> int:
    """The value at a rank from 0 among all in order."""
    for value in sorted(counts):
        rank -= counts[value]
        if rank < 0:
            return value
    raise ValueError("the rank lies outside the values")


def share(part: int, whole: int) -> int | None:
    """`part` of `whole` in whole percent; None below TOO_FEW. Never 0 or 100 unless it is exactly that."""
    if whole < TOO_FEW:
        return None
    percent = round(100 * part / whole)
    if percent == 0 and part:
        return 1
    if percent == 100 and part < whole:
        return 99
    return percent
