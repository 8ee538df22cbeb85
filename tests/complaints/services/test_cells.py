"""The counts on the map follow the reports."""

from collections import Counter

import pytest

from complaints.models import CellCount, Report
from complaints.services import cells, status
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


def counted():
    found = Counter()
    for row in CellCount.objects.all():
        found[row.resolution, row.state] += row.count
    return +found


def test_the_cells_follow_a_report_and_repeat_safely(assigned, officer):
    report = assigned()
    cells.refresh(report.pk)
    cells.refresh(report.pk)
    assert counted() == {(resolution, "new"): 1 for resolution in range(5, 10)}
    status.change_status(report.pk, "in_progress", actor=officer, now=NOW)
    cells.refresh(report.pk)
    assert counted() == {(resolution, "working"): 1 for resolution in range(5, 10)}
    Report.objects.filter(pk=report.pk).update(is_private=True)
    cells.refresh(report.pk)
    assert counted() == {}


def test_counts_that_have_drifted_stop_nothing(assigned):
    report = assigned()
    cells.refresh(report.pk)
    CellCount.objects.update(count=0)
    Report.objects.filter(pk=report.pk).update(is_private=True)
    cells.refresh(report.pk)
    assert counted() == {}


def test_rebuilding_gives_what_following_gave(make_report, assigned):
    reports = [make_report(), make_report(), make_report(is_private=True), assigned()]
    for report in reports:
        cells.refresh(report.pk)
    followed, marks = counted(), list(Report.objects.order_by("id").values_list("counted_as", flat=True))
    cells.rebuild()
    assert counted() == followed
    assert list(Report.objects.order_by("id").values_list("counted_as", flat=True)) == marks
