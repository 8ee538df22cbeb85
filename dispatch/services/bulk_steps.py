"""What each step for many does to one report, and how it is taken back. Scope, role and state are checked
where single reports' are (`casework.take_step`)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from complaints import errors
from complaints.models import Event, Report
from complaints.services import undo
from dispatch.domain import casework
from dispatch.models import BulkItem, Delivery, DeliveryAttempt
from dispatch.services import casework as casework_service
from dispatch.services import escalation

SAME_HANDLER = _("This person handles it already.")
_TOLD = _("People have been told of it already. It was left as it is.")
_MAY_BE_OUT = ("", DeliveryAttempt.Outcome.SENT)


class NothingToChange(errors.DomainError):
    """The report is what the step would make it."""

    code = "nothing_to_change"


def details_of(said: Mapping[str, Any]) -> casework_service.Details:
    """A step's details as they were kept with the operation."""
    day = said.get("scheduled_for")
    return casework_service.Details(
        message=said.get("message", ""),
        waiting_on=said.get("waiting_on") or Report.WaitingOn.OTHER,
        waiting_reason=said.get("waiting_reason", ""),
        scheduled_for=date.fromisoformat(day) if day else None,
        budget_line=said.get("budget_line", ""),
        reason_code=said.get("reason_code", ""),
        assignee_id=said.get("assignee"),
    )


def take(user, item: BulkItem, step: str, said: Mapping[str, Any], *, now: datetime) -> None:
    """Take the step for one report, in the caller's transaction. Raises what `casework.take_step` raises,
    and NothingToChange."""
    if step in (casework.TAKE, casework.ASSIGN):
        wanted = user.pk if step == casework.TAKE else said.get("assignee")
        if Report.objects.filter(pk=item.report_id, assignee_id=wanted).exists():
            raise NothingToChange(SAME_HANDLER)
    details = details_of(said)
    casework_service.take_step(
        user, item.report_id, step, details, now=now, expected_version=item.seen_version
    )


def take_back(user, item: BulkItem, *, asked_at: datetime, until: datetime, now: datetime) -> None:
    """Take one report's step back, in the caller's transaction; what was to be told is not told.

    Raises CannotTakeBack (`told_already` as well). Locks the report's row, then the messages'.
    """
    step = undo.Step(item.first_event_id, item.before, item.after_version, until, asked_at)
    undo.take_back(item.report_id, step, actor=casework_service.actor_of(user), now=now)
    hush(item)
    report = Report.objects.get(pk=item.report_id)
    escalation.revive(report, since=item.done_at)


def hush(item: BulkItem) -> None:
    """Messages about what the item did, held so far, are never sent. Raises CannotTakeBack if one has gone
    out, or may have."""
    events = Event.objects.filter(
        report_id=item.report_id, pk__range=(item.first_event_id, item.last_event_id)
    )
    about = Delivery.objects.filter(event_id__in=list(events.values_list("pk", flat=True)))
    rows = list(about.select_for_update().order_by("id"))
    told = [row.pk for row in rows if row.state in (Delivery.State.SENT, Delivery.State.JOINED)]
    if told or DeliveryAttempt.objects.filter(delivery__in=rows, outcome__in=_MAY_BE_OUT).exists():
        raise errors.CannotTakeBack(_TOLD, code="told_already")
    waiting = [row.pk for row in rows if row.state == Delivery.State.PENDING]
    Delivery.objects.filter(pk__in=waiting).update(state=Delivery.State.UNDONE)
