"""Steps for many reports: one transaction each, once each, whatever becomes of workers; taken back exactly."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from city import snapshot as city
from complaints import errors
from complaints.domain.draft import Contact
from complaints.models import Event, Report
from complaints.services import incidents
from complaints.services.submit import submit_report
from dispatch.domain import bulk
from dispatch.models import BulkItem, BulkOperation, Delivery, Escalation
from dispatch.services import bulk_steps, bulk_undo, bulk_work, casework, escalation, recompute, route, worker
from tests.conftest import NOW
from tests.dispatch.services.following import REPORTER, to

MINUTE = timedelta(minutes=1)
START = {"message": "Regu berangkat."}


def whole(report) -> dict:
    row = Report.objects.get(pk=report.pk)
    return incidents.state_of(row) | {"is_open": row.is_open}


@pytest.fixture
def head(staff):
    return staff("department_admin", "DPU")


@pytest.fixture
def handler(staff):
    return staff("handler", "DPU")


def given_to_dpu(draft, staff_member, *, now=NOW, **changes) -> Report:
    report = submit_report(draft(**changes), now=now).report
    department_id = city.current().departments["DPU"].id
    actor = casework.actor_of(staff_member)
    route.decide_by_hand(report.pk, department_id=department_id, reason="Milik kota.", actor=actor, now=now)
    report.refresh_from_db()
    return report


@pytest.fixture
def reports(db, draft, staff):
    """Reports that DPU has: `reports(3)`."""
    desk = staff("p3m")

    def make(number=1, **changes):
        return [given_to_dpu(draft, desk, **changes) for _ in range(number)]

    return make


def wish(step, reports, **said) -> bulk_work.Wish:
    return bulk_work.Wish(uuid.uuid4(), step, said, {report.pk: report.version for report in reports})


def done(user, wanted, now=NOW) -> BulkOperation:
    operation = bulk_work.begin(user, wanted, now=now, language="id")
    bulk_work.run(operation.pk, clock=lambda: now, budget_s=300)
    operation.refresh_from_db()
    return operation


def undone(user, operation, now=NOW + MINUTE) -> BulkOperation:
    bulk_undo.ask(user, operation.pk, now=now)
    bulk_undo.run(operation.pk, clock=lambda: now, budget_s=300)
    operation.refresh_from_db()
    return operation


def states(operation) -> list[str]:
    return list(operation.items.order_by("pk").values_list("state", flat=True))


def work(now):
    for queue in ("routing", "notify", "notify"):
        worker.drain(queue, clock=lambda: now)


DAY = (NOW + timedelta(days=40)).date().isoformat()
SAID = {
    "accept": {},
    "start": START,
    "take": {},
    "wait": {"waiting_reason": "Pipa PDAM", "waiting_on": "other"},
    "schedule": {"scheduled_for": DAY, "budget_line": "DPA 1.03"},
    "reject": {"reason_code": "cannot_find", "message": "Tidak kami temukan."},
}


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
    many = [first, second, *_copies(first, 498)]
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


def _copies(report, number):
    from complaints.domain import codes

    names = [f.attname for f in Report._meta.concrete_fields]
    names = [name for name in names if name not in ("id", "code", "idempotency_key")]
    values = {name: getattr(report, name) for name in names}
    rows = [Report(**values, code=codes.new_code(), idempotency_key=uuid.uuid4()) for _ in range(number)]
    return Report.objects.bulk_create(rows)


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
@pytest.mark.parametrize("step", bulk.STEPS)
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


def test_an_item_is_what_the_record_says(reports, handler):
    report = reports(1)[0]
    operation = done(handler, wish("start", [report], **START))
    item = BulkItem.objects.get()
    event = Event.objects.get(kind="status")
    assert (item.seen_version, item.after_version) == (report.version, report.version + 1)
    assert (item.first_event_id, item.last_event_id) == (event.pk, event.pk)
    assert (item.done_at, item.held_until) == (NOW, NOW + bulk.HELD)
    assert (operation.by, operation.department, operation.details) == (handler, handler.department, START)
