"""The weeks of a department are counted exactly, and its load is what its lists show."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from city.models import Department
from complaints.domain import workflow
from complaints.domain.actor import Actor
from complaints.models import Event, Report
from dispatch.models import OfficeWeek
from dispatch.services import casework, office_figures
from dispatch.services import route as routing
from tests.conftest import NOW

pytestmark = pytest.mark.django_db

WEEK = timedelta(days=7)


@pytest.fixture
def dpu(db):
    return Department.objects.get(code="DPU")


@pytest.fixture
def filed(make_report, route):
    """A routed report of DPU, filed at a moment."""
    return lambda at=NOW, **changes: route(make_report(now=at, **changes), at)


def resolve(report: Report, *, at, late: bool = False):
    """Resolved at a moment, before or after its promise."""
    due_at = at - timedelta(hours=1) if late else at + timedelta(hours=1)
    Report.objects.filter(pk=report.pk).update(
        status=workflow.RESOLVED, is_open=False, resolved_at=at, status_since=at, due_at=due_at
    )


def numbers(department, monday) -> dict:
    return OfficeWeek.objects.get(department=department, monday=monday).numbers


@pytest.mark.parametrize(
    ("moment_days", "monday"),
    [(0, date(2026, 9, 14)), (-2, date(2026, 9, 7)), (5, date(2026, 9, 14)), (6, date(2026, 9, 21))],
)
def test_a_week_begins_on_monday_in_the_citys_time(moment_days, monday):
    mondays = office_figures.weeks(NOW + timedelta(days=moment_days))
    assert mondays[-1] == monday
    assert len(mondays) == office_figures.WEEKS
    assert {later - earlier for earlier, later in pairwise(mondays)} == {WEEK}


def test_every_number_of_a_week(filed, dpu):
    monday = office_figures.weeks(NOW)[-1]
    reports = [filed(NOW - WEEK) for _ in range(6)]
    for hours, report in zip((1, 2, 3, 4, 5), reports, strict=False):
        resolve(report, at=report.created_at + WEEK + timedelta(hours=hours), late=hours == 5)
    office_figures.refresh(NOW + timedelta(hours=6))
    assert numbers(dpu, monday - WEEK) == {
        "received": 6,
        "resolved": 0,
        "promised": 0,
        "kept": 0,
        "reopened": 0,
        "decided": 6,
        "right": 6,
        "median_hours": None,
        "slow_hours": None,
    }
    this_week = numbers(dpu, monday)
    assert (this_week["resolved"], this_week["promised"], this_week["kept"]) == (5, 5, 4)
    assert (this_week["median_hours"], this_week["slow_hours"]) == (7 * 24 + 3, 7 * 24 + 5)
    assert (this_week["received"], this_week["decided"]) == (0, 0)


def test_a_correction_counts_against_the_department_first_named(filed, dpu, staff):
    officer = staff("handler", "DPU")
    other = Department.objects.get(code="DISPERKIM")
    wrong, _right = filed(), filed()
    actor = Actor("staff", officer.pk, officer.department_id)
    routing.hand_over(wrong.pk, reason="Bukan kami.", target_department_id=other.pk, actor=actor, now=NOW)
    office_figures.refresh(NOW)
    monday = office_figures.weeks(NOW)[-1]
    assert (numbers(dpu, monday)["decided"], numbers(dpu, monday)["right"]) == (2, 1)
    assert (numbers(dpu, monday)["received"], numbers(other, monday)["received"]) == (1, 1)
    assert numbers(other, monday)["decided"] == 0


def test_reopened_counts_when_it_happened(filed, dpu):
    report = filed(NOW - 3 * WEEK)
    Report.objects.filter(pk=report.pk).update(reopen_count=1)
    said = {"report": report, "kind": Event.Kind.REOPENED, "at": NOW - WEEK, "actor_kind": "reporter"}
    Event.objects.create(**said, to_status="reopened")
    Event.objects.create(**said)  # of its primary, while it was merged
    office_figures.refresh(NOW)
    assert numbers(dpu, office_figures.weeks(NOW)[-2])["reopened"] == 1
    assert numbers(dpu, office_figures.weeks(NOW)[-4])["reopened"] == 0


def test_counting_again_changes_nothing_and_forgets_old_weeks(filed, dpu):
    filed()
    first = office_figures.refresh(NOW)
    rows = list(OfficeWeek.objects.values("department", "monday", "numbers"))
    assert office_figures.refresh(NOW + timedelta(minutes=1)) == first == len(rows)
    assert list(OfficeWeek.objects.values("department", "monday", "numbers")) == rows
    office_figures.refresh(NOW + (office_figures.WEEKS + 1) * WEEK)
    assert not OfficeWeek.objects.exists()


def test_counting_reads_as_often_for_many_as_for_few(filed, django_assert_num_queries):
    filed()
    # four reads, then in one transaction the rows and what is past
    with django_assert_num_queries(8):
        office_figures.refresh(NOW)
    for back in range(5):
        filed(NOW - back * WEEK)
    with django_assert_num_queries(8):
        office_figures.refresh(NOW + timedelta(minutes=1))


def test_the_load_is_what_the_lists_show(filed, dpu, staff, django_assert_num_queries):
    head, officer = staff("department_admin", "DPU"), staff("handler", "DPU")
    late, taken, done = filed(), filed(), filed()
    Report.objects.filter(pk=late.pk).update(due_at=NOW - timedelta(hours=1))
    casework.take_step(officer, taken.pk, "take", casework.Details(), now=NOW, expected_version=taken.version)
    resolve(done, at=NOW)
    with django_assert_num_queries(3):
        load = office_figures.load(head, dpu.pk, now=NOW)
    assert load.numbers["open"] == 2
    assert (load.numbers["overdue"], load.numbers["resolved"]) == (1, 1)
    assert sorted(load.handlers, key=str) == sorted([(None, 1, 1), (officer.pk, 1, 0)], key=str)


def test_another_departments_load_is_empty_for_who_may_not_see_it(filed, dpu, staff):
    filed()
    assert office_figures.load(staff("department_admin", "DISPERKIM"), dpu.pk, now=NOW).numbers["open"] == 0
