"""Who hears what happens to a report: one subscription per report, channel and address."""

from datetime import datetime

from django.conf import settings
from django.utils.crypto import salted_hmac

from complaints.models import Report, Subscription


def address_hashes(address: str) -> list[str]:
    """Keyed hashes of an address, by SECRET_KEY first and then by its fallbacks: addresses can be told apart
    and found again, and whoever has only the table cannot try addresses on it."""
    return [
        salted_hmac(
            "dispatch.delivery", address.strip().casefold(), secret=key, algorithm="sha256"
        ).hexdigest()
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]


def subscribe(
    report: Report,
    *,
    role: str,
    channel: str,
    address: str,
    now: datetime,
    language: str = "id",
    keys: dict | None = None,
    is_confirmed: bool = False,
) -> Subscription:
    """Begin a subscription, or begin a stopped one anew. The same address twice is one subscription."""
    current, *older = address_hashes(address)
    known = {"report": report, "channel": channel}
    subscription = Subscription.objects.filter(
        **known, address_hash__in=[current, *older]
    ).first() or Subscription(**known, created_at=now, role=role)
    subscription.address, subscription.address_hash = address.strip(), current
    subscription.keys, subscription.language = keys or {}, language
    subscription.stopped_at, subscription.failures = None, 0
    if is_confirmed and subscription.confirmed_at is None:
        subscription.confirmed_at = now
    subscription.save()
    return subscription
