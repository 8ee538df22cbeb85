"""Changing a report's status by the workflow table (invariant 4)."""

import uuid
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints import errors
from complaints.domain import text, workflow
from complaints.domain.actor import SYSTEM, Actor
from complaints.models import Event, Photo, Report
from complaints.services import photos as photo_service
from complaints.services import timeline

_NEEDS = {
    "waiting_reason": _(
        "Please say what you are waiting for; the citizen will read it and the clock pauses."
    ),
    "scheduled_for": _("Please give the date the work is planned for; it goes on the public debt register."),
    "scheduled_past": _("The planned date must lie in the future."),
    "message": _("Please write a sentence to the citizen: what was done, or why not."),
    "budget_line": _(
        "Please name the line of the budget that pays for it, or why there is none yet; "
        "it stands on the public debt register."
    ),
    "budget_line_too_long": _("This text is too long; at most 200 characters fit."),
    "reason_code": _("Please choose why the report is rejected."),
    "photos": _("This kind of problem needs a photo of the repair before it can be resolved."),
    "too_long": _("This text is too long; at most 2,000 characters fit."),
    "reason_too_long": _("This text is too long; at most 300 characters fit."),
}
WAITING_REASON_MAX_CHARS = 300
BUDGET_LINE_MAX_CHARS = 200


@transaction.atomic
def change_status(
    report_id: int,
    to: str,
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
    message: str = "",
    waiting_on: str = Report.WaitingOn.OTHER,
    waiting_reason: str = "",
    scheduled_for: date | None = None,
    budget_line: str = "",
    reason_code: str = "",
    photos: tuple[uuid.UUID, ...] = (),
    photos_key: uuid.UUID | None = None,
    is_checked_later: bool = False,
) -> Report:
    """Bring a report into another status and say so on its timeline; not into those that come with more
    than that (workflow.MORE_THAN_A_STATUS).

    `photos` are photos staged under `photos_key`; with `resolved` they are the proof of repair, and
    `is_checked_later` says that a second person will look at it before the reporter's days count. Raises
    Conflict (another version), PartOfIncident, TransitionNotAllowed, InvalidReport (a required detail is
    missing). Locks the report's row.
    """
    report = timeline.lock(report_id, expected_version)
    timeline.check_own_work(report)
    _check_transition(report, to, actor)
    message, waiting_reason = text.clean(message), text.clean_line(waiting_reason)
    budget_line = text.clean_line(budget_line) if to == workflow.SCHEDULED else ""
    staged = photo_service.take_staged(photos_key, photos) if photos_key else []
    _check_details(
        *(report, to, now, message, waiting_reason, scheduled_for, budget_line, reason_code, bool(staged))
    )
    if staged:
        kind = Photo.Kind.REPAIR if to == workflow.RESOLVED else Photo.Kind.COMMENT
        photo_service.attach(report, staged, kind, actor=actor, now=now)
    data = {
        "reason_code": reason_code,
        "photos": len(staged),
        "waiting_on": waiting_on if to == workflow.WAITING else "",
        "waiting_reason": waiting_reason if to == workflow.WAITING else "",
        "scheduled_for": scheduled_for.isoformat() if scheduled_for and to == workflow.SCHEDULED else "",
        "budget_line": budget_line,
        "checking": is_checked_later and to == workflow.RESOLVED,
    }
    before = apply_status(report, to, now)
    report.checking_since = now if data["checking"] else None
    report.waiting_on, report.waiting_reason = data["waiting_on"], data["waiting_reason"]
    if to == workflow.SCHEDULED:
        report.scheduled_for, report.budget_line = scheduled_for, budget_line
    timeline.save(report, now, *STATUS_FIELDS)
    timeline.record(
        report,
        Event.Kind.STATUS,
        actor,
        now,
        from_status=before,
        to_status=to,
        text=message,
        data={key: value for key, value in data.items() if value},
    )
    return report


STATUS_FIELDS = (
    "status",
    "is_open",
    "status_since",
    "acknowledged_at",
    "resolved_at",
    "checking_since",
    "closed_at",
    "closure",
    "waiting_on",
    "waiting_reason",
    "scheduled_for",
    "budget_line",
    "made_safe_at",
)


def apply_status(report: Report, to: str, now: datetime, *, is_confirmed: bool = False) -> str:
    """Set the status and what follows from it on a locked report; returns the status before.

    `is_confirmed`: the reporter said so; a report that is closed without it counts as unconfirmed.
    """
    timeline.check_own_work(report)
    before = report.status
    report.status, report.status_since, report.is_open = to, now, to in workflow.OPEN
    report.waiting_on = report.waiting_reason = report.closure = ""
    report.checking_since = None
    if to in (workflow.IN_PROGRESS, workflow.SCHEDULED, workflow.RESOLVED) and report.acknowledged_at is None:
        report.acknowledged_at = now  # whoever starts has accepted
    if to == workflow.RESOLVED:
        report.resolved_at = now
    if to == workflow.REOPENED:
        report.made_safe_at = None  # whatever made it safe did not last
    if to == workflow.CLOSED:
        report.closed_at = now
        report.closure = Report.Closure.CONFIRMED if is_confirmed else Report.Closure.UNCONFIRMED
    if to in workflow.OPEN:
        report.resolved_at = report.closed_at = None
    return before


def _check_transition(report: Report, to: str, actor: Actor) -> None:
    if not workflow.may_follow(report.status, to):
        raise errors.TransitionNotAllowed(status=report.status, to=to, version=report.version)
    if not workflow.may_be_set_by(to, actor.kind):
        raise errors.NotPermitted(status=report.status, to=to)
    if to == workflow.CLOSED and report.checking_since is not None and actor.kind == SYSTEM:
        # Silence counts from the day the check is passed.
        raise errors.TransitionNotAllowed(status=report.status, to=to, version=report.version)
    if to in workflow.MORE_THAN_A_STATUS:
        raise errors.TransitionNotAllowed(status=report.status, to=to, version=report.version)


def check_words(
    to: str,
    *,
    now: datetime,
    message: str = "",
    waiting_reason: str = "",
    scheduled_for: date | None = None,
    budget_line: str = "",
    reason_code: str = "",
) -> None:
    """Raises InvalidReport where `change_status` would, of what is said for many reports at once; nothing is
    asked about photos."""
    words = (text.clean(message), text.clean_line(waiting_reason), scheduled_for)
    _check_details(None, to, now, *words, text.clean_line(budget_line), reason_code, True)


def _check_details(
    report, to, now, message, waiting_reason, scheduled_for, budget_line, reason_code, has_photos
):
    missing = _missing_budget(to, budget_line)
    if to in workflow.NEEDS_WAITING_REASON and not waiting_reason:
        missing["waiting_reason"] = "waiting_reason"
    if to in workflow.NEEDS_DATE and scheduled_for is None:
        missing["scheduled_for"] = "scheduled_for"
    elif to in workflow.NEEDS_DATE and scheduled_for <= timezone.localdate(now):
        missing["scheduled_for"] = "scheduled_past"
    if to in workflow.NEEDS_MESSAGE and not message:
        missing["message"] = "message"
    if len(message) > text.MESSAGE_MAX_CHARS:
        missing["message"] = "too_long"
    if len(waiting_reason) > WAITING_REASON_MAX_CHARS:
        missing["waiting_reason"] = "reason_too_long"
    if to == workflow.REJECTED and reason_code not in workflow.REJECTION_REASONS:
        missing["reason_code"] = "reason_code"
    if to == workflow.RESOLVED and not has_photos and report.category.needs_repair_photo:
        missing["photos"] = "photos"
    if missing:
        raise errors.InvalidReport({field: (code, _NEEDS[code]) for field, code in missing.items()})


def _missing_budget(to: str, budget_line: str) -> dict[str, str]:
    """Planned work must say what pays for it: a date without money is no promise."""
    if to != workflow.SCHEDULED:
        return {}
    if len(budget_line) > BUDGET_LINE_MAX_CHARS:
        return {"budget_line": "budget_line_too_long"}
    return {} if budget_line else {"budget_line": "budget_line"}


@transaction.atomic
def make_safe(
    report_id: int,
    *,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
    message: str = "",
) -> Report:
    """Nobody can come to harm any more: signs, barriers, pumps. The repair still follows.

    Raises Conflict, TransitionNotAllowed (not open, nothing of that kind was promised, or done already),
    InvalidReport (text too long).
    """
    report = timeline.lock(report_id, expected_version)
    timeline.check_own_work(report)
    if not report.is_open or report.make_safe_due_at is None or report.made_safe_at is not None:
        raise errors.TransitionNotAllowed(status=report.status, to="made_safe", version=report.version)
    message = text.clean(message)
    if len(message) > text.MESSAGE_MAX_CHARS:
        raise errors.InvalidReport({"message": ("too_long", _NEEDS["too_long"])})
    report.made_safe_at = now
    report.acknowledged_at = report.acknowledged_at or now  # whoever makes it safe has accepted
    timeline.save(report, now, "made_safe_at", "acknowledged_at")
    timeline.record(report, Event.Kind.MADE_SAFE, actor, now, text=message)
    return report


@transaction.atomic
def acknowledge(
    report_id: int, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> Report:
    """The department accepts the report as its own. Raises Conflict, TransitionNotAllowed (not assigned, or
    already accepted)."""
    report = timeline.lock(report_id, expected_version)
    timeline.check_own_work(report)
    if report.acknowledged_at is not None or report.status not in (
        workflow.ASSIGNED,
        workflow.REFERRED,
        workflow.REOPENED,
    ):
        raise errors.TransitionNotAllowed(status=report.status, to="acknowledged", version=report.version)
    report.acknowledged_at = now
    timeline.save(report, now, "acknowledged_at")
    timeline.record(report, Event.Kind.ACKNOWLEDGED, actor, now)
    return report


@transaction.atomic
def set_assignee(
    report_id: int, user_id: int | None, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> Report:
    """Name the member of staff who handles the report; shown to staff only."""
    report = timeline.lock(report_id, expected_version)
    timeline.check_own_work(report)
    report.assignee_id = user_id
    timeline.save(report, now, "assignee")
    timeline.record(report, Event.Kind.ASSIGNED, actor, now, data={"user_id": user_id}, is_public=False)
    return report


@transaction.atomic
def set_crew(
    report_id: int, crew_id: int | None, *, actor: Actor, now: datetime, expected_version: int | None = None
) -> Report:
    """Name the crew that goes out for the report, or none; shown to staff only. The handler stays: a crew
    goes out together, one person answers for the case."""
    report = timeline.lock(report_id, expected_version)
    timeline.check_own_work(report)
    report.crew_id = crew_id
    timeline.save(report, now, "crew")
    timeline.record(report, Event.Kind.ASSIGNED, actor, now, data={"crew_id": crew_id}, is_public=False)
    return report
