"""Which street or landmark a point lies at, for saying it in words."""

from collections.abc import Sequence

from city.domain.info import Landmark, LineHit
from city.domain.places import great_circle_m

# A road this near is "near" for somebody who stands there, plus how far its drawing may be off.
NEAR_M = 60.0
_MOST_ACCURACY_M = 60.0  # a road that is drawn worse than this says nothing about a point beside it
STREET_WITHIN_M = NEAR_M + _MOST_ACCURACY_M
# A landmark within this distance is at hand, if its own place is known that well.
LANDMARK_WITHIN_M = 150.0
_LANDMARK_DEGREES = LANDMARK_WITHIN_M / 110_000 * 1.05
# Nobody lives on a toll road: it is named only where no other road is near.
_TOLL = "motorway"


def nearest_street(hits: Sequence[LineHit]) -> tuple[str, float]:
    """Name and metres of the nearest named road of `hits` (nearest first), or ("", 0.0)."""
    near = [
        hit for hit in hits if hit.name and hit.distance_m <= NEAR_M + min(hit.accuracy_m, _MOST_ACCURACY_M)
    ]
    for hit in [*(hit for hit in near if hit.line_class != _TOLL), *near]:
        return hit.name, round(hit.distance_m, 1)
    return "", 0.0


def nearest_landmark(landmarks: Sequence[Landmark], latitude: float, longitude: float) -> str:
    """The name of the landmark at hand, or "". A few hundred are looked at one by one in 0.05 ms."""
    near = [
        (great_circle_m(latitude, longitude, item.latitude, item.longitude), item.name)
        for item in landmarks
        if item.accuracy_m <= LANDMARK_WITHIN_M
        and abs(item.latitude - latitude) < _LANDMARK_DEGREES
        and abs(item.longitude - longitude) < _LANDMARK_DEGREES
    ]
    distance_m, name = min(near, default=(LANDMARK_WITHIN_M, ""))
    return name if distance_m < LANDMARK_WITHIN_M else ""
