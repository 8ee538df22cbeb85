"""The ways to reach a person. A new one: a class with `send`, a line in `by_name`, a value in
Subscription.Channel, its settings, and a contract test against a server that speaks its protocol."""

from django.conf import settings

from dispatch.services.channels.base import Channel
from dispatch.services.channels.email import EmailChannel
from dispatch.services.channels.files import FilesChannel
from dispatch.services.channels.sms import SmsChannel
from dispatch.services.channels.webpush import WebPushChannel
from dispatch.services.channels.whatsapp import WhatsAppChannel


def by_name(name: str) -> Channel:
    """The channel of that name. Raises KeyError for a name that is none."""
    if name in ("whatsapp", "sms") and settings.MESSAGES_AS_FILES:
        return FilesChannel(name)
    return {
        "email": EmailChannel,
        "webpush": WebPushChannel,
        "whatsapp": WhatsAppChannel,
        "sms": SmsChannel,
    }[name]()
