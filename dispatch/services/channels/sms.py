"""SMS through any gateway that speaks HTTP: its address (GET) or its JSON body (POST) is a setting."""

import json
from typing import Any
from urllib.parse import quote

from django.conf import settings

from dispatch.domain import short_text
from dispatch.services.channels import http
from dispatch.services.channels.base import Message, PermanentError, TemporaryError

# What gateways answer about a number that cannot be; keys, money and load (401, 402, 403, 429, 5xx) pass.
_RECIPIENT_STATUSES = {400, 404, 410, 422}

_ID_NAMES = ("message_id", "messageId", "msgid", "sid", "id")


def text_of(message: Message) -> str:
    """The text as it goes out."""
    return short_text.fit_more(message.short, message.short_also, message.short_end, settings.SMS_MAX_CHARS)


class SmsChannel:
    """`address` is E.164. The text is in the GSM alphabet and at most SMS_MAX_CHARS long, link included."""

    def send(self, address: str, keys: dict[str, str], message: Message) -> str:
        text = text_of(message)
        values = {"to": address, "text": text}
        headers, body, method = dict(settings.SMS_HEADERS), b"", "GET"
        url = _filled(settings.SMS_URL, {name: quote(value, safe="") for name, value in values.items()})
        if settings.SMS_BODY:
            content = _filled_in(json.loads(settings.SMS_BODY), values)
            method, body = "POST", json.dumps(content, ensure_ascii=False).encode()
            headers = {"Content-Type": "application/json", **headers}
        # The operator's own setting: gateways often stand in the same network.
        answer = http.send(method, url, headers=headers, body=body, allow_private=True)
        if answer.is_success:
            return _name_in(answer.body)
        error = f"SMS gateway: {answer.status}"
        raise PermanentError(error) if answer.status in _RECIPIENT_STATUSES else TemporaryError(error)


def _name_in(content: bytes) -> str:
    """What the gateway calls the message: under one of the names that gateways use, wherever it stands."""
    try:
        waiting = [json.loads(content)]
    except ValueError:
        return ""
    while waiting:
        item = waiting.pop(0)
        if isinstance(item, dict):
            for name in _ID_NAMES:
                if isinstance(item.get(name), str | int):
                    return f"{name} {item[name]}"[:80]
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
    return ""


def _filled(text: str, values: dict[str, str]) -> str:
    """`{to}` and `{text}` filled in, once each: what a text contains is not looked at again."""
    out, rest = "", text
    while rest:
        found = [(rest.find("{" + name + "}"), name) for name in values if "{" + name + "}" in rest]
        if not found:
            return out + rest
        at, name = min(found)
        out += rest[:at] + values[name]
        rest = rest[at + len(name) + 2 :]
    return out


def _filled_in(content: Any, values: dict[str, str]) -> Any:
    if isinstance(content, str):
        return _filled(content, values)
    if isinstance(content, list):
        return [_filled_in(item, values) for item in content]
    if isinstance(content, dict):
        return {name: _filled_in(item, values) for name, item in content.items()}
    return content
