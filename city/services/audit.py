"""The record of who came in, looked, exported and changed what. Append-only (`city.triggers`)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from city import triggers
from city.models import AuditEvent, User

Kind = AuditEvent.Kind
_SWEEP_AT_ONCE = 5_000
_EXPORT_AT_ONCE = 1_000


def record(
    kind: str,
    *,
    now: datetime,
    actor: User | None = None,
    address: str = "",
    object_kind: str = "",
    object_key: str | int = "",
    object_name: str = "",
    detail: Mapping | None = None,
) -> AuditEvent:
    """Write one line; run it in the transaction of what it records, so that neither is without the other.

    `actor` None: nobody known, or the command line. `address`: the whole network address.
    """
    return AuditEvent.objects.create(
        at=now,
        kind=kind,
        actor=actor,
        address=address[:45],
        object_kind=object_kind,
        object_key=str(object_key),
        object_name=object_name[:200],
        detail=dict(detail or {}),
    )


def about(user: User) -> dict[str, str]:
    """The arguments of `record` that name an account."""
    return {"object_kind": "city.user", "object_key": str(user.pk), "object_name": user.get_username()}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the record is narrowed by; `start` and `end` are moments, `names` writings of one object."""

    username: str = ""
    kind: str = ""
    start: datetime | None = None
    end: datetime | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """After which line a page goes on, backwards in time."""

    at: datetime
    id: int


def lines(filters: Filters, after: Place | None = None) -> QuerySet[AuditEvent]:
    """The record, newest first, from just after a line. A page costs the same wherever it lies."""
    rows = AuditEvent.objects.order_by("-at", "-id").select_related("actor")
    if filters.username:
        rows = rows.filter(actor__in=list(User.objects.filter(username=filters.username)))
    if filters.kind:
        rows = rows.filter(kind=filters.kind)
    if filters.names:
        rows = rows.filter(object_name__in=filters.names)
    if filters.start:
        rows = rows.filter(at__gte=filters.start)
    if filters.end:
        rows = rows.filter(at__lt=filters.end)
    if after:
        rows = rows.filter(Q(at__lt=after.at) | Q(id__lt=after.id), at__lte=after.at)
    return rows


def every_line(filters: Filters) -> Iterator[AuditEvent]:
    """All lines in pages of their own, so that no long query holds a connection while somebody downloads."""
    after = None
    while True:
        page = list(lines(filters, after)[:_EXPORT_AT_ONCE])
        yield from page
        if len(page) < _EXPORT_AT_ONCE:
            return
        after = Place(page[-1].at, page[-1].id)


def sweep(*, now: datetime) -> int:
    """Delete what is older than `triggers.KEPT_DAYS`, looks at identities excepted; returns how many went."""
    # A day later than the trigger allows: the database has a clock of its own.
    limit = now - timedelta(days=triggers.KEPT_DAYS + 1)
    old = AuditEvent.objects.filter(at__lt=limit).exclude(kind=triggers.KEPT_FOR_GOOD).order_by("at")
    keys = list(old.values_list("pk", flat=True)[:_SWEEP_AT_ONCE])
    return AuditEvent.objects.filter(pk__in=keys).delete()[0]
