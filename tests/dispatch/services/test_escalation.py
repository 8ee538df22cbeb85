"""Late reports climb their ladder: once a rung, the right people, until somebody takes care of it."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from complaints import errors
from complaints.models import Event, Report
from complaints.services.status import change_status
from dispatch.models import ClockWatch, Escalation, LadderRung, Outbox
from dispatch.services import casework, digests, escalation, worker
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def people(staff):
    made = {
        "handler": staff("handler", "DPU"),
        "section_head": staff("handler", "DPU"),
        "department_head": staff("department_admin", "DPU"),
        "p3m": staff("p3m"),
        "other": staff("handler", "DLH"),
    }
    made["section_head"].is_section_head = True
    for name, user in made.items():
        user.email = f"{name}@example.org"
        user.save()
    return made


@pytest.fixture
def routed(make_report):
    """A report of DPU with its watch, as the worker leaves it."""

    def make(**changes):
        report = make_report(**changes)
        worker.drain("routing", clock=lambda: NOW)
        worker.drain("notify", clock=lambda: NOW)
        mail.outbox.clear()
        report.refresh_from_db()
        assert report.department.code == "DPU"
        return report

    return make


def rungs_of(report, clock="resolve"):
    rows = Escalation.objects.filter(report=report, clock=clock).order_by("level")
    return [(row.level, row.target, row.told_count) for row in rows]


def accept(report, user, now=NOW):
    casework.take_step(user, report.pk, "accept", casework.Details(), now=now)
    worker.drain("notify", clock=lambda: now)
    report.refresh_from_db()


def test_routing_begins_the_watch_with_the_first_rung(routed):
    report = routed()
    watch = ClockWatch.objects.get(report=report)
    assert watch.next_at == report.acknowledge_due_at - 4 * HOUR


def test_each_rung_once_and_nobody_before_their_time(routed, people):
    report = routed()
    accept(report, people["handler"])
    due = report.due_at
    expected = [
        (due - 4 * HOUR - timedelta(minutes=1), []),
        (due - 4 * HOUR, [(1, "handler", 1)]),
        (due, [(1, "handler", 1), (2, "section_head", 1)]),
    ]
    Report.objects.filter(pk=report.pk).update(made_safe_at=NOW)
    for at, rungs in expected:
        escalation.climb_due(now=at)
        escalation.climb_due(now=at)
        assert rungs_of(report) == rungs
    escalation.climb_due(now=due + 24 * HOUR)
    assert [rung[0] for rung in rungs_of(report)] == [1, 2, 3]
    escalation.climb_due(now=due + 72 * HOUR)
    assert rungs_of(report)[-1] == (4, "p3m", 1)


def test_after_an_outage_every_missed_rung_is_climbed_at_once(routed, people):
    report = routed()
    accept(report, people["handler"])
    escalation.climb_due(now=report.due_at + 100 * HOUR)
    assert [rung[0] for rung in rungs_of(report)] == [1, 2, 3, 4]
    assert escalation.climb_due(now=report.due_at + 100 * HOUR) == 0


def test_what_the_public_reads(routed, people):
    report = routed()
    accept(report, people["handler"])
    escalation.climb_due(now=report.due_at + 25 * HOUR)
    told = Event.objects.filter(report=report, kind="escalated").order_by("id")
    public = {(event.data["clock"], event.data["target"]) for event in told if event.is_public}
    assert public == {
        ("resolve", "department_head"),
        ("make_safe", "department_head"),
        ("make_safe", "p3m"),
    }
    assert {event.data["target"] for event in told if not event.is_public} == {"handler", "section_head"}


def test_told_again_until_somebody_takes_care_of_it(routed, people):
    report = routed()
    accept(report, people["handler"])
    Report.objects.filter(pk=report.pk).update(made_safe_at=NOW)
    at = report.due_at + 24 * HOUR
    for hours in (0, 24, 36, 48):
        escalation.climb_due(now=at + hours * HOUR)
    head = Escalation.objects.get(report=report, level=3)
    assert head.told_count == 3
    escalation.acknowledge(people["department_head"], head.pk, now=at + 49 * HOUR)
    escalation.climb_due(now=at + 500 * HOUR)
    head.refresh_from_db()
    assert (head.told_count, head.acknowledged_by) == (3, people["department_head"])


def test_whoever_is_not_told_cannot_take_care_and_changes_nothing(routed, people):
    report = routed()
    accept(report, people["handler"])
    escalation.climb_due(now=report.due_at + 24 * HOUR)
    head = Escalation.objects.get(report=report, clock="resolve", level=3)
    with pytest.raises(errors.NotPermitted):
        escalation.acknowledge(people["handler"], head.pk, now=NOW)
    with pytest.raises(Escalation.DoesNotExist):
        escalation.acknowledge(people["other"], head.pk, now=NOW)
    head.refresh_from_db()
    assert (head.acknowledged_at, head.acknowledged_by) == (None, None)


@pytest.mark.parametrize(
    ("to", "details"),
    [
        ("waiting", {"waiting_reason": "Menunggu aspal"}),
        ("rejected", {"reason_code": "cannot_find", "message": "Tidak ada."}),
    ],
)
def test_a_clock_that_stops_ends_its_escalations(routed, people, to, details):
    report = routed()
    accept(report, people["handler"])
    escalation.climb_due(now=report.due_at + HOUR)
    assert Escalation.objects.filter(ended_at=None).count() > 0
    change_status(
        report.pk, to, actor=casework.actor_of(people["handler"]), now=report.due_at + 2 * HOUR, **details
    )
    worker.drain("notify", clock=lambda: report.due_at + 2 * HOUR)
    assert Escalation.objects.filter(ended_at=None).count() == 0
    assert ClockWatch.objects.get(report=report).next_at is None
    assert escalation.climb_due(now=report.due_at + 900 * HOUR) == 0


def test_planned_work_whose_date_passes_climbs(routed, people):
    report = routed()
    accept(report, people["handler"])
    planned = timezone.localdate(NOW) + timedelta(days=60)
    change_status(
        report.pk,
        "scheduled",
        actor=casework.actor_of(people["handler"]),
        now=NOW,
        scheduled_for=planned,
        budget_line="APBD 2027, pemeliharaan jalan",
    )
    worker.drain("notify", clock=lambda: NOW)
    report.refresh_from_db()
    assert (timezone.localtime(report.due_at).date(), report.budget_line) == (
        planned,
        "APBD 2027, pemeliharaan jalan",
    )
    assert ClockWatch.objects.get(report=report).next_at == report.due_at - 4 * HOUR
    escalation.climb_due(now=report.due_at + HOUR)
    assert rungs_of(report) == [(1, "handler", 1), (2, "section_head", 1)]
    assert rungs_of(report, "acknowledge") == []


def test_a_department_with_a_ladder_of_its_own_climbs_that_one(routed, people):
    report = routed()
    LadderRung.objects.create(department=report.department, level=1, minutes_after_due=0, target="p3m")
    accept(report, people["handler"])
    escalation.climb_due(now=report.due_at + 99 * HOUR)
    assert rungs_of(report) == [(1, "p3m", 1)]


@pytest.mark.parametrize(
    ("level", "missing", "told"),
    [
        (1, [], "handler"),
        (1, ["handler", "section_head"], "department_head"),
        (2, [], "section_head"),
        (2, ["section_head"], "department_head"),
        (3, ["department_head"], "p3m"),
        (4, [], "p3m"),
    ],
)
def test_a_rung_never_tells_nobody(routed, people, level, missing, told):
    report = routed()
    for name in missing:
        people[name].is_active = False
        people[name].save()
    Report.objects.filter(pk=report.pk).update(acknowledged_at=NOW, made_safe_at=NOW)
    escalation.climb(report.pk, now=report.due_at + 100 * HOUR)
    row = Escalation.objects.get(report=report, level=level)
    names = {user.email.split("@")[0] for user in escalation.told_by(row, report)}
    assert told in names
    assert names <= {"handler", "section_head"} if told == "handler" else names == {told}


def test_danger_is_written_about_at_once_and_small_things_are_not(routed, people):
    small, severe = routed(), routed(answers={"size": "over_60"})
    assert (small.severity, severe.severity) == (3, 4)
    for report in (small, severe):
        escalation.climb(report.pk, now=report.due_at + HOUR)
    later = max(small.due_at, severe.due_at) + HOUR
    worker.drain("notify", clock=lambda: later)
    assert {message.to[0] for message in mail.outbox} >= {"section_head@example.org", "handler@example.org"}
    assert all(severe.spoken_code in message.body for message in mail.outbox)
    assert small.spoken_code not in "".join(message.body for message in mail.outbox)


def test_one_digest_a_day_on_working_days(routed, people):
    report = routed()
    morning = report.due_at.astimezone(NOW.tzinfo).replace(hour=7, minute=0) + timedelta(days=4)
    while morning.weekday() > 3:
        morning += timedelta(days=1)
    assert digests.prepare_due(now=morning.replace(hour=3)) == 0
    assert digests.prepare_due(now=morning) == 5
    assert digests.prepare_due(now=morning) == 0
    worker.drain("notify", clock=lambda: morning)
    by_reader = {message.to[0]: message.body for message in mail.outbox}
    assert set(by_reader) == {
        "handler@example.org",
        "section_head@example.org",
        "department_head@example.org",
        "p3m@example.org",
    }
    assert all(report.spoken_code in body for body in by_reader.values())
    assert Outbox.objects.filter(topic="digest.send", state="done").count() == 5
    sunday = morning + timedelta(days=6 - morning.weekday())
    assert digests.prepare_due(now=sunday) == 0


def test_open_reports_from_before_are_found(routed):
    report = routed()
    ClockWatch.objects.all().delete()
    assert escalation.watch_missing(now=NOW) == 1
    assert escalation.watch_missing(now=NOW) == 0
    assert ClockWatch.objects.get().report_id == report.pk


def test_the_sweep_costs_what_is_due(routed, django_assert_num_queries):
    for _ in range(3):
        routed()
    with django_assert_num_queries(1):
        assert escalation.climb_due(now=NOW) == 0
