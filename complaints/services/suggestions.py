"""Likely kinds of problem for a person's own words: the city's search words, and what was learned."""

from collections.abc import Callable

from city import snapshot as city
from city.domain.suggest import Suggestion

# (text, limit, what the search words say) → the same in a better order; installed by the dispatch room.
Improver = Callable[[str, int, list[Suggestion]], list[Suggestion]]
_improvers: list[Improver] = []


def register_improver(improver: Improver) -> None:
    """Called once, by the dispatch room's AppConfig."""
    if improver not in _improvers:
        _improvers.append(improver)


def suggest(text: str, limit: int = 5) -> list[Suggestion]:
    """The likely kinds, likeliest first. The choice is always the citizen's."""
    found = city.current().suggest_categories(text, limit)
    for improve in _improvers:
        found = improve(text, limit, found)
    return found
