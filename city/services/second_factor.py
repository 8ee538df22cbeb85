"""The second factor: an authenticator app (TOTP, RFC 6238) and recovery codes for the day the phone is lost.

Secrets are encrypted with a key derived from SECRET_KEY (SECRET_KEY_FALLBACKS still decrypt), which keeps
them out of copies of the database; whoever has the key and the database has them. Recovery codes are kept as
keyed hashes.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction

from city import roles
from city.domain import one_time
from city.models import RecoveryCode, SecondFactor, User
from city.services import audit, lockout

RECOVERY_CODES = 10
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"  # no 0/o, 1/i/l: 5 bits a letter
_GROUPS, _GROUP = 3, 4  # 60 bits
REQUIRED = "required"


class WrongCode(Exception):
    """Neither the app's code nor an unused recovery code."""


class Unreadable(Exception):
    """The secret was encrypted with a key that is gone: an administrator resets the factor."""


def must_have(user: User) -> bool:
    """Whether this account gets nowhere without a second factor."""
    sees_identities = user.is_superuser or user.role in roles.SEE_IDENTITY
    return sees_identities and settings.STAFF_SECOND_FACTOR == REQUIRED


def is_asked_of(user: User) -> bool:
    """Whether a password alone is not enough for this account."""
    return user.second_factor_since is not None or must_have(user)


# --- Keys ------------------------------------------------------------------------------------------------


def _cipher() -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    derived = [hmac.new(key.encode(), b"lapor.second-factor", hashlib.sha256).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])


def seal(secret: str) -> str:
    """A secret as it may lie in a database or a session."""
    return _cipher().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises Unreadable."""
    try:
        return _cipher().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def _digests(user: User, typed: str) -> list[str]:
    plain = "".join(ch for ch in typed.lower() if ch in _READABLE)
    said = f"recovery:{user.pk}:{plain}".encode()
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [hmac.new(key.encode(), said, hashlib.sha256).hexdigest() for key in keys]


# --- Setting up and taking away ----------------------------------------------------------------------------


def enrol(user: User, secret: str, typed: str, *, now: datetime, address: str = "") -> list[str]:
    """Set up the app that shows `typed` for `secret`; returns the recovery codes, told now and never again.

    Raises WrongCode, lockout.Locked. An account that has a factor keeps it: WrongCode as well.
    """
    doors = lockout.code_doors(user)
    last = lockout.spend(doors, now=now)
    step = one_time.step_of(secret, typed, now_s=now.timestamp())
    if step is None:
        _record_failure(user, address, last, now)
        raise WrongCode
    lockout.succeeded(doors)
    with transaction.atomic():
        kept = User.objects.select_for_update().get(pk=user.pk)
        if kept.second_factor_since is not None:
            raise WrongCode
        SecondFactor.objects.create(
            user=user, secret_encrypted=seal(secret), last_step=step, confirmed_at=now
        )
        _mark(user, now)
        audit.record(audit.Kind.FACTOR_ADDED, now=now, actor=user, address=address, **audit.about(user))
        return _new_codes(user)


def _mark(user: User, since: datetime | None) -> None:
    user.second_factor_since = since
    User.objects.filter(pk=user.pk).update(second_factor_since=since)


def _new_codes(user: User) -> list[str]:
    def letters() -> str:
        return "".join(secrets.choice(_READABLE) for _i in range(_GROUP))

    codes = ["-".join(letters() for _i in range(_GROUPS)) for _i in range(RECOVERY_CODES)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digests(user, c)[0]) for c in codes)
    return codes


def codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


@transaction.atomic
def renew_codes(user: User, *, now: datetime, address: str = "") -> list[str]:
    """New recovery codes in place of all older ones; ask for a code first (`check_code`)."""
    audit.record(audit.Kind.RECOVERY_NEW, now=now, actor=user, address=address, **audit.about(user))
    return _new_codes(user)


@transaction.atomic
def remove(user: User, *, now: datetime, address: str = "") -> None:
    """Take one's own factor away; ask for password and code first."""
    _delete(user)
    audit.record(audit.Kind.FACTOR_REMOVED, now=now, actor=user, address=address, **audit.about(user))


@transaction.atomic
def reset(user: User, *, by: User, now: datetime) -> None:
    """Take somebody's factor away for them: the phone is lost and the recovery codes too."""
    _delete(user)
    lockout.unlock(user)
    audit.record(audit.Kind.FACTOR_RESET, now=now, actor=by, **audit.about(user))


def _delete(user: User) -> None:
    SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    _mark(user, None)


# --- Asking ------------------------------------------------------------------------------------------------


def check_code(user: User, typed: str, *, now: datetime, address: str = "") -> None:
    """The app's code, or an unused recovery code; either counts once.

    Raises WrongCode, lockout.Locked (too many tries, from wherever), Unreadable.
    """
    doors = lockout.code_doors(user)
    last = lockout.spend(doors, now=now)
    if not (_use_app_code(user, typed, now) or _use_recovery_code(user, typed, now, address)):
        _record_failure(user, address, last, now)
        raise WrongCode
    lockout.succeeded(doors)


def _use_app_code(user: User, typed: str, now: datetime) -> bool:
    factor = SecondFactor.objects.filter(user=user).first()
    if factor is None:
        return False
    secret = unseal(factor.secret_encrypted)
    step = one_time.step_of(secret, typed, now_s=now.timestamp(), last_step=factor.last_step)
    if step is None:
        return False
    # Of two requests with the same code one wins.
    used = SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step)
    return used.update(last_step=step) == 1


@transaction.atomic
def _use_recovery_code(user: User, typed: str, now: datetime, address: str) -> bool:
    mine = RecoveryCode.objects.filter(user=user, digest__in=_digests(user, typed), used_at=None)
    if mine.update(used_at=now) != 1:
        return False
    audit.record(audit.Kind.RECOVERY_USED, now=now, actor=user, address=address, **audit.about(user))
    return True


@transaction.atomic
def _record_failure(user: User, address: str, last: list, now: datetime) -> None:
    named = audit.about(user)
    audit.record(
        audit.Kind.SIGN_IN_FAILED, now=now, address=address, detail={"why": "second_factor"}, **named
    )
    for door in last:
        audit.record(audit.Kind.LOCKED, now=now, address=address, detail={"by": door.kind}, **named)
