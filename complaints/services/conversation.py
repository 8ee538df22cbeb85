"""What reporter, staff and other citizens say after the report is filed."""

import hashlib
import uuid
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from complaints import errors
from complaints.domain import text, workflow
from complaints.domain.actor import CITIZEN, PORTAL, REPORTER, STAFF, THE_REPORTER, Actor
from complaints.models import Event, Feedback, Photo, Report, Supporter
from complaints.services import photos as photo_service
from complaints.services import timeline
from complaints.services.status import STATUS_FIELDS, apply_status, change_status

_TEXT_MISSING = _("Please write a sentence.")
_TEXT_TOO_LONG = _("This text is too long; at most 2,000 characters fit.")
_TOO_LATE = _("This report was closed more than 30 days ago. Please file a new report; we will link them.")
_ENDED = _("This report has ended. If you still have the problem, please file a new report.")
_WITHDRAWN = _("You took this report back. If you still have the problem, please file a new report.")
# Strangers may write below anybody's report: after so many voices another one only counts.
MAX_SUPPORTERS_WORDS = 100
_ENOUGH_SAID = _("So many people have written here already. Leave the field empty and you will be counted.")
_RATING = _("A rating is a number from 1 to 5.")


# A form that comes twice (a bad line, an impatient finger) within this time is one form.
_SAME_FORM_WITHIN = timedelta(minutes=10)


def just_said(report: Report, kind: str, message: str, now: datetime) -> Event | None:
    """The reporter's last event, if it is of this kind, says these words and is a few minutes old: then what
    arrives now is the same form once more. Call it with the report locked."""
    last = Event.objects.filter(report=report, actor_kind=REPORTER).order_by("-id").first()
    is_same = last is not None and (last.kind, last.text) == (kind, message)
    return last if is_same and now - last.at <= _SAME_FORM_WITHIN else None


def _checked(message: str, *, required: bool) -> str:
    message = text.clean(message)
    if required and not message:
        raise errors.InvalidReport({"text": ("text_missing", _TEXT_MISSING)})
    if len(message) > text.MESSAGE_MAX_CHARS:
        raise errors.InvalidReport({"text": ("text_too_long", _TEXT_TOO_LONG)})
    return message


@transaction.atomic
def add_comment(
    report_id: int,
    message: str,
    *,
    actor: Actor,
    now: datetime,
    photos: tuple[uuid.UUID, ...] = (),
    photos_key: uuid.UUID | None = None,
    is_public: bool = True,
    expected_version: int | None = None,
) -> Event:
    """Add words and photos to the timeline; `is_public` False makes it the staff's internal note.

    When the department waits for the reporter, the reporter's comment ends the waiting, so that a clock
    paused on a citizen never stays paused after the citizen has answered. Locks the report's row.
    """
    report = timeline.lock(report_id, expected_version)
    staged = photo_service.take_staged(photos_key, photos) if photos_key else []
    message = _checked(message, required=not staged)
    again = just_said(report, Event.Kind.COMMENT, message, now) if actor.kind == REPORTER else None
    if again is not None and not staged:
        return again
    photo_service.attach(report, staged, Photo.Kind.COMMENT, actor=actor, now=now)
    timeline.save(report, now)
    kind = Event.Kind.COMMENT if is_public or actor.kind != STAFF else Event.Kind.NOTE
    event = timeline.record(
        report,
        kind,
        actor,
        now,
        text=message,
        data={"photos": len(staged)} if staged else {},
        is_public=is_public,
    )
    if (
        actor.kind == REPORTER
        and report.status == workflow.WAITING
        and report.waiting_on == Report.WaitingOn.REPORTER
    ):
        change_status(report_id, workflow.IN_PROGRESS, actor=PORTAL, now=now, reason_code="reporter_answered")
    return event


@transaction.atomic
def confirm_fixed(
    report_id: int,
    *,
    now: datetime,
    rating: int | None = None,
    message: str = "",
    photos: tuple[uuid.UUID, ...] = (),
    photos_key: uuid.UUID | None = None,
) -> Report:
    """The reporter says it is fixed: resolved → closed, as confirmed. `photos` are staged under `photos_key`.

    The same form once more changes nothing. Raises TransitionNotAllowed, InvalidReport. Locks the report's
    row.
    """
    message = _checked(message, required=False)
    if rating is not None and rating not in range(1, 6):
        raise errors.InvalidReport({"rating": ("rating_invalid", _RATING)})
    report = timeline.lock(report_id)
    if report.status not in workflow.AWAITING_CONFIRMATION:
        if just_said(report, Event.Kind.CONFIRMED, message, now):
            return report
        raise errors.TransitionNotAllowed(status=report.status, to=workflow.CLOSED, version=report.version)
    staged = photo_service.take_staged(photos_key, photos) if photos_key else []
    photo_service.attach(report, staged, Photo.Kind.COMMENT, actor=THE_REPORTER, now=now)
    before = apply_status(report, workflow.CLOSED, now, is_confirmed=True)
    timeline.save(report, now, *STATUS_FIELDS)
    Feedback.objects.create(
        report=report, verdict=Feedback.Verdict.FIXED, rating=rating, text=message, created_at=now
    )
    timeline.record(
        report,
        Event.Kind.CONFIRMED,
        THE_REPORTER,
        now,
        from_status=before,
        to_status=report.status,
        text=message,
        data=({"rating": rating} if rating else {}) | ({"photos": len(staged)} if staged else {}),
    )
    return report


@transaction.atomic
def reopen(
    report_id: int,
    message: str,
    *,
    now: datetime,
    photos: tuple[uuid.UUID, ...] = (),
    photos_key: uuid.UUID | None = None,
) -> Report:
    """The reporter says it is not fixed: back to the department, and counted. The same form once more changes
    nothing.

    Raises TransitionNotAllowed (not resolved, withdrawn, or ended more than REOPEN_WITHIN_DAYS ago),
    InvalidReport.
    """
    message = _checked(message, required=True)
    report = timeline.lock(report_id)
    if report.status not in workflow.REOPENABLE:
        if just_said(report, Event.Kind.REOPENED, message, now):
            return report
        raise errors.TransitionNotAllowed(status=report.status, to=workflow.REOPENED, version=report.version)
    if is_withdrawn(report):
        raise errors.TransitionNotAllowed(_WITHDRAWN, status=report.status, to=workflow.REOPENED)
    if now - report.status_since > timedelta(days=workflow.REOPEN_WITHIN_DAYS):
        raise errors.TransitionNotAllowed(_TOO_LATE, status=report.status, to=workflow.REOPENED)
    staged = photo_service.take_staged(photos_key, photos) if photos_key else []
    photo_service.attach(report, staged, Photo.Kind.COMMENT, actor=THE_REPORTER, now=now)
    before = apply_status(report, workflow.REOPENED, now)
    report.reopen_count += 1
    report.acknowledged_at = None
    timeline.save(report, now, *STATUS_FIELDS, "reopen_count")
    Feedback.objects.create(report=report, verdict=Feedback.Verdict.NOT_FIXED, text=message, created_at=now)
    timeline.record(
        report,
        Event.Kind.REOPENED,
        THE_REPORTER,
        now,
        from_status=before,
        to_status=report.status,
        text=message,
        data={"photos": len(staged)} if staged else {},
    )
    return report


@transaction.atomic
def remind(
    report_id: int, *, now: datetime, closes_at: datetime, expected_version: int | None = None
) -> Event:
    """Ask the reporter once more whether it is fixed, before `closes_at`. Raises Conflict,
    TransitionNotAllowed (nothing to confirm). Locks the report's row."""
    report = timeline.lock(report_id, expected_version)
    if report.status not in workflow.AWAITING_CONFIRMATION:
        raise errors.TransitionNotAllowed(status=report.status, to=workflow.CLOSED, version=report.version)
    timeline.save(report, now)
    return timeline.record(
        report, Event.Kind.REMINDED, PORTAL, now, data={"closes_at": closes_at.isoformat()}
    )


def is_withdrawn(report: Report) -> bool:
    """Whether the report ended because its reporter took it back."""
    if report.status != workflow.REJECTED:
        return False
    return Event.objects.filter(report=report, kind=Event.Kind.WITHDRAWN).exists()


def support(
    report_id: int,
    token: str,
    *,
    actor: Actor,
    now: datetime,
    message: str = "",
    photos: tuple[uuid.UUID, ...] = (),
    photos_key: uuid.UUID | None = None,
) -> bool:
    """Somebody else has the same problem, and may say so in words and photos, which join the timeline.

    Once per token (a browser's cookie): returns whether it counted; if not, nothing was added. Raises
    TransitionNotAllowed for a report that has ended: whoever still has the problem files anew. Raises
    InvalidReport for words that are too long, or when MAX_SUPPORTERS_WORDS have been said already.
    """
    message = _checked(message, required=False)
    token_hash = hashlib.sha256(token.encode()).hexdigest()
    try:
        with transaction.atomic():
            report = timeline.lock(report_id)
            if not report.is_open:
                raise errors.TransitionNotAllowed(_ENDED, status=report.status, to="supported")
            Supporter.objects.create(report=report, token_hash=token_hash, created_at=now)
            timeline.bump_supporters(report)
            timeline.record(report, Event.Kind.SUPPORTED, actor, now)
            staged = photo_service.take_staged(photos_key, photos) if photos_key else []
            if message or staged:
                _add_supporters_words(report, message, staged, actor, now)
    except IntegrityError:
        return False
    return True


def was_said(report_id: int, message: str) -> bool:
    """Whether these words stand in the timeline already; nothing always does. A form may come twice on a
    bad line, and its sender then must not be told that their words were refused."""
    message = text.clean(message)
    return not message or Event.objects.filter(report_id=report_id, is_public=True, text=message).exists()


def _add_supporters_words(report: Report, message: str, staged: list, actor: Actor, now: datetime) -> None:
    said = Event.objects.filter(report=report, kind=Event.Kind.COMMENT, actor_kind=CITIZEN).count()
    if said >= MAX_SUPPORTERS_WORDS:
        raise errors.InvalidReport({"text": ("enough_said", _ENOUGH_SAID)})
    photo_service.attach(report, staged, Photo.Kind.COMMENT, actor=actor, now=now)
    timeline.save(report, now)
    timeline.record(
        report,
        Event.Kind.COMMENT,
        actor,
        now,
        text=message,
        data={"photos": len(staged)} if staged else {},
    )
