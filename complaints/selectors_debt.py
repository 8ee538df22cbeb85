"""The public debt register: works that were promised for a date, because they need a budget first."""

from datetime import date

from django.db import connection
from django.db.models import BigIntegerField, F, Func, Q, QuerySet

from city import snapshot as city
from complaints import selectors
from complaints.models import Report


def debts(*, area: str = "", department: str = "") -> QuerySet[Report]:
    """Public scheduled reports, the earliest date first; codes of a place or an owner narrow them."""
    # Written out: SQLite takes a partial index only for a condition it can read when it plans.
    reports = selectors.public_reports().extra(where=["complaints_report.status = 'scheduled'"])
    snap = city.current()
    if area:
        ids = [item.id for item in snap.areas.values() if area in (item.code, item.parent_code)]
        reports = _narrow(reports, "area_id", ids)
    if department:
        reports = _narrow(reports, "department_id", [snap.departments[department].id])
    return reports.filter(scheduled_for__isnull=False).order_by("scheduled_for", "id")


def _narrow(reports: QuerySet[Report], column: str, ids: list[int]) -> QuerySet[Report]:
    """A plus before the column keeps SQLite from reading all that a place or an office ever had, instead of
    the register's own index (sqlite.org/optoverview, 2.1). PostgreSQL knows how many there are."""
    if connection.vendor != "sqlite":
        return reports.filter(**{f"{column}__in": ids})
    plain = Func(F(column), template="+%(expressions)s", output_field=BigIntegerField())
    return reports.alias(**{f"plain_{column}": plain}).filter(**{f"plain_{column}__in": ids})


def after(reports: QuerySet[Report], cursor: str) -> QuerySet[Report]:
    """The register beyond a cursor `<date>.<id>`; all of it for a broken one."""
    day_text, dot, pk = cursor.partition(".")
    if not (dot and pk.isascii() and pk.isdigit() and len(pk) <= 18):
        return reports
    try:
        day = date.fromisoformat(day_text)
    except ValueError:
        return reports
    beyond = Q(scheduled_for__gt=day) | Q(scheduled_for=day, id__gt=int(pk))
    return reports.filter(beyond, scheduled_for__gte=day)


def cursor_of(report: Report) -> str:
    return f"{report.scheduled_for.isoformat()}.{report.pk}"
