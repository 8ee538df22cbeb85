"""Colleagues named in an internal note: only who may see the report, told once on their list and by mail."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from city.models import User
from complaints import errors, selectors
from complaints.models import Event, Report
from dispatch.domain import mentions
from dispatch.models import Mention, Outbox
from dispatch.services import digests, outbox

TOPIC = "mention.send"
SUGGESTED_AT_MOST = 8
LISTED_AT_MOST = 50
_KEPT_S = 60


def people(report: Report, text: str, *, by: User) -> list[User]:
    """Who is named in a note about a report; whoever names themselves is not counted.

    Raises InvalidReport (`message`) for a name that nobody has who may see the report: whether there is such
    an account at all is not said. One query; none for a note without names.
    """
    names = mentions.names_in(text)
    if not names:
        return []
    if len(names) > mentions.MAX_NAMES:
        sentence = _("At most %(number)d colleagues can be named in one note.") % {
            "number": mentions.MAX_NAMES
        }
        raise errors.InvalidReport({"message": ("too_many_names", sentence)})
    found = {user.username: user for user in selectors.staff_who_see(report).filter(username__in=names)}
    unknown = [f"@{name}" for name in names if name not in found]
    if unknown:
        sentence = _(
            "No colleague who may see this report is called %(names)s. "
            "Correct the name, or write it without @."
        ) % {"names": ", ".join(unknown)}
        raise errors.InvalidReport({"message": ("mention_unknown", sentence)})
    return [user for user in found.values() if user.pk != by.pk]


def tell(event: Event, named: Iterable[User], *, now: datetime) -> None:
    """Put the note on everybody's list, and queue one mail each. In the transaction that writes the note."""
    named = list(named)
    rows = Mention.objects.bulk_create(Mention(event=event, user=user, created_at=now) for user in named)
    _forget_counts(named)
    addressed = [row.pk for row in rows if row.user.email]
    if addressed:
        outbox.enqueue_many(
            queue=Outbox.Queue.NOTIFY,
            topic=TOPIC,
            report_id=event.report_id,
            payloads=[{"mention_id": pk} for pk in addressed],
            now=now,
        )


def send(mention_id: int, *, now: datetime):
    """Write to one colleague; returns what to write down once the mail is out. What was read meanwhile, or is
    no longer theirs to see, is not sent. The mail holds no word of the note."""
    row = Mention.objects.select_related("user").prefetch_related("event__actor").get(pk=mention_id)
    user = row.user
    report = (
        selectors.for_staff(user)
        .select_related("category", "area")
        .defer("area__geometry")
        .filter(pk=row.event.report_id)
        .first()
    )
    if row.mailed_at or row.read_at or report is None or not user.email:
        return None
    _mail(row, report).send()
    return lambda: Mention.objects.filter(pk=row.pk).update(mailed_at=now)


def _mail(row: Mention, report: Report) -> EmailMultiAlternatives:
    with translation.override(settings.LANGUAGE_CODE):
        who = row.event.actor.get_full_name() or row.event.actor.username
        subject = _("%(who)s named you: %(category)s, %(area)s (%(code)s)") % {
            "who": who,
            "category": report.category.name,
            "area": report.area.name,
            "code": report.spoken_code,
        }
        address = reverse("admin:complaints_report_change", args=[report.pk])
        context = {
            "who": who,
            "report": report,
            "link": f"{digests.base_address()}{address}#peristiwa-{row.event_id}",
            "subject": subject,
        }
        mail = EmailMultiAlternatives(
            subject=" ".join(subject.split())[:200],
            body=render_to_string("dispatch/mail/mention.txt", context),
            to=[row.user.email],
            headers={"Auto-Submitted": "auto-generated"},
        )
        mail.attach_alternative(render_to_string("dispatch/mail/mention.html", context), "text/html")
    return mail


def suggested(user: User, report: Report, start: str) -> list[User]:
    """Colleagues who may see the report and whose name begins so, for completing it. One query."""
    start = start.strip().removeprefix("@")[:60]
    wanted = (
        Q(username__istartswith=start) | Q(first_name__istartswith=start) | Q(last_name__istartswith=start)
    )
    rows = selectors.staff_who_see(report).filter(wanted).exclude(pk=user.pk)
    return list(rows.select_related("department").order_by("username")[:SUGGESTED_AT_MOST])


def of(user: User) -> QuerySet[Mention]:
    """Where a colleague was named, latest first."""
    return Mention.objects.filter(user=user)


def unread_count(user: User) -> int:
    """What the frame of every staff page shows; kept for a minute, so that a page costs no query for it."""
    count = cache.get(_key(user))
    if count is None:
        count = of(user).filter(read_at=None).count()
        cache.set(_key(user), count, _KEPT_S)
    return count


def _key(user: User) -> str:
    return f"mentions:{user.pk}:{user.date_joined.timestamp()}"


def _forget_counts(users: Iterable[User]) -> None:
    """At once, for who asks in this transaction, and when it is over, for everybody else."""
    keys = [_key(user) for user in users]
    cache.delete_many(keys)
    transaction.on_commit(lambda: cache.delete_many(keys))


def read(user: User, report_id: int | None = None, *, now: datetime | None = None) -> int:
    """The colleague has looked: at one report's notes, or says so of all."""
    rows = of(user).filter(read_at=None)
    rows = rows.filter(event__report_id=report_id) if report_id is not None else rows
    changed = rows.update(read_at=now or timezone.now())
    if changed:
        _forget_counts([user])
    return changed
