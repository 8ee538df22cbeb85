"""The work of those who go out: which cases are theirs, in which order, and what their phones send."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max, OuterRef, Q, QuerySet, Subquery

from city.services import crews
from complaints import errors, selectors
from complaints.domain import workflow
from complaints.models import Event, Report, StagedPhoto
from dispatch.domain import casework, tour
from dispatch.errors import KeyTaken, NoLongerYours, PhotosMissing
from dispatch.models import FieldAction
from dispatch.services import casework as casework_service
from dispatch.services import worklist

WORKABLE = (workflow.ASSIGNED, workflow.REFERRED, workflow.REOPENED, workflow.IN_PROGRESS)
STOPS_AT_MOST = 60
PAUSED_AT_MOST = 30
# The steps that fit on a phone. Dates, budgets and other departments are the office's.
STEPS = (casework.START, casework.MAKE_SAFE, casework.RESOLVE, casework.WAIT, casework.NOT_OURS)
# What the portal itself does to a case meanwhile changes nothing about the work on the spot.
_HARMLESS = (Event.Kind.PROMISE, Event.Kind.ESCALATED, Event.Kind.REMINDED, Event.Kind.BURST)


@dataclass(frozen=True, slots=True)
class Sent:
    """A step as a phone sent it. `version` and `seen` say what its page showed: the report's version and its
    last timeline event."""

    key: UUID
    report_id: int
    step: str
    version: int
    seen: int
    details: casework_service.Details
    body_hash: str
    said_at: datetime | None = None


def may_go_out(user) -> bool:
    """Whether the field page is this person's business: who may start the work on a case."""
    return casework.may(casework_service.role_of(user), casework.START)


def of_person(user) -> QuerySet[Report]:
    """The reports of a person's scope that they handle, or that a crew of theirs has."""
    own_crews = list(crews.of_person(user).values_list("pk", flat=True))
    theirs = Q(assignee_id=user.pk) | Q(crew_id__in=own_crews)
    return selectors.for_staff(user).filter(theirs)


def stops(user) -> tuple[list[Report], int]:
    """The open, workable cases of a person, the nearest promise first, and how many were left out."""
    found = _with_last_event(of_person(user).filter(is_open=True, status__in=WORKABLE))
    rows = worklist.slice_by_promise(found, 0, STOPS_AT_MOST + 1)
    left_out = found.order_by().count() - STOPS_AT_MOST if len(rows) > STOPS_AT_MOST else 0
    return rows[:STOPS_AT_MOST], left_out


def paused(user) -> list[Report]:
    """Those that wait or are scheduled."""
    found = _with_last_event(of_person(user).filter(is_open=True, status__in=worklist.PAUSED))
    return list(found.order_by("-status_since", "id")[:PAUSED_AT_MOST])


def _with_last_event(reports: QuerySet[Report]) -> QuerySet[Report]:
    events = Event.objects.filter(report=OuterRef("pk")).order_by().values("report")
    last = Subquery(events.annotate(last=Max("id")).values("last"))
    return reports.annotate(last_event_id=last).select_related("department")


def route(reports: list[Report], start: tuple[float, float] | None) -> list[int]:
    """Ids in the order of visit, from where the phone is, else from the nearest promise."""
    points = [(report.latitude, report.longitude) for report in reports]
    return [reports[index].pk for index in tour.order(points, start)]


def body_hash(body: dict[str, Any]) -> str:
    """A fingerprint of what was said; not of what the phone had seen, which grows younger with every try."""
    said = {name: value for name, value in body.items() if name not in ("version", "seen")}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def perform(user, sent: Sent, *, now: datetime) -> tuple[dict[str, Any], bool]:
    """Take a step that a phone sent; what to tell it, and whether it was new. The same key again tells the
    same again and changes nothing.

    Raises KeyTaken (the key stands for something else), NoLongerYours, PhotosMissing, NotPermitted, Conflict
    with `meanwhile` (events since `seen`), and what casework.take_step raises. Refused steps leave no trace.
    """
    earlier = _earlier(user, sent)
    if earlier is not None:
        return earlier, False
    try:
        with transaction.atomic():
            return _perform(user, sent, now), True
    except (IntegrityError, errors.DomainError):
        earlier = _earlier(user, sent)  # the same may have come by another connection at this moment
        if earlier is None:
            raise
        return earlier, False


def _earlier(user, sent: Sent) -> dict[str, Any] | None:
    row = FieldAction.objects.filter(key=sent.key).first()
    if row is None:
        return None
    if (row.user_id, row.body_hash) != (user.pk, sent.body_hash):
        raise KeyTaken()
    return row.answer


def _perform(user, sent: Sent, now: datetime) -> dict[str, Any]:
    if sent.step not in STEPS:
        raise errors.NotPermitted(step=sent.step)
    try:
        report = of_person(user).select_for_update(of=("self",)).get(pk=sent.report_id)
    except Report.DoesNotExist as exc:
        raise NoLongerYours() from exc
    row = FieldAction.objects.create(
        key=sent.key,
        user=user,
        report=report,
        step=sent.step,
        body_hash=sent.body_hash,
        said_at=sent.said_at,
        at=now,
    )
    _check_photos(sent)
    version = _version(report, sent)
    casework_service.take_step(user, report.pk, sent.step, sent.details, now=now, expected_version=version)
    row.answer = _answer(sent)
    row.save(update_fields=["answer"])
    return row.answer


def _version(report: Report, sent: Sent) -> int:
    """The version to work on: the one the phone saw, or a younger one if only the portal's own housekeeping
    lies between. Raises Conflict with what people did meanwhile."""
    if report.version == sent.version:
        return sent.version
    since = Event.objects.filter(report=report, id__gt=sent.seen)
    others = since.exclude(actor_kind=Event.ActorKind.SYSTEM, kind__in=_HARMLESS)
    if not others.exists():
        return report.version
    raise errors.Conflict(
        version=report.version,
        status=report.status,
        expected_version=sent.version,
        meanwhile=list(others.order_by("id").values_list("pk", flat=True)),
        last_event_id=since.aggregate(last=Max("id"))["last"],
    )


def _check_photos(sent: Sent) -> None:
    here = StagedPhoto.objects.filter(draft_key=sent.key, uuid__in=sent.details.photos)
    missing = set(sent.details.photos) - set(here.values_list("uuid", flat=True))
    if missing:
        raise PhotosMissing(missing=sorted(map(str, missing)))


def _answer(sent: Sent) -> dict[str, Any]:
    report = Report.objects.only("status", "version", "checking_since").get(pk=sent.report_id)
    last = Event.objects.filter(report_id=sent.report_id).aggregate(last=Max("id"))["last"]
    return {
        "key": str(sent.key),
        "report": sent.report_id,
        "step": sent.step,
        "status": report.status,
        "version": report.version,
        "seen": last,
        "is_checked": report.checking_since is not None,
    }
