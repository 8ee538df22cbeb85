"""Counting failures at staff's doors, in the database: it holds for every process, with or without a cache.

Cheap under attack. A door that is shut costs one read: nothing is hashed and nothing is written. While it is
open every attempt costs a password hash (about 0.2 s of a processor), so that two processors cannot bring
forth more than some ten small writes a second, far from what delays a report.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from city.domain import lockout, network
from city.models import SignInCounter, User

Kind = SignInCounter.Kind
_FORGOTTEN_AFTER = timedelta(days=1)


class Locked(Exception):
    """Shut until `until`; says nothing about whether an account exists."""

    def __init__(self, until: datetime):
        super().__init__("locked")
        self.until = until


@dataclass(frozen=True, slots=True)
class Door:
    """One key to count by, and its policy."""

    kind: str
    key: str
    policy: lockout.Policy
    values: dict = field(default_factory=dict)


def name_hash(name: str) -> str:
    """A keyed hash of an account's name in any writing."""
    plain = unicodedata.normalize("NFKC", name).casefold().strip()[:300]
    text = f"sign-in:{plain}".encode("utf-8", "surrogatepass")
    return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).hexdigest()


def _door(kind: str, said: str, policy: lockout.Policy, **values) -> Door:
    return Door(kind, hashlib.sha256(f"{kind}:{said}".encode()).hexdigest(), policy, values)


def password_doors(name: str, address: str) -> list[Door]:
    """What a try with a password is counted by: the name from this address, and the address alone."""
    hashed, where = name_hash(name), network.household(address)
    pair = lockout.Policy(settings.SIGN_IN_FAILURES, settings.SIGN_IN_WINDOW_S, settings.SIGN_IN_LOCK_S)
    alone = lockout.Policy(
        settings.SIGN_IN_ADDRESS_FAILURES, settings.SIGN_IN_WINDOW_S, settings.SIGN_IN_LOCK_S
    )
    return [
        _door(Kind.ADDRESS, where, alone, address=where),
        _door(Kind.PAIR, f"{hashed}:{where}", pair, name_hash=hashed, address=where),
    ]


def code_doors(user: User) -> list[Door]:
    """What a try with a code is counted by: the account, from wherever it comes."""
    policy = lockout.Policy(settings.SIGN_IN_FAILURES, settings.SIGN_IN_WINDOW_S, settings.SIGN_IN_LOCK_S)
    return [_door(Kind.CODE, str(user.pk), policy, user=user)]


def _count(row: SignInCounter) -> lockout.Count:
    return lockout.Count(row.failures, row.since, row.locked_until)


def check(doors: Sequence[Door], *, now: datetime) -> None:
    """Raises Locked if one of the doors is shut; one read."""
    keys = [door.key for door in doors]
    shut = SignInCounter.objects.filter(key__in=keys, locked_until__gt=now)
    until = max(shut.values_list("locked_until", flat=True), default=None)
    if until:
        raise Locked(until)


def spend(doors: Sequence[Door], *, now: datetime) -> list[Door]:
    """Take one attempt at each door before trying it; returns the doors that shut if it fails.

    Raises Locked, and takes nothing then. Locks the counters' rows, always in the same order.
    """
    check(doors, now=now)
    fresh = [SignInCounter(key=d.key, kind=d.kind, since=now, **d.values) for d in doors]
    with transaction.atomic():
        SignInCounter.objects.bulk_create(fresh, ignore_conflicts=True)
        rows = _locked_rows(doors)
        for row in rows.values():
            if lockout.is_locked(_count(row), now):
                raise Locked(row.locked_until)
        last = []
        for door in doors:
            count = lockout.spend(_count(rows[door.key]), door.policy, now)
            _save(rows[door.key], count)
            if count.locked_until:
                last.append(door)
    return last


@transaction.atomic
def succeeded(doors: Sequence[Door]) -> None:
    """Give back what an attempt took: an account's own count starts anew, an address gets its one attempt."""
    rows = _locked_rows(doors)
    for door in doors:
        row = rows.get(door.key)
        if row is None:
            continue
        if door.kind == Kind.ADDRESS:
            _save(row, lockout.refund(_count(row), door.policy))
        else:
            row.delete()


def _locked_rows(doors: Sequence[Door]) -> dict[str, SignInCounter]:
    keys = [door.key for door in doors]
    rows = SignInCounter.objects.select_for_update().filter(key__in=keys).order_by("key")
    return {row.key: row for row in rows}


def _save(row: SignInCounter, count: lockout.Count) -> None:
    row.failures, row.since, row.locked_until = count.failures, count.since, count.locked_until
    row.save(update_fields=["failures", "since", "locked_until"])


def unlock(user: User) -> int:
    """Forget the failures of an account, at every address; returns how many locks and counts went."""
    mine = Q(name_hash=name_hash(user.get_username())) | Q(user=user)
    return SignInCounter.objects.filter(mine).delete()[0]


def shut_now(*, now: datetime, at_most: int) -> list[SignInCounter]:
    """The doors that are shut, those that stay so longest first."""
    rows = SignInCounter.objects.filter(locked_until__gt=now).select_related("user")
    return list(rows.order_by("-locked_until")[:at_most])


def sweep(*, now: datetime) -> int:
    """Delete counts that matter no more; returns how many."""
    old = SignInCounter.objects.filter(since__lt=now - _FORGOTTEN_AFTER)
    return old.exclude(locked_until__gt=now).delete()[0]
