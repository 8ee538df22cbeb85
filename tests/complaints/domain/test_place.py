import math

import pytest

from complaints.domain.place import PlaceFault, distance_m, fault


@pytest.mark.parametrize(
    ("latitude", "longitude", "found"),
    [
        (-6.9903, 110.4229, None),
        (0.0, 0.0, None),
        (90.0, 180.0, None),
        (None, 110.4, PlaceFault.MISSING),
        (-6.99, None, PlaceFault.MISSING),
        (math.nan, 110.4, PlaceFault.NOT_A_NUMBER),
        (-6.99, math.inf, PlaceFault.NOT_A_NUMBER),
        (110.4229, -6.9903, PlaceFault.SWAPPED),
        (91.0, 200.0, PlaceFault.OUT_OF_RANGE),
        (-6.99, 181.0, PlaceFault.OUT_OF_RANGE),
    ],
)
def test_fault(latitude, longitude, found):
    assert fault(latitude, longitude) == found


def test_distance():
    assert distance_m(-6.99, 110.42, -6.99, 110.42) == 0
    assert distance_m(-6.99, 110.42, -7.00, 110.42) == pytest.approx(1112, abs=1)
    assert distance_m(-6.99, 110.42, -6.99, 110.43) == pytest.approx(1104, abs=1)
