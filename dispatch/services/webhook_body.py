"""What a webhook's receiver reads of an event: what the public may read, and nothing else."""

from typing import Any

import orjson
from django.conf import settings

from city import snapshot as city
from complaints import links
from complaints.domain import privacy
from complaints.models import Event, Report

# What of an event's own data is public and worth telling; texts are masked.
_DATA = (
    *("reason_code", "waiting_on", "waiting_reason", "scheduled_for", "budget_line", "due_at", "closes_at"),
    *("what", "channel", "check_back_on", "reference", "their_status", "photos", "fields", "severity"),
)


def build(report: Report, event: Event) -> bytes:
    """The body as JSON. `status` is the report's now, `data.to_status` what this event made it."""
    snap = city.current()
    area = snap.areas_by_id.get(report.area_id)
    category = snap.categories_by_id.get(report.category_id)
    base = settings.PUBLIC_BASE_URL.rstrip("/")
    return orjson.dumps(
        {
            "id": str(event.pk),
            "kind": event.kind,
            "time": event.at.isoformat(),
            "code": report.code,
            "category": category.code if category else None,
            "status": report.status,
            "version": report.version,
            "department": _department(snap, report.department_id),
            "area": area.code if area else None,
            "link": base + links.public_path(report),
            "data": _data(snap, event),
        }
    )


def _department(snap, department_id: int | None) -> str | None:
    found = snap.departments_by_id.get(department_id)
    return found.code if found else None


def _data(snap, event: Event) -> dict[str, Any]:
    told = {
        "by": event.actor_kind,
        "department": _department(snap, event.department_id),
        "from_status": event.from_status,
        "to_status": event.to_status,
        "text": privacy.mask(event.text),
    }
    for name in _DATA:
        value = event.data.get(name)
        told[name] = privacy.mask(value) if isinstance(value, str) else value
    return {name: value for name, value in told.items() if value not in (None, "", [])}
