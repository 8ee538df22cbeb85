"""The cases of a list one after the other: which comes after this one, which before it.

By the values that the list is ordered by, as they stood when the case was opened, and not by a number: a case
that is done leaves the list, and everything behind it would move up by one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, Q, QuerySet

from complaints.domain import workflow
from complaints.models import Report
from dispatch.domain import queue_query
from dispatch.services import worklist


@dataclass(frozen=True, slots=True)
class Column:
    """One part of an order: the way the list runs, and where it puts what has no value."""

    name: str
    is_ascending: bool = True
    nulls_first: bool = False

    def sort(self, is_forward: bool):
        field = F(self.name)
        at_start = {"nulls_first": True} if self.nulls_first == is_forward else {"nulls_last": True}
        return field.asc(**at_start) if self.is_ascending == is_forward else field.desc(**at_start)

    def equal(self, value) -> Q:
        return Q(**{self.name: value}) if value is not None else Q(**{f"{self.name}__isnull": True})

    def beyond(self, value, is_forward: bool) -> Q:
        """What comes strictly after `value` for whoever walks this way."""
        nulls_at_start = self.nulls_first == is_forward
        if value is None:
            return Q(**{f"{self.name}__isnull": False}) if nulls_at_start else Q(pk__in=())
        word = "gt" if self.is_ascending == is_forward else "lt"
        found = Q(**{f"{self.name}__{word}": value})
        return found if nulls_at_start else found | Q(**{f"{self.name}__isnull": True})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a report stands in every order of the queue."""

    id: int
    is_paused: bool
    unsafe_by: datetime | None
    planned_for: date | None
    due_at: datetime | None
    created_at: datetime
    updated_at: datetime
    severity: int


def place_of(report: Report) -> Place:
    is_scheduled = report.status == workflow.SCHEDULED
    return Place(
        id=report.pk,
        is_paused=report.status in worklist.PAUSED,
        unsafe_by=report.make_safe_due_at if worklist.is_unsafe(report) else None,
        planned_for=report.scheduled_for if is_scheduled else None,
        due_at=report.due_at,
        created_at=report.created_at,
        updated_at=report.updated_at,
        severity=report.severity,
    )


_ID = Column("id")
_DUE = (Column("due_at"), _ID)
_UNSAFE = (Column("unsafe_by"), _ID)
_PLANNED = (Column("planned_for", nulls_first=True), *_DUE)
_BY = {
    "terbaru": (Column("created_at", is_ascending=False), Column("id", is_ascending=False)),
    "terlama": (Column("created_at"), _ID),
    "perubahan": (Column("updated_at", is_ascending=False), Column("id", is_ascending=False)),
}
_SEVEREST = Column("severity", is_ascending=False)
_PAUSED = Q(status__in=worklist.PAUSED)


def neighbour(reports: QuerySet[Report], place: Place, order: str, *, is_forward: bool) -> int | None:
    """The id of the report that stands next in `order` (one of queue_query.ORDERS), or before; None at the
    end. A few small queries, each along an index where the order has one."""
    reports = reports.exclude(pk=place.id)
    for part, columns in _parts(reports, place, order, is_forward):
        found = part.order_by(*(column.sort(is_forward) for column in columns))
        if (pk := found.values_list("pk", flat=True).first()) is not None:
            return pk
    return None


_Parts = Iterator[tuple[QuerySet[Report], tuple[Column, ...]]]


def _parts(reports: QuerySet[Report], place: Place, order: str, is_forward: bool) -> _Parts:
    """Where to look, in this order: each part of the list with the columns that order it."""
    if order == queue_query.SEVEREST:
        same = reports.filter(severity=place.severity)
        yield from _by_promise(same, place, is_forward)
        rest = reports.filter(_SEVEREST.beyond(place.severity, is_forward))
        level = rest.order_by(_SEVEREST.sort(is_forward)).values_list("severity", flat=True).first()
        if level is not None:
            yield from _groups(rest.filter(severity=level), is_forward)
    elif order in _BY:
        yield reports.filter(_beyond(place, _BY[order], is_forward)), _BY[order]
    else:
        yield from _by_promise(reports, place, is_forward)


def _groups(reports: QuerySet[Report], is_forward: bool) -> list:
    """The stretches of the order by promise: danger, running with a date, running without one, paused."""
    running = reports.exclude(_PAUSED)
    paused = reports.filter(_PAUSED).alias(planned_for=worklist.planned_for())
    groups = [
        (reports.filter(worklist.UNSAFE).alias(unsafe_by=F("make_safe_due_at")), _UNSAFE),
        (running.filter(due_at__isnull=False), _DUE),
        (running.filter(worklist.NOT_UNSAFE, due_at__isnull=True), (_ID,)),
        (paused, _PLANNED),
    ]
    return groups if is_forward else groups[::-1]


def _group_of(place: Place) -> int:
    if place.is_paused:
        return 3
    if place.unsafe_by is not None:
        return 0
    return 1 if place.due_at is not None else 2


def _by_promise(reports: QuerySet[Report], place: Place, is_forward: bool) -> _Parts:
    groups, own = _groups(reports, is_forward), _group_of(place)
    start = own if is_forward else len(groups) - 1 - own
    part, columns = groups[start]
    yield part.filter(_beyond(place, columns, is_forward)), columns
    yield from groups[start + 1 :]


def _beyond(place: Place, columns: tuple[Column, ...], is_forward: bool) -> Q:
    """Strictly after the place: more in one column while all before it are equal."""
    found, equal = Q(pk__in=()), Q()
    for column in columns:
        value = getattr(place, column.name)
        found |= equal & column.beyond(value, is_forward)
        equal &= column.equal(value)
    return found
