"""The token in a message's link: for whom, about what, for which purpose; short enough for an SMS.

What is said is packed into a few bytes and followed by a keyed hash of itself, in lower-case base32: nothing
in it that a messenger's link finder could cut off, and it can be read aloud.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass

NEWS = "news"  # shows what happened, with the other links
CONFIRM = "confirm"
REOPEN = "reopen"
STOP = "stop"
OPT_IN = "opt_in"  # "was it you?"
PURPOSES = (NEWS, CONFIRM, REOPEN, STOP, OPT_IN)

_MAC_BYTES = 10  # 80 bits; a guess costs a request
_MAX_CHARS = 64


@dataclass(frozen=True, slots=True)
class Claim:
    """`event_id` is 0 where a message is about no event."""

    purpose: str
    subscription_id: int
    event_id: int


def make(claim: Claim, key: str, bound_to: str) -> str:
    """The token. It counts only as long as `bound_to` (what the purpose depends on) stays the same."""
    said = bytes([PURPOSES.index(claim.purpose)]) + _packed(claim.subscription_id) + _packed(claim.event_id)
    return base64.b32encode(said + _mac(said, key, bound_to)).decode().rstrip("=").lower()


def claimed(token: str) -> Claim | None:
    """What a token says about itself, or None if it is none. Nothing of it is true before `is_genuine`."""
    raw = _decoded(token)
    if raw is None or raw[0] >= len(PURPOSES):
        return None
    said = raw[1:-_MAC_BYTES]
    subscription_id, said = _unpacked(said)
    event_id, rest = _unpacked(said)
    if subscription_id is None or event_id is None or rest:
        return None
    return Claim(PURPOSES[raw[0]], subscription_id, event_id)


def is_genuine(token: str, keys: list[str], bound_to: str) -> bool:
    """Whether one of the keys made this token while `bound_to` was the same. Constant time."""
    raw = _decoded(token)
    if raw is None:
        return False
    said, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    matches = [hmac.compare_digest(mac, _mac(said, key, bound_to)) for key in keys]
    return any(matches)


def _mac(said: bytes, key: str, bound_to: str) -> bytes:
    text = b"message-link:" + bound_to.encode() + b":" + said
    return hmac.new(key.encode(), text, hashlib.sha256).digest()[:_MAC_BYTES]


def _decoded(token: str) -> bytes | None:
    if len(token) > _MAX_CHARS:
        return None
    try:
        text = token.strip().upper()
        raw = base64.b32decode(text + "=" * (-len(text) % 8))
    except ValueError:
        return None
    # One spelling only: the last letter may hold bits that decoding drops.
    if len(raw) < _MAC_BYTES + 3 or base64.b32encode(raw).decode().rstrip("=") != text:
        return None
    return raw


def _packed(number: int) -> bytes:
    """Seven bits a byte, the highest bit says that another one follows."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _unpacked(raw: bytes) -> tuple[int | None, bytes]:
    number = 0
    for index, byte in enumerate(raw[:9]):
        number |= (byte & 0x7F) << (7 * index)
        if not byte & 0x80:
            return number, raw[index + 1 :]
    return None, b""
