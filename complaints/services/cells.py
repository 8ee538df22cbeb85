"""Counting public reports per H3 cell, so that the map of a million reports reads a few hundred rows."""

from collections import Counter

import h3.api.basic_int as h3
from django.db import connection, transaction
from django.db.models import BigIntegerField, CharField, Count, F, Value
from django.db.models.functions import Cast, Concat

from complaints.domain import workflow
from complaints.models import CellCount, Report

RESOLUTIONS = (5, 6, 7, 8, 9)

_INCREMENT = """
INSERT INTO complaints_cellcount (resolution, cell, category_id, state, count) VALUES (%s, %s, %s, %s, 1)
ON CONFLICT (resolution, cell, category_id, state) DO UPDATE SET count = complaints_cellcount.count + 1
"""


def _wanted(report: Report) -> str:
    """What the report should be counted as: `state|category|cell`, or nothing while it is private."""
    if report.is_private:
        return ""
    return f"{workflow.MAP_STATE[report.status]}|{report.category_id}|{report.h3_r9}"


@transaction.atomic
def refresh(report_id: int) -> None:
    """Bring the counts in line with one report. Safe to repeat: the report remembers what it counts as.

    Locks the report, then its cells from coarse to fine, so that two workers cannot wait for each other.
    """
    report = Report.objects.select_for_update(of=("self",)).get(pk=report_id)
    wanted = _wanted(report)
    if wanted == report.counted_as:
        return
    steps = []
    for key, step in ((report.counted_as, -1), (wanted, 1)):
        if key:
            state, category_id, cell = key.split("|")
            steps += [
                (resolution, h3.cell_to_parent(int(cell), resolution), int(category_id), state, step)
                for resolution in RESOLUTIONS
            ]
    with connection.cursor() as cursor:
        for resolution, cell, category_id, state, step in sorted(steps):
            if step > 0:
                cursor.execute(_INCREMENT, [resolution, cell, category_id, state])
            else:
                # Never below nothing: counts that have drifted must not stop what else commits here.
                CellCount.objects.filter(
                    resolution=resolution, cell=cell, category_id=category_id, state=state, count__gt=0
                ).update(count=F("count") - 1)
    Report.objects.filter(pk=report.pk).update(counted_as=wanted)


@transaction.atomic
def rebuild() -> int:
    """Count everything anew (after a bulk load); returns the number of rows written.

    Reports cannot be written meanwhile: one that came between counting and marking would be marked as
    counted and be missing for ever. SQLite has one writer anyway; PostgreSQL locks the table.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE complaints_report IN SHARE ROW EXCLUSIVE MODE")
    CellCount.objects.all().delete()
    counts: Counter[tuple[int, int, int, str]] = Counter()
    rows = (
        Report.objects.filter(is_private=False)
        .order_by()
        .values_list("h3_r9", "category_id", "status")
        .annotate(number=Count("id"))
    )
    for cell, category_id, status, number in rows.iterator(chunk_size=10_000):
        for resolution in RESOLUTIONS:
            parent = h3.cell_to_parent(cell, resolution)
            counts[resolution, parent, category_id, workflow.MAP_STATE[status]] += number
    CellCount.objects.bulk_create(
        (
            CellCount(resolution=resolution, cell=cell, category_id=category_id, state=state, count=number)
            for (resolution, cell, category_id, state), number in sorted(counts.items())
        ),
        batch_size=2_000,
    )
    Report.objects.filter(is_private=True).exclude(counted_as="").update(counted_as="")
    for status, state in workflow.MAP_STATE.items():
        wanted = Concat(
            Value(f"{state}|"),
            Cast("category_id", CharField()),
            Value("|"),
            Cast(Cast("h3_r9", BigIntegerField()), CharField()),
            output_field=CharField(),
        )
        # Only where it differs: writing every row of a large table anew takes minutes.
        public = Report.objects.filter(is_private=False, status=status)
        public.exclude(counted_as=wanted).update(counted_as=wanted)
    return len(counts)
