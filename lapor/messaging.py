"""Settings of the channels that citizens are told by: e-mail and web push work from nothing; WhatsApp and SMS
once they are named in CHANNELS and their service is set."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

# Where browsers may have their notifications delivered; whoever runs a push service of their own adds it.
PUSH_SERVICES = [
    "fcm.googleapis.com",  # Chrome, Edge on Android, Samsung Internet, Opera
    "*.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
]


def _place(said: str) -> str:
    if said not in ("", "files", "console"):
        raise ImproperlyConfigured(f"MESSAGES_TO is “{said}”: leave it empty, or say files or console.")
    return said


def read(env) -> dict[str, Any]:
    """The settings by name, from the environment."""
    return {
        "CHANNELS": env.list("CHANNELS", default=["email", "webpush"]),
        "MESSAGES_TO": _place(env("MESSAGES_TO", default="")),
        "MESSAGES_AS_FILES": env.bool("MESSAGES_AS_FILES", default=False),
        "VAPID_PRIVATE_KEY": env("VAPID_PRIVATE_KEY", default=""),
        "VAPID_CONTACT": env("VAPID_CONTACT", default=""),
        "PUSH_SERVICES": env.list("PUSH_SERVICES", default=PUSH_SERVICES),
        "PUSH_INSECURE": env.bool("PUSH_INSECURE", default=False),
        "WHATSAPP_API_URL": env("WHATSAPP_API_URL", default="https://graph.facebook.com/v23.0"),
        "WHATSAPP_PHONE_ID": env("WHATSAPP_PHONE_ID", default=""),
        "WHATSAPP_TOKEN": env("WHATSAPP_TOKEN", default=""),
        "WHATSAPP_TEMPLATE": env("WHATSAPP_TEMPLATE", default=""),
        "WHATSAPP_CODE_TEMPLATE": env("WHATSAPP_CODE_TEMPLATE", default=""),
        "SMS_URL": env("SMS_URL", default=""),
        "SMS_BODY": env("SMS_BODY", default=""),
        "SMS_HEADERS": env.json("SMS_HEADERS", default={}),
        "WEBHOOK_DISABLE_AFTER_H": env.float("WEBHOOK_DISABLE_AFTER_H", default=72.0),
        # Machines of our own network that owners' systems and webhooks may be on: host or host:port.
        "OUTBOUND_PRIVATE_HOSTS": env.list("OUTBOUND_PRIVATE_HOSTS", default=[]),
        "SMS_MAX_CHARS": env.int("SMS_MAX_CHARS", default=160),
    }
