"""The clock of a promise as a citizen sees it: events become a bar with pauses and a late part.

Plain Python. Times are aware datetimes. The portal's own rule stands behind it: a pause moves the promise by
the time that passed, so a paused stretch is never late, and a cycle (until resolved; a new one with every
reopening) is judged by the promise that was in force at its end.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from typing import Any

from complaints.domain import taken_back, workflow

RUNNING, PAUSED, LATE, LEFT, ENDED = "running", "paused", "late", "left", "ended"
REPORTED, ACCEPTED, ACCEPT_BY, SAFE, SAFE_BY = "reported", "accepted", "accept_by", "safe", "safe_by"
DUE, PLANNED, RESOLVED, REOPENED, CLOSED = "due", "planned", "resolved", "reopened", "closed"
HANDED_OVER, REFERRED, REJECTED = "handed_over", "referred", "rejected"


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the bar. `left` lies in the future; `ended` is time after the work was done."""

    kind: str
    began: datetime
    ended: datetime

    @property
    def length(self) -> timedelta:
        return self.ended - self.began


@dataclass(frozen=True, slots=True)
class Pause:
    """Nobody worked: since when, until when (None: still), why, and who is waited for."""

    began: datetime
    ended: datetime | None
    reason: str
    waiting_on: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment on the bar; `department_id` where one is named."""

    kind: str
    at: datetime
    department_id: int | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """The promise was moved: from when to when (None: no date), and the code of the reason."""

    at: datetime
    before: datetime | None
    after: datetime | None
    reason_code: str


@dataclass(frozen=True, slots=True)
class Clock:
    """`late`: how long the promise is or was overrun in the last cycle; None if it was kept or can be."""

    began: datetime
    ended: datetime
    now: datetime
    segments: tuple[Segment, ...]
    pauses: tuple[Pause, ...]
    marks: tuple[Mark, ...]
    moves: tuple[Move, ...]
    late: timedelta | None


@dataclass(slots=True)
class _Reading:
    """What one pass over the events finds."""

    pauses: list[Pause] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    cycles: list[tuple[datetime, datetime | None]] = field(default_factory=list)  # began, done at
    due: datetime | None = None
    paused_since: tuple[datetime, str, str] | None = None


def clock(report: Any, events: Iterable[Any], now: datetime, time_zone: tzinfo) -> Clock:
    """The clock of a report. `events` in their order, with kind, at, from_status, to_status, data;
    `time_zone` is the city's: work planned for a day is promised until that day ends there."""
    read = _Reading(cycles=[(report.created_at, None)])
    read.marks.append(Mark(REPORTED, report.created_at))
    for event in taken_back.standing(events):
        _take(read, event, time_zone)
    if read.paused_since:
        read.pauses.append(Pause(read.paused_since[0], None, *read.paused_since[1:]))
    dues = _due_of_cycles(read, report)
    _mark_promises(read, report, time_zone)
    segments, late = _segments(read, dues, report, now)
    marks = sorted({(m.at, m.kind): m for m in read.marks}.values(), key=lambda mark: mark.at)
    ends = [segment.ended for segment in segments] + [mark.at for mark in marks]
    return Clock(
        began=report.created_at,
        ended=max(ends, default=now),
        now=now,
        segments=tuple(segments),
        pauses=tuple(read.pauses),
        marks=tuple(marks),
        moves=tuple(read.moves),
        late=late,
    )


def _take(read: _Reading, event: Any, time_zone: tzinfo) -> None:
    """One event's part of the clock."""
    data, at = event.data or {}, event.at
    if event.kind == "promise":
        _move(read, at, data)
    if event.kind == "handed_over" or (event.kind == "routed" and data.get("due_at")):
        _new_promise(read, event)
    if event.to_status and event.to_status != workflow.WAITING and read.paused_since:
        began, reason, waiting_on = read.paused_since
        read.pauses.append(Pause(began, at, reason, waiting_on))
        read.paused_since = None
    if event.to_status == workflow.WAITING and read.paused_since is None:
        read.paused_since = (at, data.get("waiting_reason", ""), data.get("waiting_on", ""))
    if event.kind == "acknowledged" or (
        event.to_status == workflow.IN_PROGRESS and not _is_accepted_since_cycle(read)
    ):
        read.marks.append(Mark(ACCEPTED, at))
    kind = {
        workflow.RESOLVED: RESOLVED,
        workflow.CLOSED: CLOSED,
        workflow.REFERRED: REFERRED,
        workflow.REJECTED: REJECTED,
        workflow.REOPENED: REOPENED,
    }.get(event.to_status)
    if event.kind == "made_safe":
        kind = SAFE
    if kind:
        read.marks.append(Mark(kind, at, data.get("to_department_id")))
    _turn_cycle(read, event)
    if event.to_status == workflow.SCHEDULED and data.get("scheduled_for"):
        planned = _day_end(date.fromisoformat(data["scheduled_for"]), time_zone)
        read.moves.append(Move(at, read.due, planned, "scheduled"))
        read.due = planned


def _day_end(day: date, time_zone: tzinfo) -> datetime:
    return datetime.combine(day, time(23, 59, 59), time_zone)


def _is_accepted_since_cycle(read: _Reading) -> bool:
    return any(mark.kind == ACCEPTED and mark.at >= read.cycles[-1][0] for mark in read.marks)


def _turn_cycle(read: _Reading, event: Any) -> None:
    """Done ends a cycle; a report taken up again begins the next."""
    began, done = read.cycles[-1]
    if event.to_status in (workflow.RESOLVED, workflow.REJECTED) and done is None:
        read.cycles[-1] = (began, event.at)
    elif event.to_status in workflow.OPEN and done is not None:
        read.cycles.append((event.at, None))


def _when(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _move(read: _Reading, at: datetime, data: dict) -> None:
    if data.get("reason_code") == "scheduled":
        return  # the status event has given the date
    before, after = _when(data.get("due_before")), _when(data.get("due_at"))
    if before != after and (before is not None or data.get("reason_code") != "reopened"):
        read.moves.append(Move(at, before, after, data.get("reason_code", "")))
    read.due = after


def _new_promise(read: _Reading, event: Any) -> None:
    """A new office brings its own promise; the first is no move."""
    after = _when(event.data.get("due_at"))
    if event.kind == "handed_over":
        read.marks.append(Mark(HANDED_OVER, event.at, event.data.get("to_department_id")))
        if after is not None and read.due is not None and after != read.due:
            read.moves.append(Move(event.at, read.due, after, "handed_over"))
    read.due = after or read.due


def _due_of_cycles(read: _Reading, report: Any) -> list[datetime | None]:
    """By what each cycle is judged: the promise in force when it ended, the report's own for the last."""
    dues: list[datetime | None] = []
    for index in range(len(read.cycles) - 1):
        began_next = read.cycles[index + 1][0]
        later = [move for move in read.moves if move.at >= began_next]
        dues.append(later[0].before if later else report.due_at)
    return [*dues, report.due_at or _unsafe_since(report)]


def _unsafe_since(report: Any) -> datetime | None:
    """Where only safety was promised (danger first, the repair is planned later), that promise counts."""
    return report.make_safe_due_at if report.is_open and report.made_safe_at is None else None


def _mark_promises(read: _Reading, report: Any, time_zone: tzinfo) -> None:
    """What is promised and not yet kept, and the promise itself."""
    is_open = report.is_open
    if is_open and report.acknowledge_due_at and report.acknowledged_at is None:
        read.marks.append(Mark(ACCEPT_BY, report.acknowledge_due_at))
    if is_open and report.make_safe_due_at and report.made_safe_at is None:
        read.marks.append(Mark(SAFE_BY, report.make_safe_due_at))
    if report.status == workflow.SCHEDULED and report.scheduled_for:
        read.marks.append(Mark(PLANNED, _day_end(report.scheduled_for, time_zone)))
    elif report.due_at is not None:
        read.marks.append(Mark(DUE, report.due_at))


def _segments(read, dues, report, now) -> tuple[list[Segment], timedelta | None]:
    segments: list[Segment] = []
    late = None
    for index, ((began, done), due) in enumerate(zip(read.cycles, dues, strict=True)):
        end = done or max(now, began)
        late = _late_of(read.pauses, due, end)
        segments += _worked(read.pauses, began, end, due if late else None)
        if done is None:
            if due is not None and due > end:
                segments.append(Segment(LEFT, end, due))
        else:
            after = read.cycles[index + 1][0] if index + 1 < len(read.cycles) else None
            if after and after > done:
                segments.append(Segment(ENDED, done, after))
    return segments, late


def _late_of(pauses: list[Pause], due: datetime | None, end: datetime) -> timedelta | None:
    """How long a promise is overrun at `end`. A pause that began before the promise broke still holds it."""
    if due is None or end <= due:
        return None
    is_held = any(p.began <= due and (p.ended is None or p.ended >= end) for p in pauses)
    return None if is_held else end - due


def _worked(pauses: list[Pause], began, end, late_from) -> list[Segment]:
    """The stretch of one cycle cut by its pauses and by the moment from which it is late."""
    cuts = {began, end}
    inside = []
    for pause in pauses:
        start, stop = max(pause.began, began), min(pause.ended or end, end)
        if start < stop:
            inside.append((start, stop))
            cuts |= {start, stop}
    if late_from is not None and began < late_from < end:
        cuts.add(late_from)
    points = sorted(cuts)
    found = []
    for start, stop in pairwise(points):
        is_paused = any(a <= start and stop <= b for a, b in inside)
        is_late = late_from is not None and start >= late_from
        found.append(Segment(PAUSED if is_paused else LATE if is_late else RUNNING, start, stop))
    return found


def places(clock: Clock, *, width: float = 100.0, margin: float = 4.0) -> dict[datetime, float]:
    """Where each moment lies on a bar `width` wide, `margin` left free at both ends.

    Proportional to time, but no two moments lie closer than can be told apart: a few minutes beside a few
    months would be nothing but a line.
    """
    points = {clock.began, clock.ended}
    for segment in clock.segments:
        points |= {segment.began, segment.ended}
    points |= {mark.at for mark in clock.marks}
    ordered = sorted(points)
    gaps = [b - a for a, b in pairwise(ordered)]
    room = width - 2 * margin
    if not gaps:
        return {ordered[0]: margin}
    least = min(7.5, room / len(gaps))
    total = sum(gaps, timedelta()) or timedelta(seconds=1)
    spare = room - least * len(gaps)
    at, found = margin, {ordered[0]: margin}
    for point, gap in zip(ordered[1:], gaps, strict=True):
        at += least + spare * (gap / total)
        found[point] = round(at, 3)
    return found
