"""Steps that are taken back: exactly what was comes back, and the database lets nothing else through."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from complaints import errors, selectors
from complaints.domain import taken_back, workflow
from complaints.models import Event, Report, TakenBack
from complaints.services import conversation, incidents, undo
from complaints.services.status import acknowledge, change_status, set_assignee
from tests.conftest import NOW

LATER = NOW + timedelta(minutes=5)
UNTIL = NOW + timedelta(minutes=10)
DAY = (NOW + timedelta(days=30)).date()
STEPS = {
    "accept": lambda pk, **who: acknowledge(pk, **who),
    "start": lambda pk, **who: change_status(pk, "in_progress", **who),
    "wait": lambda pk, **who: change_status(pk, "waiting", waiting_reason="Pipa PDAM", **who),
    "schedule": lambda pk, **who: change_status(
        pk, "scheduled", scheduled_for=DAY, budget_line="DPA 1", **who
    ),
    "reject": lambda pk, **who: change_status(
        pk, "rejected", message="Tidak ada.", reason_code="cannot_find", **who
    ),
    "handler": lambda pk, **who: set_assignee(pk, who["actor"].user_id, **who),
}


def whole(report) -> dict:
    row = Report.objects.get(pk=report.pk)
    return incidents.state_of(row) | {"is_open": row.is_open}


@pytest.fixture
def taken(officer):
    """Take a step and give what is needed to take it back."""

    def run(report, name, now=NOW) -> undo.Step:
        before = incidents.state_of(Report.objects.get(pk=report.pk))
        STEPS[name](report.pk, actor=officer, now=now)
        row = Report.objects.get(pk=report.pk)
        event = Event.objects.filter(report=report).latest("pk")
        return undo.Step(event.pk, before, row.version, UNTIL, LATER)

    return run


@pytest.mark.parametrize("name", STEPS)
def test_what_was_comes_back_exactly_and_the_timeline_says_so(name, assigned, taken, officer):
    report = assigned()
    before, number = whole(report), Event.objects.filter(report=report).count()
    step = taken(report, name)
    assert whole(report) != before
    event = undo.take_back(report.pk, step, actor=officer, now=LATER)
    assert whole(report) == before
    assert Event.objects.filter(report=report).count() == number + 2
    assert (event.kind, event.at, event.actor_id) == ("undone", LATER, officer.user_id)
    assert event.data == {"event_ids": [step.event_id], "step": Event.objects.get(pk=step.event_id).kind}
    assert event.is_public is (name != "handler")
    row = TakenBack.objects.get()
    assert (row.event_id, row.version, row.by_id) == (step.event_id, step.after_version + 1, officer.user_id)


def test_a_reopened_report_is_reopened_again_though_the_table_knows_no_such_way(assigned, taken, officer):
    report = assigned()
    change_status(report.pk, "resolved", actor=officer, now=NOW, message="Sudah.")
    conversation.reopen(report.pk, "Belum.", now=NOW)
    before = whole(report)
    assert not workflow.may_follow("in_progress", "reopened")
    step = taken(report, "start")
    undo.take_back(report.pk, step, actor=officer, now=LATER)
    assert (whole(report), before["status"]) == (before, "reopened")


@pytest.mark.parametrize("record", ["none", "other version", "other step", "other report"])
def test_the_database_lets_a_status_return_only_with_its_record(record, assigned, taken, officer):
    """The way back is no hole in the workflow: a record of this step, for this version, of this report."""
    report, other = assigned(), assigned()
    step, others = taken(report, "reject"), taken(other, "reject")
    row = Report.objects.get(pk=report.pk)
    values = {
        "by_id": officer.user_id,
        "asked_at": NOW,
        "until": UNTIL,
        "at": NOW,
        "version": row.version + 1,
    }
    if record == "other version":
        TakenBack.objects.create(
            event_id=step.event_id, report=report, **values | {"version": row.version + 2}
        )
    if record == "other step":
        first = Event.objects.filter(report=report).earliest("pk")
        TakenBack.objects.create(event=first, report=report, **values)
    if record == "other report":
        TakenBack.objects.create(event_id=others.event_id, report=other, **values)
    changed = Report.objects.filter(pk=report.pk)
    with pytest.raises(DatabaseError, match="workflow"), transaction.atomic():
        changed.update(status="assigned", is_open=True, version=row.version + 1)
    assert changed.get().status == "rejected"


def test_the_record_stands_for_ever_and_only_in_time(assigned, taken, officer):
    report = assigned()
    step = taken(report, "start")
    undo.take_back(report.pk, step, actor=officer, now=LATER)
    with pytest.raises(DatabaseError), transaction.atomic():
        TakenBack.objects.update(at=NOW)
    with pytest.raises(DatabaseError), transaction.atomic():
        TakenBack.objects.all()._raw_delete("default")
    late = TakenBack(event=Event.objects.latest("pk"), report=report, by_id=officer.user_id, version=9)
    late.asked_at, late.until, late.at = UNTIL + timedelta(seconds=1), UNTIL, UNTIL
    with pytest.raises(IntegrityError), transaction.atomic():
        late.save()


def test_what_somebody_changed_since_is_left(assigned, taken, officer):
    report = assigned()
    step = taken(report, "start")
    conversation.add_comment(report.pk, "Besok pagi.", actor=officer, now=NOW)
    before = whole(report)
    with pytest.raises(errors.CannotTakeBack) as caught:
        undo.take_back(report.pk, step, actor=officer, now=LATER)
    assert (caught.value.code, whole(report), TakenBack.objects.count()) == ("changed_since", before, 0)


def test_a_step_is_taken_back_once(assigned, taken, officer):
    report = assigned()
    step = taken(report, "start")
    undo.take_back(report.pk, step, actor=officer, now=LATER)
    with pytest.raises(errors.CannotTakeBack):
        undo.take_back(report.pk, step, actor=officer, now=LATER)
    assert Event.objects.filter(report=report, kind="undone").count() == 1


def test_too_late_is_too_late(assigned, taken, officer):
    report = assigned()
    step = taken(report, "start")
    late = undo.Step(step.event_id, step.before, step.after_version, UNTIL, UNTIL + timedelta(seconds=1))
    with pytest.raises(errors.CannotTakeBack) as caught:
        undo.take_back(report.pk, late, actor=officer, now=LATER)
    assert (caught.value.code, Report.objects.get(pk=report.pk).status) == ("too_late", "in_progress")


def test_where_a_report_lies_is_not_taken_back(assigned, officer):
    report = assigned()
    routed = Event.objects.filter(report=report, kind="routed").get()
    step = undo.Step(routed.pk, incidents.state_of(report), report.version, UNTIL, LATER)
    with pytest.raises(errors.CannotTakeBack) as caught:
        undo.take_back(report.pk, step, actor=officer, now=LATER)
    assert caught.value.code == "not_this_step"


def test_a_clock_read_from_the_timeline_leaves_both_out(assigned, taken, officer):
    report = assigned()
    plain = [event.pk for event in selectors.timeline(report)]
    step = taken(report, "wait")
    undo.take_back(report.pk, step, actor=officer, now=LATER)
    assert [event.pk for event in taken_back.standing(selectors.timeline(report))] == plain
