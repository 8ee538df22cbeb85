"""Taking a step of staff back, soon after: exactly what was comes back, and the timeline says so.

The timeline is append-only, so the step stays in it, followed by the entry that takes it back; whatever reads
a clock out of a timeline leaves both out (domain.taken_back).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from complaints import errors
from complaints.domain import incident, workflow
from complaints.domain.actor import SYSTEM, Actor
from complaints.models import Event, Report, TakenBack
from complaints.services import timeline

_TOO_LATE = _("The time in which this could be taken back is over.")
_NOT_THIS = _("A step of this kind cannot be taken back.")
# How the portal moves a promise because of a step (dispatch.services.clocks): part of the step.
_CONSEQUENCES = {
    "paused": lambda event: event.from_status == workflow.WAITING,
    "scheduled": lambda event: event.to_status == workflow.SCHEDULED,
}


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be taken back: the step's event, the report's own work before it (`incidents.state_of`), and
    the version of the report that the step made."""

    event_id: int
    before: Mapping[str, Any]
    after_version: int
    until: datetime
    asked_at: datetime


@transaction.atomic
def take_back(report_id: int, step: Step, *, actor: Actor, now: datetime) -> Event:
    """Give the report back the state, clock and due times that it had before the step, and say so.

    Raises CannotTakeBack (`too_late`, `changed_since`: anything but the portal's own consequence of the step
    has happened, `not_this_step`), PartOfIncident. Locks the report's row.
    """
    report = timeline.lock(report_id)
    timeline.check_own_work(report)
    event = Event.objects.get(pk=step.event_id, report=report)
    if step.asked_at > step.until:
        raise errors.CannotTakeBack(_TOO_LATE, code="too_late")
    if not workflow.may_be_taken_back(event.from_status, event.to_status):
        raise errors.CannotTakeBack(_NOT_THIS, code="not_this_step")
    consequences = _consequences(report, event)
    if report.version != step.after_version + len(consequences):
        raise errors.CannotTakeBack(version=report.version, status=report.status)
    TakenBack.objects.create(
        event=event,
        report=report,
        version=report.version + 1,
        by_id=actor.user_id,
        asked_at=step.asked_at,
        until=step.until,
        at=now,
    )
    return _restore(report, event, consequences, step.before, actor, now)


def _consequences(report: Report, event: Event) -> list[int]:
    """The portal's own moves of the promise that this step brings about."""
    reasons = [reason for reason, holds in _CONSEQUENCES.items() if holds(event)]
    if not reasons:
        return []
    later = Event.objects.filter(report=report, pk__gt=event.pk, actor_kind=SYSTEM, kind=Event.Kind.PROMISE)
    return list(later.filter(data__reason_code__in=reasons).order_by("pk").values_list("pk", flat=True)[:1])


def _restore(
    report: Report,
    event: Event,
    consequences: Sequence[int],
    before: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> Event:
    left = report.status
    for name in incident.STATE:
        field = Report._meta.get_field(name.removesuffix("_id"))
        value = before[name]
        setattr(report, name, value if field.is_relation else field.to_python(value))
    report.is_open = report.status in workflow.OPEN
    timeline.save(report, now, *incident.STATE, "is_open")
    changed = {"from_status": left, "to_status": report.status} if left != report.status else {}
    return timeline.record(
        report,
        Event.Kind.UNDONE,
        actor,
        now,
        data={"event_ids": [event.pk, *consequences], "step": event.kind},
        is_public=event.is_public,
        **changed,
    )
