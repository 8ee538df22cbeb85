"""What the reporter's own box on the report's page shows: the question, the time left, their rights."""

from datetime import datetime

from complaints.domain import rights, workflow
from complaints.models import Event, Report


def context(report: Report, events: list[Event], now: datetime) -> dict:
    """`events` is the report's public timeline, oldest first."""
    is_withdrawn = report.status == workflow.REJECTED and any(e.kind == Event.Kind.WITHDRAWN for e in events)
    left = rights.time_left(report.created_at, now)
    box = {
        "is_withdrawn": is_withdrawn,
        "may_edit": rights.may_edit(report.status, report.created_at, now),
        "may_withdraw": rights.may_withdraw(report.status, report.created_at, now),
        "window_left": left,
        "window_left_s": int(left.total_seconds()),
    }
    if report.status in workflow.AWAITING_CONFIRMATION:
        box |= _question(report, events)
    if is_withdrawn:
        box["can_reopen"] = False
    return box


def _question(report: Report, events: list[Event]) -> dict:
    """What the office says it did, and until when an answer counts."""
    said = [event for event in events if event.to_status == workflow.RESOLVED]
    words = [
        event.at
        for event in events
        if event.actor_kind == Event.ActorKind.REPORTER and event.at >= report.status_since
    ]
    closes_at = workflow.closes_at(report.status_since, max(words, default=None))
    return {"resolution": said[-1] if said else None, "closes_at": closes_at}
