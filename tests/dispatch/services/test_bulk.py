"""Steps for many reports: one transaction each, once each, whatever becomes of workers."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from city import snapshot as city
from complaints import errors
from complaints.models import Event, Report
from dispatch.domain import bulk
from dispatch.models import BulkItem, BulkOperation
from dispatch.services import bulk_steps, bulk_work, casework, route
from tests.conftest import NOW
from tests.dispatch.services.many import START, done, given_to_dpu, states, whole, wish


def test_what_cannot_be_is_named_with_its_reason_and_the_others_are_done(reports, handler, make_report):
    fine, changed, accepted = reports(3)
    seen = wish("accept", [fine, changed, accepted])
    casework.take_step(handler, changed.pk, "note", casework.Details(message="Sudah dilihat."), now=NOW)
    casework.take_step(handler, accepted.pk, "accept", casework.Details(), now=NOW)
    seen.seen[accepted.pk] = Report.objects.get(pk=accepted.pk).version
    operation = done(handler, seen)
    assert dict(operation.items.values_list("report_id", "why_code")) == {
        fine.pk: "",
        changed.pk: "conflict",
        accepted.pk: "transition_not_allowed",
    }
    assert states(operation) == ["done", "failed", "failed"]


def test_another_offices_report_is_counted_and_never_touched(reports, handler, make_report):
    mine = reports(1)[0]
    theirs = route.send_to_triage(make_report().pk, now=NOW).report
    theirs.refresh_from_db()
    before, number = whole(theirs), Event.objects.filter(report=theirs).count()
    operation = done(handler, wish("accept", [mine, theirs]))
    assert (operation.total, operation.not_theirs) == (1, 1)
    assert not operation.items.filter(report=theirs).exists()
    assert (whole(theirs), Event.objects.filter(report=theirs).count()) == (before, number)


def test_a_report_that_left_the_office_before_its_turn_is_not_touched(reports, handler, staff):
    report = reports(1)[0]
    operation = bulk_work.begin(handler, wish("accept", [report]), now=NOW, language="id")
    dlh = city.current().departments["DLH"].id
    actor = casework.actor_of(handler)
    route.hand_over(report.pk, reason="Sampah.", target_department_id=dlh, actor=actor, now=NOW)
    bulk_work.run(operation.pk, clock=lambda: NOW)
    item = operation.items.get()
    assert (item.state, item.why_code) == ("failed", "not_theirs")
    assert Report.objects.get(pk=report.pk).acknowledged_at is None


@pytest.mark.parametrize("role", ["viewer", "planner", "operator", "duty_officer"])
@pytest.mark.parametrize("step", [step for step in bulk.STEPS if step not in ("reply", "tag", "untag")])
def test_steps_for_many_are_whose_business_single_ones_are(role, step, reports, staff):
    user = staff(role, "DPU")
    with pytest.raises(errors.NotPermitted):
        bulk_work.begin(user, wish(step, reports(1)), now=NOW, language="id")
    assert not BulkOperation.objects.exists()


def test_a_handler_names_no_handler(reports, handler):
    with pytest.raises(errors.NotPermitted):
        bulk_work.begin(handler, wish("assign", reports(1), assignee=handler.pk), now=NOW, language="id")


def test_a_handler_of_another_office_is_refused_report_by_report(reports, head, staff):
    stranger = staff("handler", "DLH")
    operation = done(head, wish("assign", reports(2), assignee=stranger.pk))
    assert states(operation) == ["failed", "failed"]
    assert set(Report.objects.values_list("assignee", flat=True)) == {None}


def test_none_and_too_many_are_refused(reports, handler, monkeypatch):
    monkeypatch.setattr(bulk, "AT_MOST", 1)
    for wanted in (wish("accept", []), wish("accept", reports(2))):
        with pytest.raises(errors.InvalidReport):
            bulk_work.begin(handler, wanted, now=NOW, language="id")
    assert not BulkOperation.objects.exists()


# --- Once, whatever happens -----------------------------------------------------------------------------


def test_the_same_form_twice_is_one_operation(reports, handler):
    wanted = wish("start", reports(2), **START)
    assert done(handler, wanted).pk == done(handler, wanted).pk
    assert (BulkOperation.objects.count(), Event.objects.filter(kind="status").count()) == (1, 2)


def test_a_killed_worker_is_followed_by_another_that_does_none_twice(reports, handler, monkeypatch):
    """The first dies in the middle of the second report: nothing of that one stands, its lease runs out."""
    three = reports(3)
    operation = bulk_work.begin(handler, wish("start", three, **START), now=NOW, language="id")
    take, calls = bulk_steps.take, []

    def dies(*args, **kwargs):
        take(*args, **kwargs)
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(bulk_steps, "take", dies)
    with pytest.raises(KeyboardInterrupt):
        bulk_work.run(operation.pk, clock=lambda: NOW)
    monkeypatch.setattr(bulk_steps, "take", take)
    assert states(operation) == ["done", "pending", "pending"]
    soon = NOW + bulk_work.LEASE - timedelta(seconds=1)
    assert bulk_work.drain(clock=lambda: soon) == 0  # the lease is the dead one's still
    assert bulk_work.drain(clock=lambda: NOW + bulk_work.LEASE) == 1
    assert states(operation) == ["done", "done", "done"]
    for report in three:
        assert Event.objects.filter(report=report, kind="status", to_status="in_progress").count() == 1
    operation.refresh_from_db()
    assert operation.state == "done"


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_do_none_twice(committed_city, draft, staff):
    desk, handler = staff("p3m"), staff("handler", "DPU")
    many = [given_to_dpu(draft, desk) for _ in range(12)]
    operation = bulk_work.begin(handler, wish("start", many, **START), now=NOW, language="id")
    items = list(operation.items.values_list("pk", flat=True))
    barrier = threading.Barrier(3)

    def run():
        try:
            barrier.wait()
            for pk in items:  # as after a lease that ran out too early
                bulk_work.one(operation, pk, now=NOW)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert states(operation) == ["done"] * 12
    assert Event.objects.filter(kind="status", to_status="in_progress").count() == 12
    assert set(Report.objects.values_list("status", flat=True)) == {"in_progress"}


def test_a_long_one_lets_others_have_their_turn(reports, handler):
    operation = bulk_work.begin(handler, wish("accept", reports(3)), now=NOW, language="id")
    assert bulk_work.run(operation.pk, clock=lambda: NOW, budget_s=0) is False
    assert states(operation) == ["done", "pending", "pending"]
    assert bulk_work.drain(clock=lambda: NOW) == 1
    assert states(operation) == ["done", "done", "done"]


def test_one_mistake_of_ours_does_not_stop_the_others(reports, handler, monkeypatch):
    three, take = reports(3), bulk_steps.take

    def breaks(user, item, *args, **kwargs):
        take(user, item, *args, **kwargs)
        if item.report_id == three[1].pk:
            raise ZeroDivisionError

    monkeypatch.setattr(bulk_steps, "take", breaks)
    operation = done(handler, wish("start", three, **START))
    assert states(operation) == ["done", "failed", "done"]
    three[1].refresh_from_db()
    assert (three[1].status, operation.items.get(state="failed").why_code) == ("assigned", "broken")


def test_a_report_costs_the_same_among_few_as_among_many(reports, handler):
    def queries(number):
        operation = bulk_work.begin(handler, wish("accept", reports(number)), now=NOW, language="id")
        with CaptureQueriesContext(connection) as captured:
            bulk_work.run(operation.pk, clock=lambda: NOW)
        return sum(not query["sql"].startswith(("SAVEPOINT", "RELEASE")) for query in captured)

    two, ten = queries(2), queries(10)
    assert (ten - two) / 8 <= 13


def test_an_item_is_what_the_record_says(reports, handler):
    report = reports(1)[0]
    operation = done(handler, wish("start", [report], **START))
    item = BulkItem.objects.get()
    event = Event.objects.get(kind="status")
    assert (item.seen_version, item.after_version) == (report.version, report.version + 1)
    assert (item.first_event_id, item.last_event_id) == (event.pk, event.pk)
    assert (item.done_at, item.held_until) == (NOW, NOW + bulk.HELD)
    assert (operation.by, operation.department, operation.details) == (handler, handler.department, START)
