"""Whether a report's own words speak of another kind than the one it was filed under.

Only ever a suggestion: it stands beside the decision, and a person may follow it with one button.
"""

from collections.abc import Callable, Sequence
from typing import Any

from dispatch.services import learning

# (code of a kind, score 0 … 1), likeliest first
Suggest = Callable[[str], Sequence[tuple[str, float]]]

# The other kind must stand out this clearly: alone it says enough, and the filed one hardly fits.
LEAST_SCORE = 0.3
LEAST_TIMES_THE_FILED = 2.5
_LOOKED_AT = 5


def better_category(report: Any, snap: Any, suggest: Suggest | None = None) -> str | None:
    """The code of the kind that the text speaks of, if that is clearly not the report's own; else None."""
    if not report.description:
        return None
    own = snap.categories_by_id.get(report.category_id)
    found = (suggest or _suggest_with(snap))(report.description)
    if own is None or not found or found[0][0] == own.code or found[0][1] < LEAST_SCORE:
        return None
    best, score = found[0]
    filed = dict(found).get(own.code, 0.0)
    return best if score >= filed * LEAST_TIMES_THE_FILED else None


def _suggest_with(snap: Any) -> Suggest:
    """The city's search words, together with what was learned from confirmed reports."""

    def suggest(text: str) -> list[tuple[str, float]]:
        found = learning.improve(text, _LOOKED_AT, snap.suggest_categories(text, _LOOKED_AT))
        return [(item.code, item.score) for item in found]

    return suggest
