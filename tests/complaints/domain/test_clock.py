"""The clock of a promise as tables: what happened, what the bar shows."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from complaints.domain import clock as clocks

WIB = ZoneInfo("Asia/Jakarta")
START = datetime(2026, 9, 15, 9, 0, tzinfo=WIB)


def hours(number: float) -> datetime:
    return START + timedelta(hours=number)


@dataclass
class Event:
    kind: str
    at: datetime
    to_status: str = ""
    from_status: str = ""
    data: dict = field(default_factory=dict)


@dataclass
class Report:
    status: str = "assigned"
    due_at: datetime | None = None
    resolved_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledge_due_at: datetime | None = None
    made_safe_at: datetime | None = None
    make_safe_due_at: datetime | None = None
    scheduled_for: date | None = None
    created_at: datetime = START

    @property
    def is_open(self) -> bool:
        return self.status not in ("resolved", "closed", "rejected")


def status(at: float, to: str, **data) -> Event:
    return Event("status", hours(at), to, data=data)


def waiting(at: float, reason: str = "material", on: str = "other") -> Event:
    return status(at, "waiting", waiting_reason=reason, waiting_on=on)


def promise(at: float, before: float | None, after: float | None, why: str = "paused") -> Event:
    def text(number):
        return hours(number).isoformat() if number is not None else None

    return Event(
        "promise",
        hours(at),
        data={"reason_code": why, "due_before": text(before), "due_at": text(after)},
    )


def routed(due: float) -> Event:
    return Event("routed", hours(0), "assigned", data={"due_at": hours(due).isoformat()})


def hour(moment: datetime | None) -> float | None:
    return None if moment is None else (moment - START) / timedelta(hours=1)


def bar(clock) -> list[tuple]:
    return [(s.kind, hour(s.began), hour(s.ended)) for s in clock.segments]


CASES = {
    "nothing promised yet": (Report("received"), [], 2, [("running", 0, 2)], None),
    "in time, still open": (
        Report(due_at=hours(72)),
        [routed(72)],
        24,
        [("running", 0, 24), ("left", 24, 72)],
        None,
    ),
    "late and open": (
        Report(due_at=hours(72)),
        [routed(72)],
        96,
        [("running", 0, 72), ("late", 72, 96)],
        24,
    ),
    "one pause, over": (
        Report("in_progress", due_at=hours(82)),
        [routed(72), waiting(10), status(20, "in_progress"), promise(20, 72, 82)],
        30,
        [("running", 0, 10), ("paused", 10, 20), ("running", 20, 30), ("left", 30, 82)],
        None,
    ),
    "two pauses, the second still on": (
        Report("waiting", due_at=hours(82)),
        [routed(72), waiting(10), status(20, "in_progress"), promise(20, 72, 82), waiting(40, "hujan")],
        100,
        [
            ("running", 0, 10),
            ("paused", 10, 20),
            ("running", 20, 40),
            ("paused", 40, 100),
        ],
        None,
    ),
    "a pause does not heal a broken promise": (
        Report("waiting", due_at=hours(72)),
        [routed(72), waiting(80)],
        100,
        [("running", 0, 72), ("late", 72, 80), ("paused", 80, 100)],
        28,
    ),
    "resolved in time": (
        Report("resolved", due_at=hours(72), resolved_at=hours(50)),
        [routed(72), status(50, "resolved")],
        200,
        [("running", 0, 50)],
        None,
    ),
    "resolved late": (
        Report("resolved", due_at=hours(72), resolved_at=hours(80)),
        [routed(72), status(80, "resolved")],
        200,
        [("running", 0, 72), ("late", 72, 80)],
        8,
    ),
    "waiting until it was done: judged by the moved promise": (
        Report("resolved", due_at=hours(102), resolved_at=hours(90)),
        [routed(72), waiting(60), status(90, "resolved"), promise(90.01, 72, 102)],
        200,
        [("running", 0, 60), ("paused", 60, 90)],
        None,
    ),
    "late the first time, reopened, now in time": (
        Report("reopened", due_at=hours(200)),
        [
            routed(72),
            status(80, "resolved"),
            Event("reopened", hours(100), "reopened"),
            promise(100, 72, 200, "reopened"),
        ],
        150,
        [
            ("running", 0, 72),
            ("late", 72, 80),
            ("ended", 80, 100),
            ("running", 100, 150),
            ("left", 150, 200),
        ],
        None,
    ),
    "late the first time, reopened, the promise not moved": (
        Report("reopened", due_at=hours(72)),
        [routed(72), status(80, "resolved"), Event("reopened", hours(100), "reopened")],
        101,
        [("running", 0, 72), ("late", 72, 80), ("ended", 80, 100), ("late", 100, 101)],
        29,
    ),
    "only safety was promised, and not kept": (
        Report(make_safe_due_at=hours(6)),
        [Event("routed", hours(0), "assigned")],
        30,
        [("running", 0, 6), ("late", 6, 30)],
        24,
    ),
    "only safety was promised, and kept": (
        Report(make_safe_due_at=hours(6), made_safe_at=hours(4)),
        [Event("routed", hours(0), "assigned"), Event("made_safe", hours(4))],
        30,
        [("running", 0, 30)],
        None,
    ),
    "scheduled: promised until the day ends": (
        Report(
            "scheduled", due_at=datetime(2026, 9, 20, 23, 59, 59, tzinfo=WIB), scheduled_for=date(2026, 9, 20)
        ),
        [routed(72), status(24, "scheduled", scheduled_for="2026-09-20")],
        48,
        [("running", 0, 48), ("left", 48, hour(datetime(2026, 9, 20, 23, 59, 59, tzinfo=WIB)))],
        None,
    ),
    "handed over with a promise of its own": (
        Report(due_at=hours(96)),
        [
            routed(72),
            Event(
                "handed_over",
                hours(24),
                "assigned",
                data={"to_department_id": 7, "due_at": hours(96).isoformat()},
            ),
        ],
        80,
        [("running", 0, 80), ("left", 80, 96)],
        None,
    ),
    "referred to an owner who promises nothing": (
        Report("referred"),
        [Event("routed", hours(0), "referred", data={"to_department_id": 9, "due_at": None})],
        30,
        [("running", 0, 30)],
        None,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_bar(case):
    report, events, now, expected, late = CASES[case]
    clock = clocks.clock(report, events, hours(now), WIB)
    assert bar(clock) == expected
    assert (clock.late and clock.late / timedelta(hours=1)) == late


def test_pauses_say_since_when_until_when_why_and_for_whom():
    events = [waiting(10, "cat marka"), status(20, "in_progress"), waiting(40, "foto", "reporter")]
    clock = clocks.clock(Report("waiting"), events, hours(50), WIB)
    assert [(hour(p.began), hour(p.ended), p.reason, p.waiting_on) for p in clock.pauses] == [
        (10, 20, "cat marka", "other"),
        (40, None, "foto", "reporter"),
    ]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([routed(72)], []),
        ([routed(72), promise(20, 72, 82)], [(72, 82, "paused")]),
        ([routed(72), promise(5, 72, 24, "severity")], [(72, 24, "severity")]),
        ([routed(72), promise(5, 72, 72, "calendar")], []),
        ([routed(72), promise(9, 72, None, "severity")], [(72, None, "severity")]),
        ([promise(9, None, 72, "reopened")], []),
        (
            [
                routed(72),
                Event("handed_over", hours(24), "assigned", data={"due_at": hours(96).isoformat()}),
            ],
            [(72, 96, "handed_over")],
        ),
        (
            [routed(72), status(1, "scheduled", scheduled_for="2026-09-18")],
            [(72, hour(datetime(2026, 9, 18, 23, 59, 59, tzinfo=WIB)), "scheduled")],
        ),
    ],
)
def test_moves_of_the_promise_with_their_reason(events, expected):
    clock = clocks.clock(Report(due_at=hours(72)), events, hours(30), WIB)
    assert [(hour(m.before), hour(m.after), m.reason_code) for m in clock.moves] == expected


def test_marks_what_was_done_and_what_is_promised():
    report = Report("reopened", due_at=hours(72), acknowledge_due_at=hours(24), make_safe_due_at=hours(6))
    events = [
        Event("acknowledged", hours(2)),
        Event("made_safe", hours(3)),
        Event("handed_over", hours(4), "assigned", data={"to_department_id": 7}),
        status(5, "in_progress"),
        status(6, "resolved"),
        Event("reopened", hours(9), "reopened"),
    ]
    clock = clocks.clock(report, events, hours(10), WIB)
    assert [(mark.kind, hour(mark.at)) for mark in clock.marks] == [
        ("reported", 0),
        ("accepted", 2),
        ("safe", 3),
        ("handed_over", 4),
        ("resolved", 6),
        ("safe_by", 6),
        ("reopened", 9),
        ("accept_by", 24),
        ("due", 72),
    ]
    assert clock.marks[3].department_id == 7


def test_a_finished_report_promises_nothing_more_but_its_date_stays():
    report = Report("closed", due_at=hours(72), acknowledge_due_at=hours(1), resolved_at=hours(30))
    events = [status(30, "resolved"), Event("confirmed", hours(40), "closed")]
    clock = clocks.clock(report, events, hours(500), WIB)
    assert [mark.kind for mark in clock.marks] == ["reported", "resolved", "closed", "due"]
    assert hour(clock.ended) == 72


def test_moments_can_be_told_apart_on_the_bar_and_stand_in_order():
    report = Report(due_at=hours(24 * 300))
    events = [Event("acknowledged", hours(0.1)), waiting(0.2), status(0.3, "in_progress")]
    clock = clocks.clock(report, events, hours(1), WIB)
    at = clocks.places(clock)
    x = [at[moment] for moment in sorted(at)]
    assert (x[0], x[-1]) == (4.0, 96.0)
    assert all(b - a >= 7.499 for a, b in pairwise(x))


def test_a_report_told_this_moment_has_a_bar():
    clock = clocks.clock(Report("received"), [], START, WIB)
    assert clocks.places(clock) == {START: 4.0}
