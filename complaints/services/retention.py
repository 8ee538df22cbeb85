"""Personal data that has served its purpose: what goes when (docs/operations.md has the table)."""

from datetime import datetime, timedelta
from importlib import import_module

from django.conf import settings

from complaints.models import Subscription
from complaints.services import one_time_codes

UNCONFIRMED_FOR = timedelta(days=7)


def forget_expired(*, now: datetime) -> dict[str, int]:
    """Delete expired one-time codes, subscriptions nobody confirmed, and sessions that are over.

    Safe to repeat. Returns how many rows went, by what they were (sessions are not counted).
    """
    unconfirmed = Subscription.objects.filter(confirmed_at=None, created_at__lt=now - UNCONFIRMED_FOR)
    gone = {
        "one_time_codes": one_time_codes.sweep(now=now),
        "unconfirmed_subscriptions": unconfirmed.delete()[0],
    }
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return gone
