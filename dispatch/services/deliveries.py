"""Telling reporters by e-mail: prepared in the database with the event, sent outside any transaction.

One Delivery per event, channel and recipient (UNIQUE), so that nobody is told twice. Only a worker that
dies between the mail server's "accepted" and our own commit can make a message go out again; it then
carries the same Message-ID, by which mail servers and readers recognise it.
"""

import smtplib
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F
from django.utils.crypto import salted_hmac

from complaints.domain import privacy
from complaints.models import Event, Report, Reporter
from dispatch.models import Delivery, Outbox
from dispatch.services import messages, outbox

EMAIL = "email"


class MailTrouble(Exception):
    """What a mail server said, without anybody's address: the log keeps it."""


def prepare(event: Event, *, now: datetime) -> None:
    """Queue what the reporter should hear about an event, in the caller's transaction. Safe to repeat."""
    if not messages.concerns_reporter(event):
        return
    reporter = Reporter.objects.filter(report_id=event.report_id).exclude(email="").first()
    if reporter is None:
        return
    known = {"event_id": event.pk, "channel": EMAIL}
    current, *older = recipient_hashes(reporter.email)
    if older and Delivery.objects.filter(**known, recipient_hash__in=older).exists():
        return
    delivery, is_new = Delivery.objects.get_or_create(
        **known, recipient_hash=current, defaults={"report_id": event.report_id, "created_at": now}
    )
    if is_new:
        outbox.enqueue(
            queue=Outbox.Queue.NOTIFY,
            topic="delivery.send",
            report_id=event.report_id,
            payload={"delivery_id": delivery.pk},
            now=now,
        )


def recipient_hashes(address: str) -> list[str]:
    """Keyed hashes of an address, by SECRET_KEY first and then by its fallbacks: deliveries can be told
    apart without keeping the address twice, and whoever has only the table cannot try addresses on it."""
    return [
        salted_hmac(
            "dispatch.delivery", address.strip().casefold(), secret=key, algorithm="sha256"
        ).hexdigest()
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]


def send(delivery_id: int, *, now: datetime) -> Callable[[], None] | None:
    """Send one message; returns what to write down once it is out. Call it outside any transaction.

    Raises MailTrouble or whatever else the mail backend raises for troubles that pass; a refused address is
    written down as failed and not tried again.
    """
    delivery = Delivery.objects.get(pk=delivery_id)
    if delivery.state != Delivery.State.PENDING:
        return None
    Delivery.objects.filter(pk=delivery.pk).update(attempts=F("attempts") + 1)
    reporter = Reporter.objects.filter(report_id=delivery.report_id).first()
    if reporter is None or delivery.recipient_hash not in recipient_hashes(reporter.email):
        return _failed(delivery, "the reporter's address has changed or was erased")
    report = Report.objects.select_related("category", "department").get(pk=delivery.report_id)
    message = messages.compose(report, Event.objects.get(pk=delivery.event_id), reporter.language)
    try:
        _mail(message, reporter.email, delivery).send()
    except Exception as exc:
        if _is_final(exc):
            return _failed(delivery, f"{exc.__class__.__name__}: {exc}")
        error = _note_error(delivery, exc)
        if isinstance(exc, smtplib.SMTPException):
            raise MailTrouble(error) from None
        raise
    sent = Delivery.objects.filter(pk=delivery.pk)
    return lambda: sent.update(state=Delivery.State.SENT, sent_at=now, last_error="")


def _is_final(exc: Exception) -> bool:
    """Whether the address was refused for good. Codes below 500 ask to come back later (RFC 5321, 4.2.1);
    servers that keep strangers waiting at first (greylisting) answer so."""
    if isinstance(exc, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _text in exc.recipients.values())
    return isinstance(exc, UnicodeError)


def _mail(message: messages.Message, address: str, delivery: Delivery) -> EmailMultiAlternatives:
    host = urlsplit(settings.PUBLIC_BASE_URL).hostname or "localhost"
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        to=[address],
        headers={
            "Message-ID": f"<delivery-{delivery.pk}.{delivery.event_id}@{host}>",
            "Auto-Submitted": "auto-generated",  # so that out-of-office replies stay away (RFC 3834)
        },
    )
    mail.attach_alternative(message.html, "text/html")
    return mail


def _note_error(delivery: Delivery, exc: Exception) -> str:
    error = privacy.mask(f"{exc.__class__.__name__}: {exc}")[: outbox.ERROR_MAX_CHARS]
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
