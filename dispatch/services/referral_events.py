"""What a referral's timeline says, and its messages to the owner: shared by all the ways an owner is told."""

from datetime import datetime

from complaints.domain.actor import PORTAL, Actor
from complaints.models import Event
from complaints.services import timeline
from dispatch.models import Outbox, Referral
from dispatch.services import outbox


def record(
    referral: Referral, what: str, now: datetime, actor: Actor = PORTAL, message: str = "", **data: str
) -> Event:
    """Tell the citizen, in the timeline, how and when the owner heard of it or what they said."""
    report = timeline.lock(referral.report_id)
    timeline.save(report, now)
    return timeline.record(
        report,
        Event.Kind.REFERRAL,
        actor,
        now,
        text=message,
        department_id=referral.department_id,
        data={
            "what": what,
            "channel": referral.channel,
            "check_back_on": referral.check_back_on.isoformat(),
            "reference": referral.reference,
            **data,
        },
    )


def note(referral: Referral, text: str, now: datetime) -> None:
    """Something that staff should know of a referral, not the public."""
    report = timeline.lock(referral.report_id)
    timeline.save(report, now)
    timeline.record(
        report,
        Event.Kind.NOTE,
        PORTAL,
        now,
        text=text,
        department_id=referral.department_id,
        is_public=False,
    )


def queue_mail(referral: Referral, number: int, now: datetime) -> None:
    """Queue the first message to the owner (0), or the n-th reminder."""
    outbox.enqueue(
        queue=Outbox.Queue.NOTIFY,
        topic="referral.send",
        report_id=referral.report_id,
        payload={"referral_id": referral.pk, "number": number},
        now=now,
    )
