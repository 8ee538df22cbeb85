"""Steps for many reports in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from city import snapshot as city
from city.models import User
from complaints.models import Report
from complaints.web import words as public_words
from dispatch import words
from dispatch.domain import casework
from dispatch.models import BulkOperation

_LABEL = {casework.TAKE: gettext_lazy("I take these")}
STATE_ICON = {
    BulkOperation.State.QUEUED: "clock",
    BulkOperation.State.RUNNING: "clock",
    BulkOperation.State.DONE: "check-circle",
    BulkOperation.State.UNDOING: "reopen",
    BulkOperation.State.UNDONE: "reopen",
}


def label(step: str) -> str:
    """The step as the list offers it for many."""
    return str(_LABEL.get(step) or words.STEP[step])


def person(user: User | None) -> str:
    """A member of staff by name; nobody where there is none."""
    return (user.get_full_name() or user.username) if user else _("nobody yet")


def change(report: Report, step: str, handler: User | None) -> tuple[str, str]:
    """What stands there now, and what would."""
    if step == casework.ACCEPT:
        return _("not accepted yet"), _("accepted")
    if step in (casework.TAKE, casework.ASSIGN):
        return person(report.assignee if report.assignee_id else None), person(handler) if handler else "…"
    states = dict(Report.Status.choices)
    return str(states[report.status]), str(states[casework.STATUS_STEPS[step]])


def kind(report: Report, snap: city.CitySnapshot) -> str:
    category = snap.categories_by_id.get(report.category_id)
    return public_words.local(category) if category else "–"


def place(report: Report, snap: city.CitySnapshot) -> str:
    area = snap.areas_by_id.get(report.area_id)
    names = [report.street, area.name if area else ""]
    return ", ".join(name for name in names if name)


def said(operation: BulkOperation) -> list[tuple[str, str]]:
    """What was said with the step, as (name, value)."""
    details: Mapping[str, Any] = operation.details
    handler = User.objects.filter(pk=details.get("assignee")).first() if details.get("assignee") else None
    lines = [
        (_("Handler"), person(handler) if handler else ""),
        (_("Waiting for"), details.get("waiting_reason", "")),
        (_("Planned for"), details.get("scheduled_for", "")),
        (_("Budget line"), details.get("budget_line", "")),
        (_("Reason"), str(public_words.REJECTION.get(details.get("reason_code", ""), ""))),
        (_("Text"), details.get("message", "")),
    ]
    return [(name, value) for name, value in lines if value]
