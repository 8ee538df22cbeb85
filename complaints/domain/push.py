"""What a browser hands over to be notified: looked at before anything is kept or sent there."""

import base64
from urllib.parse import urlsplit

ENDPOINT_MAX_CHARS = 600
P256DH_BYTES = 65  # an uncompressed point on P-256 (RFC 8291)
AUTH_BYTES = 16


def is_endpoint(address: str, services: list[str], *, is_insecure: bool = False) -> bool:
    """Whether an address may be a push service's: https on its usual port at one of `services` (host names,
    `*.` before a domain for all hosts below it, `*` for any). `is_insecure`, for development: any address."""
    if not 0 < len(address) <= ENDPOINT_MAX_CHARS or not address.isascii() or not address.isprintable():
        return False
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or " " in address or parts.username is not None or parts.password is not None:
        return False
    if is_insecure:
        return parts.scheme in ("http", "https")
    return parts.scheme == "https" and port in (None, 443) and any(_fits(host, item) for item in services)


def _fits(host: str, service: str) -> bool:
    if service.startswith("*."):
        return host.endswith(service[1:])
    return service in ("*", host)


def read_keys(p256dh: str, auth: str) -> dict[str, str] | None:
    """The browser's keys as they are kept (base64url without padding), or None if they cannot be keys.

    Whether the point lies on the curve is known when something is encrypted for it.
    """
    public, secret = _decoded(p256dh), _decoded(auth)
    if len(public) != P256DH_BYTES or public[0] != 4 or len(secret) != AUTH_BYTES:
        return None
    return {"p256dh": _encoded(public), "auth": _encoded(secret)}


def _decoded(text: str) -> bytes:
    if len(text) > 200:
        return b""
    plain = text.strip().rstrip("=").replace("+", "-").replace("/", "_")
    try:
        return base64.urlsafe_b64decode(plain + "=" * (-len(plain) % 4))
    except ValueError:
        return b""


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
