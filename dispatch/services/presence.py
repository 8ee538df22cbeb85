"""Who has a case open now, so that two officers do not work on it unknowingly. A courtesy, not a lock: what
keeps them from overwriting each other is the report's version."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from city.models import User
from complaints import selectors
from complaints.models import Report
from dispatch.models import Presence

# A page says every BEAT that it is open; after AWAY without a word its reader has left.
BEAT = timedelta(seconds=25)
AWAY = timedelta(seconds=60)
_SWEPT_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Colleague:
    user: User
    is_writing: bool


def here(user: User, report: Report, *, now: datetime, is_writing: bool = False) -> list[Colleague]:
    """Say that a colleague has the case open; returns the others. At most five queries."""
    values = {"seen_at": now, "is_writing": is_writing}
    Presence.objects.update_or_create(report=report, user=user, defaults=values)
    Presence.objects.filter(seen_at__lt=now - _SWEPT_AFTER).delete()
    return others(user, report, now=now)


def left(user: User, report: Report) -> None:
    Presence.objects.filter(report=report, user=user).delete()


def others(user: User, report: Report, *, now: datetime) -> list[Colleague]:
    """Who else has the case open, of those who may still see it; writers first. One query."""
    rows = Presence.objects.filter(report=report, seen_at__gt=now - AWAY).exclude(user=user)
    seeing = selectors.staff_who_see(report).values("pk")
    rows = rows.filter(user__in=seeing).select_related("user").order_by("-is_writing", "user__username")
    return [Colleague(row.user, row.is_writing) for row in rows]
