"""The ladder as tables: which clocks run, which rungs lie ahead."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.domain import workflow
from dispatch.domain import escalation
from dispatch.domain.escalation import CITY_LADDER, Rung
from tests.conftest import NOW

ACK, SAFE, DUE = (NOW + timedelta(hours=hours) for hours in (1, 6, 48))


def clocks(status="in_progress", **changes):
    values = {
        "acknowledge_due_at": ACK,
        "acknowledged_at": None,
        "make_safe_due_at": SAFE,
        "made_safe_at": None,
        "due_at": DUE,
    }
    return [name for name, _at in escalation.clocks(status=status, **(values | changes))]


@pytest.mark.parametrize(
    ("status", "changes", "running"),
    [
        ("assigned", {}, ["acknowledge", "make_safe", "resolve"]),
        ("assigned", {"acknowledged_at": NOW}, ["make_safe", "resolve"]),
        ("in_progress", {"acknowledged_at": NOW, "made_safe_at": NOW}, ["resolve"]),
        ("triage", {"make_safe_due_at": None, "due_at": None}, ["acknowledge"]),
        ("referred", {"due_at": None}, ["acknowledge", "make_safe"]),
        ("reopened", {}, ["acknowledge", "make_safe", "resolve"]),
        ("scheduled", {}, ["resolve"]),
        ("received", {}, []),
        ("waiting", {}, []),
        ("resolved", {}, []),
        ("closed", {}, []),
        ("rejected", {}, []),
    ],
)
def test_which_clocks_run(status, changes, running):
    assert clocks(status, **changes) == running


def test_no_clock_runs_for_what_has_ended_or_waits():
    for status in set(workflow.STATUSES) - workflow.OPEN | {workflow.WAITING}:
        assert clocks(status) == []


def test_the_citys_ladder_in_the_order_of_time():
    found = escalation.steps([("resolve", DUE)], CITY_LADDER)
    assert [(step.rung.target, step.at - DUE) for step in found] == [
        ("handler", timedelta(hours=-4)),
        ("section_head", timedelta(0)),
        ("department_head", timedelta(hours=24)),
        ("p3m", timedelta(hours=72)),
    ]


def test_two_clocks_climb_side_by_side():
    found = escalation.steps([("resolve", DUE), ("acknowledge", ACK)], CITY_LADDER)
    assert [(step.clock, step.rung.level) for step in found[:4]] == [
        ("acknowledge", 1),
        ("acknowledge", 2),
        ("acknowledge", 3),
        ("resolve", 1),
    ]


def test_a_moved_promise_begins_anew_and_a_kept_one_does_not():
    climbed = {("resolve", DUE, 1), ("resolve", DUE, 2)}
    assert [step.rung.level for step in escalation.pending([("resolve", DUE)], CITY_LADDER, climbed)] == [
        3,
        4,
    ]
    later = DUE + timedelta(days=1)
    ahead = escalation.pending([("resolve", later)], CITY_LADDER, climbed)
    assert [step.rung.level for step in ahead] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("repeat_hours", "passed_hours", "expected"), [(None, 999, False), (24, 23.9, False), (24, 24, True)]
)
def test_telling_again(repeat_hours, passed_hours, expected):
    now = NOW + timedelta(hours=passed_hours)
    assert escalation.is_due_again(repeat_hours, NOW, now) is expected


rungs = st.lists(
    st.builds(Rung, st.integers(1, 9), st.integers(-5000, 9000), st.sampled_from(escalation.TARGETS)),
    unique_by=lambda rung: rung.level,
    max_size=9,
)


@given(rungs, st.sets(st.integers(1, 9)), st.integers(-10_000, 10_000))
def test_climbing_what_is_due_leaves_only_what_lies_ahead(ladder, climbed_levels, minutes):
    """Whatever the ladder: after climbing, nothing due is left and nothing was climbed twice."""
    now, running = DUE + timedelta(minutes=minutes), [("resolve", DUE)]
    climbed = {("resolve", DUE, level) for level in climbed_levels}
    due = [step for step in escalation.pending(running, ladder, climbed) if step.at <= now]
    assert not {step.key for step in due} & climbed
    left = escalation.pending(running, ladder, climbed | {step.key for step in due})
    assert all(step.at > now for step in left)
