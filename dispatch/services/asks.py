"""Messages that are about no event: "was it you?" to a new address, and one-time codes."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from city import snapshot as city
from complaints import message_links
from complaints.domain import message_token
from complaints.models import OneTimeCode, Subscription
from complaints.services import one_time_codes, subscriptions
from complaints.web import words
from dispatch.services import channels, message_texts
from dispatch.services.channels.base import Message, PermanentError
from dispatch.services.message_standards import ASK, CODE
from dispatch.services.message_texts import Book
from dispatch.services.messages import in_language


def host() -> str:
    """The portal's host, for Message-IDs."""
    return urlsplit(settings.PUBLIC_BASE_URL).hostname or "localhost"


def send_ask(subscription_id: int, *, now: datetime) -> Callable[[], None] | None:
    """Ask an address whether it was its owner who wants to follow. Nothing is sent to one that has answered.

    Raises TemporaryError. An address that refuses is left alone. Call it outside any transaction.
    """
    found = Subscription.objects.select_related("report__category").filter(pk=subscription_id).first()
    if found is None or (found.confirmed_at and found.stopped_at is None):
        return None
    if found.confirmed_at is None and found.stopped_at is not None:  # said that it was not them
        return None
    try:
        channels.by_name(found.channel).send(found.address, found.keys, compose_ask(found))
    except PermanentError as error:
        is_gone = error.is_gone
        return lambda: subscriptions.refused(found.pk, is_gone=is_gone, now=now)
    return None


def compose_ask(found: Subscription, texts: Book | None = None) -> Message:
    """The first message to an address: a question and one link. It says nothing of a private report. `texts`
    are those in force unless given."""
    report = found.report
    with in_language(found.language):
        language = translation.get_language()
        texts = texts or message_texts.book(language)
        token = message_links.token_of(found, message_token.OPT_IN)
        values = {
            "code": report.spoken_code,
            "category": _("private") if report.is_private else words.local(report.category),
            "portal": words.local(city.current().city, "title"),
        }
        subject = texts.fill(ASK, "subject", values)
        context = {
            **values,
            "subject": subject,
            "paragraph": texts.fill(ASK, "paragraph", values),
            "note": texts.fill(ASK, "note", values),
            "link": message_links.url(token),
            "language": language,
        }
        return Message(
            kind="ask",
            subject=subject,
            title=subject,
            body="",
            short=texts.fill(ASK, "short", values),
            short_tail=texts.fill(ASK, "short_end", values).removesuffix("{link}").rstrip(),
            language=language,
            message_id=f"<follow-{found.pk}.{_seconds(found.asked_at)}@{host()}>",
            short_url=message_links.short_url(token),
            context=context,
        )


def _seconds(at: datetime | None) -> int:
    return int(at.timestamp()) if at else 0


def send_code(one_time_code_id: int, *, now: datetime) -> Callable[[], None] | None:
    """Send the digits of a one-time code by its channel, if they still count and are wanted.

    Raises TemporaryError. A refusal is final: whoever waits asks for another code.
    """
    row = OneTimeCode.objects.filter(pk=one_time_code_id).first()
    if row is None or not one_time_codes.is_wanted(row, now=now):
        return None
    try:
        channels.by_name(row.channel).send(row.address, {}, compose_code(row))
    except PermanentError:
        return None
    return None


def compose_code(row: OneTimeCode, texts: Book | None = None) -> Message:
    """The digits, for how long, and that nobody of the city ever asks for them. `texts` as in compose_ask."""
    with in_language(row.language):
        language = translation.get_language()
        texts = texts or message_texts.book(language)
        values = {
            "digits": one_time_codes.digits_of(row),
            "minutes": round((row.expires_at - row.created_at).total_seconds() / 60),
            "portal": words.local(city.current().city, "title"),
        }
        subject = texts.fill(CODE, "subject", values)
        context = {
            **values,
            "subject": subject,
            "paragraph": texts.fill(CODE, "paragraph", values),
            "note": texts.fill(CODE, "note", values),
            "language": language,
        }
        return Message(
            kind="code",
            subject=subject,
            title=subject,
            body="",
            short=texts.fill(CODE, "short", values),
            language=language,
            message_id=f"<code-{row.pk}@{host()}>",
            code=values["digits"],
            context=context,
        )
