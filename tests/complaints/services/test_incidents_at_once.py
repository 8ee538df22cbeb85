"""Two people, or two workers, at the same reports at once: one winner, a clear conflict, no chain."""

import threading

import pytest
from django.db import connection

from complaints import errors
from complaints.domain.actor import PORTAL
from complaints.models import Merge, Report
from complaints.services import incidents
from complaints.services.status import change_status
from dispatch.services import joining
from dispatch.services.route import route_report
from tests.conftest import NOW

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def routed(committed_city, draft):
    from complaints.services.submit import submit_report

    def make(**changes):
        report = submit_report(draft(**changes), now=NOW).report
        route_report(report.pk, now=NOW)
        report.refresh_from_db()
        return report

    return make


def at_once(*acts) -> list:
    """Run each in a thread of its own; what each returned or was refused with."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(n, act):
        try:
            barrier.wait()
            results[n] = act()
        except errors.DomainError as error:
            results[n] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive(), "they wait for each other"
    return results


def merge(report, primary):
    return lambda: incidents.merge_reports(
        report.pk, primary.pk, actor=PORTAL, now=NOW, expected_version=report.version
    )


def test_into_two_incidents_at_once(routed):
    report, one, other = routed(), routed(), routed()
    results = at_once(merge(report, one), merge(report, other))
    assert sorted(type(item).__name__ for item in results) == ["Conflict", "Merge"]
    assert Merge.objects.filter(undone_at=None).count() == 1


def test_each_into_the_other(routed):
    one, other = routed(), routed()
    results = at_once(merge(one, other), merge(other, one))
    assert sum(isinstance(item, Merge) for item in results) == 1
    assert sum(isinstance(item, errors.Conflict | errors.CannotMerge) for item in results) == 1
    assert Report.objects.exclude(merged_into=None).count() == 1


def test_merging_and_another_step(routed):
    report, primary = routed(), routed()

    def step():
        return change_status(report.pk, "in_progress", actor=PORTAL, now=NOW, expected_version=report.version)

    results = at_once(merge(report, primary), step)
    refused = [item for item in results if isinstance(item, errors.DomainError)]
    assert len(refused) == 1
    assert refused[0].code in ("conflict", "part_of_incident")
    report.refresh_from_db()
    merged = report.merged_into_id is not None
    assert (report.status, report.is_open) == (("assigned", False) if merged else ("in_progress", True))


def test_undone_twice_at_once(routed):
    report, primary = routed(), routed()
    merge(report, primary)()
    report.refresh_from_db()

    def undo():
        return incidents.unmerge_report(report.pk, actor=PORTAL, now=NOW, expected_version=report.version)

    results = at_once(undo, undo)
    assert sorted(type(item).__name__ for item in results) == ["Conflict", "Merge"]


def test_six_workers_begin_one_incident(routed):
    reports = [routed(category="banjir-genangan") for _n in range(6)]

    def join(report):
        def run():
            for _attempt in range(8):  # as the outbox does
                try:
                    return joining.join(report.pk, now=NOW)
                except errors.Conflict:
                    continue
            raise AssertionError("never joined")

        return run

    at_once(*(join(report) for report in reports))
    first, *others = sorted(report.pk for report in reports)
    found = dict(Report.objects.values_list("pk", "merged_into_id"))
    assert found[first] is None
    assert {found[pk] for pk in others} == {first}
