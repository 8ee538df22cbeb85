"""How each way to citizens does: set up, last success, last failure, what waits."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Max, Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from city.models import User
from complaints.models import Subscription
from dispatch.models import Delivery, DeliveryAttempt
from dispatch.services import channels
from dispatch.services.channels.base import Message, PermanentError, TemporaryError

LOOKED_BACK = timedelta(days=30)
_FAILED = (DeliveryAttempt.Outcome.TEMPORARY, DeliveryAttempt.Outcome.PERMANENT)
# What a channel needs before it can send anything.
_NEEDS = {
    "email": (),
    "webpush": (),  # its key is made when the portal starts
    "whatsapp": ("WHATSAPP_PHONE_ID", "WHATSAPP_TOKEN"),
    "sms": ("SMS_URL",),
}


@dataclass(frozen=True, slots=True)
class State:
    """`place`: where messages go instead (development); `missing`: names of settings that are empty."""

    name: str
    label: str
    is_on: bool
    place: str
    missing: tuple[str, ...]
    last_sent_at: datetime | None
    last_failed_at: datetime | None
    last_error: str
    waiting: int
    oldest_waiting_at: datetime | None

    @property
    def tone(self) -> str:
        """off | broken | failing | fine | unused"""
        if not self.is_on:
            return "off"
        if self.missing and not self.place:
            return "broken"
        if self.last_failed_at and (not self.last_sent_at or self.last_failed_at > self.last_sent_at):
            return "failing"
        return "fine" if self.last_sent_at else "unused"


def states(*, now: datetime) -> list[State]:
    """Every channel there is. Two queries, and one for each channel that failed in the last 30 days."""
    recent = DeliveryAttempt.objects.filter(started_at__gte=now - LOOKED_BACK)
    tried = {
        row["delivery__channel"]: row
        for row in recent.values("delivery__channel").annotate(
            sent=Max("finished_at", filter=Q(outcome=DeliveryAttempt.Outcome.SENT)),
            failed=Max("finished_at", filter=Q(outcome__in=_FAILED)),
        )
    }
    pending = Delivery.objects.filter(state=Delivery.State.PENDING).order_by()
    waiting = {
        row["channel"]: row
        for row in pending.values("channel").annotate(count=Count("pk"), oldest=Min("created_at"))
    }
    labels = dict(Subscription.Channel.choices)
    return [_state(name, str(labels.get(name, name)), tried, waiting, recent) for name in _NEEDS]


def _state(name: str, label: str, tried: dict, waiting: dict, recent) -> State:
    was, waits = tried.get(name, {}), waiting.get(name, {})
    failed = was.get("failed")
    error = ""
    if failed:
        rows = recent.filter(delivery__channel=name, finished_at=failed, outcome__in=_FAILED)
        error = rows.values_list("error", flat=True).first() or ""
    as_files = name in ("whatsapp", "sms") and settings.MESSAGES_AS_FILES
    as_files = as_files or (name == "email" and not settings.EMAIL_URL)
    return State(
        name=name,
        label=label,
        is_on=name in settings.CHANNELS,
        place=settings.MESSAGES_TO or ("files" if as_files else ""),
        missing=tuple(need for need in _NEEDS[name] if not getattr(settings, need, "")),
        last_sent_at=was.get("sent"),
        last_failed_at=failed,
        last_error=error,
        waiting=waits.get("count", 0),
        oldest_waiting_at=waits.get("oldest"),
    )


def send_test(user: User, *, language: str, now: datetime) -> str:
    """A test e-mail to the person's own address; returns what went wrong, or nothing. Nothing is queued:
    what happens is seen at once."""
    if not user.email:
        return _("Your account has no e-mail address. An administrator writes it under Staff.")
    text = _("This is a test from the portal, sent on %(time)s. If you can read it, e-mail works.") % {
        "time": f"{timezone.localtime(now):%Y-%m-%d %H:%M}"
    }
    title = _("Test of e-mail")
    message = Message(
        kind="test",
        subject=title,
        title=title,
        body=text,
        short=text,
        language=language,
        context={"text": text, "title": title},
    )
    try:
        channels.by_name("email").send(user.email, {}, message)
    except (TemporaryError, PermanentError) as fault:
        return str(fault)
    return ""
