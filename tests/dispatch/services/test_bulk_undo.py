"""Steps for many reports taken back: exactly what was, nobody told, clocks as if it had not been."""

from datetime import timedelta

import pytest
from django.core import mail

from city.models import Crew
from complaints import errors
from complaints.domain.draft import Contact
from complaints.models import Event, Report
from dispatch.domain import bulk
from dispatch.models import BulkOperation, Delivery, Escalation
from dispatch.services import bulk_undo, bulk_work, casework, escalation, recompute
from tests.conftest import NOW
from tests.dispatch.services.following import REPORTER, to
from tests.dispatch.services.many import (
    MINUTE,
    SAID,
    START,
    copies,
    done,
    states,
    undone,
    whole,
    wish,
    work,
)


@pytest.mark.parametrize("step", SAID)
def test_every_step_is_done_and_taken_back_exactly(step, reports, handler):
    both = reports(2)
    before = [whole(report) for report in both]
    operation = done(handler, wish(step, both, **SAID[step]))
    assert (operation.state, states(operation)) == ("done", ["done", "done"])
    assert [whole(report) for report in both] != before
    assert operation.undo_until == NOW + bulk.UNDO
    undone(handler, operation)
    assert (operation.state, states(operation)) == ("undone", ["undone", "undone"])
    assert [whole(report) for report in both] == before


def test_five_hundred_are_given_to_a_handler_and_taken_back_exactly(reports, head, handler, staff):
    """The kinds of `before` differ: some had another handler, some none; one changed since stays."""
    first, second = reports(2)
    other = staff("handler", "DPU")
    many = [first, second, *copies(first, 498)]
    Report.objects.filter(pk__in=[report.pk for report in many[::3]]).update(assignee=other)
    many = list(Report.objects.filter(pk__in=[report.pk for report in many]).order_by("pk"))
    before = {report.pk: whole(report) for report in many}
    operation = done(head, wish("assign", many, assignee=handler.pk))
    assert (operation.state, operation.total) == ("done", 500)
    assert Report.objects.filter(assignee=handler).count() == 500
    assert Event.objects.filter(kind="assignee", actor=head).count() == 500
    casework.take_step(handler, many[7].pk, "start", casework.Details(), now=NOW)
    undone(head, operation)
    outcome = dict(operation.items.values_list("report_id", "state"))
    assert outcome.pop(many[7].pk) == "kept"
    assert set(outcome.values()) == {"undone"}
    changed = before.pop(many[7].pk)
    assert {pk: whole(Report(pk=pk)) for pk in before} == before
    assert whole(many[7]) != changed
    kept = operation.items.get(state="kept")
    assert (kept.why_code, kept.why) == (
        "changed_since",
        "Setelah itu ada hal lain yang terjadi pada laporan ini. Laporan dibiarkan seperti adanya.",
    )


# --- Taken back -----------------------------------------------------------------------------------------


def test_after_ten_minutes_nothing_is_taken_back(reports, handler):
    operation = done(handler, wish("start", reports(1), **START))
    with pytest.raises(errors.CannotTakeBack):
        bulk_undo.ask(handler, operation.pk, now=NOW + bulk.UNDO + timedelta(seconds=1))
    assert (Report.objects.get().status, BulkOperation.objects.get().state) == ("in_progress", "done")
    bulk_undo.ask(handler, operation.pk, now=NOW + bulk.UNDO)


@pytest.mark.parametrize(("role", "may"), [("admin", True), ("p3m", False), ("department_admin", False)])
def test_only_who_did_it_or_an_administrator_takes_it_back(role, may, reports, handler, staff):
    operation = done(handler, wish("start", reports(1), **START))
    user = staff(role, "DPU" if role == "department_admin" else None)
    if may:
        undone(user, operation)
        assert Report.objects.get().status == "assigned"
        return
    with pytest.raises(errors.NotPermitted):
        bulk_undo.ask(user, operation.pk, now=NOW + MINUTE)
    assert Report.objects.get().status == "in_progress"


@pytest.mark.parametrize(
    ("role", "office", "sees"),
    [
        ("admin", None, True),
        ("p3m", None, True),
        ("department_admin", "DPU", True),
        ("department_admin", "DLH", False),
        ("handler", "DPU", False),
        ("planner", None, False),
    ],
)
def test_who_reads_the_record(role, office, sees, reports, handler, staff):
    done(handler, wish("start", reports(1), **START))
    assert bulk_undo.seen_by(staff(role, office)).exists() is sees
    assert bulk_undo.seen_by(handler).count() == 1


def test_taken_back_before_it_is_through_the_rest_is_stopped(reports, handler):
    operation = bulk_work.begin(handler, wish("start", reports(3), **START), now=NOW, language="id")
    bulk_work.run(operation.pk, clock=lambda: NOW, budget_s=0)
    undone(handler, operation)
    assert states(operation) == ["undone", "stopped", "stopped"]
    assert set(Report.objects.values_list("status", flat=True)) == {"assigned"}
    assert bulk_work.drain(clock=lambda: NOW + timedelta(hours=1)) == 0


def test_a_killed_taking_back_goes_on(reports, handler, monkeypatch):
    operation = done(handler, wish("start", reports(3), **START))
    bulk_undo.ask(handler, operation.pk, now=NOW + MINUTE)
    bulk_undo.run(operation.pk, clock=lambda: NOW + MINUTE, budget_s=0)
    assert states(operation) == ["done", "done", "undone"]
    assert bulk_work.drain(clock=lambda: NOW + MINUTE) == 1
    assert states(operation) == ["undone"] * 3
    assert Event.objects.filter(kind="undone").count() == 3


def test_who_lost_the_report_takes_nothing_back(reports, handler):
    report = reports(1)[0]
    operation = done(handler, wish("take", [report]))
    handler.department = None
    handler.save()
    undone(handler, operation)
    assert (states(operation), operation.items.get().why_code) == (["kept"], "not_theirs")
    assert Report.objects.get().assignee_id == handler.pk


# --- What citizens hear ---------------------------------------------------------------------------------


@pytest.fixture
def told(reports):
    """A report whose reporter is written to; what was told so far is out of the way."""
    report = reports(1, contact=Contact(email=REPORTER))[0]
    work(NOW)
    mail.outbox.clear()
    report.refresh_from_db()
    return report


def test_nobody_is_told_before_it_can_no_longer_be_taken_back(told, handler):
    done(handler, wish("start", [told], **START))
    work(NOW + bulk.UNDO)
    assert to(REPORTER) == []
    assert Delivery.objects.filter(state="pending").get().postponed_until == NOW + bulk.HELD
    work(NOW + bulk.HELD)
    assert len(to(REPORTER)) == 1
    assert "Regu berangkat." in to(REPORTER)[0].body


@pytest.mark.parametrize("has_prepared", [True, False])
def test_a_step_that_is_taken_back_is_never_told(has_prepared, told, handler):
    """Whether the worker has prepared the message already, or comes to it after the taking back."""
    operation = done(handler, wish("start", [told], **START))
    if has_prepared:
        work(NOW)
    undone(handler, operation)
    work(NOW + MINUTE)
    work(NOW + timedelta(hours=2))
    assert mail.outbox == []
    kinds = list(Event.objects.filter(report=told).order_by("pk").values_list("kind", flat=True))
    assert kinds[-2:] == ["status", "undone"]
    assert set(
        Delivery.objects.filter(event_id=Event.objects.get(kind="status").pk).values_list("state", flat=True)
    ) <= {"undone"}


def test_what_people_were_told_is_not_taken_back(told, handler):
    """A worker comes late to the taking back: the message went out meanwhile, so the step stands."""
    operation = done(handler, wish("start", [told], **START))
    work(NOW)
    bulk_undo.ask(handler, operation.pk, now=NOW + bulk.UNDO)
    work(NOW + bulk.HELD)
    assert len(to(REPORTER)) == 1
    bulk_undo.run(operation.pk, clock=lambda: NOW + bulk.HELD)
    assert (states(operation), operation.items.get().why_code) == (["kept"], "told_already")
    assert Report.objects.get(pk=told.pk).status == "in_progress"
    assert Event.objects.filter(kind="undone").count() == 0


# --- Clocks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("follows_first", [True, False])
def test_a_pause_that_is_taken_back_has_never_been(follows_first, reports, handler):
    """A start out of waiting moves the promise, by a worker: back comes the promise of before, and the pause
    goes on. In whichever order the worker and the taking back come."""
    report = reports(1)[0]
    casework.take_step(handler, report.pk, "wait", casework.Details(waiting_reason="Hujan"), now=NOW)
    work(NOW)
    before, later = whole(report), NOW + timedelta(hours=5)
    operation = done(handler, wish("start", [Report.objects.get(pk=report.pk)], **START), now=later)
    if follows_first:
        work(later)
        assert whole(report)["due_at"] != before["due_at"]
    undone(handler, operation, now=later + MINUTE)
    work(later + MINUTE)
    assert (states(operation), whole(report)) == (["undone"], before)
    # The pause counts from its own beginning when it really ends.
    end = NOW + timedelta(days=1)
    casework.take_step(handler, report.pk, "start", casework.Details(), now=end)
    work(end)
    row = Report.objects.get(pk=report.pk)
    assert (row.due_at, recompute.computed(row).due_at) == (recompute.computed(row).due_at,) * 2
    assert row.due_at > Report._meta.get_field("due_at").to_python(before["due_at"])


def test_a_date_that_is_taken_back_leaves_the_promise_as_it_was(reports, handler):
    report = reports(1)[0]
    before = whole(report)
    operation = done(handler, wish("schedule", [report], **SAID["schedule"]))
    work(NOW)
    assert whole(report)["due_at"] != before["due_at"]
    undone(handler, operation)
    work(NOW + MINUTE)
    assert (states(operation), whole(report)) == (["undone"], before)


def test_an_escalation_that_ended_with_the_step_goes_on(reports, handler):
    report = reports(1)[0]
    late = report.due_at + timedelta(days=2)
    escalation.watch_report(report.pk, now=NOW)
    escalation.climb_due(now=late)
    open_before = set(Escalation.objects.filter(ended_at=None).values_list("pk", flat=True))
    assert open_before
    operation = done(handler, wish("wait", [report], waiting_reason="Pipa"), now=late)
    work(late)
    assert not Escalation.objects.filter(ended_at=None).exists()
    undone(handler, operation, now=late + MINUTE)
    work(late + MINUTE)
    assert set(Escalation.objects.filter(ended_at=None).values_list("pk", flat=True)) >= open_before


# --- Words, which cannot be taken back once they are there --------------------------------------------------


def test_words_to_reporters_wait_and_are_never_written_if_taken_back(told, handler):
    operation = bulk_work.begin(handler, wish("reply", [told], message="Besok pagi."), now=NOW, language="id")
    bulk_work.start(operation, clock=lambda: NOW)
    assert bulk_work.drain(clock=lambda: NOW + bulk.UNDO - timedelta(seconds=1)) == 0
    assert not Event.objects.filter(kind="comment").exists()
    undone(handler, operation, now=NOW + bulk.UNDO - timedelta(seconds=1))
    assert bulk_work.drain(clock=lambda: NOW + timedelta(days=1)) == 0
    work(NOW + timedelta(days=1))
    assert (states(operation), operation.state) == (["stopped"], "undone")
    assert not Event.objects.filter(kind="comment").exists()
    assert mail.outbox == []


def test_words_to_reporters_are_written_and_told_after_ten_minutes(told, handler):
    bulk_work.begin(handler, wish("reply", [told], message="Besok pagi."), now=NOW, language="id")
    then = NOW + bulk.UNDO + timedelta(seconds=1)
    assert bulk_work.drain(clock=lambda: then) == 1
    work(then)
    operation = BulkOperation.objects.get()
    assert (states(operation), Event.objects.get(kind="comment").text) == (["done"], "Besok pagi.")
    assert "Besok pagi." in to(REPORTER)[0].body
    with pytest.raises(errors.CannotTakeBack):
        bulk_undo.ask(handler, operation.pk, now=then)


def test_a_report_that_changed_while_the_words_waited_gets_none(told, handler):
    operation = bulk_work.begin(handler, wish("reply", [told], message="Besok pagi."), now=NOW, language="id")
    casework.take_step(handler, told.pk, "start", casework.Details(), now=NOW)
    bulk_work.drain(clock=lambda: NOW + bulk.UNDO)
    assert (states(operation), operation.items.get().why_code) == (["failed"], "conflict")
    assert not Event.objects.filter(kind="comment").exists()


# --- Crews ----------------------------------------------------------------------------------------------


def test_a_crew_and_a_handler_are_named_and_taken_back(reports, head, handler):
    one, other = (Crew.objects.create(name=name, department=head.department) for name in ("Regu 1", "Regu 2"))
    first, second = reports(2)
    Report.objects.filter(pk=first.pk).update(crew=other)
    before = [whole(first), whole(second)]
    operation = done(head, wish("assign", [first, second], assignee=handler.pk, crew=one.pk))
    assert set(Report.objects.values_list("assignee", "crew")) == {(handler.pk, one.pk)}
    undone(head, operation)
    assert (states(operation), [whole(first), whole(second)]) == (["undone", "undone"], before)


def test_another_offices_crew_is_refused(reports, head, staff):
    strange = Crew.objects.create(name="Regu sampah", department=staff("handler", "DLH").department)
    operation = done(head, wish("assign", reports(1), crew=strange.pk))
    assert states(operation) == ["failed"]
    assert set(Report.objects.values_list("crew", flat=True)) == {None}
