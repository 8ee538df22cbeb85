"""One message a morning to each member of staff, instead of one for every event."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from city import roles
from city import snapshot as city
from city.models import User
from complaints import selectors
from complaints.domain import workflow
from complaints.models import Report
from dispatch.models import Escalation, IncidentAlarm, Outbox, StaffDigest
from dispatch.services import escalation, outbox, worklist

NOT_BEFORE = time(6, 45)  # local time; offices open at 07.30 or 08.00
NOT_AFTER = time(16, 0)
SHOWN_PER_SECTION = 10
_READERS = (roles.HANDLER, roles.DEPARTMENT_ADMIN, roles.P3M, roles.DUTY_OFFICER)


@dataclass(frozen=True, slots=True)
class Section:
    """`total` may be more than the reports shown."""

    name: str
    total: int
    reports: list[Report]


@dataclass(frozen=True, slots=True)
class Digest:
    escalations: list[Escalation] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.escalations or self.sections)


def prepare_due(*, now: datetime) -> int:
    """Queue today's digests for those whose office works today; returns how many are new. Safe to repeat."""
    local = timezone.localtime(now)
    if not NOT_BEFORE <= local.time() <= NOT_AFTER:
        return 0
    done = set(StaffDigest.objects.filter(day=local.date()).values_list("user_id", flat=True))
    readers = User.objects.filter(is_active=True, is_staff=True, role__in=_READERS).exclude(email="")
    return sum(
        _prepare(user, local.date(), now) for user in readers if user.pk not in done and _works(user, local)
    )


def _works(user: User, local: datetime) -> bool:
    snap = city.current()
    department = snap.departments_by_id.get(user.department_id)
    return snap.calendar(department.calendar_code if department else None).is_working_day(local.date())


@transaction.atomic
def _prepare(user: User, day, now: datetime) -> bool:
    row, is_new = StaffDigest.objects.get_or_create(user=user, day=day, defaults={"created_at": now})
    if is_new:
        payload = {"digest_id": row.pk}
        outbox.enqueue(
            queue=Outbox.Queue.NOTIFY, topic="digest.send", report_id=None, payload=payload, now=now
        )
    return is_new


def gather(user: User, now: datetime) -> Digest:
    """What this person should know this morning; empty sections are left out."""
    mine = selectors.for_staff(user).filter(is_open=True)
    if user.role == roles.HANDLER and not user.is_section_head:
        own = mine.filter(assignee_id=user.pk)
        mine = own if own.exists() else mine
    planned = mine.filter(status=workflow.SCHEDULED, scheduled_for__lt=timezone.localdate(now))
    wanted = (
        ("overdue", mine.filter(worklist.due(worklist.OVERDUE, now))),
        ("today", mine.filter(worklist.due(worklist.TODAY, now))),
        ("planned", planned),
        ("reopened", mine.filter(status=workflow.REOPENED)),
        ("new", mine.filter(worklist.in_state(worklist.UNACCEPTED))),
    )
    sections = [_section(name, reports) for name, reports in wanted]
    told = escalation.waiting_for(user).select_related("report__category", "report__area")
    return Digest(
        escalations=list(told.defer("report__area__geometry")[:SHOWN_PER_SECTION]),
        sections=[section for section in sections if section.total],
    )


def _section(name: str, reports) -> Section:
    ordered = reports.order_by("due_at", "id").select_related("category", "area").defer("area__geometry")
    return Section(name, reports.count(), list(ordered[:SHOWN_PER_SECTION]))


def send(digest_id: int, *, now: datetime) -> Callable[[], None] | None:
    """Send one digest; a quiet morning sends none. Returns what to write down once it is out."""
    row = StaffDigest.objects.select_related("user").get(pk=digest_id)
    if row.sent_at is not None or not row.user.is_active or not row.user.email:
        return None
    digest = gather(row.user, now)
    sent = StaffDigest.objects.filter(pk=row.pk)
    if digest:
        _mail(row, digest, now).send()
    return lambda: sent.update(sent_at=now)


def _mail(row: StaffDigest, digest: Digest, now: datetime) -> EmailMultiAlternatives:
    with translation.override(settings.LANGUAGE_CODE):
        late = next((section.total for section in digest.sections if section.name == "overdue"), 0)
        subject = (
            ngettext("%(count)d report is overdue", "%(count)d reports are overdue", late) % {"count": late}
            if late
            else _("Your reports this morning")
        )
        context = {"digest": digest, "user": row.user, "now": now, "base": base_address(), "subject": subject}
        mail = EmailMultiAlternatives(
            subject=subject,
            body=render_to_string("dispatch/mail/digest.txt", context),
            to=[row.user.email],
            headers={"Auto-Submitted": "auto-generated"},
        )
        mail.attach_alternative(render_to_string("dispatch/mail/digest.html", context), "text/html")
    return mail


def base_address() -> str:
    return settings.PUBLIC_BASE_URL.rstrip("/")


def tell_at_once(escalation_id: int, user_id: int, *, now: datetime) -> None:
    """Write to one person about one escalation, unless it is over or somebody has seen it already."""
    row = (
        Escalation.objects.select_related("report__category", "report__area", "report__department")
        .defer("report__area__geometry")
        .get(pk=escalation_id)
    )
    user = User.objects.filter(pk=user_id, is_active=True).exclude(email="").first()
    if user is None or row.acknowledged_at or row.ended_at:
        return
    with translation.override(settings.LANGUAGE_CODE):
        address = base_address() + reverse("admin:complaints_report_change", args=[row.report_id])
        subject = _("Late: %(category)s, %(area)s (%(code)s)") % {
            "category": row.report.category.name,
            "area": row.report.area.name,
            "code": row.report.spoken_code,
        }
        context = {"row": row, "report": row.report, "now": now, "link": address, "subject": subject}
        mail = EmailMultiAlternatives(
            subject=" ".join(subject.split())[:200],
            body=render_to_string("dispatch/mail/escalation.txt", context),
            to=[user.email],
            headers={"Auto-Submitted": "auto-generated"},
        )
        mail.attach_alternative(render_to_string("dispatch/mail/escalation.html", context), "text/html")
        mail.send()


def tell_of_burst(alarm_id: int, user_id: int) -> None:
    """Write to one person about a burst of reports. Call it outside any transaction."""
    rows = IncidentAlarm.objects.select_related("report__category", "report__area", "report__department")
    alarm = rows.defer("report__area__geometry").get(pk=alarm_id)
    user = User.objects.filter(pk=user_id, is_active=True).exclude(email="").first()
    if user is None:
        return
    report = alarm.report
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("%(count)s reports: %(category)s, %(area)s") % {
            "count": alarm.size,
            "category": report.category.name,
            "area": report.area.name,
        }
        address = base_address() + reverse("admin:complaints_report_change", args=[report.pk])
        context = {"alarm": alarm, "report": report, "link": address, "subject": subject}
        mail = EmailMultiAlternatives(
            subject=" ".join(subject.split())[:200],
            body=render_to_string("dispatch/mail/burst.txt", context),
            to=[user.email],
            headers={
                "Auto-Submitted": "auto-generated",
                "Message-ID": f"<burst-{alarm.pk}.{user.pk}@{urlsplit(base_address()).hostname}>",
            },
        )
        mail.attach_alternative(render_to_string("dispatch/mail/burst.html", context), "text/html")
        mail.send()
