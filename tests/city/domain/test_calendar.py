"""Working time as tables: no database, no clock."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from city.domain.calendar import Calendar, Period, parse_clock, parse_weekly_hours
from city.domain.public_holidays import PublicHolidays, is_known
from city.errors import CalendarNeverOpens

WIB = ZoneInfo("Asia/Jakarta")
DAY = [["08:00", "16:00"]]
WEEK = parse_weekly_hours([DAY] * 4 + [[["07:30", "14:00"]], [], []])
RAMADAN = parse_weekly_hours([[["08:00", "15:15"]]] * 4 + [[["08:00", "11:30"]], [], []])
OFFICE = Calendar(
    WEEK,
    holidays=PublicHolidays("ID"),
    periods=[
        Period(date(2026, 2, 19), date(2026, 3, 20), RAMADAN),
        Period(date(2026, 9, 16), date(2026, 9, 16)),  # a local holiday, a Wednesday
        Period(date(2026, 12, 24), date(2026, 12, 24), WEEK, overrides_holidays=True),
    ],
)
ALWAYS = Calendar(parse_weekly_hours([[["00:00", "24:00"]]] * 7))
NIGHT_SHIFT = Calendar(parse_weekly_hours([[["00:00", "06:00"], ["22:00", "24:00"]]] * 7))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WIB)


@pytest.mark.parametrize(
    ("moment", "works"),
    [
        ("2026-09-15 08:00", True),
        ("2026-09-15 07:59:59", False),
        ("2026-09-15 15:59:59", True),
        ("2026-09-15 16:00", False),
        ("2026-09-18 07:30", True),  # Friday begins earlier
        ("2026-09-18 14:00", False),
        ("2026-09-19 10:00", False),  # Saturday
        ("2026-02-24 15:10", True),  # Ramadan
        ("2026-02-24 15:20", False),
        ("2026-02-27 11:29", True),  # a Friday in Ramadan
        ("2026-02-27 11:30", False),
        ("2026-08-17 10:00", False),  # Independence Day, a Monday
        ("2026-03-18 10:00", False),  # joint leave
        ("2026-09-16 10:00", False),  # closed locally
        ("2026-12-24 10:00", True),  # joint leave, but this office is open
    ],
)
def test_is_working(moment, works):
    assert OFFICE.is_working(at(moment)) is works


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-09-14 09:00", 0, "2026-09-14 09:00"),
        ("2026-09-14 09:00", -5, "2026-09-14 09:00"),
        ("2026-09-14 09:00", 60, "2026-09-14 10:00"),
        ("2026-09-14 08:00", 480, "2026-09-14 16:00"),  # a full day ends at closing, not at the next opening
        ("2026-09-14 15:30", 60, "2026-09-15 08:30"),
        ("2026-09-14 05:00", 30, "2026-09-14 08:30"),  # before opening
        ("2026-09-14 20:00", 30, "2026-09-15 08:30"),  # after closing
        ("2026-09-18 13:30", 60, "2026-09-21 08:30"),  # over a weekend
        ("2026-09-19 12:00", 1, "2026-09-21 08:01"),  # from within a weekend
        ("2026-09-15 15:00", 120, "2026-09-17 09:00"),  # over a local holiday
        ("2026-03-17 15:00", 30, "2026-03-25 08:15"),  # Ramadan hours, then Nyepi, Lebaran and joint leave
        ("2026-12-31 15:30", 60, "2027-01-04 08:30"),  # over New Year and a weekend
    ],
)
def test_add_working_minutes(start, minutes, end):
    assert OFFICE.add_working_minutes(at(start), minutes) == at(end)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-09-14 09:00", 1, "2026-09-15 16:00"),
        ("2026-09-14 09:00", 3, "2026-09-18 14:00"),  # Wednesday is closed
        ("2026-09-14 20:00", 1, "2026-09-15 16:00"),  # told in the evening
        ("2026-09-18 09:00", 1, "2026-09-21 16:00"),
        ("2026-09-19 09:00", 1, "2026-09-21 16:00"),
        ("2026-09-20 09:00", 5, "2026-09-25 14:00"),
        ("2026-02-25 09:00", 2, "2026-02-27 11:30"),  # a Friday in Ramadan
        ("2026-12-31 09:00", 1, "2027-01-04 16:00"),
        ("2026-09-14 09:00", 0, "2026-09-14 16:00"),
        ("2026-09-14 17:00", 0, "2026-09-15 16:00"),
        ("2026-09-19 09:00", 0, "2026-09-21 16:00"),
    ],
)
def test_add_working_days(start, days, end):
    assert OFFICE.add_working_days(at(start), days) == at(end)


@pytest.mark.parametrize(
    ("a", "b", "minutes"),
    [
        ("2026-09-14 09:00", "2026-09-14 10:30", 90),
        ("2026-09-14 05:00", "2026-09-14 23:00", 480),
        ("2026-09-18 13:00", "2026-09-21 09:00", 120),  # a pause over a weekend costs two hours
        ("2026-09-19 00:00", "2026-09-20 23:59", 0),
        ("2026-12-30 08:00", "2027-01-05 00:00", 3 * 480),  # Wed, Thu, Mon; New Year and weekend are free
        ("2026-09-14 10:30", "2026-09-14 09:00", -90),
    ],
)
def test_working_minutes_between(a, b, minutes):
    assert OFFICE.working_minutes_between(at(a), at(b)) == minutes


def test_other_time_zones_mean_the_same_moment():
    start = datetime(2026, 9, 14, 2, 0, tzinfo=ZoneInfo("UTC"))  # 09:00 in Semarang
    assert OFFICE.add_working_minutes(start, 60) == at("2026-09-14 10:00")
    assert OFFICE.add_working_minutes(start, 60).tzinfo == WIB


def test_round_the_clock_and_over_midnight():
    assert ALWAYS.add_working_minutes(at("2026-12-31 23:30"), 90) == at("2027-01-01 01:00")
    assert NIGHT_SHIFT.add_working_minutes(at("2026-09-14 23:00"), 120) == at("2026-09-15 01:00")
    assert NIGHT_SHIFT.working_minutes_between(at("2026-09-14 00:00"), at("2026-09-15 00:00")) == 480


def test_the_shortest_period_counts():
    closed_friday = Period(date(2026, 2, 27), date(2026, 2, 27))
    calendar = Calendar(WEEK, periods=[closed_friday, Period(date(2026, 2, 19), date(2026, 3, 20), RAMADAN)])
    assert not calendar.is_working_day(date(2026, 2, 27))
    assert calendar.spans(date(2026, 2, 26)) == ((480, 915),)


def test_a_calendar_that_never_opens_says_so():
    closed = Calendar(((),) * 7)
    with pytest.raises(CalendarNeverOpens):
        closed.add_working_minutes(at("2026-09-14 09:00"), 1)
    with pytest.raises(CalendarNeverOpens):
        closed.add_working_days(at("2026-09-14 09:00"), 1)


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=WIB)
)
minutes = st.integers(0, 20_000)


@settings(deadline=None)
@given(start=moments, added=minutes)
def test_adding_and_measuring_agree(start, added):
    end = OFFICE.add_working_minutes(start, added)
    assert end >= start
    assert OFFICE.working_minutes_between(start, end) == added


@settings(deadline=None)
@given(start=moments, a=minutes, b=minutes)
def test_more_minutes_end_later_and_adding_in_parts_is_the_same(start, a, b):
    first = OFFICE.add_working_minutes(start, a)
    assert OFFICE.add_working_minutes(first, b) == OFFICE.add_working_minutes(start, a + b)
    assert first <= OFFICE.add_working_minutes(start, a + b)


@settings(deadline=None)
@given(start=moments, later=minutes, days=st.integers(0, 30))
def test_a_later_start_never_ends_earlier(start, later, days):
    after = start + timedelta(minutes=later)
    assert OFFICE.add_working_days(start, days) <= OFFICE.add_working_days(after, days)
    assert OFFICE.add_working_minutes(start, later) <= OFFICE.add_working_minutes(after, later)


@pytest.mark.parametrize("text", ["8:00", "08.00", "24:01", "08:60", "", "08:00:00", "ab:cd"])
def test_clock_times_that_are_refused(text):
    with pytest.raises(ValueError):
        parse_clock(text)


@pytest.mark.parametrize(
    ("week", "fault", "day"),
    [
        ([[]] * 6, "days", None),
        ("mon", "days", None),
        ([["08:00"]] + [[]] * 6, "span", 0),
        ([[], [["08:00", "09:00", "10:00"]]] + [[]] * 5, "span", 1),
        ([[], [["08.00", "09:00"]]] + [[]] * 5, "clock", 1),
        ([[]] * 6 + [[["10:00", "09:00"]]], "order", 6),
        ([[["08:00", "12:00"], ["11:00", "13:00"]]] + [[]] * 6, "overlap", 0),
    ],
)
def test_weekly_hours_that_are_refused(week, fault, day):
    with pytest.raises(ValueError) as caught:
        parse_weekly_hours(week)
    assert caught.value.args == (fault, day)


def test_holidays_hold_joint_leave_and_know_their_countries():
    holidays = PublicHolidays("ID")
    year = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert sum(day in holidays for day in year) == 25
    assert date(2026, 3, 18) in holidays
    assert "2026-03-18" not in holidays
    assert is_known("ID")
    assert not is_known("XX")
