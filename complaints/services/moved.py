"""Which open reports another boundary would put into another kelurahan. Nothing is changed by looking."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from city import snapshot_build
from city.domain.info import Located
from complaints.models import Report

# Gaps and the coast belong to the nearest area within 300 m (city.snapshot); a little more, in degrees.
_AROUND_DEGREES = 0.004
LISTED = 200


@dataclass(frozen=True, slots=True)
class Moved:
    """`counts`: (code now, code then) → reports; "" is outside the city. `listed`: the newest of them."""

    looked_at: int
    counts: dict[tuple[str, str], int]
    listed: tuple[tuple[int, float, float, str, str], ...]  # pk, latitude, longitude, now, then

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def moved_by(changed: dict[str, tuple[Any, Any]]) -> Moved:
    """`changed`: code of a kelurahan → its boundary now and then. Two queries; 50 µs a report nearby."""
    differing = [before.symmetric_difference(after) for before, after in changed.values()]
    boxes = [shape.bounds for shape in differing if not shape.is_empty]
    if not boxes:
        return Moved(0, {}, ())
    west, south = (min(box[side] for box in boxes) - _AROUND_DEGREES for side in (0, 1))
    east, north = (max(box[side] for box in boxes) + _AROUND_DEGREES for side in (2, 3))
    now, then = snapshot_build.places_before_and_after({code: pair[1] for code, pair in changed.items()})
    rows = Report.objects.filter(
        is_open=True, latitude__range=(south, north), longitude__range=(west, east)
    ).order_by("-id")
    counts: Counter[tuple[str, str]] = Counter()
    listed, looked_at = [], 0
    for pk, latitude, longitude in rows.values_list("pk", "latitude", "longitude").iterator(chunk_size=2000):
        looked_at += 1
        move = _code(now.locate(latitude, longitude)), _code(then.locate(latitude, longitude))
        if move[0] != move[1]:
            counts[move] += 1
            if len(listed) < LISTED:
                listed.append((pk, latitude, longitude, *move))
    return Moved(looked_at, dict(counts.most_common()), tuple(listed))


def _code(found: Any) -> str:
    return found.area_code if isinstance(found, Located) else ""
