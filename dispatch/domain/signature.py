"""Signing what is sent to webhooks, so that a receiver knows who wrote it and when."""

import hashlib
import hmac
from collections.abc import Iterable

VERSION = "v1"


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Hexadecimal HMAC-SHA256 of `timestamp.body` (timestamp: Unix seconds as text)."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def header(secrets: Iterable[str], timestamp: str, body: bytes) -> str:
    """`v1=…` for each secret in force: while a secret is being changed a receiver may know either."""
    return ",".join(f"{VERSION}={sign(secret, timestamp, body)}" for secret in secrets)
