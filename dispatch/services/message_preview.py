"""A message exactly as a citizen will get it, about a report that does not exist.

It is made by the very code that makes real messages. Nothing of it is stored or sent, and its links belong to
nobody: no subscription has the number 0, and no report has a code with a 0.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from city import snapshot as city
from city.models import Area, Category, Department
from complaints.domain import workflow
from complaints.models import Event, OneTimeCode, Report, Subscription
from complaints.services import one_time_codes
from dispatch.domain import short_text
from dispatch.services import asks, messages
from dispatch.services import message_standards as standards
from dispatch.services.channels import sms, webpush, whatsapp
from dispatch.services.channels.base import Message
from dispatch.services.channels.email import EmailChannel
from dispatch.services.message_texts import Book

_CODE = "C0NT0H00"
_KIND, _OFFICE = "jalan-lubang", "DPU"  # what most people know; any other where a city has no such


@dataclass(frozen=True, slots=True)
class Preview:
    """One message in one language, by channel. `notification` is empty where there is none."""

    language: str
    subject: str
    text: str
    html: str
    sms: str
    sms_chars: int
    sms_segments: int
    sms_whole_chars: int
    sms_is_cut: bool
    whatsapp: str
    notification: dict = field(default_factory=dict)


def preview(key: str, language: str, edited: Mapping[str, str], *, now: datetime | None = None) -> Preview:
    """The message `key` with these edited parts. Needs no query. Raises KeyError for a key that is none."""
    now = now or timezone.now()
    message = _message(key, language, Book(language, {key: edited}), now)
    return rendered(message, language, has_notification=key not in (standards.ASK, standards.CODE))


def rendered(message: Message, language: str, *, has_notification: bool = True) -> Preview:
    """A composed message as each channel would send it."""
    mail = EmailChannel().mail("", message)
    text = sms.text_of(message)
    whole = f"{short_text.to_gsm(message.short)} {message.short_end}".strip()
    note = json.loads(webpush.payload(message)) if has_notification else {}
    return Preview(
        language=language,
        subject=mail.subject,
        text=mail.body,
        html=mail.alternatives[0][0],
        sms=text,
        sms_chars=short_text.length(text),
        sms_segments=short_text.segments(text),
        sms_whole_chars=short_text.length(whole),
        sms_is_cut=text != whole,
        whatsapp=whatsapp.text_of(message),
        notification=note,
    )


def _message(key: str, language: str, book: Book, now: datetime) -> Message:
    if key == standards.CODE:
        row = OneTimeCode(pk=0, nonce="contoh", address_hash="", language=language, created_at=now)
        row.expires_at = now + one_time_codes.VALID_FOR
        return asks.compose_code(row, texts=book)
    with translation.override(language):
        report = _report(key, now)
        role = key.partition("-")[0] if key != standards.ASK else Subscription.Role.SUPPORTER
        is_reporter = role == standards.REPORTER
        subscription = Subscription(
            pk=0,
            report=report,
            role=Subscription.Role.REPORTER if is_reporter else Subscription.Role.SUPPORTER,
            channel=Subscription.Channel.EMAIL,
            language=language,
        )
        if key == standards.ASK:
            return asks.compose_ask(subscription, texts=book)
        return messages.compose(report, _event(key, report, now), language, subscription, texts=book)


def _report(key: str, now: datetime) -> Report:
    snap = city.current()
    kinds = [kind for kind in snap.categories.values() if kind.parent_code]
    kind = snap.categories.get(_KIND) or kinds[0]
    offices = [row for row in snap.departments.values() if row.kind == "city"]
    office = snap.departments.get(_OFFICE) or next(iter(offices or snap.departments.values()))
    area = next((row for row in snap.areas.values() if row.level == Area.Level.KELURAHAN), None)
    status = standards.kind_of(key)[1] or workflow.ASSIGNED
    return Report(
        code=_CODE,
        category=Category(pk=kind.id, code=kind.code, name=kind.name, name_en=kind.name_en),
        department=Department(
            pk=office.id, name=office.name, name_en=office.name_en, short_name=office.short_name
        ),
        area=Area(pk=area.id if area else 0, name=area.name if area else ""),
        status=status,
        is_open=status in workflow.OPEN,
        severity=3,
        due_at=now + timedelta(days=3),
        status_since=now,
    )


def _event(key: str, report: Report, now: datetime) -> Event:
    kind, status = standards.kind_of(key)
    day = timezone.localdate(now) + timedelta(days=90)
    data = {
        "status-waiting": {"waiting_reason": _("the part that is on order")},
        "status-scheduled": {"scheduled_for": day.isoformat()},
        "status-rejected": {"reason_code": "cannot_find"},
        "checking": {"checking": True},
        "check_failed": {"reason_code": "check_failed"},
        "reminded": {"closes_at": (now + timedelta(days=3)).isoformat()},
        "escalated": {"target": "section_head"},
        "referral": {"what": "sent", "channel": "email"},
    }.get(key.partition("-")[2], {})
    says_words = kind in ("comment", "made_safe", "reopened") or status in ("resolved", "rejected")
    return Event(
        report=report,
        kind=kind,
        at=now,
        actor_kind=Event.ActorKind.REPORTER if kind == "reopened" else Event.ActorKind.STAFF,
        department=report.department,
        to_status=status,
        text=_("Here stands what the office wrote.") if says_words else "",
        data=data,
    )


def invented_report(now: datetime | None = None) -> Report:
    """A report that does not exist, with an office and a promise, as the previews are about."""
    report = _report(f"{standards.REPORTER}-routed", now or timezone.now())
    report.category_id, report.department_id = report.category.pk, report.department.pk
    return report


def languages() -> list[tuple[str, str]]:
    return [(code, str(name)) for code, name in settings.LANGUAGES]
