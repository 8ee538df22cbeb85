"""Writing dispatch's decisions back: who has the report, and what is promised."""

from datetime import datetime
from typing import Any

import h3.api.basic_int as h3
from django.db import transaction

from complaints import errors
from complaints.domain import text, workflow
from complaints.domain.actor import STAFF, Actor
from complaints.domain.promise import Promise
from complaints.models import Event, Report
from complaints.services import timeline
from complaints.services.status import STATUS_FIELDS, apply_status

H3_RESOLUTION = 9  # as services.submit files them
_PROMISE_FIELDS = ("promised_at", "acknowledge_due_at", "make_safe_due_at", "due_at")


@transaction.atomic
def assign(
    report_id: int,
    *,
    status: str,
    department_id: int | None,
    severity: int,
    promise: Promise,
    actor: Actor,
    now: datetime,
    event_data: dict[str, Any],
    message: str = "",
    expected_version: int | None = None,
) -> Report:
    """Give a report to a department (`assigned`), to an owner outside the city (`referred`) or to a human
    (`triage`, no department), with its promise.

    A hand-over from one department to the next keeps the status and changes the department. Raises
    Conflict, TransitionNotAllowed. Locks the report's row.
    """
    report = timeline.lock(report_id, expected_version)
    timeline.check_own_work(report)
    if status not in (workflow.ASSIGNED, workflow.REFERRED, workflow.TRIAGE):
        raise errors.TransitionNotAllowed(status=report.status, to=status)
    same = status == report.status and department_id != report.department_id
    if not same and not workflow.may_follow(report.status, status):
        raise errors.TransitionNotAllowed(status=report.status, to=status, version=report.version)
    before_department_id = report.department_id
    before = apply_status(report, status, now)
    report.department_id, report.severity = department_id, severity
    report.acknowledged_at = report.assignee_id = report.crew_id = None
    if actor.kind == STAFF:
        report.handover_count += 1
    _set_promise(report, promise, now)
    own = ("department", "severity", "assignee", "crew", "handover_count")
    timeline.save(report, now, *STATUS_FIELDS, *_PROMISE_FIELDS, *own)
    timeline.record(
        report,
        _kind(actor, status),
        actor,
        now,
        from_status=before,
        to_status=status,
        text=text.clean(message),
        data={"from_department_id": before_department_id, "to_department_id": department_id, **event_data},
    )
    return report


def _kind(actor: Actor, status: str) -> str:
    if actor.kind == STAFF:
        return Event.Kind.HANDED_OVER
    return Event.Kind.TRIAGED if status == workflow.TRIAGE else Event.Kind.ROUTED


def _set_promise(report: Report, promise: Promise, now: datetime) -> None:
    report.promised_at = now
    report.acknowledge_due_at = promise.acknowledge_due_at
    report.make_safe_due_at = promise.make_safe_due_at
    report.due_at = promise.due_at


@transaction.atomic
def change_category(
    report: Report,
    *,
    category_id: int,
    answers: dict[str, Any],
    severity: int,
    makes_private: bool,
    actor: Actor,
    now: datetime,
    event_data: dict[str, Any],
    message: str = "",
) -> None:
    """Give a locked report another kind, with what its answers mean there, and say so on its timeline.

    A kind that is private by default makes the report private; none makes it public.
    """
    timeline.check_own_work(report)
    report.category_id, report.answers, report.severity = category_id, answers, severity
    report.is_private = report.is_private or makes_private
    timeline.save(report, now, "category", "answers", "severity", "is_private")
    timeline.record(report, Event.Kind.CATEGORY, actor, now, text=text.clean(message), data=event_data)


@transaction.atomic
def change_place(
    report: Report,
    *,
    latitude: float,
    longitude: float,
    area_id: int,
    street: str,
    actor: Actor,
    now: datetime,
    event_data: dict[str, Any],
    message: str = "",
) -> None:
    """Move a locked report to where the problem is (WGS84 degrees), and say so on its timeline. Where it was
    the decision keeps (dispatch.services.relocate): the event is public, and names the kelurahan only."""
    timeline.check_own_work(report)
    report.latitude, report.longitude, report.area_id, report.street = latitude, longitude, area_id, street
    report.h3_r9 = h3.latlng_to_cell(latitude, longitude, H3_RESOLUTION)
    report.place_source, report.accuracy_m = Report.PlaceSource.MAP, None
    fields = ("latitude", "longitude", "area", "street", "h3_r9", "place_source", "accuracy_m")
    timeline.save(report, now, *fields)
    timeline.record(report, Event.Kind.PLACE, actor, now, text=text.clean(message), data=event_data)


@transaction.atomic
def set_severity(report: Report, severity: int, now: datetime) -> None:
    """Give a locked report the severity that a decision names; the event of that decision says so."""
    if report.severity != severity:
        report.severity = severity
        timeline.save(report, now, "severity")


@transaction.atomic
def change_promise(
    report_id: int, promise: Promise, *, actor: Actor, now: datetime, reason_code: str, is_public: bool = True
) -> Report:
    """Move the due times and say why (`paused`, `reopened`, `severity`, `calendar`). Locks the row."""
    report = timeline.lock(report_id)
    before = report.due_at
    _set_promise(report, promise, now)
    timeline.save(report, now, *_PROMISE_FIELDS)
    timeline.record(
        report,
        Event.Kind.PROMISE,
        actor,
        now,
        data={
            "reason_code": reason_code,
            "due_before": before.isoformat() if before else None,
            "due_at": promise.due_at.isoformat() if promise.due_at else None,
        },
        is_public=is_public,
    )
    return report
