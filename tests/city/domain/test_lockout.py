"""When a door is shut, as a table without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from city.domain.lockout import Count, Policy, is_locked, refund, spend

T0 = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)
POLICY = Policy(failures=3, window_s=900, lock_s=600)


def after(seconds: list[int]) -> Count:
    count = Count(0, T0)
    for second in seconds:
        count = spend(count, POLICY, T0 + timedelta(seconds=second))
    return count


@pytest.mark.parametrize(
    ("tries", "failures", "locked_until_s"),
    [
        ([0], 1, None),
        ([0, 10], 2, None),
        ([0, 10, 20], 3, 620),  # the third shuts the door for ten minutes
        ([0, 10, 900], 1, None),  # the window is over: counted anew
        ([0, 10, 899], 3, 1499),
        ([0, 10, 20, 700], 1, None),  # after the lock a fresh start
    ],
)
def test_failures_in_a_window_shut_the_door(tries, failures, locked_until_s):
    count = after(tries)
    until = T0 + timedelta(seconds=locked_until_s) if locked_until_s else None
    assert (count.failures, count.locked_until) == (failures, until)


def test_the_lock_ends_by_itself():
    count = after([0, 1, 2])
    assert is_locked(count, T0 + timedelta(seconds=601))
    assert not is_locked(count, T0 + timedelta(seconds=602))
    assert not is_locked(Count(2, T0), T0)


def test_a_success_gives_its_attempt_back_and_opens_the_door_it_shut():
    assert refund(after([0, 1, 2]), POLICY) == Count(2, T0, None)
    assert refund(Count(0, T0), POLICY) == Count(0, T0, None)
