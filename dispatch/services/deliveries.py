"""Telling people: prepared in the database with the event, sent outside any transaction.

One Delivery per event, channel and recipient (UNIQUE), so that nobody is told twice. Only a worker that
dies between the server's "accepted" and our own commit can make a message go out again; a mail then carries
the same Message-ID, by which mail servers and readers recognise it; a notification replaces the first one.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.db.models import F

from complaints.domain import privacy
from complaints.models import Event, Report, Reporter, Subscription
from complaints.services import subscriptions
from dispatch.models import Delivery, Outbox
from dispatch.services import channels, listeners, messages, outbox
from dispatch.services.asks import host
from dispatch.services.channels.base import PermanentError, TemporaryError

# Rows written at once: a report that a whole neighbourhood follows must not hold up the queue.
CHUNK = 500

recipient_hashes = subscriptions.address_hashes


def prepare(event: Event, *, now: datetime) -> None:
    """Queue what people should hear about an event, in the caller's transaction. Safe to repeat.

    The reporter first, then who follows, then the people of the reports merged into it. Two reads and two
    writes per chunk, however many they are.
    """
    roles = messages.audience_of(event)
    if not roles:
        return
    people = listeners.of_event(event, roles)
    if not people:
        return
    told = set(
        Delivery.objects.filter(event_id=event.pk).values_list("channel", "recipient_hash", "subscription_id")
    )
    told_ids = {subscription_id for _channel, _hash, subscription_id in told}
    told_addresses = {(channel, address_hash) for channel, address_hash, _id in told}
    rows = [
        Delivery(
            report_id=report_id,
            event_id=event.pk,
            channel=channel,
            recipient_hash=address_hash,
            subscription_id=pk,
            created_at=now,
        )
        for pk, report_id, channel, address_hash in people
        if pk not in told_ids and (channel, address_hash) not in told_addresses
    ]
    for start in range(0, len(rows), CHUNK):
        _queue(event.report_id, rows[start : start + CHUNK], now)


def _queue(report_id: int, rows: list[Delivery], now: datetime) -> None:
    Delivery.objects.bulk_create(rows)
    outbox.enqueue_many(
        queue=Outbox.Queue.NOTIFY,
        topic="delivery.send",
        report_id=report_id,
        payloads=[{"delivery_id": row.pk} for row in rows],
        now=now,
    )


def send(delivery_id: int, *, now: datetime) -> Callable[[], None] | None:
    """Send one message; returns what to write down once it is out. Call it outside any transaction.

    Raises TemporaryError for troubles that pass; a refused address is written down as failed and not tried
    again.
    """
    delivery = Delivery.objects.get(pk=delivery_id)
    if delivery.state != Delivery.State.PENDING:
        return None
    Delivery.objects.filter(pk=delivery.pk).update(attempts=F("attempts") + 1)
    subscription = _subscription(delivery)
    report = Report.objects.select_related("category", "department").get(pk=delivery.report_id)
    if why := _may_not_hear(subscription, delivery, report):
        return _failed(delivery, why)
    event = Event.objects.select_related("department", "report").get(pk=delivery.event_id)
    message = messages.compose(report, event, subscription.language, subscription)
    message = replace(message, message_id=f"<delivery-{delivery.pk}.{delivery.event_id}@{host()}>")
    try:
        channels.by_name(delivery.channel).send(subscription.address, subscription.keys, message)
    except PermanentError as exc:
        return _refused(delivery, exc, now)
    except TemporaryError as exc:
        raise TemporaryError(_note_error(delivery, str(exc))) from None
    except Exception as exc:
        _note_error(delivery, f"{exc.__class__.__name__}: {exc}")
        raise
    return lambda: _sent(delivery, now)


def _subscription(delivery: Delivery) -> Subscription | None:
    """Whose delivery it is; rows from before there were subscriptions name the address only."""
    if delivery.subscription_id:
        return Subscription.objects.filter(pk=delivery.subscription_id).first()
    return Subscription.objects.filter(
        report_id=delivery.report_id, channel=delivery.channel, address_hash=delivery.recipient_hash
    ).first()


def _may_not_hear(subscription: Subscription | None, delivery: Delivery, report: Report) -> str:
    """Why a prepared message must not go out after all, or nothing. Much can happen while it waits."""
    if subscription is None or subscription.stopped_at or not subscription.confirmed_at:
        return "no longer wanted, or the address was erased"
    if delivery.recipient_hash not in recipient_hashes(subscription.address):
        return "the address has changed"
    if subscription.role != Subscription.Role.REPORTER:
        return "the report has become private" if report.is_private else ""
    if subscription.channel == Subscription.Channel.WEB_PUSH:
        return ""
    field = "email" if subscription.channel == Subscription.Channel.EMAIL else "phone"
    known = Reporter.objects.filter(report_id=report.pk).exclude(**{field: ""}).exists()
    return "" if known else "the reporter's address was erased"


def _sent(delivery: Delivery, now: datetime) -> None:
    sent = Delivery.objects.filter(pk=delivery.pk)
    sent.update(state=Delivery.State.SENT, sent_at=now, last_error="")
    if delivery.subscription_id:
        subscriptions.delivered(delivery.subscription_id)


def _refused(delivery: Delivery, error: PermanentError, now: datetime) -> Callable[[], None]:
    failed, is_gone = _failed(delivery, str(error)), error.is_gone

    def write_down() -> None:
        failed()
        if delivery.subscription_id:
            subscriptions.refused(delivery.subscription_id, is_gone=is_gone, now=now)

    return write_down


def _note_error(delivery: Delivery, error: str) -> str:
    error = privacy.mask(error)[: outbox.ERROR_MAX_CHARS]
    Delivery.objects.filter(pk=delivery.pk).update(last_error=error)
    return error


def _failed(delivery: Delivery, error: str) -> Callable[[], None]:
    error = privacy.mask(error)[: outbox.ERROR_MAX_CHARS]
    failed = Delivery.objects.filter(pk=delivery.pk)
    return lambda: failed.update(state=Delivery.State.FAILED, last_error=error)


def give_up(delivery_id: int) -> None:
    """The outbox has given up: the delivery says so too."""
    pending = Delivery.objects.filter(pk=delivery_id, state=Delivery.State.PENDING)
    pending.update(state=Delivery.State.FAILED)
