"""Counting public reports per H3 cell, so that the map of a million reports reads a few hundred rows."""

from collections import Counter

import h3.api.basic_int as h3
from django.db import connection, transaction
from django.db.models import BigIntegerField, CharField, Count, F, Value
from django.db.models.functions import Cast, Coalesce, Concat

from complaints.domain import workflow
from complaints.models import CellCount, Report

FINEST = 9
RESOLUTIONS = (5, 6, 7, 8, FINEST)

_INCREMENT = """
INSERT INTO complaints_cellcount (resolution, cell, category_id, department_id, area_id, state, count)
VALUES (%s, %s, %s, %s, %s, %s, 1)
ON CONFLICT (resolution, cell, category_id, department_id, area_id, state)
DO UPDATE SET count = complaints_cellcount.count + 1
"""


def counted_as(
    status: str, category_id: int, h3_r9: int, department_id: int | None, area_id: int, *, is_private: bool
) -> str:
    """What a report counts as: `state|category|cell|department|area`, or nothing while it is private or
    merged: an incident counts once, as its primary."""
    if is_private:
        return ""
    return f"{workflow.MAP_STATE[status]}|{category_id}|{h3_r9}|{department_id or 0}|{area_id}"


def _wanted(report: Report) -> str:
    return counted_as(
        report.status,
        report.category_id,
        report.h3_r9,
        report.department_id,
        report.area_id,
        is_private=report.is_private or report.merged_into_id is not None,
    )


def _rows(mark: str) -> list[tuple[int, int, int, int, int, str]]:
    """The counts that a mark stands for: resolution, cell, category, department, area, state."""
    state, category, cell, department, area = mark.split("|")
    return [
        (
            resolution,
            h3.cell_to_parent(int(cell), resolution),
            int(category),
            int(department),
            int(area) if resolution == FINEST else 0,
            state,
        )
        for resolution in RESOLUTIONS
    ]


@transaction.atomic
def refresh(report_id: int) -> None:
    """Bring the counts in line with one report. Safe to repeat: the report remembers what it counts as.

    Locks the report, then its cells from coarse to fine, so that two workers cannot wait for each other.
    """
    report = Report.objects.select_for_update(of=("self",)).get(pk=report_id)
    wanted = _wanted(report)
    if wanted == report.counted_as:
        return
    steps = [
        (*row, step) for mark, step in ((report.counted_as, -1), (wanted, 1)) if mark for row in _rows(mark)
    ]
    with connection.cursor() as cursor:
        for *row, step in sorted(steps):
            if step > 0:
                cursor.execute(_INCREMENT, row)
            else:
                _decrement(*row)
    Report.objects.filter(pk=report.pk).update(counted_as=wanted)


def _decrement(resolution, cell, category_id, department_id, area_id, state) -> None:
    # Never below nothing: counts that have drifted must not stop what else commits here.
    CellCount.objects.filter(
        resolution=resolution,
        cell=cell,
        category_id=category_id,
        department_id=department_id,
        area_id=area_id,
        state=state,
        count__gt=0,
    ).update(count=F("count") - 1)


@transaction.atomic
def rebuild(reports=Report, cell_counts=CellCount) -> int:
    """Count everything anew (after a bulk load); returns the number of rows written.

    Reports cannot be written meanwhile: one that came between counting and marking would be marked as
    counted and be missing for ever. SQLite has one writer anyway; PostgreSQL locks the table. A migration
    passes the models as they were.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE complaints_report IN SHARE ROW EXCLUSIVE MODE")
    cell_counts.objects.all().delete()
    counts = _count_all(reports)
    cell_counts.objects.bulk_create(
        (
            cell_counts(
                resolution=resolution,
                cell=cell,
                category_id=category_id,
                department_id=department_id,
                area_id=area_id,
                state=state,
                count=number,
            )
            for (resolution, cell, category_id, department_id, area_id, state), number in sorted(
                counts.items()
            )
        ),
        batch_size=2_000,
    )
    _mark_all(reports)
    return len(counts)


def _count_all(reports) -> Counter[tuple[int, int, int, int, int, str]]:
    counts: Counter[tuple[int, int, int, int, int, str]] = Counter()
    rows = (
        _public(reports)
        .order_by()
        .values_list("h3_r9", "category_id", "department_id", "area_id", "status")
        .annotate(number=Count("id"))
    )
    for cell, category_id, department_id, area_id, status, number in rows.iterator(chunk_size=10_000):
        mark = counted_as(status, category_id, cell, department_id, area_id, is_private=False)
        for row in _rows(mark):
            counts[row] += number
    return counts


def _public(reports):
    """What is counted; a migration from before there were incidents passes a model without them."""
    public = reports.objects.filter(is_private=False)
    return public.filter(merged_into=None) if _has_incidents(reports) else public


def _has_incidents(reports) -> bool:
    return any(field.name == "merged_into" for field in reports._meta.fields)


def _text(column: str):
    return Cast(Cast(column, BigIntegerField()), CharField())


def _mark_all(reports) -> None:
    reports.objects.filter(is_private=True).exclude(counted_as="").update(counted_as="")
    if _has_incidents(reports):
        reports.objects.exclude(merged_into=None).exclude(counted_as="").update(counted_as="")
    for status, state in workflow.MAP_STATE.items():
        wanted = Concat(
            Value(f"{state}|"),
            _text("category_id"),
            Value("|"),
            _text("h3_r9"),
            Value("|"),
            Cast(Coalesce("department_id", 0, output_field=BigIntegerField()), CharField()),
            Value("|"),
            _text("area_id"),
            output_field=CharField(),
        )
        # Only where it differs: writing every row of a large table anew takes minutes.
        public = _public(reports).filter(status=status)
        public.exclude(counted_as=wanted).update(counted_as=wanted)
