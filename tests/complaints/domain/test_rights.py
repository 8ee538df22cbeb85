from datetime import timedelta

import pytest

from complaints.domain import rights, workflow
from complaints.domain.contact import normalise_phone
from tests.conftest import NOW

SECOND = timedelta(seconds=1)
WINDOW = timedelta(minutes=15)


@pytest.mark.parametrize(
    ("age", "left_s"),
    [
        (timedelta(0), 900),
        (timedelta(minutes=14, seconds=59), 1),
        (WINDOW, 0),
        (WINDOW + SECOND, 0),
        (timedelta(days=400), 0),
    ],
)
def test_the_window_counts_down_to_nothing(age, left_s):
    assert rights.time_left(NOW, NOW + age).total_seconds() == left_s


@pytest.mark.parametrize("status", workflow.STATUSES)
def test_what_may_be_changed_and_taken_back_in_which_state(status):
    may_edit = status not in ("resolved", "closed", "rejected")
    may_withdraw = status in (
        "received",
        "triage",
        "assigned",
        "in_progress",
        "waiting",
        "referred",
        "reopened",
    )
    for age, in_time in ((timedelta(0), True), (WINDOW, True), (WINDOW + SECOND, False)):
        assert rights.may_edit(status, NOW, NOW + age) is (may_edit and in_time)
        assert rights.may_withdraw(status, NOW, NOW + age) is (may_withdraw and in_time)


@pytest.mark.parametrize(
    ("spoke_after_days", "closes_after_days"), [(None, 10), (-3, 10), (0, 10), (4, 14), (9, 19)]
)
def test_silence_counts_from_the_last_word(spoke_after_days, closes_after_days):
    spoke = None if spoke_after_days is None else NOW + timedelta(days=spoke_after_days)
    assert workflow.closes_at(NOW, spoke) == NOW + timedelta(days=closes_after_days)


@pytest.mark.parametrize(
    "typed",
    [
        "0812 3456 7890",
        "0812-3456-7890",
        "0812.3456.7890",
        "(0812) 3456 7890",
        "62 812 3456 7890",
        "+62 812 3456 7890",
        "+62 (0)812 3456 7890",
        "+62 0812-3456-7890",
        "0062 812 3456 7890",
        "00 62 812 3456 7890",
        "812 3456 7890",
        "6281234567890",
        "WA 0812 3456 7890",
    ],
)
def test_every_common_writing_is_one_number(typed):
    assert normalise_phone(typed) == "+6281234567890"


@pytest.mark.parametrize("typed", ["", "112", "0812", "halo", "+", "0812345678901234567890"])
def test_what_cannot_be_a_number_is_none(typed):
    assert normalise_phone(typed) is None
