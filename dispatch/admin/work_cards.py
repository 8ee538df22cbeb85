"""The cards of a person's work: on the first page of the staff area, and above the queue."""

from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from complaints.domain import workflow
from dispatch import words
from dispatch.domain import casework
from dispatch.services import casework as casework_service
from dispatch.services import worklist

# What a card asks for, as the queue's parameters.
_PARAMETER = {"due": "tenggat", "state": "status", "mark": "tanda", "handler": "penangan"}
_VALUE = {worklist.FOR_ME: "saya", worklist.MINE: "saya"}


def cards(user, now: datetime, which=worklist.ALL_CARDS, current: dict | None = None) -> list[dict]:
    """Cards with counts that are exactly what their lists show. One query. `current`: the queue's parameters;
    the card that asks for the same is marked."""
    decides = casework.may(casework_service.role_of(user), casework.DECIDE)
    counted = worklist.counts(user, now, which)
    return [
        _card(name, wanted, counted[name], current)
        for name, wanted in which
        if name != workflow.TRIAGE or decides or counted[name]
    ]


def _card(name: str, wanted: dict[str, str], count: int, current: dict | None) -> dict:
    label, help_text, icon, tone = words.CARD[name]
    params = {_PARAMETER[what]: _VALUE.get(value, value) for what, value in wanted.items()}
    return {
        "name": name,
        "label": label,
        "help": help_text,
        "icon": icon,
        "tone": tone if count else "none",
        "count": count,
        "is_bounded": count > worklist.COUNT_AT_MOST,
        "at_most": worklist.COUNT_AT_MOST,
        "url": f"{reverse('admin:complaints_report_changelist')}?{urlencode(params)}",
        "is_current": params == current,
    }
