"""After a conflict: what was typed beside how the report stands now, and what changed since it was opened."""

from collections.abc import Mapping
from typing import Any

from django.core import signing
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from city import snapshot as city
from complaints.models import Report
from complaints.web import words as public_words
from dispatch import words
from dispatch.admin.bulk import person_name

_SALT = "case-opened"


def opened(report: Report) -> str:
    """How the report stands, in words, for the page's forms to bring back; signed, so that what comes back is
    what was shown."""
    return signing.dumps(_facts(report), salt=_SALT, compress=True)


def view(report: Report, typed: Mapping[str, Any]) -> dict[str, Any]:
    """`rows` of what differs or matters: label, when opened, now. `typed`: what the officer wrote."""
    try:
        before = signing.loads(typed.get("opened") or "", salt=_SALT)
    except signing.BadSignature:
        before = {}
    now = _facts(report)
    labels = _labels()
    rows = [
        {
            "name": name,
            "label": labels[name],
            "before": before.get(name, ""),
            "now": now[name],
            "is_changed": bool(before) and before.get(name, "") != now[name],
        }
        for name in now
        if now[name] or before.get(name)
    ]
    return {"rows": rows, "knows_before": bool(before), "typed": _typed(typed)}


def _facts(report: Report) -> dict[str, str]:
    snap = city.current()
    category = snap.categories_by_id.get(report.category_id)
    area = snap.areas_by_id.get(report.area_id)
    department = snap.departments_by_id.get(report.department_id)
    return {
        "status": public_words.status_name(report),
        "department": public_words.local(department) if department else _("the complaints desk"),
        "assignee": person_name(report.assignee) if report.assignee else "",
        "crew": str(report.crew.name) if report.crew_id else "",
        "category": public_words.local(category) if category else "",
        "severity": str(words.SEVERITY.get(report.severity, report.severity)),
        "place": ", ".join(part for part in (report.street, area.name if area else "") if part),
        "due": public_words.moment(report.due_at) if report.due_at else "",
        "scheduled_for": date_format(report.scheduled_for, "j F Y") if report.scheduled_for else "",
        "budget_line": report.budget_line,
        "waiting_reason": report.waiting_reason,
    }


def _labels() -> dict[str, str]:
    return {
        "status": _("State"),
        "department": _("With"),
        "assignee": _("Handler"),
        "crew": _("Crew"),
        "category": _("Kind"),
        "severity": _("Severity"),
        "place": _("Place"),
        "due": _("Resolve by"),
        "scheduled_for": _("Planned for"),
        "budget_line": _("Budget line"),
        "waiting_reason": _("Waiting for"),
    }


def _typed(typed: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Everything that was written or chosen, by the names of the fields."""
    snap = city.current()
    department = snap.departments.get(typed.get("department", ""))
    category = snap.categories.get(typed.get("category", ""))
    level = typed.get("severity") or ""
    known = (
        (_("Text"), typed.get("message")),
        (_("Waiting for"), typed.get("waiting_reason")),
        (_("Planned for"), typed.get("scheduled_for")),
        (_("Budget line"), typed.get("budget_line")),
        (_("Department"), public_words.local(department) if department else ""),
        (_("Kind"), public_words.local(category) if category else ""),
        (_("Severity"), words.SEVERITY.get(int(level)) if level.isascii() and level.isdigit() else ""),
        (_("Place"), " · ".join(part for part in (typed.get("point"), typed.get("street")) if part)),
        (_("Reason for rejecting"), public_words.REJECTION.get(typed.get("reason_code", ""), "")),
        (_("Reason for the photo"), typed.get("proof_reason")),
    )
    return [(label, str(value)) for label, value in known if value]
