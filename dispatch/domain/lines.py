"""Which road or waterway a place belongs to, and when the map cannot say.

A line's `accuracy_m` bounds how far its drawing may lie from the real thing; it is the tolerance within
which a point is taken to lie on it. Two things make the answer uncertain, and then all possible answers
are kept, so that the routing can see whether the difference matters:

* two lines of different owners almost equally near (a toll road above a city road, a junction);
* a line drawn only roughly, with the point not close to it: the real road there may be another one.
"""

from collections.abc import Sequence

from dispatch.domain.facts import Line

# A drawing that may be off by more than this is a sketch …
SKETCH_FROM_M = 60.0
# … and speaks for a point only this close; farther off the point may as well lie on an unmapped street.
SKETCH_SURE_WITHIN_M = 30.0
# A phone's own error widens the search, but not beyond this.
DEVICE_ERROR_CAP_M = 50.0
# Words around a street's proper name that people leave out or shorten.
_STREET_WORDS = {
    *("jalan", "jln", "jl", "raya", "jenderal", "jendral", "jend", "letnan", "letjend", "letjen"),
    *("mayor", "mayjen", "mayjend", "brigadir", "brigjen", "brigjend", "kolonel", "kol", "komodor", "laut"),
    *("kapten", "kompol", "profesor", "prof", "dokter", "doktor", "dr", "kyai", "kiai", "haji", "h", "k"),
    *("kh", "raden", "r", "rm", "sh"),
}
_ALLEY = {"gang", "gg"}


def tolerance_m(line: Line, device_error_m: float | None) -> float:
    """How far from the line a point may lie and still be taken to lie on it, in metres."""
    return max(line.accuracy_m, min(device_error_m or 0.0, DEVICE_ERROR_CAP_M))


def within_tolerance(lines: Sequence[Line], device_error_m: float | None) -> tuple[Line, ...]:
    """The lines that the point may lie on, nearest first."""
    near = [line for line in lines if line.distance_m is not None]
    near = [line for line in near if line.distance_m <= tolerance_m(line, device_error_m)]
    return tuple(sorted(near, key=lambda line: (line.distance_m, line.code)))


def candidates(near: Sequence[Line], street: str = "") -> tuple[Line | None, ...]:
    """The lines that the place may belong to: one if the map is clear, `(None,)` if there is none.

    A street that the reporter named settles it when exactly one owner's lines bear that name.
    """
    if not near:
        return (None,)
    named = [line for line in near if is_named(line.name, street)]
    if named and len({line.owner_code for line in named}) == 1:
        return (named[0],)
    nearest = near[0]
    found: list[Line | None] = [nearest]
    for line in near[1:]:
        if line.owner_code not in {known.owner_code for known in found} and not _clearly_nearer(
            nearest, line
        ):
            found.append(line)
    if nearest.accuracy_m > SKETCH_FROM_M and nearest.distance_m > SKETCH_SURE_WITHIN_M:
        found.append(None)
    return tuple(found)


def _clearly_nearer(line: Line, other: Line) -> bool:
    """Whether the distances differ by at least half the lines' mean accuracy (which is a bound: the typical
    error is about half of it)."""
    return other.distance_m - line.distance_m >= (line.accuracy_m + other.accuracy_m) / 4


def is_named(name: str, street: str) -> bool:
    """Whether what the reporter wrote names this road: all words of its proper name, in order."""
    proper, written = _words(name), _words(street)
    if not proper or not written or _ALLEY.intersection(written) - set(proper):
        return False  # an alley off a street bears the street's name and is another road
    return any(written[i : i + len(proper)] == proper for i in range(len(written) - len(proper) + 1))


def _words(text: str) -> list[str]:
    words = "".join(ch if ch.isalnum() else " " for ch in text.casefold()).split()
    return [word for word in words if word not in _STREET_WORDS]


def same_name(a: str, b: str) -> bool:
    """Whether two writings name the same road or waterway: the same words, titles aside."""
    words = _words(a)
    return bool(words) and words == _words(b)
