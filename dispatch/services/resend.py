"""Sending again, by hand, what did not arrive: through the outbox like all else, and each time recorded."""

from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from complaints import errors
from dispatch.models import Delivery, Outbox
from dispatch.services import outbox

SENT_AGAIN = "sent a message again"
PERMISSION = "dispatch.change_delivery"


def may_send_again(user) -> bool:
    return user.has_perm(PERMISSION)


@transaction.atomic
def send_again(user, delivery_ids: list[int], *, now: datetime) -> int:
    """Queue deliveries that failed once more; returns how many. All others are left alone: what was sent, or
    told in a later message, is never sent twice.

    Raises NotPermitted. Locks the deliveries, in the order of their ids.
    """
    if not may_send_again(user):
        raise errors.NotPermitted(step="send_again")
    failed = Delivery.objects.select_for_update(of=("self",)).select_related("report").order_by("id")
    rows = list(failed.filter(pk__in=delivery_ids, state=Delivery.State.FAILED))
    for row in rows:
        _queue(row, now)
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(state=Delivery.State.PENDING)
    kind = ContentType.objects.get_for_model(Delivery)
    LogEntry.objects.bulk_create(
        LogEntry(
            action_time=now,
            user_id=user.pk,
            content_type=kind,
            object_id=str(row.pk),
            object_repr=f"{row.report.spoken_code} #{row.pk}",
            action_flag=CHANGE,
            change_message=SENT_AGAIN,
        )
        for row in rows
    )
    return len(rows)


def _queue(row: Delivery, now: datetime) -> None:
    """The row that was given up if there is one, so that it does not lie there as well; else a new one."""
    dead = Outbox.objects.filter(report_id=row.report_id, topic="delivery.send", state=Outbox.State.DEAD)
    ids = list(dead.filter(payload__delivery_id=row.pk).values_list("pk", flat=True)[:1])
    if not ids or not outbox.replay(ids, now=now):
        outbox.enqueue(
            queue=Outbox.Queue.NOTIFY,
            topic="delivery.send",
            report_id=row.report_id,
            payload={"delivery_id": row.pk},
            now=now,
        )
