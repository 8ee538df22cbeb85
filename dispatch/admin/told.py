"""Who was told what, in words: for the case page and the list of messages. Without addresses."""

from typing import Any

from django.db.models import Count, Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.models import Event, Report, Subscription
from complaints.web import words as public_words
from dispatch.models import Delivery

SHOWN_EVENTS = 20
_ROWS_READ = 200
_TONE = {
    Delivery.State.SENT: "done",
    Delivery.State.PENDING: "working",
    Delivery.State.FAILED: "late",
    Delivery.State.JOINED: "scheduled",
}
_ROLE = {
    Subscription.Role.REPORTER: gettext_lazy("Reporter"),
    Subscription.Role.SUPPORTER: gettext_lazy("Follower"),
}


def channel_label(name: str) -> str:
    return str(dict(Subscription.Channel.choices).get(name, name))


def recipient(row: Delivery) -> str:
    """A recipient so that two can be told apart and nobody learns who they are."""
    role = _ROLE.get(row.subscription.role, "") if row.subscription else _("Address forgotten")
    return f"{role} · {row.recipient_hash[:8]}"


def panel(report: Report, events: list[Event]) -> list[dict[str, Any]]:
    """What the case page shows: for each event that was told the people by role and channel, the newest
    first. One query, whatever the number of followers."""
    groups = (
        Delivery.objects.filter(report_id=report.pk)
        .values("event_id", "subscription__role", "channel", "state")
        .annotate(people=Count("id"), sent=Max("sent_at"), until=Max("postponed_until"))
        .order_by("-event_id", "subscription__role", "channel")[:_ROWS_READ]
    )
    known = {event.pk: event for event in events}
    told: dict[int, dict[str, Any]] = {}
    for group in groups:
        event = known.get(group["event_id"])
        sentence = public_words.event(event).rstrip(":") if event else _("Something about another report")
        told.setdefault(group["event_id"], {"sentence": sentence, "people": []})["people"].append(
            _people(group)
        )
    return list(told.values())[:SHOWN_EVENTS]


def _people(group: dict[str, Any]) -> dict[str, Any]:
    state = group["state"]
    return {
        "who": str(_ROLE.get(group["subscription__role"]) or _("Address forgotten")),
        "number": group["people"],
        "channel": channel_label(group["channel"]),
        "state": str(Delivery.State(state).label),
        "tone": _TONE[state],
        "at": group["sent"],
        "until": group["until"] if state == Delivery.State.PENDING else None,
    }
