"""Promises computed anew: by another severity, by other office hours."""

from datetime import date, timedelta

import pytest
from django.core.management import call_command

from city import snapshot as city
from city.models import CalendarPeriod, Department, WorkCalendar
from city.services import versions
from complaints import errors
from complaints.domain.actor import Actor
from complaints.models import Event
from complaints.services import conversation
from complaints.services.status import change_status
from dispatch.services import recompute, route
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
OFFICER = Actor("staff")


@pytest.fixture
def routed(make_report):
    def make(**changes):
        report = make_report(**changes)
        route.route_report(report.pk, now=NOW)
        report.refresh_from_db()
        return report

    return make


def change(report, severity, at=NOW, **options):
    options = {"reason": "Sudah ada yang jatuh.", "actor": OFFICER} | options
    recompute.change_severity(report.pk, severity, now=at, **options)
    report.refresh_from_db()
    return report


def test_what_is_computed_from_history_is_what_was_promised(routed):
    report = routed()
    found = recompute.computed(report)
    assert (found.acknowledge_due_at, found.make_safe_due_at, found.due_at) == (
        report.acknowledge_due_at,
        report.make_safe_due_at,
        report.due_at,
    )


def test_more_urgent_counts_from_the_day_the_office_got_it(routed):
    report = routed()
    change(report, 4, NOW + timedelta(hours=5))
    assert (report.severity, report.due_at) == (4, NOW + timedelta(hours=48))
    kinds = list(Event.objects.filter(report=report).order_by("id").values_list("kind", flat=True))
    assert kinds[-2:] == ["severity", "promise"]
    severity, promise = Event.objects.filter(report=report).order_by("id")[2:]
    assert (severity.data, severity.text) == ({"from": 3, "to": 4}, "Sudah ada yang jatuh.")
    assert (promise.data["reason_code"], promise.is_public) == ("severity", True)


def test_a_pause_stays_counted(routed):
    report = routed(answers={"size": "over_60"})  # severity 4: clock time
    for to, at, details in (
        ("waiting", NOW + timedelta(hours=1), {"waiting_reason": "Menunggu PDAM"}),
        ("in_progress", NOW + timedelta(hours=11), {}),
    ):
        change_status(report.pk, to, actor=OFFICER, now=at, **details)
    report.refresh_from_db()
    assert recompute.computed(report).due_at == NOW + timedelta(hours=58)


@pytest.mark.parametrize(
    ("severity", "reason", "error"),
    [
        (3, "Sama saja.", errors.InvalidReport),
        (0, "x", errors.InvalidReport),
        (None, "x", errors.InvalidReport),
        (9, "x", errors.InvalidReport),
        (4, "  ", errors.MissingReason),
    ],
)
def test_what_cannot_be_changes_nothing(routed, severity, reason, error):
    report = routed()
    before = (report.version, report.due_at, report.events.count())
    with pytest.raises(error):
        change(report, severity, reason=reason)
    report.refresh_from_db()
    assert (report.version, report.due_at, report.events.count()) == before


def test_what_has_ended_keeps_its_severity(routed):
    report = routed()
    change_status(report.pk, "rejected", actor=OFFICER, now=NOW, message="x", reason_code="abuse")
    with pytest.raises(errors.TransitionNotAllowed):
        change(report, 4)
    report.refresh_from_db()
    assert report.severity == 3


def test_planned_work_keeps_its_published_date(routed):
    report = routed()
    planned = {"scheduled_for": date(2027, 3, 1), "budget_line": "APBD 2027"}
    change_status(report.pk, "scheduled", actor=OFFICER, now=NOW, **planned)
    report.refresh_from_db()
    due_at = report.due_at
    assert change(report, 4).due_at == due_at


@pytest.fixture
def closed_tomorrow():
    """The city's default calendar gets one more closed day: the day after NOW."""
    call_command("load_city", "semarang", verbosity=0)
    calendar = WorkCalendar.objects.get(code=city.current().city.default_calendar)
    day = NOW.date() + timedelta(days=1)

    def close():
        CalendarPeriod.objects.create(calendar=calendar, name="Cuti", first_day=day, last_day=day)
        versions.bump(False)

    return close


def test_another_closed_day_moves_what_lies_ahead_once(routed, closed_tomorrow):
    report = routed()  # severity 3: three working days
    assert recompute.follow_calendars(now=NOW) == 0  # the first look only remembers
    due_before = report.due_at
    closed_tomorrow()
    assert recompute.follow_calendars(now=NOW) == 1
    report.refresh_from_db()
    assert report.due_at > due_before
    event = Event.objects.filter(report=report).last()
    assert (event.kind, event.data["reason_code"], event.is_public) == ("promise", "calendar", True)
    assert recompute.follow_calendars(now=NOW) == 0
    assert Event.objects.filter(report=report, kind="promise").count() == 1


def test_what_was_due_already_stays_due_then(routed, closed_tomorrow):
    report = routed()
    late = report.due_at + timedelta(hours=1)
    recompute.follow_calendars(now=late)
    closed_tomorrow()
    assert recompute.follow_calendars(now=late) == 0
    due_before = report.due_at
    report.refresh_from_db()
    assert report.due_at == due_before


def test_offices_with_other_hours_are_left_alone(routed, closed_tomorrow):
    report = routed()
    Department.objects.filter(code="DPU").update(calendar=WorkCalendar.objects.get(code="siaga"))
    versions.bump(False)
    recompute.follow_calendars(now=NOW)
    closed_tomorrow()
    recompute.follow_calendars(now=NOW)
    report.refresh_from_db()
    assert not Event.objects.filter(report=report, kind="promise").exists()


def test_a_pause_is_counted_once_though_the_workers_come_late(routed, work):
    """Waiting ends, and before any worker has looked at it somebody judges the report anew."""
    report = routed()
    change_status(report.pk, "waiting", actor=OFFICER, now=NOW, waiting_reason="Menunggu PDAM")
    work(NOW)
    change_status(report.pk, "in_progress", actor=OFFICER, now=NOW + timedelta(hours=10))
    change(report, 4, NOW + timedelta(hours=10))
    assert report.due_at == NOW + timedelta(hours=58)
    work(NOW + timedelta(hours=11))
    report.refresh_from_db()
    assert report.due_at == NOW + timedelta(hours=58)


def test_a_reopened_report_has_a_new_promise_though_it_was_done_before_the_workers_came(routed, work):
    report = routed(category="lain-parkir")
    change_status(report.pk, "resolved", actor=OFFICER, now=NOW, message="Sudah rapi.")
    again = NOW + timedelta(days=1)
    conversation.reopen(report.pk, "Masih ada.", now=again)
    change_status(report.pk, "resolved", actor=OFFICER, now=again, message="Sekarang sudah.")
    work(again)
    before = report.due_at
    report.refresh_from_db()
    assert report.due_at == before + timedelta(days=1)
