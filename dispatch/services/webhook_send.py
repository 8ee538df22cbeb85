"""Sending an event to a webhook's receiver, and what becomes of receivers that do not answer.

Order: events of one report go in their order, as far as retries allow. While an earlier one of the same
report is still to be sent, the later ones wait for it; one that was given up no longer holds them up. Events
of different reports overtake each other.
"""

import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext

from city import roles
from city.models import User
from complaints.models import Event
from dispatch.domain import breaker, outbound, signature
from dispatch.models import Outbox, WebhookAttempt, WebhookDelivery, WebhookSubscriber
from dispatch.services import outbox, vault, webhook_body, webhooks
from dispatch.services.channels import http
from dispatch.services.channels.base import PermanentError, TemporaryError

Effect = Callable[[], None]

TOTAL_S = 8.0  # receivers share the workers with citizens' messages
WAIT_FOR_EARLIER = timedelta(seconds=30)  # it is called as soon as the earlier one is through
_ANSWER_MAX_BYTES = 4096  # nobody reads it
_GONE = 410
_ERROR_MAX_CHARS = 300


def send(delivery_id: int, *, now: datetime) -> Effect | None:
    """Deliver one event; returns what to write down. Raises outbox.Postponed, TemporaryError.

    Runs outside any transaction. A receiver may get an event twice (a worker that dies after their "200"):
    the event's id is theirs to remember.
    """
    rows = WebhookDelivery.objects.select_related("subscriber", "report")
    delivery = rows.get(pk=delivery_id)
    subscriber = delivery.subscriber
    if delivery.state != WebhookDelivery.State.PENDING:
        return None
    if not subscriber.is_active:
        return _giving_up(delivery, "the receiver is switched off")
    if delivery.report.is_private:
        return _giving_up(delivery, "the report has become private")
    if subscriber.paused_until and subscriber.paused_until > now:
        raise outbox.Postponed(subscriber.paused_until)
    if _has_earlier(delivery, now):
        raise outbox.Postponed(now + WAIT_FOR_EARLIER)
    try:
        return _attempt(delivery, now)
    except (PermanentError, vault.LostKeyError) as exc:
        error = str(exc) if isinstance(exc, PermanentError) else "its secret cannot be read; make a new one"
        _failed_once(subscriber, error, now)
        return _giving_up(delivery, error)


def _has_earlier(delivery: WebhookDelivery, now: datetime) -> bool:
    """Those of the last days: should a row ever be lost, it must not hold up a report for ever."""
    pending = WebhookDelivery.objects.filter(
        subscriber_id=delivery.subscriber_id,
        report_id=delivery.report_id,
        state=WebhookDelivery.State.PENDING,
        event_id__lt=delivery.event_id,
    )
    return pending.filter(created_at__gt=now - timedelta(days=2)).exists()


def _attempt(delivery: WebhookDelivery, now: datetime) -> Effect:
    subscriber = delivery.subscriber
    event = Event.objects.get(pk=delivery.event_id)
    body = webhook_body.build(delivery.report, event)
    headers = _headers(delivery, event, body, now)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(attempts=F("attempts") + 1)
    row = WebhookAttempt.objects.create(delivery=delivery, number=delivery.attempts + 1, at=now)
    began, status, error = time.monotonic(), None, ""
    try:
        answer = _post(subscriber.url, headers, body)
        status, error = answer.status, _fault(answer)
    except (TemporaryError, PermanentError) as exc:
        error = str(exc)
        if isinstance(exc, PermanentError):
            raise
    finally:
        took_ms = int((time.monotonic() - began) * 1000)
        error = error[:_ERROR_MAX_CHARS]
        WebhookAttempt.objects.filter(pk=row.pk).update(status=status, duration_ms=took_ms, error=error)
        WebhookDelivery.objects.filter(pk=delivery.pk).update(last_status=status, last_error=error)
    if status == _GONE:
        return lambda: _gone(delivery, error, now)
    if error:
        _failed_once(subscriber, error, now)
        raise TemporaryError(error)
    return lambda: _sent(delivery, now)


def _post(url: str, headers: dict[str, str], body: bytes) -> http.Answer:
    is_own = http.is_private_host_allowed(url)
    if fault := outbound.fault(url, is_own_network=is_own):
        raise PermanentError(f"address: {fault}")
    limits = {"total_s": TOTAL_S, "max_bytes": _ANSWER_MAX_BYTES}
    return http.send("POST", url, headers=headers, body=body, allow_private=is_own, **limits)


def _headers(delivery: WebhookDelivery, event: Event, body: bytes, now: datetime) -> dict[str, str]:
    timestamp = str(int(now.timestamp()))
    secrets = webhooks.secrets_of(delivery.subscriber, now)
    return {
        "Content-Type": "application/json; charset=utf-8",
        "X-Lapor-Event": event.kind,
        "X-Lapor-Delivery": str(delivery.uuid),
        "X-Lapor-Timestamp": timestamp,
        "X-Lapor-Signature": signature.header(secrets, timestamp, body),
    }


def _fault(answer: http.Answer) -> str:
    if answer.is_success:
        return ""
    if 300 <= answer.status < 400:
        return f"HTTP {answer.status}: redirects are not followed ({answer.location})"
    return f"HTTP {answer.status}"


def _giving_up(delivery: WebhookDelivery, error: str) -> Effect:
    failed = WebhookDelivery.objects.filter(pk=delivery.pk)
    state = WebhookDelivery.State.FAILED
    return lambda: failed.update(state=state, last_error=error[:_ERROR_MAX_CHARS])


def give_up(delivery_id: int) -> None:
    """The outbox has given up: the delivery says so too, and holds up no later one."""
    pending = WebhookDelivery.objects.filter(pk=delivery_id, state=WebhookDelivery.State.PENDING)
    pending.update(state=WebhookDelivery.State.FAILED)


def _sent(delivery: WebhookDelivery, now: datetime) -> None:
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        state=WebhookDelivery.State.SENT, sent_at=now, last_error=""
    )
    receiver = WebhookSubscriber.objects.filter(pk=delivery.subscriber_id)
    receiver.update(last_success_at=now, failed_count=0, failing_since=None, paused_until=None, last_error="")
    waiting = Outbox.objects.filter(
        state=Outbox.State.PENDING,
        queue=Outbox.Queue.NOTIFY,
        topic="webhook.send",
        payload__subscriber_id=delivery.subscriber_id,
        due_at__gt=now,
    )
    if not delivery.subscriber.failed_count:  # others were not held up by it
        waiting = waiting.filter(report_id=delivery.report_id)
    waiting.update(due_at=now)


def _failed_once(subscriber: WebhookSubscriber, error: str, now: datetime) -> None:
    """Count a failure; leave the receiver alone for a while, or switch it off after too long."""
    receiver = WebhookSubscriber.objects.filter(pk=subscriber.pk)
    since = subscriber.failing_since or now
    failures = subscriber.failed_count + 1
    pause = breaker.pause(failures, random.random())  # noqa: S311 - spreads load only
    receiver.update(
        failed_count=F("failed_count") + 1,
        failing_since=since,
        last_failure_at=now,
        last_error=error[:_ERROR_MAX_CHARS],
        paused_until=now + pause if pause else None,
    )
    after = timedelta(hours=settings.WEBHOOK_DISABLE_AFTER_H)
    if breaker.is_hopeless(failures, since, now, after):
        _disable(subscriber.pk, WebhookSubscriber.Disabled.FAILING, now)


def _gone(delivery: WebhookDelivery, error: str, now: datetime) -> None:
    _giving_up(delivery, error)()
    receiver = WebhookSubscriber.objects.filter(pk=delivery.subscriber_id)
    receiver.update(last_failure_at=now, last_error=error)
    _disable(delivery.subscriber_id, WebhookSubscriber.Disabled.GONE, now)


def _disable(subscriber_id: int, why: str, now: datetime) -> None:
    """Switch a receiver off, once, and let the administrators know."""
    active = WebhookSubscriber.objects.filter(pk=subscriber_id, is_active=True)
    with transaction.atomic():
        if active.update(is_active=False, disabled_why=why, disabled_at=now):
            outbox.enqueue(
                queue=Outbox.Queue.NOTIFY,
                topic="webhook.notice",
                report_id=None,
                payload={"subscriber_id": subscriber_id},
                now=now,
            )


def send_notice(subscriber_id: int, *, now: datetime) -> None:
    """Write to the administrators that a receiver was switched off."""
    subscriber = WebhookSubscriber.objects.filter(pk=subscriber_id, is_active=False).first()
    people = User.objects.filter(is_active=True, is_staff=True, role=roles.ADMIN).exclude(email="")
    addresses = sorted(set(people.values_list("email", flat=True)))
    if subscriber is None or not addresses:
        return
    with translation.override(settings.LANGUAGE_CODE):
        subject = gettext("Webhook “%(name)s” was switched off") % {"name": subscriber.name}
        text = gettext(
            "The receiver “%(name)s” was switched off: %(why)s. Last error: %(error)s.\n\n"
            "Once it works again, switch it on in the staff pages (Operation, Webhooks) and replay "
            "the events since the time it failed."
        ) % {
            "name": subscriber.name,
            "why": subscriber.get_disabled_why_display(),
            "error": subscriber.last_error or "–",
        }
    for address in addresses:
        EmailMessage(subject, text, to=[address], headers={"Auto-Submitted": "auto-generated"}).send()
