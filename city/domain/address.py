"""Which street a point lies on, for saying it in words."""

from collections.abc import Sequence

from city.domain.info import LineHit

# A road this near is "near" for somebody who stands there, plus how far its drawing may be off.
NEAR_M = 60.0
_MOST_ACCURACY_M = 60.0  # a road that is drawn worse than this says nothing about a point beside it
STREET_WITHIN_M = NEAR_M + _MOST_ACCURACY_M
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
