"""One-time codes: six digits sent to an address show that it is one's own. Asked only to see one's reports on
another device; never to file.

Asking does the same work whether the address is known or not, and answers the same: a code row and an outbox
row. Whether anything is sent is decided later, by the worker (`is_wanted`). Trying is bounded by five
attempts a code and three codes an hour: fifteen guesses an hour at a million.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from complaints import errors, selectors
from complaints.domain import text
from complaints.domain.contact import normalise_phone
from complaints.models import OneTimeCode, Subscription
from complaints.services import outbox, subscriptions

DIGITS = 6
VALID_FOR = timedelta(minutes=10)
ATTEMPTS = 5
CODES_PER_HOUR = 3
_HOUR = timedelta(hours=1)
_KEPT_AFTER_EXPIRY = _HOUR  # so that the codes of an hour can be counted
_SALT = "complaints.one-time-code"
_TICKET_MAX_AGE_S = 3600

_SENTENCES = {
    "address_missing": _("Please type the e-mail address or phone number you gave with a report."),
    "address_invalid": _("This is neither an e-mail address nor a phone number. Please check it."),
    "phone_not_offered": _("Codes cannot be sent to phone numbers yet. Please use your e-mail address."),
    "code_wrong": _("These digits are not right. Please compare them with the message."),
    "code_over": _("This code is used up or older than 10 minutes. Please ask for a new one."),
}


@dataclass(frozen=True, slots=True)
class Address:
    """An address in the form it is stored in (phone: E.164), and the channel that reaches it."""

    value: str
    channel: str


def read_address(typed: str, channels: frozenset[str] | set[str]) -> Address:
    """The address in what a person typed. `channels` are those on offer. Raises InvalidReport (`address`)."""
    typed = text.clean_line(typed)
    if not typed:
        raise _fault("address_missing")
    if "@" in typed:
        try:
            validate_email(typed)
        except ValidationError as invalid:
            raise _fault("address_invalid") from invalid
        if len(typed) > 254:
            raise _fault("address_invalid")
        return Address(typed, Subscription.Channel.EMAIL)
    phone = normalise_phone(typed)
    if phone is None:
        raise _fault("address_invalid")
    for channel in subscriptions.PHONE_CHANNELS:
        if channel in channels:
            return Address(phone, channel)
    raise _fault("phone_not_offered")


def _fault(code: str) -> errors.InvalidReport:
    return errors.InvalidReport({"address": (code, _SENTENCES[code])})


@transaction.atomic
def request_code(address: Address, *, now: datetime, language: str = "id") -> str:
    """Make a code and queue its sending; returns a ticket to verify it with, which names nobody.

    Raises TooManyCodes, for known and unknown addresses alike.
    """
    current, *older = subscriptions.address_hashes(address.value)
    recent = OneTimeCode.objects.filter(address_hash__in=[current, *older], created_at__gt=now - _HOUR)
    if len(recent.select_for_update().values_list("pk")) >= CODES_PER_HOUR:
        raise errors.TooManyCodes
    row = OneTimeCode.objects.create(
        channel=address.channel,
        address=address.value,
        address_hash=current,
        nonce=secrets.token_hex(16),
        language=language,
        created_at=now,
        expires_at=now + VALID_FOR,
    )
    outbox.emit(
        outbox.NOTIFY, "code.requested", report_id=None, payload={"one_time_code_id": row.pk}, now=now
    )
    return ticket_of(address)


def ticket_of(address: Address) -> str:
    """A signed reference to an address, for the form the digits are typed into."""
    return signing.dumps(subscriptions.address_hashes(address.value)[0], salt=_SALT, compress=False)


def digits_of(row: OneTimeCode) -> str:
    """The code's digits: derived from the signing key and the row's nonce, never stored."""
    return _digits(row, settings.SECRET_KEY)


def _digits(row: OneTimeCode, key: str) -> str:
    said = f"one-time-code:{row.pk}:{row.nonce}:{row.address_hash}"
    number = int.from_bytes(hmac.new(key.encode(), said.encode(), hashlib.sha256).digest()[:8], "big")
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def is_wanted(row: OneTimeCode, *, now: datetime) -> bool:
    """Whether the worker should send it: it still counts, and reports came from its address. Nobody can have
    a stranger written to who never filed anything."""
    if row.used_at is not None or row.expires_at <= now:
        return False
    return selectors.by_address(row.address).exists()


def verify(ticket: str, typed: str, *, now: datetime) -> str:
    """The address that the ticket stands for, if `typed` are the digits of a code of its that still counts.

    A code counts once, for VALID_FOR and ATTEMPTS tries; each try costs one of every code that still counts.
    Raises CodeRefused (`code_wrong`, `code_over`). Locks the address's codes.
    """
    try:
        address_hash = signing.loads(ticket, salt=_SALT, max_age=_TICKET_MAX_AGE_S)
    except signing.BadSignature:
        raise errors.CodeRefused(_SENTENCES["code_over"], code="code_over") from None
    digits = "".join(ch for ch in typed if ch in "0123456789")
    address = _spend_attempt(address_hash, digits, now)
    if address is None:
        raise errors.CodeRefused(_SENTENCES["code_wrong"], code="code_wrong")
    return address


@transaction.atomic
def _spend_attempt(address_hash: str, digits: str, now: datetime) -> str | None:
    """The address, or None for wrong digits; what was spent is committed either way."""
    alive = OneTimeCode.objects.filter(
        address_hash=address_hash, used_at=None, expires_at__gt=now, attempts__lt=ATTEMPTS
    )
    rows = list(alive.select_for_update().order_by("id"))
    if not rows:
        raise errors.CodeRefused(_SENTENCES["code_over"], code="code_over")
    # All of them, whichever matches: the answer takes as long for the first code as for the last.
    matching = [
        row
        for row in rows
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        if hmac.compare_digest(digits.encode(), _digits(row, key).encode())
    ]
    tried = OneTimeCode.objects.filter(pk__in=[row.pk for row in rows])
    if not matching:
        tried.update(attempts=F("attempts") + 1)
        return None
    tried.update(used_at=now)
    # Two addresses may share a hash (it folds `ß` to `ss`): the one that this code was sent to.
    return matching[0].address


def sweep(*, now: datetime) -> int:
    """Delete codes an hour after they have expired; returns how many."""
    return OneTimeCode.objects.filter(expires_at__lt=now - _KEPT_AFTER_EXPIRY).delete()[0]
