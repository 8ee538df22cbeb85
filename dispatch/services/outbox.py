"""The outbox: work that must happen because something happened (invariant 2).

A row is written in the transaction that it tells of. Workers claim rows with a lease: whoever dies leaves
a lease that runs out, and the next sweep takes the row again. A row ends as `done`, or, after too many
attempts, as `dead`, where staff can see and replay it. Nothing here relies on the broker.
"""

import random
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from complaints.domain import privacy
from complaints.services import rows
from dispatch.domain import retry
from dispatch.models import Delivery, Outbox, WebhookDelivery
from dispatch.services import nudge

# How many rows a worker takes at once: few where one takes long, so that others can help.
BATCH = {"routing": 20, "media": 2, "notify": 10}
DONE_KEPT = timedelta(days=14)
ERROR_MAX_CHARS = 2000
_PRUNE_BATCH = 2000


class Postponed(Exception):
    """Not now, and nothing has gone wrong: a handler wants its row again at `until`."""

    def __init__(self, until: datetime):
        super().__init__(f"not before {until:%Y-%m-%d %H:%M:%S}")
        self.until = until


def lease() -> timedelta:
    """How long a worker may work on a row before others may take it: longer than any handler runs."""
    return timedelta(seconds=getattr(settings, "OUTBOX_LEASE_S", 30.0))


def enqueue(
    *, queue: str, topic: str, report_id: int | None, payload: dict[str, Any], now: datetime
) -> Outbox:
    """Write a row inside the caller's transaction; when it commits, workers are nudged.

    The sink that the complaints room calls. Never fails or waits because of the broker.
    """
    row = Outbox(queue=queue, topic=topic, report_id=report_id, payload=payload, created_at=now, due_at=now)
    rows.insert(row)
    transaction.on_commit(lambda: nudge.nudge(queue), robust=True)
    return row


def enqueue_many(
    *,
    queue: str,
    topic: str,
    report_id: int | None,
    payloads: list[dict[str, Any]],
    now: datetime,
    due_at: datetime | None = None,
) -> None:
    """The same for many rows, with one nudge, not before `due_at`. Inside the caller's transaction."""
    common = {"queue": queue, "topic": topic, "report_id": report_id, "created_at": now}
    rows = [Outbox(payload=payload, due_at=due_at or now, **common) for payload in payloads]
    if rows:
        Outbox.objects.bulk_create(rows)
        transaction.on_commit(lambda: nudge.nudge(queue), robust=True)


def has_work(queue: str, *, now: datetime) -> bool:
    """Whether a claim would find something. A plain read, so that idle sweeps take no writer's lock."""
    due = Outbox.objects.filter(queue=queue, due_at__lte=now)
    return due.filter(state__in=(Outbox.State.PENDING, Outbox.State.LEASED)).exists()


def claim(queue: str, *, now: datetime, limit: int | None = None) -> list[Outbox]:
    """Lease the rows that are due, oldest first; nobody else gets them until the lease runs out.

    A row whose worker was lost is handed out alone: should it be the one that kills workers, it takes no
    others with it. Locks: on PostgreSQL the rows themselves, passing over those that others hold
    (SKIP LOCKED); on SQLite the writer lock of the transaction.
    """
    if not has_work(queue, now=now):
        return []
    with transaction.atomic():
        rows = _claim_lost(queue, now)
        if not rows:
            rows = list(
                Outbox.objects.select_for_update(skip_locked=True)
                .filter(state=Outbox.State.PENDING, queue=queue, due_at__lte=now)
                .order_by("due_at", "id")[: limit or BATCH[queue]]
            )
        return _lease(rows, now)


def _claim_lost(queue: str, now: datetime) -> list[Outbox]:
    return list(
        Outbox.objects.select_for_update(skip_locked=True)
        .filter(state=Outbox.State.LEASED, queue=queue, due_at__lte=now)
        .order_by("due_at", "id")[:1]
    )


def _lease(rows: list[Outbox], now: datetime) -> list[Outbox]:
    token, until = uuid.uuid4(), now + lease()
    for row in rows:
        row.state, row.lease_token, row.due_at = Outbox.State.LEASED, token, until
        row.attempts += 1
    Outbox.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=Outbox.State.LEASED, lease_token=token, due_at=until, attempts=F("attempts") + 1
    )
    return rows


def hold(row: Outbox) -> bool:
    """Lock a leased row until the transaction ends, if the lease is still ours; False if others have it."""
    mine = Outbox.objects.select_for_update().filter(
        pk=row.pk, state=Outbox.State.LEASED, lease_token=row.lease_token
    )
    return mine.values_list("pk").first() is not None


def renew(row: Outbox, *, now: datetime) -> bool:
    """Start the lease anew before long work; False if others have the row."""
    return _update_mine(row, due_at=now + lease())


def finish(row: Outbox, *, now: datetime) -> bool:
    """Mark a row as done; False, and nothing changes, if the lease is no longer ours."""
    return _update_mine(row, state=Outbox.State.DONE, lease_token=None, finished_at=now, last_error="")


def postpone(row: Outbox, until: datetime) -> bool:
    """Put a row back until then. It counts as no attempt, so that whoever waits a night has all tries left;
    False, and nothing changes, if the lease is no longer ours."""
    return _update_mine(
        row, state=Outbox.State.PENDING, lease_token=None, due_at=until, attempts=F("attempts") - 1
    )


def fail(row: Outbox, error: str, *, now: datetime, is_permanent: bool = False) -> bool:
    """Put a row back for a later attempt, or give it up; returns whether it is dead now.

    Nothing changes if the lease is no longer ours. The error is kept for staff, without contact details.
    """
    error = privacy.mask(error)[:ERROR_MAX_CHARS]
    if is_permanent or row.attempts >= retry.MAX_ATTEMPTS[row.queue]:
        return _update_mine(row, state=Outbox.State.DEAD, lease_token=None, finished_at=now, last_error=error)
    due_at = now + retry.delay(row.queue, row.attempts, random.random())  # noqa: S311 - spreads load only
    _update_mine(row, state=Outbox.State.PENDING, lease_token=None, due_at=due_at, last_error=error)
    return False


def _update_mine(row: Outbox, **changes: Any) -> bool:
    mine = Outbox.objects.filter(pk=row.pk, state=Outbox.State.LEASED, lease_token=row.lease_token)
    return mine.update(**changes) == 1


def replay(row_ids: Iterable[int], *, now: datetime) -> int:
    """Give dead rows a new life; returns how many. Rows in any other state are left alone."""
    with transaction.atomic():
        rows = Outbox.objects.filter(pk__in=list(row_ids), state=Outbox.State.DEAD)
        queues = set(rows.values_list("queue", flat=True))
        messages = rows.filter(topic="delivery.send").values_list("payload__delivery_id", flat=True)
        failed = Delivery.objects.filter(pk__in=list(messages), state=Delivery.State.FAILED)
        failed.update(state=Delivery.State.PENDING)
        hooks = rows.filter(topic="webhook.send").values_list("payload__delivery_id", flat=True)
        undelivered = WebhookDelivery.objects.filter(pk__in=list(hooks), state="failed")
        undelivered.update(state=WebhookDelivery.State.PENDING)
        count = rows.update(state=Outbox.State.PENDING, attempts=0, due_at=now, finished_at=None)
        for queue in queues:
            transaction.on_commit(lambda queue=queue: nudge.nudge(queue), robust=True)
    return count


def prune(*, now: datetime) -> int:
    """Delete rows that were done long ago, in small steps; dead rows stay until somebody has seen them."""
    count = 0
    while True:
        old = Outbox.objects.filter(state=Outbox.State.DONE, finished_at__lt=now - DONE_KEPT)
        ids = list(old.values_list("pk", flat=True)[:_PRUNE_BATCH])
        if not ids:
            return count
        count += Outbox.objects.filter(pk__in=ids).delete()[0]
