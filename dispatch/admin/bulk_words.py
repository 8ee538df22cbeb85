"""Steps for many reports in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from city import snapshot as city
from city.models import Crew, User
from complaints.models import Report
from complaints.web import words as public_words
from dispatch import words
from dispatch.domain import bulk, casework
from dispatch.models import BulkOperation, Tag
from dispatch.services.bulk_preview import Target

_LABEL = {
    casework.TAKE: gettext_lazy("I take these"),
    casework.ASSIGN: gettext_lazy("Name a handler or a crew"),
    casework.REPLY: gettext_lazy("Write to the reporters"),
    casework.TAG: gettext_lazy("Put tags on"),
    bulk.UNTAG: gettext_lazy("Take tags off"),
}
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


def change(report: Report, step: str, target: Target) -> tuple[str, str]:
    """What stands there now, and what would."""
    if step == casework.ACCEPT:
        return _("not accepted yet"), _("accepted")
    if step == casework.REPLY:
        return "–", _("a message")
    if step in (casework.TAG, bulk.UNTAG):
        return _tags(report, step, target)
    if step in (casework.TAKE, casework.ASSIGN):
        return _given(report, target)
    states = dict(Report.Status.choices)
    return str(states[report.status]), str(states[casework.STATUS_STEPS[step]])


def _given(report: Report, target: Target) -> tuple[str, str]:
    """Handler and crew, as far as they change."""
    handler = report.assignee if report.assignee_id else None
    before, after = [], []
    if target.handler is not None or not target.takes_crew:
        before.append(person(handler))
        after.append(person(target.handler) if target.handler else "…")
    if target.takes_crew:
        before.append(report.crew.name if report.crew_id else _("no crew"))
        after.append(target.crew.name if target.crew else _("no crew"))
    return " · ".join(before), " · ".join(after)


def _tags(report: Report, step: str, target: Target) -> tuple[str, str]:
    has = list(target.has.get(report.pk, ()))
    if step == casework.TAG:
        then = has + [tag for tag in target.tags if tag not in has]
    else:
        then = [tag for tag in has if tag not in target.tags]
    return ", ".join(tag.name for tag in has) or "–", ", ".join(tag.name for tag in then) or "–"


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
        (_("Crew"), _crew(details)),
        (
            _("Tags"),
            ", ".join(Tag.objects.filter(pk__in=details.get("tags", ())).values_list("name", flat=True)),
        ),
        (_("Waiting for"), details.get("waiting_reason", "")),
        (_("Planned for"), details.get("scheduled_for", "")),
        (_("Budget line"), details.get("budget_line", "")),
        (_("Reason"), str(public_words.REJECTION.get(details.get("reason_code", ""), ""))),
        (_("Text"), details.get("message", "")),
    ]
    return [(name, value) for name, value in lines if value]


def _crew(details: Mapping[str, Any]) -> str:
    if "crew" not in details:
        return ""
    crew = Crew.objects.filter(pk=details["crew"]).first()
    return crew.name if crew else _("no crew")
