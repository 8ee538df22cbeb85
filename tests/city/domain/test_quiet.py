"""Hours in which messages wait: a table of moments, over midnight and at the edges."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from city.domain.quiet import QuietWindow

WIB = ZoneInfo("Asia/Jakarta")
NIGHT = QuietWindow(time(21), time(5))
NOON = QuietWindow(time(12), time(13))
NEVER = QuietWindow(time(7), time(7))
TO_MIDNIGHT = QuietWindow(time(22, 30), time(0))


def at(day, hour, minute=0, second=0, microsecond=0, tz=WIB):
    return datetime(2026, 9, day, hour, minute, second, microsecond, tzinfo=tz)


@pytest.mark.parametrize(
    ("window", "now", "ends"),
    [
        (NIGHT, at(15, 20, 59, 59, 999_999), None),
        (NIGHT, at(15, 21), at(16, 5)),  # the first moment is quiet
        (NIGHT, at(15, 23, 59, 59), at(16, 5)),
        (NIGHT, at(16, 0), at(16, 5)),
        (NIGHT, at(16, 4, 59, 59, 999_999), at(16, 5)),
        (NIGHT, at(16, 5), None),  # the last is not
        (NIGHT, at(16, 12), None),
        (NIGHT, at(30, 22), datetime(2026, 10, 1, 5, tzinfo=WIB)),  # into another month
        (NOON, at(15, 11, 59), None),
        (NOON, at(15, 12), at(15, 13)),
        (NOON, at(15, 12, 59, 59), at(15, 13)),
        (NOON, at(15, 13), None),
        (TO_MIDNIGHT, at(15, 22, 30), at(16, 0)),
        (TO_MIDNIGHT, at(16, 0), None),
        (NEVER, at(15, 7), None),
        (NEVER, at(15, 3), None),
    ],
)
def test_when_the_quiet_ends(window, now, ends):
    assert window.ends_after(now) == ends


@pytest.mark.parametrize("window", [NIGHT, NOON, TO_MIDNIGHT, NEVER])
def test_the_end_is_always_later_and_never_quiet(window):
    for minutes in range(0, 24 * 60, 7):
        now = at(15, 0) + timedelta(minutes=minutes)
        end = window.ends_after(now)
        assert (end is None) is not window.holds(now.time())
        if end is not None:
            assert timedelta(0) < end - now <= timedelta(days=1)
            assert window.ends_after(end) is None


def test_where_clocks_change_the_end_stays_a_time_on_the_wall():
    berlin = ZoneInfo("Europe/Berlin")
    before = datetime(2026, 10, 24, 22, tzinfo=berlin)  # put back an hour that night
    end = NIGHT.ends_after(before)
    assert (end.hour, end.day) == (5, 25)
    assert end.timestamp() - before.timestamp() == 8 * 3600
