"""What each step for many does to one report, and how it is taken back. Scope, role and state are checked
where single reports' are (`casework.take_step`)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from complaints import errors
from complaints.models import Event, Report
from complaints.services import undo
from dispatch.domain import bulk, casework
from dispatch.models import BulkItem, Delivery, DeliveryAttempt
from dispatch.services import casework as casework_service
from dispatch.services import escalation, tags

SAME_HANDLER = _("It is with this person or crew already.")
SAME_TAGS = _("Its tags are as they should be already.")
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
        crew_id=said.get("crew"),
    )


def take(user, item: BulkItem, step: str, said: Mapping[str, Any], *, now: datetime) -> None:
    """Take the step for one report, in the caller's transaction. Raises what `casework.take_step` raises,
    and NothingToChange."""
    if step in (casework.TAG, bulk.UNTAG):
        _tag(user, item, step, said, now)
        return
    if step in (casework.TAKE, casework.ASSIGN) and _has_already(user, item, step, said):
        raise NothingToChange(SAME_HANDLER)
    details = details_of(said)
    casework_service.take_step(
        user, item.report_id, step, details, now=now, expected_version=item.seen_version
    )


def _has_already(user, item: BulkItem, step: str, said: Mapping[str, Any]) -> bool:
    wanted: dict[str, Any] = {}
    if step == casework.TAKE or "assignee" in said:
        wanted["assignee_id"] = user.pk if step == casework.TAKE else said["assignee"]
    if "crew" in said:
        wanted["crew_id"] = said["crew"] or None
    return Report.objects.filter(pk=item.report_id, **wanted).exists()


def _tag(user, item: BulkItem, step: str, said: Mapping[str, Any], now: datetime) -> None:
    wanted = {"add" if step == casework.TAG else "remove": said.get("tags", ())}
    added, removed = tags.change(user, item.report_id, now=now, expected_version=item.seen_version, **wanted)
    if not added and not removed:
        raise NothingToChange(SAME_TAGS)
    item.before = {"added": added, "removed": removed}


def take_back(user, item: BulkItem, step: str, *, asked_at: datetime, until: datetime, now: datetime) -> None:
    """Take one report's step back, in the caller's transaction; what was to be told is not told.

    Raises CannotTakeBack (`told_already` as well). Locks the report's row, then the messages'.
    """
    if step in bulk.DELAYED:
        raise errors.CannotTakeBack(_TOLD, code="told_already")
    if step in (casework.TAG, bulk.UNTAG):
        tags.put_back(user, item.report_id, now=now, **item.before)
        return
    back = undo.Step(item.first_event_id, item.before, item.after_version, until, asked_at)
    undo.take_back(item.report_id, back, actor=casework_service.actor_of(user), now=now)
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
