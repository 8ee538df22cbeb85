"""Which reports the portal joins by itself, and when a burst is an alarm. Plain Python."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Rule:
    """As dispatch.models.IncidentRule."""

    radius_m: int
    hours: int
    burst_reports: int
    burst_minutes: int
    grows_by: int
    again_minutes: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """An open report that carries its own work. The lower the id, the longer it is known."""

    pk: int
    created_at: datetime
    distance_m: float


def begins_at(rule: Rule, created_at: datetime) -> datetime:
    """How old an incident's first report may be for one told at `created_at` to join it."""
    return created_at - timedelta(hours=rule.hours)


def burst_begins_at(rule: Rule, created_at: datetime) -> datetime:
    """From when on reports count towards a burst, seen from one told at `created_at`."""
    return created_at - timedelta(minutes=rule.burst_minutes)


def pick(
    rule: Rule, report_id: int, created_at: datetime, candidates: Iterable[Candidate], *, is_burst: bool
) -> int | None:
    """The report to be joined: always one that is longer known, so that no circle can come about.

    The first known within the radius; in a burst the first known at all (of the same kelurahan: the
    caller's choice).
    """
    earlier = [
        item
        for item in candidates
        if item.pk < report_id
        and item.created_at >= begins_at(rule, created_at)
        and (is_burst or item.distance_m <= rule.radius_m)
    ]
    return min((item.pk for item in earlier), default=None)


def is_burst(rule: Rule, number: int) -> bool:
    """Whether so many reports within the minutes of the rule are a burst."""
    return number >= rule.burst_reports


def is_alarm_due(
    rule: Rule, *, size: int, recent: int, told_size: int | None, told_at: datetime | None, now: datetime
) -> bool:
    """Whether the people on duty are told (again) of an incident of `size` reports, `recent` of them within
    the rule's minutes. `told_size` and `told_at`: of the alarm before, None without one."""
    if told_size is None or told_at is None:
        return is_burst(rule, recent)
    has_grown = size >= told_size * rule.grows_by
    return has_grown and now - told_at >= timedelta(minutes=rule.again_minutes)
