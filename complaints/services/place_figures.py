"""Counting what the pages about kelurahan, kecamatan and departments say, for all of them in one pass.

Public reports only: a place's figures equal what its list and map show, and no count tells of a hidden
report. The last twelve months, except what is open now.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, Count, Func, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from city import snapshot as city
from complaints import selectors
from complaints.domain import figures, workflow
from complaints.models import Photo, PlaceFigures, Report

YEAR = timedelta(days=365)
MONTHS = 12
REPAIRS_SHOWN = 3
# Among so many of the newest photos of repairs each place's latest are looked for.
_PHOTOS_LOOKED_AT = 10_000
_DONE = (workflow.RESOLVED, workflow.CLOSED)
_PAUSED = (workflow.WAITING, workflow.SCHEDULED)


class WholeHours(Func):
    """The whole hours from the second moment to the first."""

    output_field = IntegerField()

    def as_sqlite(self, compiler, connection, **extra):
        # A double holds a Julian day to 40 µs; the addition keeps full hours full.
        template = "CAST((julianday(%(expressions)s)) * 24 + 0.0001 AS INTEGER)"
        return self.as_sql(compiler, connection, template=template, arg_joiner=") - julianday(", **extra)

    def as_postgresql(self, compiler, connection, **extra):
        template = "FLOOR(EXTRACT(EPOCH FROM (%(expressions)s)) / 3600)::integer"
        return self.as_sql(compiler, connection, template=template, arg_joiner=" - ", **extra)


@dataclass
class _Tally:
    """What was counted of one place."""

    numbers: Counter = field(default_factory=Counter)
    resolve_hours: Counter = field(default_factory=Counter)
    response_hours: Counter = field(default_factory=Counter)
    reported: Counter = field(default_factory=Counter)  # month → reports
    resolved: Counter = field(default_factory=Counter)
    repairs: list[int] = field(default_factory=list)

    def as_json(self, months: list[datetime]) -> dict[str, Any]:
        """As it stands in PlaceFigures.numbers."""
        return {
            **{name: self.numbers[name] for name in _NUMBERS},
            "resolve_hours": figures.median(self.resolve_hours),
            "resolve_n": self.resolve_hours.total(),
            "response_hours": figures.median(self.response_hours),
            "response_n": self.response_hours.total(),
            "months": [
                [timezone.localtime(month).strftime("%Y-%m"), self.reported[n], self.resolved[n]]
                for n, month in enumerate(months)
            ],
            "repairs": self.repairs,
        }


_NUMBERS = ("open", "late", "scheduled", "finished", "reopened", "confirmed", "unconfirmed")


def refresh(now: datetime) -> int:
    """Count all places anew; returns how many. Reads the reports' table a few times, locks nothing; two at
    once do no harm."""
    months = _months(now)
    tallies: dict[tuple[str, int], _Tally] = defaultdict(_Tally)
    _count_numbers(tallies, now)
    _count_hours(tallies, now)
    _count_months(tallies, months)
    _find_repairs(tallies)
    rows = [
        PlaceFigures(kind=kind, place_id=place_id, as_of=now, numbers=tallies[kind, place_id].as_json(months))
        for kind, place_id in _places()
    ]
    with transaction.atomic():
        PlaceFigures.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["kind", "place_id"],
            update_fields=["as_of", "numbers"],
        )
        PlaceFigures.objects.filter(as_of__lt=now).delete()  # places that are no more
    return len(rows)


def of(kind: str, place_id: int) -> PlaceFigures | None:
    """A place's figures; None before the first count."""
    return PlaceFigures.objects.filter(kind=kind, place_id=place_id).first()


def _places() -> list[tuple[str, int]]:
    snap = city.current()
    areas = [
        (PlaceFigures.Kind.AREA.value, area.id) for area in snap.areas.values() if area.level != "neighbour"
    ]
    return areas + [(PlaceFigures.Kind.DEPARTMENT.value, pk) for pk in snap.departments_by_id]


def _months(now: datetime) -> list[datetime]:
    """The beginnings of the twelve months that end with the current one, in the city's time."""
    first = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    months = []
    for back in range(MONTHS - 1, -1, -1):
        year, month = divmod(first.year * 12 + first.month - 1 - back, 12)
        months.append(first.replace(year=year, month=month + 1))
    return months


def _owners(area_id: int, department_id: int | None) -> list[tuple[str, int]]:
    """The places a report counts for: its kelurahan, what that lies in, and its department."""
    snap, found = city.current(), []
    area = snap.areas_by_id.get(area_id)
    while area is not None:
        found.append((PlaceFigures.Kind.AREA.value, area.id))
        area = snap.areas.get(area.parent_code) if area.parent_code else None
    if department_id:
        found.append((PlaceFigures.Kind.DEPARTMENT.value, department_id))
    return found


def _grouped(reports: QuerySet[Report], *columns: str, **counts):
    # Not through a server's cursor: PostgreSQL plans those for their first rows, at ten times the cost.
    rows = reports.order_by().values_list("area_id", "department_id", *columns)
    return rows.annotate(**(counts or {"number": Count("*")}))


def _count_numbers(tallies, now: datetime) -> None:
    public, since = selectors.public_reports(), now - YEAR
    is_late = Q(due_at__lt=now) & ~Q(status__in=_PAUSED)
    is_answered = Q(status__in=_DONE) | Q(reopen_count__gt=0)
    passes = (
        (
            public.filter(is_open=True),
            {
                "open": Count("*"),
                "late": Count("id", filter=is_late),
                "scheduled": Count("id", filter=Q(status=workflow.SCHEDULED)),
            },
        ),
        (
            public.filter(created_at__gte=since),
            {
                "finished": Count("id", filter=is_answered),
                "reopened": Count("id", filter=Q(reopen_count__gt=0)),
            },
        ),
        (
            public.filter(status=workflow.CLOSED, closed_at__gte=since),
            {
                "confirmed": Count("id", filter=Q(closure=Report.Closure.CONFIRMED)),
                "unconfirmed": Count("id", filter=Q(closure=Report.Closure.UNCONFIRMED)),
            },
        ),
    )
    for reports, counts in passes:
        for area_id, department_id, *numbers in _grouped(reports, **counts):
            for owner in _owners(area_id, department_id):
                tallies[owner].numbers.update(dict(zip(counts, numbers, strict=True)))


def _count_hours(tallies, now: datetime) -> None:
    public, since = selectors.public_reports(), now - YEAR
    resolved = public.filter(status__in=_DONE, resolved_at__gte=since)
    answered = public.filter(created_at__gte=since, acknowledged_at__isnull=False)
    for reports, name, end in (
        (resolved, "resolve_hours", "resolved_at"),
        (answered, "response_hours", "acknowledged_at"),
    ):
        rows = _grouped(reports.annotate(hours=WholeHours(end, "created_at")), "hours")
        for area_id, department_id, hours, number in rows:
            for owner in _owners(area_id, department_id):
                getattr(tallies[owner], name)[max(0, hours)] += number


def _count_months(tallies, months: list[datetime]) -> None:
    public = selectors.public_reports()
    for name, column in (("reported", "created_at"), ("resolved", "resolved_at")):
        whens = [
            When(**{f"{column}__gte": month}, then=Value(n)) for n, month in reversed(list(enumerate(months)))
        ]
        dated = public.filter(**{f"{column}__gte": months[0]})
        dated = dated.annotate(month=Case(*whens, output_field=IntegerField()))
        for area_id, department_id, month, number in _grouped(dated, "month"):
            for owner in _owners(area_id, department_id):
                getattr(tallies[owner], name)[month] += number


def _find_repairs(tallies) -> None:
    """Each place's newest finished reports that have a photo of the repair."""
    newest = (
        Photo.objects.filter(kind=Photo.Kind.REPAIR, state=Photo.State.READY)
        .order_by("-id")
        .values_list("report_id", flat=True)[:_PHOTOS_LOOKED_AT]
    )
    ids = list(dict.fromkeys(newest))
    places = {}
    for start in range(0, len(ids), 500):
        found = selectors.public_reports().filter(pk__in=ids[start : start + 500], status__in=_DONE)
        places |= {pk: rest for pk, *rest in found.values_list("id", "area_id", "department_id")}
    for pk in ids:
        for owner in _owners(*places[pk]) if pk in places else ():
            if len(tallies[owner].repairs) < REPAIRS_SHOWN:
                tallies[owner].repairs.append(pk)
