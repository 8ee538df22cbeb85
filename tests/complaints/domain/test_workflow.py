import pytest

from complaints.domain import workflow as w

ALLOWED = {
    (w.RECEIVED, w.TRIAGE),
    (w.RECEIVED, w.ASSIGNED),
    (w.RECEIVED, w.REFERRED),
    (w.RECEIVED, w.REJECTED),
    (w.TRIAGE, w.ASSIGNED),
    (w.TRIAGE, w.REFERRED),
    (w.TRIAGE, w.REJECTED),
    (w.TRIAGE, w.WAITING),
    (w.RESOLVED, w.CLOSED),
    (w.RESOLVED, w.REOPENED),
    (w.RESOLVED, w.IN_PROGRESS),
    (w.CLOSED, w.REOPENED),
    (w.REJECTED, w.TRIAGE),
    (w.REJECTED, w.REOPENED),
}
ENDS = (w.RECEIVED, w.TRIAGE, w.RESOLVED, w.CLOSED, w.REJECTED)


@pytest.mark.parametrize("status", ENDS)
@pytest.mark.parametrize("to", w.STATUSES)
def test_the_ends_of_the_life_of_a_report(status, to):
    assert w.may_follow(status, to) == ((status, to) in ALLOWED)


def test_every_status_is_in_the_table_and_every_target_is_a_status():
    assert set(w.TRANSITIONS) == set(w.STATUSES)
    assert {to for following in w.TRANSITIONS.values() for to in following} < set(w.STATUSES)


def test_work_never_becomes_closed_without_being_resolved():
    assert {status for status in w.STATUSES if w.may_follow(status, w.CLOSED)} == {w.RESOLVED}


def test_every_open_report_can_reach_an_end():
    ends = {w.RESOLVED, w.REJECTED}
    assert {status for status in w.OPEN if not w.TRANSITIONS[status] & ends and status != w.RECEIVED} == set()


def test_unknown_statuses_follow_nothing():
    assert not w.may_follow("invented", w.CLOSED)
    assert not w.may_follow(w.RECEIVED, "invented")


@pytest.mark.parametrize(
    ("to", "kinds"),
    [
        (w.CLOSED, {"reporter", "system"}),
        (w.REOPENED, {"reporter"}),
        (w.IN_PROGRESS, {"staff", "system"}),
        (w.RESOLVED, {"staff", "system"}),
        (w.REJECTED, {"staff", "system"}),
    ],
)
def test_who_may_set_a_status(to, kinds):
    assert {kind for kind in ("reporter", "citizen", "staff", "system") if w.may_be_set_by(to, kind)} == kinds


def test_every_status_has_a_state_on_the_map():
    assert set(w.MAP_STATE) == set(w.STATUSES)
    assert set(w.MAP_STATE.values()) == set(w.MAP_STATES)
