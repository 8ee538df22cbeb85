"""Writing the timeline: the only place where an Event is made."""

from datetime import datetime
from typing import Any

from django.db.models import F

from complaints import errors
from complaints.domain.actor import REPORTER, STAFF, Actor
from complaints.models import Event, Report
from complaints.services import hidden_words, outbox, rows


def lock(report_id: int, expected_version: int | None = None) -> Report:
    """The report, locked until the transaction ends (a row lock on PostgreSQL, the writer lock on SQLite).

    Raises Conflict when the caller saw another version, DoesNotExist for an unknown id.
    """
    report = Report.objects.select_for_update(of=("self",)).get(pk=report_id)
    if expected_version is not None and report.version != expected_version:
        raise errors.Conflict(version=report.version, status=report.status, expected_version=expected_version)
    return report


def check_own_work(report: Report) -> None:
    """Raises PartOfIncident for a merged report: its own work stands still, exactly as it stood."""
    if report.merged_into_id is not None:
        raise errors.PartOfIncident(primary_id=report.merged_into_id, version=report.version)


def save(report: Report, now: datetime, *fields: str) -> None:
    """Save the named fields of a locked report and raise its version. Words hidden in it stay hidden."""
    hidden_words.keep(report, fields)
    report.updated_at = now
    report.version += 1
    report.save(update_fields=[*fields, "updated_at", "version"])


def record(report: Report, kind: str, actor: Actor, now: datetime, **details: Any) -> Event:
    """Append an event and tell dispatch. `details`: from_status, to_status, text, data, is_public,
    department_id (the one that acts; the actor's own unless given)."""
    details.setdefault("department_id", actor.department_id)
    event = Event(report=report, kind=kind, at=now, actor_kind=actor.kind, actor_id=actor.user_id, **details)
    rows.insert(event)
    _mark_unanswered(report, kind, actor, now)
    if kind != Event.Kind.SUBMITTED:
        outbox.emit(
            outbox.NOTIFY, "report.changed", report_id=report.pk, payload={"event_id": event.pk}, now=now
        )
    return event


# Words that wait for an answer; those of a merged report's reporter reach the primary as a note.
_ASKS = frozenset({Event.Kind.COMMENT, Event.Kind.NOTE})


def _mark_unanswered(report: Report, kind: str, actor: Actor, now: datetime) -> None:
    """The reporter's words wait until somebody of the staff says or does something; that a handler was named
    answers nobody."""
    if actor.kind == REPORTER and kind in _ASKS:
        since = report.unanswered_since or now
    elif actor.kind == STAFF and kind != Event.Kind.ASSIGNED:
        since = None
    else:
        return
    if since != report.unanswered_since:
        report.unanswered_since = since
        Report.objects.filter(pk=report.pk).update(unanswered_since=since)


def bump_supporters(report: Report) -> None:
    Report.objects.filter(pk=report.pk).update(supporter_count=F("supporter_count") + 1)
