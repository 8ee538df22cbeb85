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
from complaints.services import incidents, timeline
from complaints.services import photos as photo_service
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
    paused on a citizen never stays paused after the citizen has answered. What the reporter of a merged
    report says is said of the primary, too. Locks the report's row and its primary's.
    """
    report, work = incidents.lock_work(report_id, expected_version)
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
    if actor.kind != REPORTER:
        return event
    if work is not report:
        _pass_on(report, work, event, now)
    if work.status == workflow.WAITING and work.waiting_on == Report.WaitingOn.REPORTER:
        change_status(work.pk, workflow.IN_PROGRESS, actor=PORTAL, now=now, reason_code="reporter_answered")
    return event


def _pass_on(report: Report, work: Report, said: Event, now: datetime) -> None:
    """What the reporter of a merged report said stands in its primary's timeline: in public as it stands
    there, of a private report only among staff."""
    is_public = said.is_public and not report.is_private
    timeline.save(work, now)
    timeline.record(
        work,
        Event.Kind.COMMENT if is_public else Event.Kind.NOTE,
        THE_REPORTER,
        now,
        text=said.text,
        data=_from(report),
        is_public=is_public,
    )


def _from(report: Report) -> dict[str, object]:
    return {"from_report_id": report.pk} | ({} if report.is_private else {"from_report": report.code})


def _record_verdict(
    report: Report, work: Report, kind: str, message: str, now: datetime, before: str, data: dict
) -> None:
    """The reporter's yes or no, on the timeline of the report that carries the work. Of a merged report the
    words stand in its own as well, for whoever reads it alone; its own state, which they do not move, is
    not named there."""
    said = {"from_status": before, "to_status": work.status}
    if work is report:
        timeline.record(report, kind, THE_REPORTER, now, text=message, data=data, **said)
        return
    timeline.save(report, now)
    own = data | {"passed_on_to": work.pk}
    timeline.record(report, kind, THE_REPORTER, now, text=message, data=own, is_public=False)
    words = "" if report.is_private else message
    timeline.record(work, kind, THE_REPORTER, now, text=words, data=data | _from(report), **said)


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

    The yes of any reporter of an incident closes it, as the no of any opens it again. The same form once more
    changes nothing. Raises TransitionNotAllowed, InvalidReport. Locks the report's row and its primary's.
    """
    message = _checked(message, required=False)
    if rating is not None and rating not in range(1, 6):
        raise errors.InvalidReport({"rating": ("rating_invalid", _RATING)})
    report, work = incidents.lock_work(report_id)
    if work.status not in workflow.AWAITING_CONFIRMATION:
        if just_said(report, Event.Kind.CONFIRMED, message, now):
            return report
        raise errors.TransitionNotAllowed(status=work.status, to=workflow.CLOSED, version=report.version)
    staged = photo_service.take_staged(photos_key, photos) if photos_key else []
    photo_service.attach(report, staged, Photo.Kind.COMMENT, actor=THE_REPORTER, now=now)
    before = apply_status(work, workflow.CLOSED, now, is_confirmed=True)
    timeline.save(work, now, *STATUS_FIELDS)
    Feedback.objects.create(
        report=report, verdict=Feedback.Verdict.FIXED, rating=rating, text=message, created_at=now
    )
    data = ({"rating": rating} if rating else {}) | ({"photos": len(staged)} if staged else {})
    _record_verdict(report, work, Event.Kind.CONFIRMED, message, now, before, data)
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
    nothing. A merged report opens its incident again.

    Raises TransitionNotAllowed (not resolved, withdrawn, or ended more than REOPEN_WITHIN_DAYS ago),
    InvalidReport.
    """
    message = _checked(message, required=True)
    report, work = incidents.lock_work(report_id)
    if work.status not in workflow.REOPENABLE:
        if just_said(report, Event.Kind.REOPENED, message, now):
            return report
        raise errors.TransitionNotAllowed(status=work.status, to=workflow.REOPENED, version=report.version)
    if is_withdrawn(work):
        raise errors.TransitionNotAllowed(_WITHDRAWN, status=work.status, to=workflow.REOPENED)
    if now - work.status_since > timedelta(days=workflow.REOPEN_WITHIN_DAYS):
        raise errors.TransitionNotAllowed(_TOO_LATE, status=work.status, to=workflow.REOPENED)
    staged = photo_service.take_staged(photos_key, photos) if photos_key else []
    photo_service.attach(report, staged, Photo.Kind.COMMENT, actor=THE_REPORTER, now=now)
    before = apply_status(work, workflow.REOPENED, now)
    work.reopen_count += 1
    work.acknowledged_at = None
    timeline.save(work, now, *STATUS_FIELDS, "reopen_count")
    Feedback.objects.create(report=report, verdict=Feedback.Verdict.NOT_FIXED, text=message, created_at=now)
    data = {"photos": len(staged)} if staged else {}
    _record_verdict(report, work, Event.Kind.REOPENED, message, now, before, data)
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
            report, work = incidents.lock_work(report_id)
            if not work.is_open:
                raise errors.TransitionNotAllowed(_ENDED, status=work.status, to="supported")
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
