"""Retries: ever more rarely, spread, capped."""

import pytest

from dispatch.domain import retry


@pytest.mark.parametrize(
    ("queue", "attempts", "seconds"),
    [("routing", 1, 5), ("routing", 2, 10), ("routing", 5, 80), ("routing", 30, 300), ("notify", 30, 3600)],
)
def test_delay_doubles_up_to_the_cap(queue, attempts, seconds):
    assert retry.delay(queue, attempts, 0.5).total_seconds() == seconds


def test_delay_is_spread_by_a_quarter_each_way():
    assert retry.delay("routing", 3, 0.0).total_seconds() == 15
    assert retry.delay("routing", 3, 1.0).total_seconds() == 25


def test_mail_outlives_a_night_without_a_server():
    total_s = sum(
        retry.delay("notify", n, 0.0).total_seconds() for n in range(1, retry.MAX_ATTEMPTS["notify"])
    )
    assert total_s > 6 * 3600
