"""What a step for many reports would do, before it is done: to which, to which not and why, what is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from city import roles
from city.models import User
from complaints import errors, selectors
from complaints.models import Event, Report
from complaints.services import status
from complaints.web import words as public_words
from dispatch.domain import bulk, casework
from dispatch.services import bulk_steps, messages
from dispatch.services import casework as casework_service

_FIELDS = (
    *("id", "code", "version", "category_id", "street", "area_id", "status", "department_id"),
    *("acknowledged_at", "merged_into_id", "make_safe_due_at", "made_safe_at", "is_private"),
    *("assignee_id", "assignee__username", "assignee__first_name", "assignee__last_name"),
)
_CHANGED = _("Somebody changed it since you chose it. Look at it again first.")
_ACCEPTED = _("It has been accepted already.")
_NO_COLLEAGUE = _("The handler does not work for the department that has it.")
_CHOOSE = _("Please choose the handler.")


@dataclass(frozen=True, slots=True)
class Told:
    """What people read, shown for one report: the line of its public story, and the message."""

    report: Report
    sentence: str
    text: str
    details: list[str]
    subject: str
    short: str


@dataclass(slots=True)
class Preview:
    """`kept`: reports that stay as they are, by reason. `faults`: what the details still need, by field."""

    changing: list[Report] = field(default_factory=list)
    kept: dict[str, list[Report]] = field(default_factory=dict)
    not_theirs: int = 0
    faults: dict[str, Any] = field(default_factory=dict)
    told: Told | None = None
    handler: User | None = None


def look(
    user, step: str, said: Mapping[str, Any], seen: Mapping[int, int], *, now: datetime, language: str
) -> Preview:
    """The preview. `seen`: report id → the version that was chosen. Queries do not grow with the reports."""
    found = Preview(faults=faults(step, said, now=now))
    rows = selectors.for_staff(user).filter(pk__in=seen).select_related("assignee").only(*_FIELDS)
    reports = list(rows.order_by("pk"))
    found.not_theirs = len(seen) - len(reports)
    found.handler = _handler(user, step, said)
    for report in reports:
        why = why_not(report, step, found.handler, seen[report.pk])
        if why:
            found.kept.setdefault(str(why), []).append(report)
        else:
            found.changing.append(report)
    if step in bulk.PUBLIC and found.changing and not found.faults:
        found.told = _told(user, found.changing[0], step, said, now, language)
    return found


def faults(step: str, said: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """What is missing or wrong about the details, by field."""
    if step == casework.ASSIGN:
        return {} if said.get("assignee") else {"assignee": _CHOOSE}
    if step not in casework.STATUS_STEPS:
        return {}
    details = bulk_steps.details_of(said)
    try:
        status.check_words(
            casework.STATUS_STEPS[step],
            now=now,
            message=details.message,
            waiting_reason=details.waiting_reason,
            scheduled_for=details.scheduled_for,
            budget_line=details.budget_line,
            reason_code=details.reason_code,
        )
    except errors.InvalidReport as exc:
        return {name: sentence for name, (_code, sentence) in exc.errors.items()}
    return {}


def _handler(user, step: str, said: Mapping[str, Any]) -> User | None:
    if step == casework.TAKE:
        return user
    if step != casework.ASSIGN or not said.get("assignee"):
        return None
    return User.objects.filter(pk=said["assignee"], is_active=True, is_staff=True).first()


def why_not(report: Report, step: str, handler: User | None, seen_version: int) -> Any:
    """Why the step would not change this report, or nothing; the same rules as `casework.take_step`."""
    if report.version != seen_version:
        return _CHANGED
    if not casework.fits(step, **casework_service.state_of(report)):
        if report.merged_into_id is not None:
            return errors.PartOfIncident.message
        return _ACCEPTED if _is_accepted(report, step) else errors.TransitionNotAllowed.message
    if step == casework.ASSIGN and handler is not None and not _is_colleague(handler, report):
        return _NO_COLLEAGUE
    if handler is not None and report.assignee_id == handler.pk:
        return bulk_steps.SAME_HANDLER
    return ""


def _is_accepted(report: Report, step: str) -> bool:
    return step == casework.ACCEPT and report.acknowledged_at is not None


def _is_colleague(handler: User, report: Report) -> bool:
    return handler.department_id == report.department_id and handler.role in roles.NEED_DEPARTMENT


def _told(user, row: Report, step: str, said: Mapping[str, Any], now: datetime, language: str) -> Told:
    reports = Report.objects.select_related("category", "area", "department").defer("area__geometry")
    report = reports.get(pk=row.pk)
    event = _event(user, report, step, said, now)
    message = messages.compose(report, event, language)
    return Told(
        report=report,
        sentence=public_words.event(event),
        text=event.text,
        details=message.context["details"],
        subject=message.subject,
        short=message.short,
    )


def _event(user, report: Report, step: str, said: Mapping[str, Any], now: datetime) -> Event:
    """The entry that the step would write, not written."""
    details = bulk_steps.details_of(said)
    to = casework.STATUS_STEPS.get(step, "")
    day = details.scheduled_for
    data = {
        "waiting_reason": details.waiting_reason,
        "waiting_on": details.waiting_on if step == casework.WAIT else "",
        "scheduled_for": day.isoformat() if day else "",
        "budget_line": details.budget_line,
        "reason_code": details.reason_code,
    }
    return Event(
        report=report,
        kind=Event.Kind.ACKNOWLEDGED if step == casework.ACCEPT else Event.Kind.STATUS,
        at=now,
        actor_kind=Event.ActorKind.STAFF,
        actor=user,
        department_id=user.department_id,
        from_status=report.status if to else "",
        to_status=to,
        text=details.message,
        data={key: value for key, value in data.items() if value},
    )
