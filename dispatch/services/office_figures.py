"""Counting what the head of a department reads: the last quarter week by week, and the load of today.

All reports, private ones too: these pages are for staff. A report counts for the department that has it now;
a first decision counts for the department that it named.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, Value, When
from django.utils import timezone

from complaints import selectors
from complaints.domain import figures, workflow
from complaints.models import Event, Report
from complaints.services.place_figures import WholeHours
from dispatch.models import OfficeWeek, RoutingDecision
from dispatch.services import worklist

WEEKS = 13
_WEEK = timedelta(days=7)
# A report is reopened within days of being resolved; older ones than this are not looked through.
_REOPENED_FROM = timedelta(days=365)
_SLOW_PERCENT = 90


@dataclass
class _Tally:
    """What was counted of one department in one week."""

    numbers: Counter = field(default_factory=Counter)
    hours: Counter = field(default_factory=Counter)

    def as_json(self) -> dict:
        """As it stands in OfficeWeek.numbers; hours are None below figures.TOO_FEW reports."""
        return {
            **{name: self.numbers[name] for name in NUMBERS},
            "median_hours": figures.median(self.hours),
            "slow_hours": figures.percentile(self.hours, _SLOW_PERCENT),
        }


# `kept` of `promised` resolved in time; `right` of `decided` first decisions that nobody had to correct.
NUMBERS = ("received", "resolved", "promised", "kept", "reopened", "decided", "right")


def refresh(now: datetime) -> int:
    """Count every department's last WEEKS weeks anew; returns how many rows. Four reads, no locks."""
    mondays = weeks(now)
    tallies: dict[tuple[int, int], _Tally] = defaultdict(_Tally)
    starts = [_midnight(monday) for monday in mondays]
    for counted in (_received, _resolved, _reopened, _decided):
        for department_id, week, numbers, hours in counted(starts):
            tally = tallies[department_id, week]
            tally.numbers.update(numbers)
            tally.hours.update(hours)
    rows = [
        OfficeWeek(department_id=pk, monday=mondays[week], as_of=now, numbers=tally.as_json())
        for (pk, week), tally in tallies.items()
    ]
    with transaction.atomic():
        OfficeWeek.objects.bulk_create(
            rows,
            batch_size=500,
            update_conflicts=True,
            unique_fields=["department", "monday"],
            update_fields=["as_of", "numbers"],
        )
        OfficeWeek.objects.filter(as_of__lt=now).delete()
    return len(rows)


def weeks(now: datetime) -> list[date]:
    """The Mondays of the last WEEKS weeks, the current one last, in the city's time."""
    today = timezone.localdate(now)
    monday = today - timedelta(days=today.weekday())
    return [monday - back * _WEEK for back in range(WEEKS - 1, -1, -1)]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


_Rows = Iterator[tuple[int, int, dict[str, int], dict[int, int]]]


def _week_of(column: str, starts: list[datetime]) -> Case:
    whens = [
        When(**{f"{column}__gte": start}, then=Value(n)) for n, start in reversed(list(enumerate(starts)))
    ]
    return Case(*whens, output_field=IntegerField())


def _received(starts: list[datetime]) -> _Rows:
    rows = (
        Report.objects.filter(created_at__gte=starts[0], department__isnull=False)
        .order_by()
        .annotate(week=_week_of("created_at", starts))
        .values_list("department_id", "week")
        .annotate(number=Count("*"))
    )
    for department_id, week, number in rows:
        yield department_id, week, {"received": number}, {}


def _resolved(starts: list[datetime]) -> _Rows:
    done = Report.objects.filter(
        status__in=(workflow.RESOLVED, workflow.CLOSED),
        resolved_at__gte=starts[0],
        department__isnull=False,
    )
    rows = (
        done.order_by()
        .annotate(week=_week_of("resolved_at", starts), hours=WholeHours("resolved_at", "created_at"))
        .values_list("department_id", "week", "hours")
        .annotate(
            number=Count("*"),
            promised=Count("id", filter=Q(due_at__isnull=False)),
            kept=Count("id", filter=Q(resolved_at__lte=F("due_at"))),
        )
    )
    for department_id, week, hours, number, promised, kept in rows:
        numbers = {"resolved": number, "promised": promised, "kept": kept}
        yield department_id, week, numbers, {max(0, hours): number}


def _reopened(starts: list[datetime]) -> _Rows:
    rows = (
        Event.objects.filter(
            kind=Event.Kind.REOPENED,
            to_status=Report.Status.REOPENED,  # not what was said of its primary while merged
            at__gte=starts[0],
            report__reopen_count__gt=0,
            report__created_at__gte=starts[0] - _REOPENED_FROM,
            report__department__isnull=False,
        )
        .order_by()
        .annotate(week=_week_of("at", starts))
        .values_list("report__department_id", "week")
        .annotate(number=Count("*"))
    )
    for department_id, week, number in rows:
        yield department_id, week, {"reopened": number}, {}


def _decided(starts: list[datetime]) -> _Rows:
    """The first decision of each report, and whether the report later went to another department."""
    others = RoutingDecision.objects.filter(report=OuterRef("report"))
    rows = (
        RoutingDecision.objects.filter(decided_at__gte=starts[0], department__isnull=False)
        .exclude(rule_code="")
        .exclude(Exists(others.filter(pk__lt=OuterRef("pk"))))
        .order_by()
        .annotate(
            week=_week_of("decided_at", starts),
            is_corrected=Exists(
                others.filter(pk__gt=OuterRef("pk")).exclude(department=OuterRef("department"))
            ),
        )
        .values_list("department_id", "week")
        .annotate(number=Count("pk"), right=Count("pk", filter=Q(is_corrected=False)))
    )
    for department_id, week, number, right in rows:
        yield department_id, week, {"decided": number, "right": right}, {}


def of(department_id: int) -> list[OfficeWeek]:
    """A department's counted weeks, oldest first; weeks in which nothing happened are missing. One query."""
    return list(OfficeWeek.objects.filter(department_id=department_id).order_by("monday"))


@dataclass(frozen=True, slots=True)
class Load:
    """What lies with the department now: a number per card, and per handler (open, overdue)."""

    numbers: dict[str, int]
    handlers: list[tuple[int | None, int, int]]  # user id or None, the most open first


def load(user, department_id: int, *, now: datetime) -> Load:
    """The department's open work as this person may see it, the same as its lists show. Three queries."""
    current = selectors.for_staff(user).filter(department_id=department_id)
    seen = current.filter(Q(is_open=True) | Q(status=workflow.RESOLVED)).order_by()
    numbers = seen.aggregate(
        open=Count("id", filter=Q(is_open=True)),
        **{
            name: Count("id", filter=_wanted(wanted, now))
            for name, wanted in worklist.CARDS
            if name not in _NOT_SHOWN
        },
    )
    rows = (
        current.filter(is_open=True)
        .order_by()
        .values_list("assignee_id")
        .annotate(number=Count("id"), late=Count("id", filter=worklist.due(worklist.OVERDUE, now)))
        .order_by("-number", "assignee_id")
    )
    return Load(numbers, list(rows))


_NOT_SHOWN = frozenset({workflow.TRIAGE})


def _wanted(wanted: dict[str, str], now: datetime) -> Q:
    return worklist.due(wanted["due"], now) if "due" in wanted else worklist.in_state(wanted["state"])
