"""Staff's way in: the password, the locks around it, and what of it is recorded."""

from datetime import datetime

from django.contrib.auth import authenticate
from django.db import transaction

from city.models import User
from city.services import audit, lockout


def check_password(request, username: str, password: str, *, now: datetime) -> User | None:
    """The member of staff with this name and password, else None; failures are counted and recorded.

    Known, unknown and switched-off names take the same way and the same time: the same reads, one password
    hash, one line of the record. Raises lockout.Locked, before anything is hashed.
    """
    address = request.META.get("REMOTE_ADDR", "")
    doors = lockout.password_doors(username, address)
    last = lockout.spend(doors, now=now)
    user = authenticate(request, username=username, password=password)
    if user is None or not user.is_staff:
        _record_failure(username, address, last, now)
        return None
    lockout.succeeded(doors)
    return user


@transaction.atomic
def _record_failure(username: str, address: str, last: list, now: datetime) -> None:
    # Only names of accounts are written down: a password typed into the wrong field stays out of the record.
    known = User.objects.filter(username=username).first()
    named = audit.about(known) if known else {}
    audit.record(audit.Kind.SIGN_IN_FAILED, now=now, address=address, **named)
    for door in last:
        audit.record(audit.Kind.LOCKED, now=now, address=address, detail={"by": door.kind}, **named)


def by_email(address: str) -> list[User]:
    """The active staff accounts with this e-mail address, two at most: more than one is nobody."""
    return list(User.objects.filter(email__iexact=address, is_active=True, is_staff=True)[:2])


def by_username(name: str) -> list[User]:
    return list(User.objects.filter(username=name, is_active=True, is_staff=True)[:2])


def refused_elsewhere(address: str, reason: str, *, now: datetime, user: User | None = None) -> None:
    """Record a sign-on by another service that led nowhere; `reason` is a code of ours."""
    named = audit.about(user) if user else {}
    audit.record(
        audit.Kind.SIGN_IN_FAILED, now=now, address=address, detail={"via": "oidc", "why": reason}, **named
    )


@transaction.atomic
def unlock(user: User, *, by: User, now: datetime) -> int:
    """Lift an account's locks; returns how many counts went. Recorded either way."""
    gone = lockout.unlock(user)
    audit.record(audit.Kind.UNLOCKED, now=now, actor=by, **audit.about(user))
    return gone


@transaction.atomic
def unlock_door(counter_id: int, *, by: User, now: datetime) -> bool:
    """Lift one lock of the list; False if it is over already."""
    row = lockout.SignInCounter.objects.select_related("user").filter(pk=counter_id).first()
    if row is None:
        return False
    named = audit.about(row.user) if row.user else {}
    audit.record(
        audit.Kind.UNLOCKED, now=now, actor=by, detail={"by": row.kind, "address": row.address}, **named
    )
    row.delete()
    return True
