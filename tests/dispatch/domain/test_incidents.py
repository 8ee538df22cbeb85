"""Which reports the portal joins by itself, and when a burst is an alarm: tables, no database."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dispatch.domain import incidents
from dispatch.domain.incidents import Candidate, Rule

RULE = Rule(radius_m=300, hours=6, burst_reports=10, burst_minutes=30, grows_by=3, again_minutes=60)
NOW = datetime(2026, 9, 15, 9, 0, tzinfo=ZoneInfo("Asia/Jakarta"))
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


def at(pk: int, metres: float = 0.0, ago: timedelta = timedelta(0)) -> Candidate:
    return Candidate(pk, NOW - ago, metres)


def test_where_its_times_begin():
    assert incidents.begins_at(RULE, NOW) == NOW - 6 * HOUR
    assert incidents.burst_begins_at(RULE, NOW) == NOW - 30 * MINUTE


@pytest.mark.parametrize(
    ("candidates", "in_calm", "in_burst"),
    [
        ([], None, None),
        # The first known, not the nearest and not the newest.
        ([at(7, 10), at(3, 200, HOUR), at(5, 0)], 3, 3),
        # On the very edge of radius and hours, and just beyond.
        ([at(3, 300.0)], 3, 3),
        ([at(3, 300.1)], None, 3),
        ([at(3, 10, 6 * HOUR)], 3, 3),
        ([at(3, 10, 6 * HOUR + SECOND)], None, None),
        # A burst looks as far as its kelurahan: the caller's choice, not the radius.
        ([at(2, 2500), at(3, 10)], 3, 2),
        # Never itself, never a later one: so no circle can come about …
        ([at(10, 0)], None, None),
        ([at(11, 0)], None, None),
        # … also where the later one was told earlier, as a phone without a network does.
        ([at(11, 0, HOUR), at(9, 0)], 9, 9),
        ([at(3, 10, -MINUTE)], 3, 3),
    ],
)
def test_pick(candidates, in_calm, in_burst):
    for order in (candidates, candidates[::-1]):
        assert incidents.pick(RULE, 10, NOW, order, is_burst=False) == in_calm
        assert incidents.pick(RULE, 10, NOW, order, is_burst=True) == in_burst


def test_whatever_comes_in_whatever_order_there_is_no_circle():
    """Every report picks one that is longer known, so the picks lead downwards to one that picks nobody."""
    reports = [at(pk, 0, timedelta(minutes=pk * 7 % 5)) for pk in range(1, 9)]
    for report in reports:
        picked = incidents.pick(RULE, report.pk, report.created_at, reports, is_burst=True)
        assert picked is None if report.pk == 1 else picked < report.pk


@pytest.mark.parametrize(("number", "expected"), [(0, False), (9, False), (10, True), (11, True)])
def test_is_burst(number, expected):
    assert incidents.is_burst(RULE, number) is expected


@pytest.mark.parametrize(
    ("size", "recent", "told_size", "told_ago", "expected"),
    [
        # The first alarm: by how many came within the minutes, not by how many there are.
        (10, 10, None, None, True),
        (9, 9, None, None, False),
        (500, 9, None, None, False),
        # Again: three times as many, and an hour later; both, on the edge of each.
        (30, 0, 10, HOUR, True),
        (29, 29, 10, HOUR, False),
        (30, 30, 10, HOUR - SECOND, False),
        (300, 300, 10, 59 * MINUTE, False),
        (31, 0, 10, 24 * HOUR, True),
        # It counts from what was told last.
        (89, 89, 30, 2 * HOUR, False),
        (90, 0, 30, 2 * HOUR, True),
        # Smaller than it was told: some were taken out.
        (5, 5, 10, 2 * HOUR, False),
    ],
)
def test_is_alarm_due(size, recent, told_size, told_ago, expected):
    told_at = None if told_ago is None else NOW - told_ago
    due = incidents.is_alarm_due(
        RULE, size=size, recent=recent, told_size=told_size, told_at=told_at, now=NOW
    )
    assert due is expected
