"""What the reporter may do to a fresh report: change its words, or take it back.

Kind and place are not among what can be changed: both may send the report to another office, and a wrong
one is put right faster by taking the report back and filing it anew.
"""

import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from city import snapshot as city
from city.domain import answers as city_answers
from complaints import errors, selectors
from complaints.domain import rights, text, workflow
from complaints.domain.actor import THE_REPORTER
from complaints.domain.draft import Contact, ReportDraft
from complaints.models import Event, Report, Reporter, Subscription
from complaints.services import conversation, incidents, photo_files, submit, subscriptions, timeline
from complaints.services.status import STATUS_FIELDS, apply_status

_TEXT_TOO_LONG = _("This text is too long; at most 2,000 characters fit.")
# What everybody can see on the report's page: a change of it stands in the public timeline.
_SEEN_IN_PUBLIC = frozenset({"description", "street", "answers", "photos", "is_anonymous", "is_private"})


@dataclass(frozen=True, slots=True)
class Edit:
    """The whole of what the reporter's form holds now, not the differences; `removed_photos` are uuids."""

    description: str
    street: str
    answers: dict[str, Any]
    is_anonymous: bool
    is_private: bool
    contact: Contact = field(default_factory=Contact)
    removed_photos: tuple[uuid.UUID, ...] = ()
    language: str = "id"


@transaction.atomic
def edit_report(report_id: int, edit: Edit, *, now: datetime, expected_version: int | None = None) -> Report:
    """Put the reporter's new words in place of the old ones, which are not kept anywhere.

    The timeline says what was changed by the fields' names. New answers may change the severity, unless a
    person has set another one; the offices' side then decides anew (dispatch.services.reroute). Raises
    WindowClosed, Conflict (another version), InvalidReport. Locks the report's row.
    """
    report = timeline.lock(report_id, expected_version)
    if not rights.may_edit(report.status, report.created_at, now):
        raise errors.WindowClosed(status=report.status, version=report.version)
    photos = list(selectors.reporters_photos(report).filter(uuid__in=edit.removed_photos))
    draft, checked = _check(report, edit, len(photos))
    data: dict[str, Any] = {}
    before = _facts_of(report)
    _apply(report, draft, checked, data)
    fields = [name for name, value in _facts_of(report).items() if before[name] != value]
    if photos:
        photo_files.remove(report, photos, now=now)
        fields.append("photos")
        data["photos"] = len(photos)
    if _change_contact(report, draft.contact, edit.language, now):
        fields.append("contact")
    if not fields:
        return report
    report.edited_at = now
    timeline.save(report, now, *before, "severity", "edited_at")
    is_public = not _SEEN_IN_PUBLIC.isdisjoint(fields)
    data["fields"] = fields
    timeline.record(report, Event.Kind.EDITED, THE_REPORTER, now, data=data, is_public=is_public)
    return report


def _facts_of(report: Report) -> dict[str, Any]:
    names = ("description", "street", "answers", "is_anonymous", "is_private")
    return {name: getattr(report, name) for name in names}


def _check(report: Report, edit: Edit, removed: int):
    """The new words, checked by the rules of filing. A kind closed meanwhile keeps its answers."""
    category = city.current().categories_by_id.get(report.category_id)
    draft = ReportDraft(
        category=category.code if category else "",
        description=edit.description,
        street=edit.street,
        answers=edit.answers,
        is_anonymous=edit.is_anonymous,
        is_private=edit.is_private,
        contact=edit.contact,
    )
    faults = submit.Faults()
    left = selectors.reporters_photos(report).count() - removed
    draft, checked = submit.check_words(draft, category, left, faults)
    if faults.found:
        raise errors.InvalidReport(faults.found)
    return draft, checked


def _apply(report: Report, draft: ReportDraft, checked, data: dict[str, Any]) -> None:
    report.description, report.street = draft.description, draft.street
    report.is_anonymous, report.is_private = draft.is_anonymous, bool(draft.is_private)
    if checked is None:
        return
    category = city.current().categories_by_id[report.category_id]
    by_answers = city_answers.check(category, report.answers).severity
    report.answers = checked.answers
    if report.severity == by_answers != checked.severity:  # else somebody has judged it with their own eyes
        data["severity_before"], report.severity = report.severity, checked.severity


def _change_contact(report: Report, contact: Contact, language: str, now: datetime) -> bool:
    """Bring contact and subscriptions in line; returns whether anything was changed."""
    before, contact = contact_of(report), _settled(contact)
    if contact == before:
        return False
    known = {"name": contact.name, "email": contact.email, "phone": contact.phone}
    if contact:
        Reporter.objects.update_or_create(
            report=report, defaults=known, create_defaults={**known, "language": language}
        )
    else:
        Reporter.objects.filter(report=report).delete()
    _move_subscriptions(report, before, contact, language, now)
    return True


def contact_of(report: Report) -> Contact:
    """What the reporter left, and how they let themselves be written to."""
    reporter = Reporter.objects.filter(report=report).first()
    if reporter is None:
        return Contact()
    theirs = Subscription.objects.filter(report=report, role=Subscription.Role.REPORTER, stopped_at=None)
    way = theirs.filter(channel__in=subscriptions.PHONE_CHANNELS).values_list("channel", flat=True).first()
    phone_channel = (way or subscriptions.NO_MESSAGES) if reporter.phone else ""
    return Contact(reporter.name, reporter.email, reporter.phone, phone_channel)


def _settled(contact: Contact) -> Contact:
    """The contact with the way its phone is really written to: a form that offers none asks for none."""
    way = contact.phone_channel
    if not contact.phone:
        way = ""
    elif way not in (*subscriptions.phone_channels(), subscriptions.NO_MESSAGES):
        way = next(iter(subscriptions.phone_channels()), subscriptions.NO_MESSAGES)
    return replace(contact, phone_channel=way)


def _move_subscriptions(report: Report, old: Contact, new: Contact, language: str, now: datetime) -> None:
    """Only what was changed begins anew: who has stopped messages to an address is not written to again."""
    email = new.email if new.email.casefold() != old.email.casefold() else ""
    is_same_phone = (new.phone, new.phone_channel) == (old.phone, old.phone_channel)
    gone = [old.email] if old.email.casefold() != new.email.casefold() else []
    gone += [] if is_same_phone else [old.phone]
    phone = "" if is_same_phone else new.phone
    # Also a subscription of anybody else with the new address: it is the reporter's own from now on.
    hashes = [
        item for address in (*gone, email, phone) if address for item in subscriptions.address_hashes(address)
    ]
    Subscription.objects.filter(report=report, address_hash__in=hashes).delete()
    begun = Contact(email=email, phone=phone, phone_channel=new.phone_channel)
    subscriptions.begin_for_reporter(report, begun, language=language, now=now)


@transaction.atomic
def withdraw_report(
    report_id: int, *, now: datetime, message: str = "", expected_version: int | None = None
) -> Report:
    """The reporter takes the report back: it ends, and the public does not see it any more.

    It becomes private, so every list, map, feed and picture treats it as the private report it now is; the
    reporter and staff still read it. It cannot be opened again, so that nobody does so by mistake: whoever
    still has the problem files anew. Of an incident's primary the others have the problem still: the oldest
    of them carries the work on. The same form once more changes nothing. Raises WindowClosed, Conflict,
    InvalidReport. Locks the report's row and those of its incident.
    """
    message = text.clean(message)
    if len(message) > text.MESSAGE_MAX_CHARS:
        raise errors.InvalidReport({"text": ("text_too_long", _TEXT_TOO_LONG)})
    incidents.lock_family(report_id)
    report = timeline.lock(report_id)
    if conversation.just_said(report, Event.Kind.WITHDRAWN, message, now):
        return report
    report = timeline.lock(report_id, expected_version)
    if not rights.may_withdraw(report.status, report.created_at, now):
        raise errors.WindowClosed(status=report.status, version=report.version)
    report = incidents.leave(report, now)
    incidents.hand_on(report_id, now=now)
    before = apply_status(report, workflow.REJECTED, now)
    was_private, report.is_private = report.is_private, True
    timeline.save(report, now, *STATUS_FIELDS, "is_private")
    timeline.record(
        report,
        Event.Kind.WITHDRAWN,
        THE_REPORTER,
        now,
        from_status=before,
        to_status=report.status,
        text=message,
        data={"reason_code": "withdrawn", "was_private": was_private},
    )
    return report
