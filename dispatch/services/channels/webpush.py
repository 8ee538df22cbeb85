"""Web push (RFC 8030, 8291, 8292): encrypted for one browser, shown by static/js/sw-push.js."""

import json
import time
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings

from complaints.domain import push
from complaints.services import push_keys
from dispatch.services.channels import http
from dispatch.services.channels.base import Message, PermanentError, TemporaryError

TTL_S = 3 * 24 * 3600  # a phone may be off for a weekend; older news is on the page
PAYLOAD_MAX_BYTES = 3000  # push services must take 4,096 bytes, encryption and padding included
_BODY_MAX_CHARS = 300
_CLAIM_LIVES_S = 12 * 3600


class WebPushChannel:
    """To the endpoint a browser gave, with the keys it gave."""

    def send(self, address: str, keys: dict[str, str], message: Message) -> str:
        insecure = settings.PUSH_INSECURE
        if not push.is_endpoint(address, settings.PUSH_SERVICES, is_insecure=insecure):
            raise PermanentError("not the address of a push service")
        answer = http.send(
            "POST",
            address,
            body=_encrypted(payload(message), address, keys),
            headers=_headers(address, message),
            allow_private=insecure,
        )
        if answer.is_success:
            return ""  # RFC 8030 names a message by an address that whoever has it can use
        if answer.status in (404, 410):  # RFC 8030, 7.3: the subscription is over
            raise PermanentError(f"push service: {answer.status}", is_gone=True)
        if answer.status in (400, 413):
            raise PermanentError(f"push service: {answer.status}")
        raise TemporaryError(f"push service: {answer.status}")


def payload(message: Message) -> bytes:
    """What the service worker reads, in at most PAYLOAD_MAX_BYTES."""
    content = {
        "title": message.title[:120],
        "body": message.body[:_BODY_MAX_CHARS],
        "url": message.url,
        "tag": message.tag,
        "lang": message.language,
        "actions": [
            {"action": action.name, "title": action.title, "url": action.url} for action in message.actions
        ],
    }
    raw = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    if len(raw) > PAYLOAD_MAX_BYTES:
        content["body"], content["actions"] = content["body"][:80], []
        raw = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return raw


def _encrypted(content: bytes, address: str, keys: dict[str, str]) -> bytes:
    from pywebpush import WebPusher  # it takes aiohttp with it: only workers that notify carry that

    try:
        return WebPusher({"endpoint": address, "keys": dict(keys)}).encode(content)["body"]
    except Exception as exc:  # whatever the keys of a stranger's browser bring about in the library
        raise PermanentError(f"the browser's keys cannot be used: {exc.__class__.__name__}") from None


def _headers(address: str, message: Message) -> dict[str, str]:
    from py_vapid import Vapid02

    parts = urlsplit(address)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "sub": contact(),
        "exp": int(time.time()) + _CLAIM_LIVES_S,
    }
    headers = {
        **Vapid02.from_raw(push_keys.private_key().encode()).sign(claims),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(TTL_S),
        "Urgency": "normal",
    }
    if message.tag.isalnum() and len(message.tag) <= 32:
        headers["Topic"] = message.tag  # of several that wait for a phone that is off, the last is shown
    return headers


def contact() -> str:
    """Whom a push service can ask about us."""
    return settings.VAPID_CONTACT or f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}"
