"""What is promised: by severity, calendar and the moment it starts."""

from datetime import date, datetime, timedelta

import pytest

from city.domain.calendar import JAKARTA, Calendar, Period, parse_weekly_hours
from complaints.domain.promise import Promise
from dispatch.domain.promise import Level, after_pause, level_for, promise, triage_promise

NORMAL = parse_weekly_hours([[["08:00", "16:00"]]] * 4 + [[["07:30", "14:00"]], [], []])
RAMADAN = parse_weekly_hours([[["08:00", "15:15"]]] * 4 + [[["08:00", "11:30"]], [], []])
# Ramadan, Nyepi, Eid and the joint leave around them in 2026; a joint-leave day before Christmas.
HOLIDAYS = {date(2026, 3, day) for day in (19, 20, 21, 22, 23, 24)} | {date(2026, 12, 24), date(2026, 12, 25)}
CALENDAR = Calendar(
    NORMAL, holidays=HOLIDAYS, periods=[Period(date(2026, 2, 18), date(2026, 3, 19), RAMADAN)]
)

EMERGENCY = Level("clock", 10, 60)
HEAVY = Level("clock", 60, 360, 2880)
MEDIUM = Level("working", 480, 480, None, 3)
LIGHT = Level("working", 480, None, None, 5)
PLANNED = Level("working", 480)


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=JAKARTA)


@pytest.mark.parametrize(
    ("level", "start", "acknowledge", "make_safe", "due"),
    [
        # An emergency counts minutes of the clock, on a Sunday night as well, and promises no finish.
        (EMERGENCY, "2026-09-20 23:55", "2026-09-21 00:05", "2026-09-21 00:55", None),
        (EMERGENCY, "2026-03-21 03:00", "2026-03-21 03:10", "2026-03-21 04:00", None),
        (HEAVY, "2026-09-18 15:00", "2026-09-18 16:00", "2026-09-18 21:00", "2026-09-20 15:00"),
        # An ordinary Tuesday: a first answer within a working day, which is the next day at the same time.
        (MEDIUM, "2026-09-15 09:00", "2026-09-16 09:00", "2026-09-16 09:00", "2026-09-18 14:00"),
        (LIGHT, "2026-09-15 09:00", "2026-09-16 09:00", None, "2026-09-22 16:00"),
        (PLANNED, "2026-09-15 09:00", "2026-09-16 09:00", None, None),
        # Friday afternoon, after closing and before: the weekend does not count.
        (MEDIUM, "2026-09-18 14:30", "2026-09-21 16:00", "2026-09-21 16:00", "2026-09-23 16:00"),
        (MEDIUM, "2026-09-18 13:00", "2026-09-21 15:00", "2026-09-21 15:00", "2026-09-23 16:00"),
        # At night and before opening.
        (MEDIUM, "2026-09-15 22:00", "2026-09-16 16:00", "2026-09-16 16:00", "2026-09-18 14:00"),
        (MEDIUM, "2026-09-15 06:00", "2026-09-15 16:00", "2026-09-15 16:00", "2026-09-18 14:00"),
        # Ramadan: 7 h 15 a day, 3 h 30 on Friday.
        (MEDIUM, "2026-02-23 09:00", "2026-02-24 09:45", "2026-02-24 09:45", "2026-02-26 15:15"),
        (LIGHT, "2026-02-27 08:00", "2026-03-02 12:30", None, "2026-03-06 11:30"),
        # The day before Nyepi and Eid: five closed days and a weekend lie between.
        (MEDIUM, "2026-03-18 10:00", "2026-03-25 10:45", "2026-03-25 10:45", "2026-03-27 14:00"),
        # Joint leave on a Thursday makes a long weekend.
        (MEDIUM, "2026-12-23 15:00", "2026-12-28 15:00", "2026-12-28 15:00", "2026-12-30 16:00"),
        (HEAVY, "2026-12-24 15:00", "2026-12-24 16:00", "2026-12-24 21:00", "2026-12-26 15:00"),
    ],
)
def test_promise(level, start, acknowledge, make_safe, due):
    expected = Promise(*(text and at(text) for text in (acknowledge, make_safe, due)))
    assert promise(level, CALENDAR, at(start)) == expected


def test_without_a_level_nothing_is_promised():
    assert promise(None, CALENDAR, at("2026-09-15 09:00")) == Promise()


def test_the_triage_desk_promises_a_first_answer_only():
    assert triage_promise(MEDIUM, CALENDAR, at("2026-09-15 09:00")) == Promise(at("2026-09-16 09:00"))


def test_the_nearest_level_wins():
    levels = {(None, 3): MEDIUM, ("jalan", 3): LIGHT, ("jalan-lubang", 3): HEAVY, (None, 5): EMERGENCY}
    assert level_for(levels, "jalan-lubang", ("jalan",), 3) is HEAVY
    assert level_for(levels, "jalan-retak", ("jalan",), 3) is LIGHT
    assert level_for(levels, "lain-sampah", ("lain",), 3) is MEDIUM
    assert level_for(levels, "jalan-lubang", ("jalan",), 5) is EMERGENCY
    assert level_for(levels, "jalan-lubang", ("jalan",), 2) is None


def pause(level, current, paused, resumed, acknowledged=True):
    return after_pause(
        current,
        level=level,
        calendar=CALENDAR,
        paused_at=at(paused),
        resumed_at=at(resumed),
        acknowledged=acknowledged,
    )


def test_a_pause_adds_its_working_time():
    current = Promise(at("2026-09-16 09:00"), at("2026-09-16 09:00"), at("2026-09-18 14:00"))
    # Paused from Wednesday 14.00 to Thursday 10.00: four working hours; the first date lies before the pause.
    after = pause(MEDIUM, current, "2026-09-16 14:00", "2026-09-17 10:00")
    assert after == Promise(at("2026-09-16 09:00"), at("2026-09-16 09:00"), at("2026-09-21 12:00"))


def test_a_pause_over_a_weekend_adds_nothing():
    current = Promise(None, None, at("2026-09-22 16:00"))
    assert pause(MEDIUM, current, "2026-09-18 15:00", "2026-09-21 07:00") == current


def test_a_pause_of_a_clock_promise_adds_clock_time():
    current = Promise(None, None, at("2026-09-20 15:00"))
    after = pause(HEAVY, current, "2026-09-19 10:00", "2026-09-20 10:00")
    assert after.due_at - current.due_at == timedelta(days=1)


def test_waiting_does_not_repair_a_broken_promise():
    current = Promise(None, None, at("2026-09-18 14:00"))
    assert pause(MEDIUM, current, "2026-09-21 08:00", "2026-09-22 08:00") == current


@pytest.mark.parametrize(
    ("acknowledged", "expected"), [(True, "2026-09-17 09:00"), (False, "2026-09-17 11:00")]
)
def test_a_first_answer_that_was_given_needs_no_new_date(acknowledged, expected):
    current = Promise(at("2026-09-17 09:00"), None, None)
    after = pause(MEDIUM, current, "2026-09-16 10:00", "2026-09-16 12:00", acknowledged)
    assert after.acknowledge_due_at == at(expected)
