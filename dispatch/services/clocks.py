"""The clock of a promise: it stands while the report waits, starts anew when it is reopened, and runs out
for reporters who stay silent."""

from datetime import datetime, time, timedelta

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from city import snapshot as city
from complaints import errors
from complaints.domain import workflow
from complaints.domain.actor import PORTAL
from complaints.domain.promise import Promise
from complaints.models import Event, Merge, Report, Subscription, TakenBack
from complaints.services import conversation, incidents
from complaints.services import routing as complaints_routing
from complaints.services.status import change_status
from dispatch.domain import promise as promises
from dispatch.services import route, rules

_NEW_PROMISE = (Event.Kind.ROUTED, Event.Kind.TRIAGED, Event.Kind.HANDED_OVER, Event.Kind.REOPENED)
_MOVES_PROMISE = (Event.Kind.REOPENED, Event.Kind.EDITED, Event.Kind.STATUS)
# Whoever judged the report anew had its whole promise computed from its history, at once.
_COMPUTED = (Event.Kind.SEVERITY, Event.Kind.CATEGORY, Event.Kind.PLACE)
_KEEPS_PROMISE = workflow.OPEN | {workflow.RESOLVED}
_CLOSE_AT_ONCE = 500
_DECISIVE = frozenset({"answers", "street"})  # what the reporter can correct and the rules look at


def follow(event: Event, *, now: datetime) -> None:
    """Move the promise as the event demands. Run it in the transaction that marks the event as handled:
    running it twice would move the promise twice."""
    if event.kind == Event.Kind.REOPENED and not event.to_status:
        return  # said of a merged report: it is its primary that was opened again
    if event.kind == Event.Kind.UNMERGED:
        _catch_up(event, now)
    elif event.kind in _MOVES_PROMISE and TakenBack.objects.filter(event_id=event.pk).exists():
        return  # as if it had not been: the office was faster than the queue
    elif event.kind in _MOVES_PROMISE and _is_deferred(event):
        return
    elif event.kind == Event.Kind.REOPENED:
        _start_anew(event, now)
    elif event.kind == Event.Kind.EDITED:
        _after_edit(event, now)
    elif event.kind == Event.Kind.STATUS and event.to_status == workflow.SCHEDULED:
        _on_schedule(event, now)
    elif event.kind == Event.Kind.STATUS and event.from_status == workflow.WAITING:
        _after_waiting(event, now)


def _is_deferred(event: Event) -> bool:
    """The work of a merged report stands still: what would move its promise waits until it is taken out."""
    report = Report.objects.select_for_update(of=("self",)).get(pk=event.report_id)
    return incidents.defer(report, event.pk)


def _catch_up(event: Event, now: datetime) -> None:
    """Follow what waited while the report was merged, in order."""
    merge = Merge.objects.filter(pk=event.data.get("merge_id")).first()
    missed = Event.objects.filter(report_id=event.report_id, pk__in=merge.deferred if merge else ())
    for earlier in missed.order_by("id"):
        follow(earlier, now=now)


def _after_edit(event: Event, now: datetime) -> None:
    """New answers may mean another office, another urgency, or both. What is not routed yet needs nothing:
    the routing that is still to come reads the new answers."""
    if _DECISIVE.isdisjoint(event.data.get("fields", ())):
        return
    if route.route_again(event.report_id, now=now) or "severity_before" not in event.data:
        return
    report = Report.objects.select_for_update(of=("self",)).get(pk=event.report_id)
    paused = report.status in (workflow.WAITING, workflow.SCHEDULED)
    if not report.is_open or paused or report.promised_at is None:
        return
    snap = city.current()
    department = snap.departments_by_id.get(report.department_id)
    promise = route.promise_for(report, department, snap, rules.current(snap), report.promised_at)
    if promise != Promise(report.acknowledge_due_at, report.make_safe_due_at, report.due_at):
        complaints_routing.change_promise(report.pk, promise, actor=PORTAL, now=now, reason_code="severity")


def _on_schedule(event: Event, now: datetime) -> None:
    """Work that needs budget is promised for its published date: until the end of that day.

    The event that gave the date is public already, so the move itself is not told again.
    """
    report = Report.objects.select_for_update(of=("self",)).get(pk=event.report_id)
    if report.status != workflow.SCHEDULED or report.scheduled_for is None:
        return
    midnight = datetime.combine(report.scheduled_for, time.max, timezone.get_default_timezone())
    promise = Promise(report.acknowledge_due_at, report.make_safe_due_at, midnight.replace(microsecond=0))
    complaints_routing.change_promise(
        report.pk, promise, actor=PORTAL, now=now, reason_code="scheduled", is_public=False
    )


def _after_waiting(event: Event, now: datetime) -> None:
    """The time that passed while waiting is added, counted as the service level counts.

    Also when the waiting ended with the work done: in time is judged by the promise without the pause.
    """
    report = Report.objects.select_for_update(of=("self",)).get(pk=event.report_id)
    earlier = Event.objects.filter(report=report, id__lt=event.pk, to_status=workflow.WAITING)
    earlier = earlier.filter(taken_back=None).exclude(kind=Event.Kind.UNDONE)
    began = earlier.order_by("-id").first()
    if began is None or event.to_status not in _KEEPS_PROMISE:
        return
    if _is_renewed_after(event) or _is_computed_after(event):
        return
    snap = city.current()
    department = snap.departments_by_id.get(report.department_id)
    before = Promise(report.acknowledge_due_at, report.make_safe_due_at, report.due_at)
    after = promises.after_pause(
        before,
        level=route.level_of(report, snap, rules.current(snap)),
        calendar=snap.calendar(department.calendar_code if department else None),
        paused_at=began.at,
        resumed_at=event.at,
        acknowledged=report.acknowledged_at is not None,
    )
    if after != before:
        complaints_routing.change_promise(report.pk, after, actor=PORTAL, now=now, reason_code="paused")


def _is_renewed_after(event: Event) -> bool:
    """Whether a later event has brought a promise of its own."""
    later = Event.objects.filter(report_id=event.report_id, id__gt=event.pk, kind__in=_NEW_PROMISE)
    return later.exclude(kind=Event.Kind.REOPENED, to_status="").exists()


def _is_computed_after(event: Event) -> bool:
    """Whether the promise has been computed since from the whole history, with what this event says in it."""
    later = Event.objects.filter(report_id=event.report_id, id__gt=event.pk)
    by_hours = Q(kind=Event.Kind.PROMISE, data__reason_code="calendar")
    return later.filter(Q(kind__in=_COMPUTED) | by_hours).exists()


def _start_anew(event: Event, now: datetime) -> None:
    """A reopened report goes back to its department with a new promise; without one, to the triage desk.

    Also when the department was faster than the queue and works on it already, or is done with it again.
    """
    report = Report.objects.select_for_update(of=("self",)).get(pk=event.report_id)
    if report.status not in _KEEPS_PROMISE or _is_renewed_after(event):
        return
    snap = city.current()
    book = rules.current(snap)
    department = snap.departments_by_id.get(report.department_id)
    promise = route.promise_for(report, department, snap, book, event.at)
    if department:
        if not _is_computed_after(event):
            complaints_routing.change_promise(
                report.pk, promise, actor=PORTAL, now=now, reason_code="reopened"
            )
        return
    if not report.is_open:
        return
    complaints_routing.assign(
        report.pk,
        status=workflow.TRIAGE,
        department_id=None,
        severity=report.severity,
        promise=promise,
        actor=PORTAL,
        now=now,
        event_data={"triage_reason": "reopened"},
    )


def _silent(since: datetime) -> QuerySet[Report]:
    """Resolved (and checked, if it is to be) by `since`, and no word of the reporter after it."""
    spoke = Event.objects.filter(report=OuterRef("pk"), actor_kind=Event.ActorKind.REPORTER, at__gt=since)
    resolved = Report.objects.filter(status=workflow.RESOLVED, status_since__lte=since, checking_since=None)
    return resolved.exclude(Exists(spoke))


def remind_silent(*, now: datetime) -> int:
    """Ask once more, REMIND_BEFORE_DAYS before silence closes a report; returns how many were asked.

    Only where the reporter still listens: nobody else would hear it. A reporter who spoke since starts the
    ten days anew, and may be asked again at their end.
    """
    since = now - timedelta(days=workflow.CLOSE_AFTER_SILENT_DAYS - workflow.REMIND_BEFORE_DAYS)
    asked = Event.objects.filter(report=OuterRef("pk"), kind=Event.Kind.REMINDED, at__gt=since)
    listening = Subscription.objects.filter(
        Q(report=OuterRef("pk")) | Q(report__merged_into=OuterRef("pk")),
        role=Subscription.Role.REPORTER,
        confirmed_at__isnull=False,
        stopped_at=None,
    )
    silent = _silent(since).exclude(Exists(asked)).filter(Exists(listening)).order_by("status_since")
    words = Max("events__at", filter=Q(events__actor_kind=Event.ActorKind.REPORTER))
    count = 0
    for report in silent.only("status_since", "version").annotate(last_word_at=words)[:_CLOSE_AT_ONCE]:
        closes_at = workflow.closes_at(report.status_since, report.last_word_at)
        if closes_at <= now:  # the next run closes it
            continue
        try:
            conversation.remind(report.pk, now=now, closes_at=closes_at, expected_version=report.version)
        except errors.DomainError:
            continue
        count += 1
    return count


def close_silent(*, now: datetime) -> int:
    """Close what was resolved CLOSE_AFTER_SILENT_DAYS ago and not spoken of by its reporter since, as
    unconfirmed: silence is no consent.

    Returns how many. Reports that change meanwhile are left to the next run.
    """
    since = now - timedelta(days=workflow.CLOSE_AFTER_SILENT_DAYS)
    silent = _silent(since)
    count = 0
    for report_id, version in silent.order_by("status_since").values_list("pk", "version")[:_CLOSE_AT_ONCE]:
        try:
            change_status(
                report_id,
                workflow.CLOSED,
                actor=PORTAL,
                now=now,
                expected_version=version,
                reason_code="silent",
            )
        except errors.DomainError:
            continue
        count += 1
    return count
