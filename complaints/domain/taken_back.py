"""A timeline without what was taken back: as if it had not been. Plain Python."""

from collections.abc import Iterable
from typing import Any

UNDONE = "undone"


def standing(events: Iterable[Any]) -> list[Any]:
    """The events whose effect stands, in their order: neither the steps that were taken back (with what
    followed from them) nor the events that took them back. `events`: with pk, kind and data."""
    events = list(events)
    gone = {pk for event in events if event.kind == UNDONE for pk in (event.data or {}).get("event_ids", ())}
    if not gone:
        return events
    return [event for event in events if event.kind != UNDONE and event.pk not in gone]
