"""What else lies around a report, and what was reported and repaired at its spot before.

Who may see a report sees it whole; of another office's only what the public may see, and nothing of a private
one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from city import snapshot as city
from complaints import selectors, selectors_nearby
from complaints.domain import privacy, workflow
from complaints.domain.place import distance_m
from complaints.models import Event, Report

AROUND_M = 150.0
AROUND_AT_MOST = 50
AROUND_DAYS = 730
SPOT_M = 50.0
SPOT_DAYS = 730  # about 24 months
SPOT_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Neighbour:
    """`is_theirs`: the person who looks may open its case; else only its public page."""

    report: Report
    distance_m: float
    is_theirs: bool
    is_same_kind: bool


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier report at the spot: what was said of its repair, and how long that lasted.

    `held`: from the repair to the next report of the group here, None while nothing came after it (or
    nothing was repaired); `came_back` is that next report's moment.
    """

    neighbour: Neighbour
    how: str
    resolved_at: datetime | None
    held: timedelta | None


@dataclass(frozen=True, slots=True)
class Around:
    """`more`: how many further ones lie around and are not listed; their number stops at the search's own."""

    neighbours: list[Neighbour]
    more: int
    earlier: list[Earlier]


def of(user, report: Report, *, now: datetime) -> Around:
    """Four queries, whatever lies around."""
    found = _found(user, report, now)
    shown = found[:AROUND_AT_MOST]
    return Around(shown, len(found) - len(shown), _earlier(report, found))


def _found(user, report: Report, now: datetime) -> list[Neighbour]:
    """Everything within AROUND_M that may be told of, nearest first. Two queries."""
    since = now - timedelta(days=AROUND_DAYS)
    codes = [kind.code for kind in city.current().categories.values() if kind.parent_code]
    near = selectors_nearby.all_around(
        codes, report.latitude, report.longitude, AROUND_M, since=since, without=report.pk
    )
    theirs = set(
        selectors.for_staff(user).filter(pk__in=[row.pk for row in near]).values_list("pk", flat=True)
    )
    return [
        Neighbour(
            row,
            distance_m(report.latitude, report.longitude, row.latitude, row.longitude),
            row.pk in theirs,
            row.category_id == report.category_id,
        )
        for row in near
        if row.pk in theirs or not row.is_private
    ]


def _group_of(report: Report) -> str:
    category = city.current().categories_by_id.get(report.category_id)
    return (category.parent_code or category.code) if category else ""


def _earlier(report: Report, found: Iterable[Neighbour]) -> list[Earlier]:
    """Of the same group, at this spot, told before this one; the latest first."""
    group = _group_of(report)
    here = [item for item in found if item.distance_m <= SPOT_M and _group_of(item.report) == group]
    told_at = sorted([*(item.report.created_at for item in here), report.created_at])
    before = [item for item in here if item.report.created_at < report.created_at]
    before.sort(key=lambda item: item.report.created_at, reverse=True)
    before = before[:SPOT_AT_MOST]
    words = _repairs([item.report.pk for item in before])
    return [_one(item, told_at, words) for item in before]


def _one(item: Neighbour, told_at: list[datetime], words: dict[int, str]) -> Earlier:
    resolved_at = (
        item.report.resolved_at if item.report.status in (workflow.RESOLVED, workflow.CLOSED) else None
    )
    again = next((at for at in told_at if resolved_at and at > resolved_at), None)
    how = words.get(item.report.pk, "") if resolved_at or item.report.status == workflow.REJECTED else ""
    return Earlier(
        item,
        how if item.is_theirs else privacy.mask(how),
        resolved_at,
        again - resolved_at if again else None,
    )


def _repairs(report_ids: list[int]) -> dict[int, str]:
    """Report id → what its office said last when it ended. One query."""
    if not report_ids:
        return {}
    ended = (workflow.RESOLVED, workflow.REJECTED)
    events = Event.objects.filter(
        report_id__in=report_ids, kind=Event.Kind.STATUS, to_status__in=ended, is_public=True
    )
    return dict(events.order_by("id").values_list("report_id", "text"))
