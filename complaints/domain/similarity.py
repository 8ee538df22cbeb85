"""How much two reports look like one and the same: by place, time, kind and words. Plain Python.

A suggestion for a person, never a decision: the weights are ours, the answer is the officer's.
"""

import re
from datetime import timedelta

# Place says most: two reports of one pothole lie metres apart, whatever their reporters call it.
_PLACE, _TIME, _KIND, _WORDS = 0.40, 0.20, 0.25, 0.15
_HALF_LIFE = timedelta(days=2)
SUGGEST_FROM = 0.45

SAME, RELATED, GROUP, OTHER = 1.0, 0.8, 0.5, 0.0

_WORD = re.compile(r"[^\W\d_]{4,}")
# Words of every report: they say nothing of which.
_COMMON = frozenset(
    (
        *("yang", "dengan", "untuk", "tidak", "sudah", "dari", "pada", "sangat", "mohon", "tolong", "agar"),
        *("supaya", "segera", "karena", "depan", "dekat", "jalan", "tempat", "warga", "laporan", "terima"),
        *("kasih", "sekitar", "sampai", "masih", "juga", "banyak", "saya", "kami"),
    )
)
_WORDS_SHOWN = 4


def words_of(text: str) -> frozenset[str]:
    """The telling words of a text, lower case."""
    return frozenset(_WORD.findall(text.casefold())) - _COMMON


def words_alike(one: str, other: str) -> float:
    """Shared words among all (Jaccard), 0 to 1; 0 where either says nothing."""
    mine, theirs = words_of(one), words_of(other)
    return len(mine & theirs) / len(mine | theirs) if mine and theirs else 0.0


def common_words(one: str, other: str) -> tuple[str, ...]:
    """Up to four words that both use, the longest first."""
    return tuple(sorted(words_of(one) & words_of(other), key=lambda word: (-len(word), word))[:_WORDS_SHOWN])


def kinds(mine, theirs) -> float:
    """How near two kinds (city.domain.info.CategoryInfo) are."""
    if theirs is None:
        return OTHER
    if mine.code == theirs.code:
        return SAME
    if theirs.code in mine.similar or mine.code in theirs.similar:
        return RELATED
    return GROUP if mine.parent_code and mine.parent_code == theirs.parent_code else OTHER


def score(*, distance_m: float, radius_m: float, apart: timedelta, kinds: float, words: float) -> float:
    """From 0 to 1. Nothing beyond the radius or of another kind; time halves its part every two days."""
    if distance_m > radius_m or kinds == OTHER:
        return 0.0
    place = 1 - distance_m / radius_m if radius_m else 1.0
    time = 0.5 ** (apart / _HALF_LIFE)
    return round(_PLACE * place + _TIME * time + _KIND * kinds + _WORDS * words, 4)
