"""Who waits in quiet hours, and what becomes one message afterwards."""

from datetime import datetime, time
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from city.domain.quiet import QuietWindow
from dispatch.domain import joining, quiet
from dispatch.domain.joining import Waiting

NIGHT = QuietWindow(time(21), time(5))
WIB = ZoneInfo("Asia/Jakarta")
LATE, MORNING = datetime(2026, 9, 15, 22, tzinfo=WIB), datetime(2026, 9, 16, 5, tzinfo=WIB)


@pytest.mark.parametrize(
    ("window", "now", "severity", "until"),
    [
        (NIGHT, LATE, 1, MORNING),
        (NIGHT, LATE, 4, MORNING),
        (NIGHT, LATE, None, MORNING),
        (NIGHT, LATE, 5, None),  # danger to life never waits
        (NIGHT, MORNING, 3, None),
        (None, LATE, 3, None),  # a channel without quiet hours
    ],
)
def test_who_waits(window, now, severity, until):
    assert quiet.waits_until(window, now, severity=severity) == until


W = Waiting


@pytest.mark.parametrize(
    ("waiting", "mine", "into", "also"),
    [
        ([W(1)], 1, 1, []),
        ([W(1), W(2)], 1, 1, []),  # by day every step has its own message
        ([W(1), W(2)], 2, 2, []),
        ([W(1, True)], 1, 1, []),
        ([W(1, True), W(2, True), W(3, True)], 1, 3, []),
        ([W(1, True), W(2, True), W(3, True)], 2, 3, [1]),
        ([W(1, True), W(2, True), W(3, True)], 3, 3, [1, 2]),
        ([W(1, True), W(2)], 1, 2, []),  # the morning's first step tells the night's
        ([W(1, True), W(2)], 2, 2, [1]),
        ([W(1), W(2, True)], 2, 2, []),  # what an outage holds up keeps its own message
        ([W(1, True, True), W(2, True)], 2, 2, []),  # one is going out: it tells itself
        ([W(1, True), W(2, True, True)], 1, 1, []),
    ],
)
def test_what_becomes_one(waiting, mine, into, also):
    assert joining.carrier(waiting, mine) == into
    assert joining.carried(waiting, mine) == also


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1), (2, 1, 3), (1, 3, 2), (3, 1, 2)])
def test_whatever_the_order_everything_is_told_once(order):
    """All ways in which three messages may have waited, worked off in any order, one at a time."""
    for waited in product((True, False), repeat=3):
        told = {number: [number] for number in (1, 2, 3)}  # message → the news it tells
        open_ones = {number: W(number, waited[number - 1]) for number in (1, 2, 3)}
        sent = []
        for number in order:
            if number not in open_ones:
                continue
            rest = [open_ones[key] for key in sorted(open_ones)]
            into = joining.carrier(rest, number)
            if into != number:
                told[into] += told.pop(number)
                del open_ones[number]
                continue
            for older in joining.carried(rest, number):
                told[number] += told.pop(older)
                del open_ones[older]
            sent += told[number]
            del open_ones[number]
        assert sorted(sent) == [1, 2, 3], (order, waited)
        if all(waited):
            assert len(told) == 1
