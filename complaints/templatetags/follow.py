"""What the box for following needs to know."""

from django import template
from django.utils.translation import gettext as _

from city import snapshot as city
from complaints.domain.privacy import hint
from complaints.models import Subscription
from complaints.services import push_keys, subscriptions

register = template.Library()


@register.simple_tag
def follow_choices(report, is_reporter: bool) -> dict:
    """Channels on offer, the reporter's own subscriptions, and what the script says."""
    offered = subscriptions.channels_offered()
    has_push = Subscription.Channel.WEB_PUSH in offered
    return {
        "has_email": Subscription.Channel.EMAIL in offered,
        "phone_channels": phone_channels(),
        "has_push": has_push,
        "push_key": push_keys.public_key() if has_push else "",
        "own": _own(report) if is_reporter else [],
        "texts": _texts() if has_push else {},
    }


@register.simple_tag
def phone_channels() -> list[dict]:
    """The ways a phone number can be written to, with their names."""
    labels = dict(Subscription.Channel.choices)
    return [{"value": str(name), "label": labels[name]} for name in subscriptions.phone_channels()]


@register.simple_tag
def quiet_notes(is_phone_only: bool = False) -> list[str]:
    """A sentence for each span of hours in which some of the channels on offer do not write."""
    labels = dict(Subscription.Channel.choices)
    offered = subscriptions.phone_channels() if is_phone_only else subscriptions.channels_offered()
    windows: dict = {}
    for name in offered:
        window = city.current().quiet_hours.get(name)
        if window is not None and window.starts_at != window.ends_at:
            windows.setdefault(window, []).append(str(labels[name]))
    return [
        _(
            "%(channels)s: nothing from %(from)s to %(until)s. What happens then we tell you afterwards, in "
            "one message. Danger to life is told at once."
        )
        % {
            "channels": ", ".join(names),
            "from": f"{window.starts_at:%H:%M}",
            "until": f"{window.ends_at:%H:%M}",
        }
        for window, names in windows.items()
    ]


def _own(report) -> list[dict]:
    return [
        {
            "id": item.pk,
            "channel": item.get_channel_display(),
            "icon": "mail" if item.channel == Subscription.Channel.EMAIL else "phone",
            "address": hint(item.address, item.channel),
            "is_stopped": item.stopped_at is not None,
            "is_asked": item.confirmed_at is None and item.stopped_at is None,
        }
        for item in subscriptions.of_reporter(report)
    ]


def _texts() -> dict[str, str]:
    return {
        "follow": _("Notify me in this browser"),
        "stop": _("Stop notifications"),
        "on": _("This browser notifies you when something happens."),
        "off": _("No more notifications come to this browser."),
        "working": _("One moment …"),
        "blocked": _(
            "Notifications are blocked for this site. Allow them in the browser’s settings for this site "
            "(tap the lock beside the address), then try again."
        ),
        "dismissed": _("Nothing was changed. You can turn notifications on at any time."),
        "install": _(
            "On an iPhone or iPad put this site on the home screen first (Share, then “Add to Home Screen”), "
            "open it from there and come back here."
        ),
        "unsupported": _("This browser cannot show notifications. Please use e-mail instead."),
        "failed": _("That did not work. Please check your connection and try again, or use e-mail."),
        "stale": _("This page had been open for a long time. Please load it again and try once more."),
    }
