"""Webhooks: who receives which events, their secrets, and sending again what was missed.

Deliveries are prepared where citizens' messages are: in the handler of the outbox row that was written in the
transaction of the event itself. So none is missed, and none is told of that was rolled back.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from complaints.models import Event, Report
from dispatch.models import Outbox, WebhookDelivery, WebhookSubscriber
from dispatch.services import outbox, vault

PURPOSE = "webhook.secret"
# After a change of the secret the old one signs too for so long.
OLD_SECRET_KEPT = timedelta(hours=24)
KEPT = timedelta(days=30)
_CHUNK = 500
_PRUNE_BATCH = 2000
# Never of use to the public: notes among staff, who handles it, and what was covered.
_AMONG_STAFF = (Event.Kind.NOTE, Event.Kind.ASSIGNED, Event.Kind.REDACTED, Event.Kind.TAGGED)
KINDS = tuple(kind for kind in Event.Kind if kind not in _AMONG_STAFF)


def new_secret(subscriber: WebhookSubscriber, *, now: datetime) -> str:
    """Give a receiver a new secret and return it, the only time it can be read. Unsaved. The one before, if
    any, signs as well for OLD_SECRET_KEPT."""
    secret = f"whsec_{secrets.token_urlsafe(32)}"
    if subscriber.secret_sealed:
        subscriber.old_secret_sealed = subscriber.secret_sealed
        subscriber.old_secret_until = now + OLD_SECRET_KEPT
    subscriber.secret_sealed = vault.seal(secret, purpose=PURPOSE)
    return secret


@transaction.atomic
def rotate(subscriber_id: int, *, now: datetime) -> str:
    """Change a receiver's secret; returns the new one. Locks the receiver."""
    subscriber = WebhookSubscriber.objects.select_for_update().get(pk=subscriber_id)
    secret = new_secret(subscriber, now=now)
    subscriber.save(update_fields=["secret_sealed", "old_secret_sealed", "old_secret_until"])
    return secret


def secrets_of(subscriber: WebhookSubscriber, now: datetime) -> list[str]:
    """The secrets that sign now, the newest first. Raises vault.LostKeyError."""
    sealed = [subscriber.secret_sealed]
    if subscriber.old_secret_sealed and subscriber.old_secret_until and now < subscriber.old_secret_until:
        sealed.append(subscriber.old_secret_sealed)
    return [vault.unseal(item, purpose=PURPOSE) for item in sealed]


def switched(subscriber: WebhookSubscriber, *, now: datetime) -> None:
    """Follow what somebody set `is_active` to, unsaved: a receiver that is switched on starts afresh."""
    if subscriber.is_active:
        subscriber.disabled_why, subscriber.disabled_at = WebhookSubscriber.Disabled.NO, None
        subscriber.failed_count, subscriber.failing_since, subscriber.paused_until = 0, None, None
    elif not subscriber.disabled_why:
        subscriber.disabled_why, subscriber.disabled_at = WebhookSubscriber.Disabled.BY_HAND, now


def prepare(event: Event, *, now: datetime) -> None:
    """Queue an event for whoever receives its kind, in the caller's transaction. Safe to repeat. Two reads
    where nobody does."""
    if not event.is_public:
        return
    active = WebhookSubscriber.objects.filter(is_active=True).only("kinds", "department_id")
    wanting = [item for item in active if event.kind in item.kinds]
    if not wanting:
        return
    report = Report.objects.only("is_private", "department_id").get(pk=event.report_id)
    for subscriber in wanting:
        if _is_in_scope(subscriber, event, report):
            _queue_new(subscriber, [event], now)


def submitted(report_id: int, *, now: datetime) -> None:
    """The same for a report's first event, which brings no outbox row of its own."""
    event = Event.objects.filter(report_id=report_id, kind=Event.Kind.SUBMITTED).first()
    if event is not None:
        prepare(event, now=now)


def _is_in_scope(subscriber: WebhookSubscriber, event: Event, report: Report) -> bool:
    if report.is_private:
        return False
    theirs = (report.department_id, event.department_id)
    return subscriber.department_id is None or subscriber.department_id in theirs


def _queue_new(subscriber: WebhookSubscriber, events: list[Event], now: datetime) -> int:
    known = WebhookDelivery.objects.filter(subscriber=subscriber, event_id__in=[item.pk for item in events])
    told = set(known.values_list("event_id", flat=True))
    rows = [
        WebhookDelivery(
            subscriber_id=subscriber.pk,
            report_id=event.report_id,
            event_id=event.pk,
            kind=event.kind,
            created_at=now,
        )
        for event in events
        if event.pk not in told
    ]
    WebhookDelivery.objects.bulk_create(rows)
    for row in rows:
        _queue(row, now)
    return len(rows)


def _queue(delivery: WebhookDelivery, now: datetime) -> None:
    outbox.enqueue(
        queue=Outbox.Queue.NOTIFY,
        topic="webhook.send",
        report_id=delivery.report_id,
        payload={"delivery_id": delivery.pk, "subscriber_id": delivery.subscriber_id},
        now=now,
    )


@transaction.atomic
def replay(delivery_ids: Iterable[int], *, now: datetime) -> int:
    """Send chosen deliveries once more, with the same event ids; returns how many. What is still to be sent,
    and what belongs to a receiver that is switched off, is left alone."""
    rows = WebhookDelivery.objects.select_for_update(of=("self",)).exclude(state="pending")
    chosen = list(rows.filter(pk__in=list(delivery_ids), subscriber__is_active=True).order_by("id"))
    fresh = WebhookDelivery.objects.filter(pk__in=[row.pk for row in chosen])
    fresh.update(state=WebhookDelivery.State.PENDING, replays=F("replays") + 1)
    for row in chosen:
        _queue(row, now)
    return len(chosen)


def replay_since(subscriber_id: int, since: datetime, *, now: datetime) -> None:
    """Send everything since a moment once more, and what was never sent because the receiver was switched
    off. Done by workers, chunk by chunk."""
    with transaction.atomic():
        _queue_chunk(subscriber_id, since, 0, now)


def _queue_chunk(subscriber_id: int, since: datetime, after_id: int, now: datetime) -> None:
    outbox.enqueue(
        queue=Outbox.Queue.NOTIFY,
        topic="webhook.replay",
        report_id=None,
        payload={"subscriber_id": subscriber_id, "since": since.isoformat(), "after_id": after_id},
        now=now,
    )


def replay_chunk(subscriber_id: int, since: datetime, after_id: int, *, now: datetime) -> None:
    """One chunk of `replay_since`, oldest first, in the caller's transaction; queues the next."""
    subscriber = WebhookSubscriber.objects.filter(pk=subscriber_id, is_active=True).first()
    if subscriber is None:
        return
    after_id = after_id or _last_before(since)
    events = list(Event.objects.filter(pk__gt=after_id).order_by("pk").select_related("report")[:_CHUNK])
    if not events:
        return
    wanted = [
        event
        for event in events
        if event.at >= since
        and event.is_public
        and event.kind in subscriber.kinds
        and _is_in_scope(subscriber, event, event.report)
    ]
    done = WebhookDelivery.objects.filter(subscriber=subscriber, event_id__in=[item.pk for item in wanted])
    replay(done.exclude(state="pending").values_list("pk", flat=True), now=now)
    _queue_new(subscriber, wanted, now)
    _queue_chunk(subscriber_id, since, events[-1].pk, now)


def _last_before(since: datetime) -> int:
    """The id of about the last event before a moment: ids rise with time but for what was imported, which has
    no index of its own. Halves the range each time: some twenty reads for a million events."""
    newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    low, high = 0, newest
    while low < high:
        middle = (low + high) // 2
        found = Event.objects.filter(pk__gt=middle).order_by("pk").values_list("at", flat=True).first()
        if found is not None and found < since:
            low = middle + 1
        else:
            high = middle
    return low


def reseal() -> int:
    """Seal anew what was sealed under an older SECRET_KEY; returns how many."""
    count = 0
    with transaction.atomic():
        for subscriber in WebhookSubscriber.objects.select_for_update():
            if vault.is_old(subscriber.secret_sealed, purpose=PURPOSE):
                secret = vault.unseal(subscriber.secret_sealed, purpose=PURPOSE)
                subscriber.secret_sealed = vault.seal(secret, purpose=PURPOSE)
                subscriber.save(update_fields=["secret_sealed"])
                count += 1
    return count


def prune(*, now: datetime) -> int:
    """Forget deliveries and their attempts after KEPT, in small steps."""
    count = 0
    while True:
        old = WebhookDelivery.objects.filter(created_at__lt=now - KEPT).exclude(state="pending")
        ids = list(old.values_list("pk", flat=True)[:_PRUNE_BATCH])
        if not ids:
            return count
        WebhookDelivery.objects.filter(pk__in=ids).delete()
        count += len(ids)
