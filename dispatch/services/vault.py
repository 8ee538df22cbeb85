"""Keys and secrets of other systems, kept so that the portal can use them and a copy of the database cannot.

AES-256-GCM under a key derived from SECRET_KEY (HKDF-SHA256); each value is bound to its place by `purpose`.
What was sealed under an older key opens while that key stands in SECRET_KEY_FALLBACKS, and is sealed anew by
the hourly clean-up. Nothing here is ever shown again: staff replace a value, they never read it.
"""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_NONCE_BYTES = 12
_VERSION = b"\x01"


class LostKeyError(Exception):
    """The key that a value was sealed under is no longer known: the value must be entered again."""


def seal(text: str, *, purpose: str) -> str:
    """The text as it may be stored; nothing stays nothing."""
    if not text:
        return ""
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(_derived(settings.SECRET_KEY)).encrypt(nonce, text.encode(), purpose.encode())
    return base64.b64encode(_VERSION + nonce + sealed).decode()


def unseal(stored: str, *, purpose: str) -> str:
    """The text. Raises LostKeyError."""
    return _open(stored, purpose)[0]


def is_old(stored: str, *, purpose: str) -> bool:
    """Whether a value that opens was sealed under an older key and wants to be sealed anew."""
    try:
        return bool(stored) and _open(stored, purpose)[1] > 0
    except LostKeyError:
        return False


def _open(stored: str, purpose: str) -> tuple[str, int]:
    if not stored:
        return "", 0
    try:
        raw = base64.b64decode(stored, validate=True)
    except ValueError:
        raise LostKeyError(purpose) from None
    nonce, sealed = raw[1 : 1 + _NONCE_BYTES], raw[1 + _NONCE_BYTES :]
    for number, key in enumerate([settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]):
        try:
            return AESGCM(_derived(key)).decrypt(nonce, sealed, purpose.encode()).decode(), number
        except (InvalidTag, ValueError):
            continue
    raise LostKeyError(purpose)


def _derived(key: str) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"lapor.vault.v1").derive(key.encode())
