import threading
import uuid
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from complaints import errors
from complaints.domain import workflow
from complaints.domain.actor import A_CITIZEN, THE_REPORTER, Actor
from complaints.domain.promise import Promise
from complaints.models import Event, Photo, Report, Supporter
from complaints.services import conversation, routing, status
from complaints.services.photos import stage_photo
from dispatch.models import Outbox
from tests.conftest import NOW, make_jpeg

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)


def proof(key):
    return {"photos": (stage_photo(make_jpeg(), key, now=NOW).uuid,), "photos_key": key}


def test_the_way_to_closed(assigned, officer):
    report = assigned()
    assert (report.status, report.department.code, report.due_at) == (
        "assigned",
        "DPU",
        NOW + timedelta(days=3),
    )
    status.acknowledge(report.pk, actor=officer, now=NOW)
    status.change_status(report.pk, "in_progress", actor=officer, now=NOW, expected_version=3)
    status.change_status(report.pk, "resolved", actor=officer, now=LATER, message="Sudah ditertibkan.")
    report.refresh_from_db()
    assert (report.status, report.is_open, report.resolved_at, report.version) == (
        "resolved",
        False,
        LATER,
        5,
    )
    conversation.confirm_fixed(report.pk, now=LATER, rating=5, message="Terima kasih")
    report.refresh_from_db()
    assert (report.status, report.closed_at) == ("closed", LATER)
    assert list(report.events.values_list("kind", "actor_kind", "from_status", "to_status")) == [
        ("submitted", "reporter", "", "received"),
        ("routed", "system", "received", "assigned"),
        ("acknowledged", "staff", "", ""),
        ("status", "staff", "assigned", "in_progress"),
        ("status", "staff", "in_progress", "resolved"),
        ("confirmed", "reporter", "resolved", "closed"),
    ]
    changed = Outbox.objects.filter(topic="report.changed").order_by("id")
    assert [row.payload["event_id"] for row in changed] == list(
        report.events.values_list("id", flat=True)[1:]
    )


def test_a_stale_version_is_a_conflict_that_names_the_current_one(assigned, officer):
    report = assigned()
    status.change_status(report.pk, "in_progress", actor=officer, now=NOW, expected_version=report.version)
    with pytest.raises(errors.Conflict) as caught:
        status.change_status(report.pk, "resolved", actor=officer, now=NOW, expected_version=2, message="x")
    assert caught.value.data == {"version": 3, "status": "in_progress", "expected_version": 2}
    assert Report.objects.get(pk=report.pk).status == "in_progress"


@pytest.mark.parametrize(
    ("to", "details", "field", "code"),
    [
        ("waiting", {}, "waiting_reason", "waiting_reason"),
        ("scheduled", {}, "scheduled_for", "scheduled_for"),
        ("scheduled", {"scheduled_for": date(2026, 9, 15)}, "scheduled_for", "scheduled_past"),
        ("scheduled", {"scheduled_for": date(2027, 9, 15)}, "budget_line", "budget_line"),
        ("scheduled", {"budget_line": "a" * 201}, "budget_line", "budget_line_too_long"),
        ("resolved", {}, "message", "message"),
        ("resolved", {"message": " \u202e"}, "message", "message"),
        ("rejected", {"message": "Bukan masalah."}, "reason_code", "reason_code"),
        ("rejected", {"reason_code": "abuse"}, "message", "message"),
        ("resolved", {"message": "a" * 2001}, "message", "too_long"),
    ],
)
def test_a_change_must_say_what_the_citizen_needs_to_know(assigned, officer, to, details, field, code):
    report = assigned()
    with pytest.raises(errors.InvalidReport) as caught:
        status.change_status(report.pk, to, actor=officer, now=NOW, **details)
    assert caught.value.errors[field][0] == code
    report.refresh_from_db()
    assert (report.status, report.version, report.events.count()) == ("assigned", 2, 2)


def test_a_repair_that_needs_proof_is_not_resolved_without_a_photo(assigned, officer):
    report = assigned(category="jalan-lubang")
    with pytest.raises(errors.InvalidReport) as caught:
        status.change_status(report.pk, "resolved", actor=officer, now=NOW, message="Sudah ditambal.")
    assert list(caught.value.errors) == ["photos"]
    status.change_status(
        report.pk, "resolved", actor=officer, now=NOW, message="Sudah ditambal.", **proof(uuid.uuid4())
    )
    photo = Photo.objects.get(report=report)
    assert (photo.kind, photo.by_staff_id) == ("repair", officer.user_id)


def test_waiting_says_since_when_and_why_and_ends_when_the_reporter_answers(assigned, officer):
    report = assigned()
    status.change_status(
        report.pk,
        "waiting",
        actor=officer,
        now=NOW,
        waiting_on="reporter",
        waiting_reason="Di tiang nomor berapa?",
    )
    report.refresh_from_db()
    assert (report.waiting_on, report.waiting_reason) == ("reporter", "Di tiang nomor berapa?")
    conversation.add_comment(report.pk, "Tiang 12", actor=A_CITIZEN, now=LATER)
    report.refresh_from_db()
    assert report.status == "waiting"
    conversation.add_comment(report.pk, "Tiang 12", actor=THE_REPORTER, now=LATER)
    report.refresh_from_db()
    assert (report.status, report.waiting_on, report.waiting_reason) == ("in_progress", "", "")


def test_waiting_on_somebody_else_is_not_ended_by_the_reporter(assigned, officer):
    report = assigned()
    status.change_status(report.pk, "waiting", actor=officer, now=NOW, waiting_reason="Menunggu PLN")
    conversation.add_comment(report.pk, "Bagaimana?", actor=THE_REPORTER, now=LATER)
    report.refresh_from_db()
    assert report.status == "waiting"


@pytest.mark.parametrize(
    ("to", "actor"),
    [("closed", "staff"), ("reopened", "staff"), ("reopened", "system"), ("resolved", "reporter")],
)
def test_nobody_acts_over_anothers_head(assigned, officer, to, actor):
    report = assigned()
    if to != "resolved":
        status.change_status(report.pk, "resolved", actor=officer, now=NOW, message="Selesai.")
    version = Report.objects.get(pk=report.pk).version
    with pytest.raises(errors.NotPermitted):
        status.change_status(report.pk, to, actor=Actor(actor), now=NOW, message="x")
    assert Report.objects.get(pk=report.pk).version == version


@pytest.mark.parametrize("to", ["triage", "assigned", "referred"])
def test_nobody_gets_a_report_without_a_promise(make_report, officer, to):
    """Only routing brings a report to an office: with a reason, a department and dates."""
    report = make_report()
    with pytest.raises(errors.TransitionNotAllowed):
        status.change_status(report.pk, to, actor=officer, now=NOW, message="Milik Anda.")
    report.refresh_from_db()
    assert (report.status, report.version, report.events.count()) == ("received", 1, 1)


def test_reopening_brings_it_back_and_counts(assigned, officer):
    report = assigned()
    status.change_status(report.pk, "resolved", actor=officer, now=NOW, message="Selesai.")
    with pytest.raises(errors.InvalidReport):
        conversation.reopen(report.pk, "", now=LATER)
    conversation.reopen(report.pk, "Masih gelap.", now=LATER)
    report.refresh_from_db()
    assert (report.status, report.is_open, report.reopen_count, report.resolved_at) == (
        "reopened",
        True,
        1,
        None,
    )
    assert report.department.code == "DPU"
    assert report.feedback.get().verdict == "not_fixed"


def test_reopening_ends_after_thirty_days(assigned, officer):
    report = assigned()
    status.change_status(report.pk, "resolved", actor=officer, now=NOW, message="Selesai.")
    with pytest.raises(errors.TransitionNotAllowed):
        conversation.reopen(report.pk, "Masih gelap.", now=NOW + timedelta(days=31))
    assert Report.objects.get(pk=report.pk).status == "resolved"


def test_confirming_twice_or_too_early_changes_nothing(assigned):
    report = assigned()
    with pytest.raises(errors.TransitionNotAllowed):
        conversation.confirm_fixed(report.pk, now=NOW)
    assert report.feedback.count() == 0


@pytest.mark.parametrize("rating", [0, 6, -1])
def test_a_rating_is_one_to_five(assigned, officer, rating):
    report = assigned()
    status.change_status(report.pk, "resolved", actor=officer, now=NOW, message="Selesai.")
    with pytest.raises(errors.InvalidReport):
        conversation.confirm_fixed(report.pk, now=NOW, rating=rating)
    assert (Report.objects.get(pk=report.pk).status, report.feedback.count()) == ("resolved", 0)


def test_one_browser_supports_once(make_report):
    report = make_report()
    assert conversation.support(report.pk, "token-a", actor=A_CITIZEN, now=NOW)
    assert not conversation.support(report.pk, "token-a", actor=A_CITIZEN, now=NOW)
    assert conversation.support(report.pk, "token-b", actor=A_CITIZEN, now=NOW)
    report.refresh_from_db()
    assert (report.supporter_count, Supporter.objects.count()) == (2, 2)
    assert report.events.filter(kind="supported").count() == 2


def test_an_ended_report_takes_no_supporters(assigned, officer):
    report = assigned()
    status.change_status(report.pk, "resolved", actor=officer, now=NOW, message="Selesai.")
    with pytest.raises(errors.TransitionNotAllowed):
        conversation.support(report.pk, "token-a", actor=A_CITIZEN, now=NOW)
    assert (Report.objects.get(pk=report.pk).supporter_count, Supporter.objects.count()) == (0, 0)


def test_handing_over_changes_the_department_and_counts(assigned, officer):
    from city.models import Department

    report = assigned()
    status.acknowledge(report.pk, actor=officer, now=NOW)
    other = Department.objects.get(code="DISHUB")
    routing.assign(
        report.pk,
        status="assigned",
        department_id=other.pk,
        severity=report.severity,
        promise=Promise(None, None, None),
        actor=officer,
        now=LATER,
        event_data={},
        message="Bukan kewenangan kami.",
    )
    report.refresh_from_db()
    assert (report.department, report.status, report.handover_count) == (other, "assigned", 1)
    assert report.acknowledged_at is None
    event = report.events.last()
    assert (event.kind, event.text, event.department_id) == (
        "handed_over",
        "Bukan kewenangan kami.",
        officer.department_id,
    )


# --- the database keeps the invariants by itself ---------------------------------------------------------


def test_the_database_refuses_exactly_what_the_workflow_table_refuses(make_report):
    """Every pair of statuses, tried past all code with plain SQL."""
    report = make_report()
    for before in workflow.STATUSES:
        for after in workflow.STATUSES:
            if before == after:
                continue
            with transaction.atomic():
                _force(report.pk, before)
                sid = transaction.savepoint()
                try:
                    _set(report.pk, after)
                    accepted = True
                except DatabaseError:
                    accepted = False
                transaction.savepoint_rollback(sid)
            assert accepted == workflow.may_follow(before, after), (before, after)


def _set(pk, value):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE complaints_report SET status = %s, is_open = %s, closure = %s WHERE id = %s",
            [value, value in workflow.OPEN, "unconfirmed" if value == workflow.CLOSED else "", pk],
        )


def _force(pk, value):
    """Bring the row into a status by the table itself, along the shortest way."""
    row = Report.objects.values_list("status", flat=True).get(pk=pk)
    paths, seen = [[row]], {row}
    while paths and paths[0][-1] != value:
        path = paths.pop(0)
        for nxt in sorted(workflow.TRANSITIONS[path[-1]] - seen):
            seen.add(nxt)
            paths.append([*path, nxt])
    if not paths:  # `received` cannot be reached again: a new row is there already
        row_id = pk
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("ALTER TABLE complaints_report DISABLE TRIGGER complaints_workflow")
                _set(row_id, value)
                cursor.execute("ALTER TABLE complaints_report ENABLE TRIGGER complaints_workflow")
            else:
                raise AssertionError(f"no way from {row} to {value}")
        return
    for step in paths[0][1:]:
        _set(pk, step)


def test_the_database_refuses_statuses_it_does_not_know_and_a_lying_is_open(make_report):
    report = make_report()
    for assignment in ("status = 'invented'", "is_open = %s", "severity = 6", "latitude = 91"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE complaints_report SET {assignment} WHERE id = {report.pk}",
                [False] if "%s" in assignment else None,
            )


def test_the_timeline_can_neither_be_changed_nor_shortened(make_report):
    report = make_report()
    with pytest.raises(DatabaseError), transaction.atomic():
        Event.objects.update(text="anders")
    with pytest.raises(DatabaseError), transaction.atomic():
        Event.objects.all().delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        report.delete()
    assert Event.objects.get().text == ""


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_one_wins_the_other_is_told(committed_city, assigned, officer):
    report, outcomes, start = assigned(), [], threading.Barrier(2)

    def change(to, details):
        start.wait()
        try:
            status.change_status(report.pk, to, actor=officer, now=NOW, expected_version=2, **details)
            outcomes.append("done")
        except errors.Conflict:
            outcomes.append("conflict")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=change, args=("in_progress", {})),
        threading.Thread(target=change, args=("waiting", {"waiting_reason": "Menunggu suku cadang"})),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict", "done"]
    report.refresh_from_db()
    assert (report.version, report.events.count()) == (3, 3)
