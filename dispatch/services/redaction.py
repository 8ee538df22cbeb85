"""Blacking out as staff do it: scope, role, then the service; looks at originals leave a record."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from city.services import audit
from complaints import errors, selectors
from complaints.domain import privacy
from complaints.domain import redaction as rules
from complaints.models import Event, HiddenWords, Photo, PhotoRedaction, Report
from complaints.services import hidden_words
from complaints.services import redaction as service
from dispatch.domain import casework
from dispatch.models import RepairCheck
from dispatch.services import casework as casework_service

_BAD_AREA = _("Area %(row)s is no rectangle within the photo: write numbers from 0 to 100.")
_TOO_MANY_AREAS = _("At most %(limit)s areas fit. Please cover neighbouring ones with one larger area.")
_BAD_WORDS = _("“%(words)s” cannot be covered: write 2 to 200 characters, letters or digits among them.")
_TOO_MANY_WORDS = _("At most %(limit)s passages fit.")
_ERASED = _("The reporter had their personal data erased: what was blacked out no longer exists.")


@dataclass(frozen=True, slots=True)
class Originals:
    """What was said before words were hidden: by field, by event, and the words themselves."""

    words: list[str]
    fields: dict[str, str]
    events: list[Event]


def may_redact(user) -> bool:
    """Whether this person's role lets them black out; what is under it only `may_see_identity` roles see."""
    return casework.may(casework_service.role_of(user), casework.REDACT)


def _mine(user, report_id: int) -> Report:
    report = selectors.for_staff(user).get(pk=report_id)
    if not may_redact(user):
        raise errors.NotPermitted(step=casework.REDACT)
    return report


def _originals_of(user, report_id: int) -> Report:
    report = selectors.for_staff(user).get(pk=report_id)
    if not selectors.may_see_identity(user):
        raise errors.NotPermitted(step="original")
    if report.erased_at is not None:
        raise errors.DomainError(_ERASED, code="erased")
    return report


def redact_photo(
    user,
    report_id: int,
    photo_id: int,
    rows: Iterable[Sequence[Any]],
    *,
    now: datetime,
    seen: uuid.UUID | None = None,
    keeps: bool = True,
) -> Photo:
    """Black out areas of a photo. Who may not see originals can only add to what is covered; the others
    replace it unless `keeps`.

    Raises Report.DoesNotExist, Photo.DoesNotExist, NotPermitted, InvalidReport (`areas`), and what the
    service raises.
    """
    report = _mine(user, report_id)
    photo = Photo.objects.get(pk=photo_id, report=report)
    areas = _areas(rows)
    if keeps or not selectors.may_see_identity(user):
        row = PhotoRedaction.objects.filter(photo=photo).first()
        areas = list(dict.fromkeys([*(rules.Area(*item) for item in (row.areas if row else ())), *areas]))
    if len(areas) > rules.MAX_AREAS:
        raise _invalid("areas", _TOO_MANY_AREAS % {"limit": rules.MAX_AREAS})
    actor = casework_service.actor_of(user)
    return service.redact_photo(photo.pk, areas, actor=actor, now=now, seen=seen, along=_follow)


def _follow(report_id: int, before: str, after: str) -> None:
    """What names a photo of a repair by its address names it by the new one."""
    for check in RepairCheck.objects.filter(report_id=report_id):
        has = [check.photos, check.findings]
        named = rules.each_text(has, lambda text: after if text == before else text)
        if named != has:
            check.photos, check.findings = named
            check.save(update_fields=["photos", "findings"])


def _areas(rows) -> list[rules.Area]:
    try:
        return rules.areas(rows)
    except rules.BadArea as bad:
        if bad.row > rules.MAX_AREAS:
            raise _invalid("areas", _TOO_MANY_AREAS % {"limit": rules.MAX_AREAS}) from bad
        raise _invalid("areas", _BAD_AREA % {"row": bad.row}) from bad


def _invalid(field: str, sentence) -> errors.InvalidReport:
    return errors.InvalidReport({field: ("invalid", sentence)})


def hide_words(
    user,
    report_id: int,
    lines: Iterable[str],
    *,
    now: datetime,
    expected_version: int | None = None,
    keeps: bool = True,
) -> Report:
    """Cover words in a report's texts and timeline; adding and replacing as for photos.

    Raises Report.DoesNotExist, NotPermitted, InvalidReport (`words`), Conflict.
    """
    report = _mine(user, report_id)
    has: list[str] = []
    if keeps or not selectors.may_see_identity(user):
        has = list(HiddenWords.objects.filter(pk=report.pk).values_list("words", flat=True))
        has = has[0] if has else []
    try:
        words = rules.passages([*has, *lines])
    except ValueError as bad:
        raise _invalid("words", _BAD_WORDS % {"words": str(bad)[:60]}) from bad
    if len(words) > rules.MAX_PASSAGES:
        raise _invalid("words", _TOO_MANY_WORDS % {"limit": rules.MAX_PASSAGES})
    actor = casework_service.actor_of(user)
    return service.hide_words(report.pk, words, actor=actor, now=now, expected_version=expected_version)


@transaction.atomic
def look_at_photo(user, report_id: int, photo_id: int, *, now: datetime) -> bytes:
    """The picture without black areas, as WebP; the look is recorded. There is no other way to these bytes.

    Raises Report.DoesNotExist, PhotoRedaction.DoesNotExist (nothing is covered), NotPermitted, DomainError
    (`erased`).
    """
    report = _originals_of(user, report_id)
    row = PhotoRedaction.objects.exclude(kept="").get(photo_id=photo_id, photo__report=report)
    _record(user, report, now, {"what": "photo", "photo": photo_id})
    with row.kept.open("rb") as handle:
        return handle.read()


@transaction.atomic
def look_at_words(user, report_id: int, *, now: datetime) -> Originals:
    """What was said before words were hidden; the look is recorded. Raises as `look_at_photo`, with
    HiddenWords.DoesNotExist."""
    report = _originals_of(user, report_id)
    row = HiddenWords.objects.get(pk=report.pk)
    _record(user, report, now, {"what": "words"})
    said = Event.objects.as_said().filter(report=report).exclude(text="").order_by("id")
    events = [event for event in said if rules.hide(event.text, row.words) != event.text]
    return Originals(words=row.words, fields=dict(row.originals), events=events)


def _record(user, report: Report, now: datetime, detail: dict) -> None:
    audit.record(
        audit.Kind.ORIGINAL_LOOK,
        now=now,
        actor=user,
        object_kind="complaints.report",
        object_key=report.pk,
        object_name=report.spoken_code,
        detail=detail,
    )


def cover_for(user, report: Report, events: Iterable[Event] = ()) -> None:
    """Mask contact data that somebody typed, as the public reads it, for who may not see identities. Only on
    these objects, for showing them: never save them afterwards."""
    if selectors.may_see_identity(user):
        return
    for name, value in hidden_words.columns(report).items():
        setattr(report, name, privacy.mask(value))
    report.answers = rules.each_text(report.answers, privacy.mask)
    for event in events:
        event.text = privacy.mask(event.text)
        event.data = rules.each_text(event.data, privacy.mask)


_ALSO_FOR_OTHERS = frozenset({rules.NAME, rules.PLATE})


def suggestions(user, report: Report) -> list[rules.Suggestion]:
    """What in the report's texts and timeline may be somebody's data and is not covered yet. Contact data
    only for who may see identities: to everybody else it is masked anyway."""
    events = Event.objects.filter(report=report).exclude(text="").order_by("id")
    found = rules.suggest(*hidden_words.texts(report).values(), *(event.text for event in events))
    sees_all = selectors.may_see_identity(user)
    return [item for item in found if sees_all or item.kind in _ALSO_FOR_OTHERS]
