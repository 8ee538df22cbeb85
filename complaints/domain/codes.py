"""Report codes that survive a phone call, and the secrets of private links."""

import base64
import hashlib
import hmac
import secrets

# No 0/O, 1/I/L, U/V: nothing that is confused when read aloud or written by hand.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ"
LENGTH = 8  # 29**8 = 5.0e11 codes; guessing one of a million reports takes 500,000 tries on average


def new_code() -> str:
    """A random report code, e.g. `K7QM4TPX`."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def normalise(text: str) -> str | None:
    """The code in what a person typed (any case, spaces, hyphens, dots), or None if it cannot be one."""
    code = "".join(ch for ch in text.upper() if ch not in " -._\t")
    return code if len(code) == LENGTH and all(ch in ALPHABET for ch in code) else None


def spoken(code: str) -> str:
    """The code in two groups, as printed: `K7QM-4TPX`."""
    return f"{code[:4]}-{code[4:]}"


def link_secret(code: str, link_version: int, key: str) -> str:
    """The secret of a report's private link: derived, never stored; 125 bits in base32.

    Raising `link_version` revokes a link; a new signing key revokes all links it alone made.
    """
    mac = hmac.new(key.encode(), f"report-link:{code}:{link_version}".encode(), hashlib.sha256).digest()
    return base64.b32encode(mac).decode()[:25].lower()


def secret_matches(secret: str, code: str, link_version: int, keys: list[str]) -> bool:
    """Constant-time check of a private link's secret against every key in force."""
    given = secret.strip().lower().encode()
    matches = [hmac.compare_digest(given, link_secret(code, link_version, key).encode()) for key in keys]
    return any(matches)
