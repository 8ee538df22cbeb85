"""Several messages about one report that waited for the same person become one.

Only what has waited for the end of quiet hours is joined: by day every step has its own message.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that has not gone out. A later one has a higher id. `is_under_way`: somebody sends it now."""

    id: int
    has_waited: bool = False
    is_under_way: bool = False


def carrier(waiting: Sequence[Waiting], mine: int) -> int:
    """Which message tells the news of `mine`: if it has waited the newest that nobody sends, else itself."""
    me = next(item for item in waiting if item.id == mine)
    if not me.has_waited:
        return mine
    return max(item.id for item in waiting if not item.is_under_way or item.id == mine)


def carried(waiting: Sequence[Waiting], mine: int) -> list[int]:
    """Which older messages `mine` tells as well, so that nobody hears old news after new ones."""
    return sorted(item.id for item in waiting if item.id < mine and item.has_waited and not item.is_under_way)
