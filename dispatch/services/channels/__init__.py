"""The ways to reach a person. A new one: a class with `send`, a line in `by_name`, a value in
Subscription.Channel, its settings, and a contract test against a server that speaks its protocol."""

from django.conf import settings

from dispatch.services.channels.base import Channel
from dispatch.services.channels.development import FILES, DevelopmentChannel
from dispatch.services.channels.email import EmailChannel
from dispatch.services.channels.sms import SmsChannel
from dispatch.services.channels.webpush import WebPushChannel
from dispatch.services.channels.whatsapp import WhatsAppChannel


def by_name(name: str) -> Channel:
    """The channel of that name, or what takes its place in development. Raises KeyError for a name that is
    none."""
    real = _CHANNELS[name]
    place = settings.MESSAGES_TO
    if not place and settings.MESSAGES_AS_FILES and name in ("whatsapp", "sms"):
        place = FILES
    return DevelopmentChannel(name, place) if place else real()


_CHANNELS: dict[str, type[Channel]] = {
    "email": EmailChannel,
    "webpush": WebPushChannel,
    "whatsapp": WhatsAppChannel,
    "sms": SmsChannel,
}
