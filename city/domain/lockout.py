"""After how many failures a door stays shut, and until when. Times are aware datetimes."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """`failures` within `window_s` seconds shut the door for `lock_s` seconds."""

    failures: int
    window_s: int
    lock_s: int


@dataclass(frozen=True, slots=True)
class Count:
    """What is known about one key: failures since `since`, and until when it is locked."""

    failures: int
    since: datetime
    locked_until: datetime | None = None


def is_locked(count: Count, now: datetime) -> bool:
    return count.locked_until is not None and count.locked_until > now


def spend(count: Count, policy: Policy, now: datetime) -> Count:
    """The count with one more attempt, taken before it is known whether it succeeds: of many at once only
    `failures` get through. The last one allowed shuts the door behind itself; `refund` opens it again."""
    over = now - count.since >= timedelta(seconds=policy.window_s)
    was_locked = count.locked_until is not None
    failures, since = (0, now) if over or was_locked else (count.failures, count.since)
    failures += 1
    until = now + timedelta(seconds=policy.lock_s) if failures >= policy.failures else None
    return Count(failures, since, until)


def refund(count: Count, policy: Policy) -> Count:
    """The count after an attempt that succeeded, for keys that many people share."""
    failures = max(count.failures - 1, 0)
    return Count(failures, count.since, count.locked_until if failures >= policy.failures else None)
