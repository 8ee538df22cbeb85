"""Further parts of the case page: colleagues who are there, the conflict's two versions, what lies around,
the timeline in two parts."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from city import snapshot as city
from complaints import errors
from complaints.domain import workflow
from complaints.models import Report
from complaints.web import story_parts
from complaints.web import words as public_words
from dispatch.admin import case_conflict, notices
from dispatch.services import around, presence

PUBLIC, INTERNAL = "publik", "internal"


def parts(user, report: Report, attempt, now: datetime) -> dict[str, Any]:
    """Six queries: who is there, what lies around. `attempt`: case_context.Attempt, if there was one."""
    is_conflict = attempt is not None and isinstance(attempt.error, errors.Conflict)
    return {
        "opened": case_conflict.opened(report),
        "conflict": case_conflict.view(report, attempt.typed) if is_conflict else None,
        "presence_lines": notices.lines(presence.others(user, report, now=now)),
        **_around(user, report, now),
    }


def timeline(lines: list[dict[str, Any]], part: str) -> dict[str, Any]:
    """All of it, or what the public reads, or what stays among staff."""
    public = [line for line in lines if line["event"].is_public]
    internal = [line for line in lines if not line["event"].is_public]
    shown = {PUBLIC: public, INTERNAL: internal}.get(part, lines)
    return {
        "timeline": lines,
        "timeline_shown": shown,
        "timeline_part": part if part in (PUBLIC, INTERNAL) else "",
        "timeline_counts": {"all": len(lines), PUBLIC: len(public), INTERNAL: len(internal)},
    }


def pairs(pictures: list) -> list:
    """Photos of the problem beside those of the latest repair, as the public page pairs them."""
    return story_parts.paired(pictures).pairs


def _around(user, report: Report, now: datetime) -> dict[str, Any]:
    seen = around.of(user, report, now=now)
    rows = [_row(item) for item in seen.neighbours]
    return {
        "around": rows,
        "around_more": seen.more,
        "around_points": [
            [
                row["latitude"],
                row["longitude"],
                row["state"],
                row["is_same_kind"],
                row["is_open"],
                row["label"],
            ]
            for row in rows
        ],
        "spot": [
            {**_row(item.neighbour), "how": item.how, "resolved_at": item.resolved_at, "held": item.held}
            for item in seen.earlier
        ],
    }


def _row(item: around.Neighbour) -> dict[str, Any]:
    report = item.report
    category = city.current().categories_by_id.get(report.category_id)
    name = "admin:complaints_report_change" if item.is_theirs else "report_detail"
    kind = public_words.local(category) if category else ""
    return {
        "report": report,
        "kind": kind,
        "icon": category.icon if category else "",
        "url": reverse(name, args=[report.pk if item.is_theirs else report.code]),
        "distance_m": item.distance_m,
        "is_theirs": item.is_theirs,
        "is_same_kind": item.is_same_kind,
        "is_open": report.is_open,
        "latitude": report.latitude,
        "longitude": report.longitude,
        "state": workflow.MAP_STATE[report.status],
        "status": public_words.status_name(report),
        "label": f"{kind} · {report.spoken_code} · {public_words.status_name(report)}",
    }
