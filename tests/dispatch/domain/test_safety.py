"""Reminders for crews as a table."""

import pytest

from dispatch import work_order_words
from dispatch.domain import safety


@pytest.mark.parametrize(
    ("kind", "group", "severity", "answers", "found"),
    [
        ("jalan-lubang", "jalan", 3, {}, ["traffic"]),
        (
            "jalan-lubang",
            "jalan",
            4,
            {"night_under_water": True, "size": "over_60"},
            ["water", "traffic", "night"],
        ),
        ("jalan-lubang", "jalan", 4, {"night_under_water": "yes"}, ["water", "traffic", "night"]),
        ("jalan-lubang", "jalan", 3, {"night_under_water": "no"}, ["traffic"]),
        ("jalan-lubang", "jalan", 3, {"night_under_water": False}, ["traffic"]),
        ("jalan-ambles", "jalan", 4, {}, ["hollow", "traffic"]),
        ("jalan-manhole", "jalan", 4, {}, ["manhole", "traffic"]),
        ("banjir-genangan", "banjir", 3, {}, ["water"]),
        ("banjir-banjir", "banjir", 5, {"live_electricity": True}, ["emergency", "electricity", "water"]),
        ("lain-pju", "lain", 2, {}, ["electricity", "height", "traffic"]),
        ("lain-pohon", "lain", 3, {}, ["tree", "height", "traffic"]),
        ("lain-hewan", "lain", 3, {"attacked": True}, ["animal"]),
        ("lain-adminduk", "lain", 2, {}, []),
        ("baru", "", 5, {}, ["emergency"]),
        ("", "", 1, {"live_electricity": ["x"]}, []),  # an answer of another shape says nothing
    ],
)
def test_what_a_crew_is_reminded_of(kind, group, severity, answers, found):
    assert safety.notes(kind, group, severity, answers) == found


def test_every_reminder_has_its_words():
    assert set(work_order_words.SAFETY) == set(safety.NOTES)
