"""Accepting a report: checked whole, written whole, once (invariant 1)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import h3.api.basic_int as h3
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from city import snapshot as city
from city.domain import answers as city_answers
from complaints import errors, links
from complaints.domain import observed, place, text
from complaints.domain.actor import THE_REPORTER
from complaints.domain.contact import normalise_phone
from complaints.domain.draft import Contact, ReportDraft
from complaints.models import Event, Photo, Report, Reporter, StagedPhoto
from complaints.services import outbox, photos, rows, subscriptions, timeline

H3_RESOLUTION = 9

_SENTENCES = {
    "category_missing": _("Please choose what kind of problem it is."),
    "category_unknown": _("This kind of problem is not known here. Please choose one from the list."),
    "description_missing": _("Please describe the problem in a few words, or add a photo."),
    "description_too_long": _(
        "The description has %(length)s characters; at most %(limit)s fit. Please shorten it."
    ),
    "line_too_long": _("This has %(length)s characters; at most %(limit)s fit. Please shorten it."),
    "place_missing": _("Please say where it is: on the map, by your position, or by kelurahan and street."),
    "not_a_number": _("The coordinates are not numbers. Latitude and longitude are decimal degrees."),
    "out_of_range": _("The coordinates lie outside the world. Latitude is -90 to 90, longitude -180 to 180."),
    "swapped": _(
        "Latitude and longitude seem to be swapped. In Semarang latitude is about -7, longitude about 110."
    ),
    "area_unknown": _("This kelurahan is not known. Please choose one from the list."),
    "email_invalid": _("This is not an e-mail address. Correct it or leave it empty."),
    "phone_invalid": _("This is not a phone number. Write it like 0812 3456 7890, or leave it empty."),
    "too_many": _("A report can have at most 5 photos."),
    "accuracy_invalid": _("The accuracy must be a number of metres."),
    "time_invalid": _(
        "This is not a date and time. Write it like 24/11/2026 08:30, or leave it empty for now."
    ),
    "time_future": _("This time is still to come. Correct it, or leave it empty for now."),
    "time_too_old": _(
        "This is more than a year ago. Please say when you last saw it, or leave it empty for now."
    ),
    "required": _("Please answer this question."),
    "unknown_choice": _("Please choose one of the given answers."),
    "unknown_question": _("This question does not belong to this kind of problem."),
    "too_long": _("This answer is too long. Please shorten it."),
}
_LIMITS = {"street": 200, "contact_name": 120}


@dataclass(frozen=True, slots=True)
class Submission:
    """`created` is False when the same report had come before; `secret` opens the private link."""

    report: Report
    secret: str
    created: bool


@dataclass(frozen=True, slots=True)
class CheckedDraft:
    """A draft that can be filed, with everything that was looked up on the way."""

    draft: ReportDraft
    category: Any  # city.snapshot.CategoryInfo
    answers: dict[str, Any]
    severity: int
    danger: bool
    area: Any  # city.snapshot.AreaInfo
    is_private: bool


class Faults:
    """What is wrong so far: the first fault of each field."""

    def __init__(self):
        self.found: dict[str, tuple[str, Any]] = {}

    def add(self, field: str, code: str, **numbers: int) -> None:
        sentence = _SENTENCES[code]
        self.found.setdefault(field, (code, sentence % numbers if numbers else sentence))


def check_draft(
    draft: ReportDraft, *, photo_count: int | None = None, now: datetime | None = None
) -> CheckedDraft:
    """Everything that can be wrong with a draft, at once; also what the preview is made of.

    `now` is what the time of seeing is measured against, the present moment if not given.
    Raises InvalidReport with every faulty field, or OutsideCity when only the place is wrong.
    """
    faults = Faults()
    snap = city.current()
    category = _check_category(draft, snap, faults)
    count = len(draft.photos) if photo_count is None else photo_count
    draft, checked = check_words(draft, category, count, faults)
    if count > photos.MAX_PHOTOS:
        faults.add("photos", "too_many")
    time_fault = observed.fault(draft.observed_at, now or timezone.now())
    if time_fault:
        faults.add("observed_at", time_fault)
    draft, area = _check_place(draft, snap, faults)
    if faults.found:
        raise errors.InvalidReport(faults.found)
    return CheckedDraft(
        draft=draft,
        category=category,
        answers=checked.answers,
        severity=checked.severity,
        danger=checked.danger,
        area=area if area is not None else _locate(draft, snap),
        is_private=category.is_private_by_default if draft.is_private is None else draft.is_private,
    )


def check_words(draft: ReportDraft, category, photo_count: int, faults: Faults):
    """The draft's words cleaned, and its answers checked; what is wrong goes into `faults`.

    Returns the draft and city.domain.answers' verdict, None for an unknown kind of problem.
    """
    draft = _cleaned(draft, faults)
    if not draft.description and not photo_count:
        faults.add("description", "description_missing")
    checked = city_answers.check(category, draft.answers) if category else None
    for question, code in (checked.errors if checked else {}).items():
        faults.add(f"answers.{question}", str(code))
    return draft, checked


def _cleaned(draft: ReportDraft, faults: Faults) -> ReportDraft:
    description = text.clean(draft.description)
    if len(description) > text.DESCRIPTION_MAX_CHARS:
        faults.add(
            "description", "description_too_long", length=len(description), limit=text.DESCRIPTION_MAX_CHARS
        )
    street, name = text.clean_line(draft.street), text.clean_line(draft.contact.name)
    for field, value in (("street", street), ("contact_name", name)):
        if len(value) > _LIMITS[field]:
            faults.add(field, "line_too_long", length=len(value), limit=_LIMITS[field])
    contact = Contact(name, *_check_contact(draft.contact, faults), draft.contact.phone_channel)
    answers = {
        code: text.clean_line(answer) if isinstance(answer, str) else answer
        for code, answer in draft.answers.items()
    }
    return replace(draft, description=description, street=street, contact=contact, answers=answers)


def _check_contact(contact: Contact, faults: Faults) -> tuple[str, str]:
    email, phone = text.clean_line(contact.email), text.clean_line(contact.phone)
    if email:
        try:
            validate_email(email)
        except ValidationError:
            faults.add("contact_email", "email_invalid")
    if phone:
        e164 = normalise_phone(phone)
        if e164 is None:
            faults.add("contact_phone", "phone_invalid")
        phone = e164 or phone
    return email, phone


def _check_category(draft: ReportDraft, snap, faults: Faults):
    if not draft.category:
        faults.add("category", "category_missing")
        return None
    category = snap.categories.get(draft.category)
    if category is None or category.parent_code is None:
        faults.add("category", "category_unknown")
        return None
    return category


def _check_place(draft: ReportDraft, snap, faults: Faults):
    """The draft with coordinates, and the area if it was named rather than pointed at."""
    if draft.accuracy_m is not None and not 0 <= draft.accuracy_m <= 1_000_000:
        faults.add("accuracy_m", "accuracy_invalid")
    if draft.latitude is None and draft.longitude is None and draft.area:
        area = snap.areas.get(draft.area)
        if area is None or area.level != "kelurahan":
            faults.add("area", "area_unknown")
            return draft, None
        return replace(
            draft, latitude=area.centre_latitude, longitude=area.centre_longitude, place_source="area"
        ), area
    fault = place.fault(draft.latitude, draft.longitude)
    if fault is not None:
        faults.add("place", "place_missing" if fault == place.PlaceFault.MISSING else str(fault))
    if draft.place_source not in Report.PlaceSource.values or draft.place_source == "area":
        draft = replace(draft, place_source="map")
    return draft, None


def _locate(draft: ReportDraft, snap):
    located = snap.locate(draft.latitude, draft.longitude)
    if not hasattr(located, "area_code"):
        raise errors.OutsideCity(
            regency=located.regency, kecamatan=located.kecamatan, portal_url=located.portal_url
        )
    return snap.areas[located.area_code]


def submit_report(draft: ReportDraft, *, now: datetime) -> Submission:
    """File a report: report, first event, photos and outbox row commit together, or nothing does.

    The same idempotency key with the same body answers with the report that is already there; with
    another body it raises KeyReused. Raises InvalidReport and OutsideCity as `check_draft` does.
    Locks: none beyond its own inserts; of two simultaneous sendings the UNIQUE key lets one through.
    """
    hashes = _photo_hashes(draft)
    body_hash = draft.body_hash(hashes)
    try:
        checked = check_draft(draft, now=now)
        with transaction.atomic():
            report = _insert(checked, body_hash, now)
    except IntegrityError:
        known = _already_filed(draft, body_hash)
        if known is None:
            raise
        return known
    except errors.DomainError:
        # The city may have changed since the first sending: what was accepted once stays accepted.
        known = _already_filed(draft, body_hash)
        if known is None:
            raise
        return known
    return Submission(report, links.secret_of(report), created=True)


def _already_filed(draft: ReportDraft, body_hash: str) -> Submission | None:
    report = Report.objects.filter(idempotency_key=draft.idempotency_key).first()
    if report is None:
        return None
    if report.body_hash != body_hash:
        raise errors.KeyReused
    return Submission(report, links.secret_of(report), created=False)


def _photo_hashes(draft: ReportDraft) -> tuple[str, ...]:
    """The photos' hashes, whether they still wait or a first sending has already taken them."""
    if not draft.photos:
        return ()
    hashes = dict(StagedPhoto.objects.filter(uuid__in=draft.photos).values_list("uuid", "sha256"))
    hashes.update(Photo.objects.filter(uuid__in=draft.photos).values_list("uuid", "sha256"))
    return tuple(hashes.values())


def _insert(checked: CheckedDraft, body_hash: str, now: datetime) -> Report:
    draft = checked.draft
    report = Report(
        idempotency_key=draft.idempotency_key,
        body_hash=body_hash,
        api_client_id=draft.api_client_id,
        channel=draft.channel,
        category_id=checked.category.id,
        description=draft.description,
        observed_at=draft.observed_at,
        answers=checked.answers,
        severity=checked.severity,
        latitude=draft.latitude,
        longitude=draft.longitude,
        place_source=draft.place_source,
        accuracy_m=draft.accuracy_m,
        area_id=checked.area.id,
        street=draft.street,
        h3_r9=h3.latlng_to_cell(draft.latitude, draft.longitude, H3_RESOLUTION),
        is_anonymous=draft.is_anonymous,
        is_private=checked.is_private,
        status_since=now,
        created_at=now,
        updated_at=now,
    )
    rows.insert(report)
    _insert_beside(report, draft, now)
    return report


def _insert_beside(report: Report, draft: ReportDraft, now: datetime) -> None:
    """What belongs to a new report: the reporter, the first event, the photos, the outbox row."""
    if draft.contact:
        Reporter(
            report=report,
            name=draft.contact.name,
            email=draft.contact.email,
            phone=draft.contact.phone,
            language=draft.language,
        ).save(force_insert=True)
        subscriptions.begin_for_reporter(report, draft.contact, language=draft.language, now=now)
    timeline.record(
        report,
        Event.Kind.SUBMITTED,
        THE_REPORTER,
        now,
        to_status=report.status,
        data={"channel": draft.channel},
    )
    staged = photos.take_staged(draft.idempotency_key, draft.photos)
    photos.attach(report, staged, Photo.Kind.REPORT, actor=THE_REPORTER, now=now)
    outbox.emit(outbox.ROUTING, "report.submitted", report_id=report.pk, payload={}, now=now)
