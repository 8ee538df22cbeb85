"""The promise to the citizen: from a service level, the office's calendar and the moment it starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from complaints.domain.promise import Promise

WORKING, CLOCK = "working", "clock"


@dataclass(frozen=True, slots=True)
class Level:
    """How fast we promise to be. Minutes of clock or working time; None promises nothing."""

    clock: str  # clock | working
    acknowledge_minutes: int | None = None
    make_safe_minutes: int | None = None
    resolve_minutes: int | None = None
    resolve_working_days: int | None = None


# (category code or None for all, severity) → level
Levels = Mapping[tuple[str | None, int], Level]


def level_for(levels: Levels, category: str, ancestors: tuple[str, ...], severity: int) -> Level | None:
    """The level of the kind itself, else of its group, else the city's for this severity."""
    for code in (category, *ancestors, None):
        if (code, severity) in levels:
            return levels[code, severity]
    return None


def promise(level: Level | None, calendar: Any, start: datetime) -> Promise:
    """What is promised from `start` on. `calendar` is a city.domain.calendar.Calendar."""
    if level is None:
        return Promise()
    due = _after(level, calendar, start, level.resolve_minutes)
    if level.resolve_working_days is not None:
        due = calendar.add_working_days(start, level.resolve_working_days)
    return Promise(
        acknowledge_due_at=_after(level, calendar, start, level.acknowledge_minutes),
        make_safe_due_at=_after(level, calendar, start, level.make_safe_minutes),
        due_at=due,
    )


def triage_promise(level: Level | None, calendar: Any, start: datetime) -> Promise:
    """While nobody is named only a first answer can be promised: the desk forwards within that time."""
    full = promise(level, calendar, start)
    return Promise(acknowledge_due_at=full.acknowledge_due_at)


def _after(level: Level, calendar: Any, start: datetime, minutes: int | None) -> datetime | None:
    if minutes is None:
        return None
    if level.clock == CLOCK:
        return start + timedelta(minutes=minutes)
    return calendar.add_working_minutes(start, minutes)


def after_pause(
    current: Promise,
    *,
    level: Level | None,
    calendar: Any,
    paused_at: datetime,
    resumed_at: datetime,
    acknowledged: bool,
) -> Promise:
    """The promise moved by the time that passed while waiting, counted as the level counts.

    What was due before the pause began stays due then: waiting does not repair a promise already broken.
    A first answer that was given needs no new date.
    """

    def moved(due: datetime | None) -> datetime | None:
        if due is None or due <= paused_at:
            return due
        if level is None or level.clock == CLOCK:
            return due + (resumed_at - paused_at)
        minutes = calendar.working_minutes_between(paused_at, resumed_at)
        return calendar.add_working_minutes(due, minutes) if minutes else due

    return Promise(
        acknowledge_due_at=current.acknowledge_due_at if acknowledged else moved(current.acknowledge_due_at),
        make_safe_due_at=moved(current.make_safe_due_at),
        due_at=moved(current.due_at),
    )
