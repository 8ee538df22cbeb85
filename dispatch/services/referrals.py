"""Reports that belong to owners outside the city: passed on, asked about again, never out of sight.

A referred report stays open here. The owner hears of it in their own system where that speaks Open311
(`forwards`), else by e-mail where the city has their address, else by a letter that the desk prints.
In each case a date is set on which the city asks again, and the citizen reads all of it.
"""

from collections.abc import Callable
from datetime import date, datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from city import roles
from city import snapshot as city
from city.models import Department
from complaints import errors, links, selectors
from complaints.domain import text, workflow
from complaints.models import Report
from complaints.services.elsewhere import Elsewhere
from dispatch.models import Forward, Referral
from dispatch.services import casework, forward_words, forwards, referral_events

# The city asks again after so many working days, and then again each time (our proposal).
CHECK_BACK_WORKING_DAYS = 7
REFERENCE_MAX_CHARS = 80
_MAY_CARE = frozenset({roles.ADMIN, roles.P3M, roles.DUTY_OFFICER})
_NOT_SENT = _("The letter has not been sent yet. Mark it as sent first.")
_SENT_ALREADY = _("This was sent already.")
_PAST = _("The date to ask again must lie in the future.")
_TOO_LONG = _("Their number is too long; at most 80 characters fit.")


def follow(report_id: int, *, now: datetime) -> Referral | None:
    """Bring the referral in line with where the report lies, in the caller's transaction. Safe to repeat.

    Locks the report's row. Returns a referral that is new.
    """
    report = Report.objects.select_for_update(of=("self",)).get(pk=report_id)
    if report.merged_into_id is not None:  # stands still with the report
        return None
    is_away = report.status == workflow.REFERRED or _is_back(report)
    current = Referral.objects.filter(report=report, ended_at__isnull=True)
    kept = current.filter(department_id=report.department_id) if _still_theirs(report) else current.none()
    current.exclude(pk__in=kept.values("pk")).update(ended_at=now)
    if not is_away or kept.exists():
        return None
    department = Department.objects.get(pk=report.department_id)
    endpoint = forwards.endpoint_for(report)
    by_hand = Referral.Channel.EMAIL if department.email else Referral.Channel.LETTER
    referral = Referral.objects.create(
        report=report,
        department=department,
        channel=Referral.Channel.OPEN311 if endpoint else by_hand,
        created_at=now,
        check_back_on=next_check(now),
    )
    if endpoint:
        forwards.begin(referral, endpoint, now=now)
    elif by_hand == Referral.Channel.EMAIL:
        referral_events.queue_mail(referral, 0, now)
    return referral


def _is_back(report: Report) -> bool:
    """Whether the owner said it was done and its reporter says it is not: the owner hears of it anew."""
    return report.status == workflow.REOPENED and _still_theirs(report)


def _still_theirs(report: Report) -> bool:
    """Whether an owner outside the city still has it: also while their own work is told of."""
    snap = city.current()
    department = snap.departments_by_id.get(report.department_id)
    return report.is_open and department is not None and department.is_external


def next_check(now: datetime) -> date:
    """The day on which the city asks again, by the city's own calendar."""
    calendar = city.current().calendar(None)
    return calendar.add_working_days(now, CHECK_BACK_WORKING_DAYS).date()


def send(referral_id: int, *, number: int, now: datetime) -> Callable[[], None] | None:
    """Write to the owner; returns what to write down once it is out. Raises what the mail backend raises."""
    referral = (
        Referral.objects.select_related("report__category", "report__area__parent", "department")
        .defer("report__area__geometry", "report__area__parent__geometry")
        .get(pk=referral_id)
    )
    if referral.ended_at is not None or not referral.department.email or referral.asked_count != number:
        return None
    if number == 0 and referral.sent_at is not None:
        return None
    _mail(referral, number).send()
    return lambda: _sent(referral.pk, number, now)


def _sent(referral_id: int, number: int, now: datetime) -> None:
    referral = Referral.objects.select_for_update().get(pk=referral_id)
    if referral.sent_at is None:
        referral.sent_at = now
        referral.save(update_fields=["sent_at"])
    referral_events.record(referral, "asked" if number else "sent", now)


def _mail(referral: Referral, number: int) -> EmailMultiAlternatives:
    report = referral.report
    base = settings.PUBLIC_BASE_URL.rstrip("/")
    with translation.override(settings.LANGUAGE_CODE):
        subject = gettext("Report %(code)s: %(category)s, %(area)s") % {
            "code": report.spoken_code,
            "category": report.category.name,
            "area": report.area.name,
        }
        context = {
            "report": report,
            "referral": referral,
            "is_reminder": number > 0,
            "subject": subject,
            "link": "" if report.is_private else base + links.public_path(report),
        }
        mail = EmailMultiAlternatives(
            subject=" ".join(subject.split())[:200],
            body=render_to_string("dispatch/mail/referral.txt", context),
            to=[referral.department.email],
            headers={"Message-ID": f"<referral-{referral.pk}.{number}@{base.split('//')[-1].split(':')[0]}>"},
        )
        mail.attach_alternative(render_to_string("dispatch/mail/referral.html", context), "text/html")
    return mail


def elsewhere(report_id: int) -> Elsewhere | None:
    """What its page tells in public of a report that lies with an owner outside the city. One query."""
    rows = Referral.objects.filter(report_id=report_id, ended_at__isnull=True).select_related("forward")
    referral = rows.first()
    if referral is None:
        return None
    forward = getattr(referral, "forward", None)
    heard_at = forward.last_heard_at if forward else None
    return Elsewhere(referral.reference, heard_at, referral.check_back_on)


def may_care(user) -> bool:
    """Whether this person looks after what lies with owners outside the city."""
    return casework.role_of(user) in _MAY_CARE


def waiting_for(user, *, today: date) -> QuerySet[Referral]:
    """Referrals that somebody must act on: letters to be sent, and owners to be asked again."""
    open_ones = Referral.objects.filter(ended_at__isnull=True)
    if not may_care(user):
        return open_ones.none()
    due = Q(check_back_on__lte=today) | Q(sent_at__isnull=True, channel=Referral.Channel.LETTER)
    due |= ~Q(claim=Referral.Claim.NONE)
    return open_ones.filter(due, report__merged_into=None).order_by("check_back_on", "id")


def _mine(user, referral_id: int) -> Referral:
    rows = Referral.objects.select_for_update(of=("self",)).select_related("department")
    referral = rows.get(pk=referral_id, ended_at__isnull=True)
    if not selectors.for_staff(user).filter(pk=referral.report_id).exists():
        raise Referral.DoesNotExist
    if not may_care(user):
        raise errors.NotPermitted(step="referral")
    return referral


@transaction.atomic
def mark_sent(user, referral_id: int, *, now: datetime, reference: str = "") -> Referral:
    """The letter has left the house. Raises Referral.DoesNotExist, NotPermitted, InvalidReport."""
    referral = _mine(user, referral_id)
    if referral.sent_at is not None:
        raise errors.InvalidReport({"referral": ("sent_already", _SENT_ALREADY)})
    referral.reference = _checked_reference(reference)
    referral.sent_at, referral.check_back_on = now, next_check(now)
    referral.save(update_fields=["reference", "sent_at", "check_back_on"])
    referral_events.record(referral, "sent", now, casework.actor_of(user))
    return referral


@transaction.atomic
def ask_again(
    user,
    referral_id: int,
    *,
    now: datetime,
    message: str = "",
    reference: str = "",
    check_back_on: date | None = None,
) -> Referral:
    """The city asks the owner once more (by e-mail at once; else the desk has called or written) and sets the
    next date. Raises Referral.DoesNotExist, NotPermitted, InvalidReport."""
    referral = _mine(user, referral_id)
    if referral.sent_at is None:
        raise errors.InvalidReport({"referral": ("not_sent", _NOT_SENT)})
    if check_back_on is not None and check_back_on <= timezone.localdate(now):
        raise errors.InvalidReport({"check_back_on": ("date_past", _PAST)})
    referral.reference = _checked_reference(reference) or referral.reference
    referral.check_back_on = check_back_on or next_check(now)
    referral.asked_count += 1
    referral.claim = Referral.Claim.NONE  # whoever asks again has looked at what they said
    referral.save(update_fields=["reference", "check_back_on", "asked_count", "claim"])
    forwards.listen_again(referral, now=now)
    if is_reminded_by_mail(referral):
        referral_events.queue_mail(referral, referral.asked_count, now)
    else:
        referral_events.record(referral, "asked", now, casework.actor_of(user), text.clean(message))
    return referral


@transaction.atomic
def send_otherwise(user, referral_id: int, *, now: datetime) -> None:
    """The desk waits no longer for the owner's system: e-mail or letter. Raises Referral.DoesNotExist,
    NotPermitted, InvalidReport (it is there already, or goes another way)."""
    referral = _mine(user, referral_id)
    forward = Forward.objects.filter(referral=referral, state=Forward.State.PENDING).first()
    if forward is None or referral.sent_at is not None:
        raise errors.InvalidReport({"referral": ("sent_already", _SENT_ALREADY)})
    forwards.fall_back(forward.pk, forward_words.BY_HAND, now=now)


@transaction.atomic
def forward_again(user, referral_id: int, *, now: datetime) -> None:
    """Try the owner's system once more, before a letter is out. Raises as `send_otherwise` does."""
    referral = _mine(user, referral_id)
    rows = Forward.objects.select_related("referral")
    forward = rows.filter(referral=referral, state=Forward.State.FAILED, endpoint__is_active=True).first()
    if forward is None or referral.sent_at is not None or referral.channel == Referral.Channel.EMAIL:
        raise errors.InvalidReport({"referral": ("sent_already", _SENT_ALREADY)})
    forwards.again(forward, now=now)


def is_reminded_by_mail(referral: Referral) -> bool:
    """Whether asking again is a message at once. Open311 cannot ask again: their number goes by mail."""
    mails = (Referral.Channel.EMAIL, Referral.Channel.OPEN311)
    return referral.channel in mails and bool(referral.department.email)


def _checked_reference(reference: str) -> str:
    reference = text.clean_line(reference)
    if len(reference) > REFERENCE_MAX_CHARS:
        raise errors.InvalidReport({"reference": ("reference_too_long", _TOO_LONG)})
    return reference
