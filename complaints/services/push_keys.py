"""The portal's own key pair for web push (VAPID, RFC 8292): by setting, else made once and kept."""

import base64
import hashlib
import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from django.conf import settings

_BYTES = 32


def private_key() -> str:
    """The private key: 32 bytes in base64url. Changing it ends every push subscription there is."""
    return settings.VAPID_PRIVATE_KEY or _kept(Path(settings.DATA_DIR) / "vapid_key")


def public_key() -> str:
    """What browsers subscribe with: the uncompressed point in base64url."""
    return _public(private_key(), Path(settings.DATA_DIR))


def new_private_key() -> str:
    from cryptography.hazmat.primitives.asymmetric import ec

    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return _encoded(number.to_bytes(_BYTES, "big"))


@lru_cache(maxsize=4)
def _kept(path: Path) -> str:
    if not path.exists():
        # Written whole beside its place, then linked: of two processes that start at once one wins.
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(new_private_key())
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()


@lru_cache(maxsize=4)
def _public(private: str, folder: Path) -> str:
    """Derived once and kept: web processes then never load the library for it (7 MB each)."""
    kept = folder / f"vapid_public.{hashlib.sha256(private.encode()).hexdigest()[:12]}"
    with suppress(OSError):
        return kept.read_text()
    public = _derived(private)
    draft = kept.with_name(f"{kept.name}.{os.getpid()}")
    with suppress(OSError):  # a folder that cannot be written to costs memory, nothing else
        draft.write_text(public)
        draft.replace(kept)
    return public


def _derived(private: str) -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    raw = base64.urlsafe_b64decode(private + "=" * (-len(private) % 4))
    key = ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1()).public_key()
    point = key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return _encoded(point)


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
