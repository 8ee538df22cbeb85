"""Telling people: prepared in the database with the event, sent outside any transaction.

One Delivery per event, channel and recipient (UNIQUE), so that nobody is told twice. Only a worker that
dies between the server's "accepted" and our own commit can make a message go out again; a mail then carries
the same Message-ID, by which mail servers and readers recognise it; a notification replaces the first one.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from city import snapshot as city
from complaints.domain import privacy
from complaints.models import Event, Report, Reporter, Subscription
from complaints.services import subscriptions
from dispatch.domain import quiet
from dispatch.models import Delivery, DeliveryAttempt, Outbox
from dispatch.services import attempts, channels, holding, listeners, messages, outbox
from dispatch.services.asks import host
from dispatch.services.channels.base import Message, PermanentError, TemporaryError

# Rows written at once: a report that a whole neighbourhood follows must not hold up the queue.
CHUNK = 500

Outcome = DeliveryAttempt.Outcome
recipient_hashes = subscriptions.address_hashes


def prepare(event: Event, *, now: datetime) -> None:
    """Queue what people should hear about an event, in the caller's transaction. Safe to repeat.

    The reporter first, then who follows, then the people of the reports merged into it. Three reads and two
    writes per chunk, however many they are. What can still be taken back is held until it cannot.
    """
    roles = messages.audience_of(event)
    if not roles:
        return
    is_told, held_until = holding.of(event)
    if not is_told:
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
            postponed_until=held_until,
        )
        for pk, report_id, channel, address_hash in people
        if pk not in told_ids and (channel, address_hash) not in told_addresses
    ]
    for start in range(0, len(rows), CHUNK):
        _queue(event.report_id, rows[start : start + CHUNK], now, held_until)


def _queue(report_id: int, rows: list[Delivery], now: datetime, held_until: datetime | None) -> None:
    Delivery.objects.bulk_create(rows)
    outbox.enqueue_many(
        queue=Outbox.Queue.NOTIFY,
        topic="delivery.send",
        report_id=report_id,
        payloads=[{"delivery_id": row.pk} for row in rows],
        now=now,
        due_at=held_until,
    )


def send(delivery_id: int, *, now: datetime) -> Callable[[], None] | None:
    """Send one message; returns what to write down once it is out. Call it outside any transaction.

    Raises outbox.Postponed (quiet hours, or another worker sends it), TemporaryError for troubles that pass;
    a refused address is written down as failed and not tried again.
    """
    delivery = Delivery.objects.get(pk=delivery_id)
    if delivery.state != Delivery.State.PENDING:
        return None
    subscription = _subscription(delivery)
    report = Report.objects.select_related("category", "area", "department").defer("area__geometry")
    report = report.get(pk=delivery.report_id)
    if why := _may_not_hear(subscription, delivery, report):
        changes = {"state": Delivery.State.FAILED, "last_error": why}
        attempts.note(delivery, Outcome.SKIPPED, now=now, error=why, **changes)
        return None
    if until := _quiet_until(delivery.channel, report, now):
        if attempts.note(delivery, Outcome.POSTPONED, now=now, postponed_until=until):
            raise outbox.Postponed(until)
        return None
    begun = attempts.begin(delivery, now=now)
    return _send(begun, subscription, report, now) if begun else None


def _send(
    begun: attempts.Begun, subscription: Subscription, report: Report, now: datetime
) -> Callable[[], None]:
    delivery = begun.delivery
    try:
        message = _composed(delivery, subscription, report)
        channel = channels.by_name(delivery.channel)
        answer = channel.send(subscription.address, subscription.keys, message) or ""
    except PermanentError as exc:
        return _refused(begun, exc, now)
    except TemporaryError as exc:
        raise TemporaryError(_note_error(begun, str(exc))) from None
    except Exception as exc:
        _note_error(begun, f"{exc.__class__.__name__}: {exc}")
        raise
    return lambda: _sent(begun, answer, now)


def _composed(delivery: Delivery, subscription: Subscription, report: Report) -> Message:
    """The message about the delivery's event and about those that waited with it."""
    joined = Delivery.objects.filter(told_in=delivery.pk).values_list("event_id", flat=True)
    events = Event.objects.select_related("department", "report").in_bulk([delivery.event_id, *joined])
    event = events.pop(delivery.event_id)
    earlier = [events[pk] for pk in sorted(events)]
    message = messages.compose(report, event, subscription.language, subscription, earlier=earlier)
    return replace(message, message_id=f"<delivery-{delivery.pk}.{delivery.event_id}@{host()}>")


def _quiet_until(channel: str, report: Report, now: datetime) -> datetime | None:
    """When the channel's quiet hours end, if this message has to wait for that."""
    snap = city.current()
    window = snap.quiet_hours.get(channel)
    local = now.astimezone(ZoneInfo(snap.city.time_zone))
    return quiet.waits_until(window, local, severity=report.severity)


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


def _sent(begun: attempts.Begun, answer: str, now: datetime) -> None:
    delivery = begun.delivery
    begun.finish(Outcome.SENT, answer=answer)
    sent = Delivery.objects.filter(pk=delivery.pk)
    sent.update(state=Delivery.State.SENT, sent_at=now, last_error="")
    if delivery.subscription_id:
        subscriptions.delivered(delivery.subscription_id)


def _refused(begun: attempts.Begun, error: PermanentError, now: datetime) -> Callable[[], None]:
    delivery, is_gone = begun.delivery, error.is_gone
    why = privacy.mask(str(error))[: outbox.ERROR_MAX_CHARS]

    def write_down() -> None:
        begun.finish(Outcome.PERMANENT, error=why)
        failed = Delivery.objects.filter(pk=delivery.pk)
        failed.update(state=Delivery.State.FAILED, last_error=why)
        if delivery.subscription_id:
            subscriptions.refused(delivery.subscription_id, is_gone=is_gone, now=now)

    return write_down


def _note_error(begun: attempts.Begun, error: str) -> str:
    error = privacy.mask(error)[: outbox.ERROR_MAX_CHARS]
    begun.finish(Outcome.TEMPORARY, error=error)
    Delivery.objects.filter(pk=begun.delivery.pk).update(last_error=error)
    return error


def give_up(delivery_id: int) -> None:
    """The outbox has given up: the delivery says so too."""
    pending = Delivery.objects.filter(pk=delivery_id, state=Delivery.State.PENDING)
    pending.update(state=Delivery.State.FAILED)
