"""Personal data that has served its purpose: what goes when (docs/operations.md has the table)."""

from datetime import datetime
from importlib import import_module

from django.conf import settings

from complaints.services import one_time_codes, subscriptions


def forget_expired(*, now: datetime) -> dict[str, int]:
    """Delete expired one-time codes, subscriptions that are needed no more, and sessions that are over.

    Safe to repeat. Returns how many rows went, by what they were (sessions are not counted).
    """
    gone = {
        "one_time_codes": one_time_codes.sweep(now=now),
        "subscriptions": subscriptions.sweep(now=now),
    }
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return gone
