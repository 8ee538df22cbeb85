"""Links in messages: each does one thing for one person, and needs no session, cookie or account."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from complaints.domain import message_token
from complaints.domain.message_token import Claim
from complaints.models import Subscription


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """A genuine link: whose it is and what it is for."""

    token: str
    subscription: Subscription
    purpose: str
    event_id: int


def token_of(subscription: Subscription, purpose: str, event_id: int = 0) -> str:
    """The token of a message's link. Give the subscription with its report: see `_bound_to`."""
    claim = Claim(purpose, subscription.pk, event_id)
    return message_token.make(claim, settings.REPORT_LINK_KEYS[0], _bound_to(subscription, purpose))


def path(token: str) -> str:
    return reverse("message_link", args=[token])


def url(token: str) -> str:
    """The whole address, for mails and notifications."""
    return settings.PUBLIC_BASE_URL.rstrip("/") + path(token)


def short_url(token: str) -> str:
    """The same for messages that are counted by the letter."""
    return settings.PUBLIC_BASE_URL.rstrip("/") + reverse("message_link_short", args=[token])


def opened(token: str) -> OpenedLink | None:
    """Whose link this is; None for anything that we did not make, or that was revoked since."""
    claim = message_token.claimed(token)
    if claim is None:
        return None
    found = Subscription.objects.select_related("report").filter(pk=claim.subscription_id).first()
    if found is None:
        return None
    bound_to = _bound_to(found, claim.purpose)
    if not message_token.is_genuine(token, settings.REPORT_LINK_KEYS, bound_to):
        return None
    return OpenedLink(token, found, claim.purpose, claim.event_id)


def _bound_to(subscription: Subscription, purpose: str) -> str:
    """What makes a link worthless when it changes: the role it was made for, and, for all but stopping, the
    report's link version, so that whoever revokes the private link revokes what was sent with it."""
    if purpose in (message_token.STOP, message_token.OPT_IN):
        return subscription.role
    return f"{subscription.role}:{subscription.report.link_version}"
