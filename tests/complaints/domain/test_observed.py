"""When a problem was seen: what is understood, what is believed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from complaints.domain import observed
from complaints.domain.draft import ReportDraft

WIB = ZoneInfo("Asia/Jakarta")
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=WIB)


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("", None),
        ("  ", None),
        ("2026-11-24T08:30", datetime(2026, 11, 24, 8, 30, tzinfo=WIB)),
        ("2026-11-24T08:30:15", datetime(2026, 11, 24, 8, 30, 15, tzinfo=WIB)),
        ("2026-11-24T01:30:00Z", datetime(2026, 11, 24, 1, 30, tzinfo=UTC)),
        ("24/11/2026 08:30", datetime(2026, 11, 24, 8, 30, tzinfo=WIB)),
        ("24-11-2026 08.30", datetime(2026, 11, 24, 8, 30, tzinfo=WIB)),
        ("24/11/2026", datetime(2026, 11, 24, 12, 0, tzinfo=WIB)),
        ("2026-11-24", datetime(2026, 11, 24, 12, 0, tzinfo=WIB)),
        ("kemarin", "kemarin"),
        ("31/02/2026", "31/02/2026"),
        ("0001-01-01T00:00", "0001-01-01T00:00"),
    ],
)
def test_a_time_is_read_as_people_write_it(typed, at):
    assert observed.read(typed, WIB) == at


@pytest.mark.parametrize(
    ("at", "fault"),
    [
        (None, None),
        ("kemarin", "time_invalid"),
        (NOW, None),
        (NOW + timedelta(minutes=15), None),  # a phone's clock that runs ahead
        (NOW + timedelta(minutes=16), "time_future"),
        (NOW - timedelta(days=365), None),
        (NOW - timedelta(days=365, seconds=1), "time_too_old"),
    ],
)
def test_a_time_is_believed_within_the_last_year(at, fault):
    assert observed.fault(at, NOW) == fault


def test_the_time_is_part_of_what_was_said_and_its_absence_changes_no_old_hash():
    told = ReportDraft(category="jalan-lubang")
    assert told.body_hash() == "2900c4da7eaab31a97e9c967db07f2c00f4e424b9377ac3d7ab45a9fc1a9ea96"
    seen = ReportDraft(category="jalan-lubang", observed_at=NOW)
    assert seen.body_hash() != told.body_hash()
    assert seen.body_hash() == ReportDraft("jalan-lubang", observed_at=NOW.astimezone(UTC)).body_hash()
