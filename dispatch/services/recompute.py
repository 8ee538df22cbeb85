"""Promises computed anew: another severity, or other office hours. The citizen reads what moved, and why."""

import hashlib
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from city import snapshot as city
from complaints import errors
from complaints.domain import taken_back, text, workflow
from complaints.domain.actor import PORTAL, Actor
from complaints.domain.promise import Promise
from complaints.models import Event, Report
from complaints.services import routing as complaints_routing
from complaints.services import timeline
from dispatch.domain import promise as promises
from dispatch.models import CalendarSeen
from dispatch.services import route, rules

BATCH = 500
_BEGINS = (Event.Kind.ROUTED, Event.Kind.TRIAGED, Event.Kind.HANDED_OVER, Event.Kind.REOPENED)
_SAME = _("The report has this severity already. Choose another one.")
_UNKNOWN = _("A severity is a number from 1 to 5.")


@transaction.atomic
def change_severity(
    report_id: int,
    severity: int | None,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Report:
    """Another severity, and the promise that belongs to it, counted from the day the office got the report.

    `reason` is a sentence that the citizen reads. Raises Conflict, MissingReason, InvalidReport (severity),
    TransitionNotAllowed (the report has ended). Locks the report's row.
    """
    report = timeline.lock(report_id, expected_version)
    reason = text.clean(reason)
    if not report.is_open:
        raise errors.TransitionNotAllowed(status=report.status, to="severity", version=report.version)
    if severity not in range(1, 6):
        raise errors.InvalidReport({"severity": ("severity_unknown", _UNKNOWN)})
    if severity == report.severity:
        raise errors.InvalidReport({"severity": ("severity_same", _SAME)})
    if not reason:
        raise errors.MissingReason
    before, report.severity = report.severity, severity
    timeline.save(report, now, "severity")
    timeline.record(
        report, Event.Kind.SEVERITY, actor, now, text=reason, data={"from": before, "to": severity}
    )
    renew(report, "severity", actor, now)
    report.refresh_from_db()
    return report


def renew(report: Report, reason_code: str, actor: Actor, now: datetime) -> bool:
    """Compute the promise anew; False, and nothing is written, if it stays the same or does not apply."""
    if not report.is_open or report.status in (workflow.SCHEDULED, workflow.RECEIVED):
        return False
    before = Promise(report.acknowledge_due_at, report.make_safe_due_at, report.due_at)
    after = computed(report)
    if after is None or after == before:
        return False
    complaints_routing.change_promise(report.pk, after, actor=actor, now=now, reason_code=reason_code)
    return True


def computed(report: Report) -> Promise | None:
    """The promise from the report's own history: since the office has it, moved by every ended pause.

    None if nobody has it yet.
    """
    events = taken_back.standing(Event.objects.filter(report=report).order_by("id"))
    begins = [event for event in events if event.kind in _BEGINS and not _is_of_its_primary(event)]
    begin = begins[-1] if begins else None
    if begin is None:
        return None
    snap = city.current()
    book = rules.current(snap)
    department = snap.departments_by_id.get(report.department_id)
    promise = route.promise_for(report, department, snap, book, begin.at)
    level = route.level_of(report, snap, book)
    for paused_at, resumed_at in _pauses([event for event in events if event.pk > begin.pk]):
        promise = promises.after_pause(
            promise,
            level=level,
            calendar=snap.calendar(department.calendar_code if department else None),
            paused_at=paused_at,
            resumed_at=resumed_at,
            acknowledged=report.acknowledged_at is not None and report.acknowledged_at <= paused_at,
        )
    return promise


def _is_of_its_primary(event: Event) -> bool:
    """Whether the reporter's "not fixed" was said of a merged report: its own state did not move."""
    return event.kind == Event.Kind.REOPENED and not event.to_status


def _pauses(events: list[Event]) -> list[tuple[datetime, datetime]]:
    """The pauses that have ended, in order."""
    found, since = [], None
    for event in events:
        if event.to_status == workflow.WAITING:
            since = event.at
        elif event.from_status == workflow.WAITING and since is not None:
            found.append((since, event.at))
            since = None
    return found


# --- Other office hours ----------------------------------------------------------------------------------


def follow_calendars(*, now: datetime) -> int:
    """Recompute the promises of offices whose hours or holidays have changed since the last look.

    Returns how many promises moved. The first look at a calendar only remembers it. Promises move only
    forward in time from here: what was due before `now` was due by the hours that held then.
    """
    snap = city.current()
    moved = 0
    for code in sorted(
        {item.calendar_code for item in snap.departments.values()}, key=lambda item: item or ""
    ):
        digest = _digest(snap.calendar(code), now.date())
        seen = CalendarSeen.objects.filter(code=code or "").first()
        if seen is not None and seen.digest != digest:
            moved += _recompute_for(code, now)
        if seen is None or seen.digest != digest:
            CalendarSeen.objects.update_or_create(
                code=code or "", defaults={"digest": digest, "seen_at": now}
            )
    return moved


def _digest(calendar, today: date) -> str:
    """SHA-256 of every working hour of last year, this one and the next."""
    day, last = date(today.year - 1, 1, 1), date(today.year + 1, 12, 31)
    hours = hashlib.sha256()
    while day <= last:
        hours.update(repr((day.isoformat(), calendar.spans(day))).encode())
        day += timedelta(days=1)
    return hours.hexdigest()


def _recompute_for(code: str | None, now: datetime) -> int:
    snap = city.current()
    offices = [item.id for item in snap.departments.values() if item.calendar_code == code]
    ahead = Report.objects.filter(is_open=True, department_id__in=offices, due_at__gt=now)
    moved = 0
    for report_id in list(ahead.order_by("due_at").values_list("pk", flat=True)):
        with transaction.atomic():
            report = timeline.lock(report_id)
            moved += renew(report, "calendar", PORTAL, now)
    return moved
