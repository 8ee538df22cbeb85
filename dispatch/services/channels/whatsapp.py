"""WhatsApp through its Cloud API.

A business may write plain texts only within 24 hours of the person's own message; everything else must use
a template that WhatsApp has approved (developers.facebook.com/docs/whatsapp/cloud-api). So templates are sent
where they are set: WHATSAPP_TEMPLATE with two texts, what happened and the link.
"""

import json
from typing import Any

from django.conf import settings

from dispatch.services.channels import http
from dispatch.services.channels.base import Message, PermanentError, TemporaryError

_TEXT_MAX_CHARS = 1000
_ID_END_CHARS = 20
# The recipient cannot get it: not on WhatsApp or on too old a version (131026), not allowed (131030), has
# opted out (131050), or the number is no number (131009). All else is ours or passes.
_RECIPIENT_CODES = {131009, 131026, 131030, 131050}


class WhatsAppChannel:
    """`address` is E.164; WhatsApp wants it without the plus."""

    def send(self, address: str, keys: dict[str, str], message: Message) -> str:
        answer = http.send(
            "POST",
            f"{settings.WHATSAPP_API_URL.rstrip('/')}/{settings.WHATSAPP_PHONE_ID}/messages",
            headers={
                "Authorization": f"Bearer {settings.WHATSAPP_TOKEN}",
                "Content-Type": "application/json",
            },
            body=json.dumps(request_body(address, message), ensure_ascii=False).encode(),
            allow_private=True,  # the operator's own setting
        )
        if answer.is_success:
            return _name_in(answer.body)
        code = _error_code(answer.body)
        error = f"WhatsApp: {answer.status}, code {code}"
        raise PermanentError(error) if code in _RECIPIENT_CODES else TemporaryError(error)


def text_of(message: Message) -> str:
    """The plain text, where no template is set."""
    return f"{message.short_whole[:_TEXT_MAX_CHARS]}\n{message.short_end}".strip()


def request_body(address: str, message: Message) -> dict[str, Any]:
    """The API's JSON for one message."""
    body: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": address.lstrip("+"),
    }
    template = settings.WHATSAPP_CODE_TEMPLATE if message.kind == "code" else settings.WHATSAPP_TEMPLATE
    if not template:
        return body | {"type": "text", "text": {"preview_url": False, "body": text_of(message)}}
    return body | {
        "type": "template",
        "template": {
            "name": template,
            "language": {"code": message.language},
            "components": _components(message),
        },
    }


def _components(message: Message) -> list[dict[str, Any]]:
    if message.kind == "code":  # WhatsApp's own kind of template: the digits, and a button that copies them
        digits = [{"type": "text", "text": message.code}]
        button = {"type": "button", "sub_type": "url", "index": "0", "parameters": digits}
        return [{"type": "body", "parameters": digits}, button]
    texts = (" ".join(message.short_whole.split())[:_TEXT_MAX_CHARS], message.short_url)
    return [{"type": "body", "parameters": [{"type": "text", "text": text} for text in texts]}]


def _name_in(content: bytes) -> str:
    """The end of the message's id: its beginning holds the recipient's number, merely encoded."""
    try:
        name = str(json.loads(content)["messages"][0]["id"])
    except (ValueError, KeyError, TypeError, IndexError):
        return ""
    return f"wamid…{name[-_ID_END_CHARS:]}" if len(name) > 2 * _ID_END_CHARS else name


def _error_code(content: bytes) -> int | None:
    try:
        return json.loads(content)["error"]["code"]
    except (ValueError, KeyError, TypeError):
        return None
