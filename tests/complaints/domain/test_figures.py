"""Medians and shares, and when nothing is said."""

import pytest

from complaints.domain import figures


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, None),
        ({3: 4}, None),
        ({3: 5}, 3),
        ({1: 2, 2: 1, 9: 2}, 2),
        ({1: 3, 2: 3}, 1.5),
        ({1: 1, 5: 1, 7: 1, 10: 1, 100: 1, 1000: 1}, 8.5),
        ({0: 100, 8760: 99}, 0),
        ({2: 0, 4: 5}, 4),
    ],
)
def test_the_median(counts, expected):
    assert figures.median(counts) == expected


@pytest.mark.parametrize(
    ("counts", "percent", "expected"),
    [
        ({3: 4}, 90, None),
        ({3: 5}, 90, 3),
        ({1: 9, 50: 1}, 90, 1),
        ({1: 8, 50: 2}, 90, 50),
        (dict.fromkeys(range(1, 101), 1), 90, 90),
        (dict.fromkeys(range(1, 12), 1), 50, 6),
        ({1: 5, 2: 0}, 100, 1),
    ],
)
def test_the_percentile_is_a_value_that_occurs(counts, percent, expected):
    assert figures.percentile(counts, percent) == expected


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (0, 0, None),
        (4, 4, None),
        (0, 5, 0),
        (5, 5, 100),
        (1, 3000, 1),
        (2999, 3000, 99),
        (1, 3, None),
        (2, 6, 33),
    ],
)
def test_the_share(part, whole, expected):
    assert figures.share(part, whole) == expected
