"""Which time step a code of an authenticator app belongs to (TOTP, RFC 6238: SHA-1, 6 digits, 30 s).

The codes themselves come from the pyotp library; this is the rule around them.
"""

import hmac
import unicodedata

import pyotp

STEP_S = 30
DIGITS = 6
DRIFT_STEPS = 1  # a clock may be half a minute off either way


def new_secret() -> str:
    """160 random bits in base32, as RFC 4226 (section 4) asks for."""
    return pyotp.random_base32(32)


def address(secret: str, *, account: str, issuer: str) -> str:
    """The otpauth:// address that the app reads from the picture."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP_S).provisioning_uri(
        name=account, issuer_name=issuer
    )


def code_at(secret: str, step: int) -> str:
    return pyotp.HOTP(secret, digits=DIGITS).at(step)


def digits_of(typed: str) -> str:
    """What was typed without spaces and dashes; digits of any script are digits."""
    plain = unicodedata.normalize("NFKC", typed)
    return "".join(ch for ch in plain if not ch.isspace() and ch not in "-–")


def step_of(secret: str, typed: str, *, now_s: float, last_step: int = -1) -> int | None:
    """The step whose code was typed, None if there is none. A step up to `last_step` never counts again:
    whoever looked over a shoulder cannot use the same code (RFC 6238, section 5.2)."""
    digits, current, found = digits_of(typed).encode("ascii", "replace"), int(now_s // STEP_S), None
    for step in range(max(current - DRIFT_STEPS, 0), current + DRIFT_STEPS + 1):
        # All of them are compared, whichever matches.
        if hmac.compare_digest(code_at(secret, step).encode(), digits) and step > last_step:
            found = step
    return found
