"""The clock of a promise, for any office and any pauses, against an oracle that counts minute by minute."""

from datetime import date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from city.domain.calendar import JAKARTA, Calendar, Period, parse_weekly_hours
from complaints.domain.promise import Promise
from dispatch.domain.promise import CLOCK, WORKING, Level, after_pause, promise

MINUTE = timedelta(minutes=1)
HALF_HOUR = timedelta(minutes=30)  # office hours are invented in these
MONDAY = date(2026, 9, 14)
_ORACLE_DAYS = 120  # how far the oracle counts


# --- What is invented ------------------------------------------------------------------------------------

hours = st.lists(st.integers(0, 48), min_size=0, max_size=4, unique=True).map(
    lambda halves: [
        [_clock(start), _clock(end)]
        for start, end in zip(sorted(halves)[::2], sorted(halves)[1::2], strict=False)
    ]
)
weeks = st.lists(hours, min_size=7, max_size=7).filter(any).map(parse_weekly_hours)


def _clock(half_hours: int) -> str:
    return f"{half_hours // 2:02}:{half_hours % 2 * 30:02}"


days = st.integers(0, 40).map(lambda number: MONDAY + timedelta(days=number))
periods = st.builds(
    lambda first, length, hours, overrides: Period(first, first + timedelta(days=length), hours, overrides),
    days,
    st.integers(0, 9),
    st.none() | weeks,
    st.booleans(),
)
calendars = st.builds(
    lambda week, holidays, periods: Calendar(week, holidays=holidays, periods=periods),
    weeks,
    st.frozensets(days, max_size=6),
    st.lists(periods, max_size=3),
)
starts = st.integers(0, 10 * 24 * 60).map(
    lambda minutes: datetime.combine(MONDAY, time(), JAKARTA) + minutes * MINUTE
)
levels = st.builds(
    lambda clock, acknowledge, make_safe, resolve: Level(clock, acknowledge, make_safe, resolve),
    st.sampled_from([WORKING, CLOCK]),
    st.none() | st.integers(1, 900),
    st.none() | st.integers(1, 900),
    st.none() | st.integers(1, 2400),
)
by_days = st.integers(1, 6).map(lambda number: Level(WORKING, None, None, None, number))
# Work and pauses by turns, in minutes.
stretches = st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 3000)), max_size=5)


def pauses_of(start: datetime, stretches) -> list[tuple[datetime, datetime]]:
    found, at = [], start
    for worked, paused in stretches:
        began = at + worked * MINUTE
        at = began + paused * MINUTE
        found.append((began, at))
    return found


# --- What it is held against -----------------------------------------------------------------------------


def oracle(calendar: Calendar, clock: str, start: datetime, minutes: int | None, pauses) -> datetime | None:
    """The end of the minute in which the promised time is used up: each minute is looked at by itself, and
    counts if the office works in it (or the clock counts always) and nobody waits."""
    if minutes is None:
        return None
    at, left = start, minutes
    for _minute in range(_ORACLE_DAYS * 24 * 60):
        is_paused = any(began <= at < ended for began, ended in pauses)
        if not is_paused and (clock == CLOCK or calendar.is_working(at)):
            left -= 1
            if not left:
                return at + MINUTE
        at += MINUTE
    return None


def moved(level: Level, calendar: Calendar, start: datetime, pauses, *, acknowledged=False) -> Promise:
    current = promise(level, calendar, start)
    for began, ended in pauses:
        current = after_pause(
            current,
            level=level,
            calendar=calendar,
            paused_at=began,
            resumed_at=ended,
            acknowledged=acknowledged,
        )
    return current


# --- What must hold --------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(calendars, levels, starts, stretches)
def test_pauses_are_never_counted_and_worked_time_is_conserved(calendar, level, start, stretches):
    pauses = pauses_of(start, stretches)
    found = moved(level, calendar, start, pauses)
    for due, minutes in (
        (found.acknowledge_due_at, level.acknowledge_minutes),
        (found.make_safe_due_at, level.make_safe_minutes),
        (found.due_at, level.resolve_minutes),
    ):
        slowly = oracle(calendar, level.clock, start, minutes, pauses)
        if slowly is not None or minutes is None:  # else farther away than the oracle looks
            assert due == slowly


@settings(max_examples=40, deadline=None)
@given(calendars, by_days, starts, stretches)
def test_the_same_for_promises_in_working_days(calendar, level, start, stretches):
    """Without a pause the n-th working day's end; with pauses as much working time later as they held."""
    plain = promise(level, calendar, start).due_at
    midnight = datetime.combine(start.date() + timedelta(days=1), time(), JAKARTA)
    ends, day = [], midnight
    while len(ends) < level.resolve_working_days:
        worked = [n for n in range(48) if calendar.is_working(day + n * HALF_HOUR)]
        ends += [day + (worked[-1] + 1) * HALF_HOUR] if worked else []
        day += timedelta(days=1)
    assert plain == ends[-1]
    minutes = sum(calendar.is_working(start + n * MINUTE) for n in range((plain - start) // MINUTE))
    pauses = pauses_of(start, stretches)
    slowly = oracle(calendar, WORKING, start, minutes, pauses)
    if slowly is not None:
        assert moved(level, calendar, start, pauses).due_at == slowly


@settings(max_examples=100, deadline=None)
@given(calendars, levels, starts, stretches)
def test_no_pause_brings_a_promise_forward_or_repairs_a_broken_one(calendar, level, start, stretches):
    current = promise(level, calendar, start)
    for began, ended in pauses_of(start, stretches):
        after = after_pause(
            current, level=level, calendar=calendar, paused_at=began, resumed_at=ended, acknowledged=False
        )
        for name in ("acknowledge_due_at", "make_safe_due_at", "due_at"):
            before, due = getattr(current, name), getattr(after, name)
            assert (due is None) == (before is None)
            if before is not None and before <= began:
                assert due == before
            elif before is not None:
                assert before <= due <= before + (ended - began) or level.clock == WORKING
                assert due >= before
        current = after


@settings(max_examples=100, deadline=None)
@given(calendars, levels, starts, st.integers(0, 3000), st.integers(0, 3000), st.floats(0, 1))
def test_one_pause_or_two_that_meet_are_the_same(calendar, level, start, worked, paused, share):
    began, ended = start + worked * MINUTE, start + (worked + paused) * MINUTE
    between = began + int(paused * share) * MINUTE
    whole = moved(level, calendar, start, [(began, ended)])
    assert moved(level, calendar, start, [(began, between), (between, ended)]) == whole


@settings(max_examples=100, deadline=None)
@given(calendars, levels, starts, stretches)
def test_a_first_answer_that_was_given_keeps_its_date(calendar, level, start, stretches):
    found = moved(level, calendar, start, pauses_of(start, stretches), acknowledged=True)
    assert found.acknowledge_due_at == promise(level, calendar, start).acknowledge_due_at
