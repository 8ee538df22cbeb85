"""Who hears what happens to a report: one subscription per report, channel and address."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F, Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from complaints import errors
from complaints.domain import push
from complaints.domain.contact import normalise_phone
from complaints.domain.draft import Contact
from complaints.models import Report, Reporter, Subscription
from complaints.services import outbox, rows

Channel, Role = Subscription.Channel, Subscription.Role
PHONE_CHANNELS = (Channel.WHATSAPP, Channel.SMS)
NO_MESSAGES = "none"  # a phone number that is left for a call, not for messages

# Nobody can have a stranger written to: an address is asked "was it you?" so often, and once a report.
ASKS_PER_DAY = 3
_DAY = timedelta(days=1)
UNCONFIRMED_KEPT = timedelta(days=7)
STOPPED_KEPT = timedelta(days=30)  # so long one can change one's mind
FOLLOWERS_KEPT = timedelta(days=60)  # after the end, which can be undone for 30 days
FAILURES_MAX = 3  # refused for good so often in a row
_SWEEP_BATCH = 1000

_SENTENCES = {
    "channel_not_offered": _("Please choose one of the ways shown here."),
    "email_invalid": _("This is not an e-mail address. Please check it, for example: name@example.com."),
    "phone_invalid": _("This is not a phone number. Write it like 0812 3456 7890."),
    "push_invalid": _("This browser's notifications cannot be used here. Please choose e-mail instead."),
    "asked_enough": _(
        "We have already written to this address several times today. Please look for our message, also "
        "among spam, or try again tomorrow."
    ),
}


def channels_offered() -> list[str]:
    """The channels people can choose from, in the order of the setting."""
    return [name for name in settings.CHANNELS if name in Channel.values and _is_set_up(name)]


def _is_set_up(channel: str) -> bool:
    is_kept = bool(settings.MESSAGES_TO or settings.MESSAGES_AS_FILES)  # in development nothing leaves
    if channel == Channel.WHATSAPP:
        return bool(is_kept or (settings.WHATSAPP_TOKEN and settings.WHATSAPP_PHONE_ID))
    if channel == Channel.SMS:
        return bool(is_kept or settings.SMS_URL)
    return True


def phone_channels() -> list[str]:
    """What a phone number can be used for, in the order of the setting."""
    return [name for name in channels_offered() if name in PHONE_CHANNELS]


def address_hashes(address: str) -> list[str]:
    """Keyed hashes of an address, by SECRET_KEY first and then by its fallbacks: addresses can be told apart
    and found again, and whoever has only the table cannot try addresses on it."""
    return [
        salted_hmac(
            "dispatch.delivery", address.strip().casefold(), secret=key, algorithm="sha256"
        ).hexdigest()
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]


def begin_for_reporter(report: Report, contact: Contact, *, language: str, now: datetime) -> None:
    """The reporter's own subscriptions of a report that is being filed, in its transaction: confirmed, since
    they gave the addresses themselves. A phone is written to by the way they chose, else by the first one."""
    addresses = {Channel.EMAIL: contact.email}
    if contact.phone and contact.phone_channel != NO_MESSAGES:
        offered = phone_channels()
        chosen = contact.phone_channel if contact.phone_channel in offered else next(iter(offered), None)
        if chosen:
            addresses[chosen] = contact.phone
    for channel, address in addresses.items():
        if address:
            rows.insert(
                Subscription(
                    report=report,
                    role=Role.REPORTER,
                    channel=channel,
                    address=address,
                    address_hash=address_hashes(address)[0],
                    language=language,
                    created_at=now,
                    confirmed_at=now,
                )
            )


def subscribe(
    report: Report,
    *,
    role: str,
    channel: str,
    address: str,
    now: datetime,
    language: str = "id",
    keys: dict | None = None,
    is_confirmed: bool = False,
) -> Subscription:
    """Begin a subscription, or begin a stopped one anew. The same address twice is one subscription."""
    subscription = _known(report, channel, address) or Subscription(
        report=report, channel=channel, created_at=now, role=role
    )
    subscription.address, subscription.address_hash = address.strip(), address_hashes(address)[0]
    subscription.keys, subscription.language = keys or {}, language
    subscription.stopped_at, subscription.failures = None, 0
    if is_confirmed and subscription.confirmed_at is None:
        subscription.confirmed_at = now
    subscription.save()
    return subscription


def _known(report: Report, channel: str, address: str) -> Subscription | None:
    return Subscription.objects.filter(
        report=report, channel=channel, address_hash__in=address_hashes(address)
    ).first()


def read_address(channel: str, typed: str) -> str:
    """The address in the form it is kept in. Raises InvalidReport (`channel` or `address`)."""
    if channel not in channels_offered():
        raise _fault("channel", "channel_not_offered")
    typed = typed.strip()
    if channel == Channel.EMAIL:
        try:
            validate_email(typed)
        except ValidationError as invalid:
            raise _fault("address", "email_invalid") from invalid
        if len(typed) > 254:
            raise _fault("address", "email_invalid")
        return typed
    if channel in PHONE_CHANNELS:
        phone = normalise_phone(typed)
        if phone is None:
            raise _fault("address", "phone_invalid")
        return phone
    if not push.is_endpoint(typed, settings.PUSH_SERVICES, is_insecure=settings.PUSH_INSECURE):
        raise _fault("address", "push_invalid")
    return typed


def _fault(field: str, code: str) -> errors.InvalidReport:
    return errors.InvalidReport({field: (code, _SENTENCES[code])})


@transaction.atomic
def follow(report_id: int, channel: str, typed: str, *, role: str, language: str, now: datetime) -> None:
    """Somebody wants to hear of a report by e-mail or phone: the address is asked first ("was it you?").

    Nothing of a subscription that is there already changes before its owner has answered, so that a
    stranger can neither end nor resume it; nor does anything tell whether an address is known. Raises
    InvalidReport, NotPermitted (a private report, not its reporter). Locks the report's row.
    """
    report = _lock(report_id, role)
    if channel == Channel.WEB_PUSH:
        raise _fault("channel", "channel_not_offered")
    address = read_address(channel, typed)
    known = _known(report, channel, address)
    if known and _hears(known) and known.role in (role, Role.REPORTER):
        return
    _check_asks(known, address, now)
    if known is None:
        known = Subscription(report=report, channel=channel, created_at=now, role=role)
        known.address, known.address_hash = address, address_hashes(address)[0]
    if known.role != role and role == Role.REPORTER:  # what was public so far would now be personal
        known.role, known.confirmed_at = role, None
    known.language, known.asked_at = language, now
    known.save()
    outbox.emit(
        outbox.NOTIFY, "subscription.ask", report_id=report.pk, payload={"subscription_id": known.pk}, now=now
    )


@transaction.atomic
def follow_by_push(
    report_id: int, endpoint: str, keys: dict[str, str], *, role: str, language: str, now: datetime
) -> Subscription:
    """A browser asked its owner and wants to be notified. `keys`: `p256dh` and `auth`, base64url.

    Raises InvalidReport, NotPermitted. Locks the report's row.
    """
    report = _lock(report_id, role)
    address = read_address(Channel.WEB_PUSH, endpoint)
    checked = push.read_keys(keys.get("p256dh", ""), keys.get("auth", ""))
    if checked is None:
        raise _fault("address", "push_invalid")
    common = {"channel": Channel.WEB_PUSH, "address": address, "keys": checked}
    found = subscribe(report, role=role, **common, now=now, language=language, is_confirmed=True)
    if found.role != role:  # the private link was opened in this browser, or is no longer
        found.role = role
        found.save(update_fields=["role"])
    return found


def _lock(report_id: int, role: str) -> Report:
    report = Report.objects.select_for_update(of=("self",)).get(pk=report_id)
    if report.is_private and role != Role.REPORTER:
        raise errors.NotPermitted(step="follow")
    return report


def _hears(subscription: Subscription) -> bool:
    return subscription.confirmed_at is not None and subscription.stopped_at is None


def _check_asks(known: Subscription | None, address: str, now: datetime) -> None:
    """Raises InvalidReport if the address was asked enough, or said lately that it was not them."""
    asked = Subscription.objects.filter(address_hash__in=address_hashes(address), asked_at__gt=now - _DAY)
    refused = Q(confirmed_at=None) & Q(stopped_at__gt=now - UNCONFIRMED_KEPT)
    said_no = Subscription.objects.filter(refused, address_hash__in=address_hashes(address))
    was_asked = known is not None and known.asked_at is not None and known.asked_at > now - _DAY
    if was_asked or asked.count() >= ASKS_PER_DAY or said_no.exists():
        raise _fault("address", "asked_enough")


@transaction.atomic
def confirm(subscription_id: int, *, now: datetime) -> Subscription:
    """ "Yes, it was me": from now on the address hears. Safe to repeat. A reporter's new address becomes the
    one they can be reached at. Raises NotPermitted (the report has become private)."""
    found = Subscription.objects.select_for_update(of=("self",)).get(pk=subscription_id)
    if found.role != Role.REPORTER and found.report.is_private:
        raise errors.NotPermitted(step="follow")
    found.confirmed_at, found.stopped_at, found.failures = found.confirmed_at or now, None, 0
    found.save(update_fields=["confirmed_at", "stopped_at", "failures"])
    if found.role == Role.REPORTER and found.channel != Channel.WEB_PUSH:
        field = "email" if found.channel == Channel.EMAIL else "phone"
        Reporter.objects.update_or_create(
            report_id=found.report_id,
            defaults={field: found.address},
            create_defaults={field: found.address, "language": found.language},
        )
    return found


def stop(subscription_id: int, *, now: datetime) -> None:
    """No more messages. Before the first "yes" it means "it was not me". Safe to repeat."""
    Subscription.objects.filter(pk=subscription_id, stopped_at=None).update(stopped_at=now)


def resume(subscription_id: int) -> bool:
    """Messages again, for whoever had confirmed and stopped them; returns whether it is so now."""
    mine = Subscription.objects.filter(pk=subscription_id).exclude(confirmed_at=None)
    return mine.update(stopped_at=None, failures=0) == 1


def stop_push(report_id: int, endpoint: str, *, now: datetime) -> None:
    """A browser wants no more notifications about a report. Whoever knows its endpoint is that browser."""
    mine = Subscription.objects.filter(
        report_id=report_id, channel=Channel.WEB_PUSH, address_hash__in=address_hashes(endpoint)
    )
    mine.filter(stopped_at=None).update(stopped_at=now)


def hears_by_push(report_id: int, endpoint: str) -> bool:
    """Whether a browser is notified about a report."""
    mine = Subscription.objects.filter(
        report_id=report_id, channel=Channel.WEB_PUSH, address_hash__in=address_hashes(endpoint)
    )
    return mine.filter(stopped_at=None).exists()


@transaction.atomic
def move_push(old: str, endpoint: str, keys: dict[str, str]) -> int:
    """A browser's push address has changed: its subscriptions go with it. Returns how many.

    Raises InvalidReport. Where the new one follows already, the old one is only forgotten.
    """
    address = read_address(Channel.WEB_PUSH, endpoint)
    checked = push.read_keys(keys.get("p256dh", ""), keys.get("auth", ""))
    if checked is None or not old:
        raise _fault("address", "push_invalid")
    mine = Subscription.objects.filter(channel=Channel.WEB_PUSH, address_hash__in=address_hashes(old))
    there = Subscription.objects.filter(channel=Channel.WEB_PUSH, address_hash__in=address_hashes(address))
    mine.filter(report__in=there.values("report")).delete()
    return mine.update(address=address, address_hash=address_hashes(address)[0], keys=checked, failures=0)


def of_reporter(report: Report) -> list[Subscription]:
    """The reporter's own, for their page. A browser tells of its own itself."""
    mine = Subscription.objects.filter(report=report, role=Role.REPORTER)
    return list(mine.exclude(channel=Channel.WEB_PUSH).order_by("id"))


def delivered(subscription_id: int) -> None:
    """A message arrived: what failed before does not count any more."""
    Subscription.objects.filter(pk=subscription_id, failures__gt=0).update(failures=0)


def refused(subscription_id: int, *, is_gone: bool, now: datetime) -> None:
    """An address refused for good; after FAILURES_MAX in a row, or if it is gone, it is left alone."""
    mine = Subscription.objects.filter(pk=subscription_id)
    mine.update(failures=F("failures") + 1)
    ends = mine if is_gone else mine.filter(failures__gte=FAILURES_MAX)
    ends.filter(stopped_at=None).update(stopped_at=now)


def sweep(*, now: datetime) -> int:
    """Forget addresses that are needed no more: never confirmed, stopped long ago, or other people's about a
    report that ended long ago. Returns how many."""
    unneeded = (
        Q(confirmed_at=None, created_at__lt=now - UNCONFIRMED_KEPT)
        | Q(stopped_at__lt=now - STOPPED_KEPT)
        | Q(role=Role.SUPPORTER, report__is_open=False, report__status_since__lt=now - FOLLOWERS_KEPT)
    )
    count = 0
    while ids := list(Subscription.objects.filter(unneeded).values_list("pk", flat=True)[:_SWEEP_BATCH]):
        count += Subscription.objects.filter(pk__in=ids).delete()[1].get("complaints.Subscription", 0)
    return count
