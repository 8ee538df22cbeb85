"""The ladder that a late report climbs: who is told, when, for which of its clocks. Plain Python."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from complaints.domain import workflow

ACKNOWLEDGE, MAKE_SAFE, RESOLVE = "acknowledge", "make_safe", "resolve"
HANDLER, SECTION_HEAD, DEPARTMENT_HEAD, P3M = "handler", "section_head", "department_head", "p3m"
TARGETS = (HANDLER, SECTION_HEAD, DEPARTMENT_HEAD, P3M)

# A report that nobody has yet, that waits, or that has ended has no clock running.
_CLOCK_STATES = workflow.OPEN - {workflow.RECEIVED, workflow.WAITING}


@dataclass(frozen=True, slots=True)
class Rung:
    """`minutes_after_due` is clock time, negative for before. `repeat_hours`: told again after so many hours
    for as long as nobody has acknowledged; None tells once."""

    level: int
    minutes_after_due: int
    target: str
    repeat_hours: int | None = None

    def at(self, due_at: datetime) -> datetime:
        return due_at + timedelta(minutes=self.minutes_after_due)


@dataclass(frozen=True, slots=True)
class Step:
    """A rung to be climbed: for which clock, of which promise, and when."""

    clock: str
    due_at: datetime
    rung: Rung
    at: datetime

    @property
    def key(self) -> tuple[str, datetime, int]:
        return self.clock, self.due_at, self.rung.level


# Where neither the pack nor the department says otherwise. That a department's head hears of what is late
# is the practice of Lapor Semar; the hours are our proposal.
CITY_LADDER = (
    Rung(1, -4 * 60, HANDLER),
    Rung(2, 0, SECTION_HEAD),
    Rung(3, 24 * 60, DEPARTMENT_HEAD, repeat_hours=24),
    Rung(4, 72 * 60, P3M, repeat_hours=24),
)


def clocks(
    *,
    status: str,
    acknowledge_due_at: datetime | None,
    acknowledged_at: datetime | None,
    make_safe_due_at: datetime | None,
    made_safe_at: datetime | None,
    due_at: datetime | None,
) -> Iterator[tuple[str, datetime]]:
    """The clocks that run for a report now, with the moment each runs out.

    None runs while the report waits or has ended. Planned work has one clock: its published date.
    """
    if status not in _CLOCK_STATES:
        return
    is_planned = status == workflow.SCHEDULED
    if acknowledge_due_at and not acknowledged_at and not is_planned:
        yield ACKNOWLEDGE, acknowledge_due_at
    if make_safe_due_at and not made_safe_at and not is_planned:
        yield MAKE_SAFE, make_safe_due_at
    if due_at:
        yield RESOLVE, due_at


def steps(running: Collection[tuple[str, datetime]], ladder: Sequence[Rung]) -> list[Step]:
    """Every rung of every running clock, in the order of time."""
    found = [Step(clock, due_at, rung, rung.at(due_at)) for clock, due_at in running for rung in ladder]
    return sorted(found, key=lambda step: (step.at, step.rung.level, step.clock))


def pending(
    running: Collection[tuple[str, datetime]],
    ladder: Sequence[Rung],
    climbed: Collection[tuple[str, datetime, int]],
) -> list[Step]:
    """The rungs not climbed yet. A promise that was moved is a new promise: its ladder begins anew."""
    return [step for step in steps(running, ladder) if step.key not in climbed]


def is_due_again(rung_repeat_hours: int | None, told_at: datetime, now: datetime) -> bool:
    """Whether an escalation that nobody acknowledged is to be told once more."""
    return rung_repeat_hours is not None and now - told_at >= timedelta(hours=rung_repeat_hours)
