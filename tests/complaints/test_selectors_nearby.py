import random

import pytest
from django.utils import timezone

from complaints.domain.place import distance_m
from complaints.models import Report
from complaints.selectors_nearby import MAX_RADIUS_M, nearby
from tests.conftest import HERE, NOW

pytestmark = pytest.mark.django_db
DAY = timezone.timedelta(days=1)


@pytest.mark.parametrize("radius_m", [50, 100, 150, 250, 500, 1000])
def test_the_same_as_measuring_every_report(make_report, radius_m):
    rng = random.Random(7)
    for _ in range(60):
        make_report(
            latitude=HERE[0] + rng.uniform(-0.012, 0.012), longitude=HERE[1] + rng.uniform(-0.012, 0.012)
        )
    found = nearby(["jalan-lubang"], *HERE, radius_m, NOW - DAY, limit=100)
    measured = {
        report.code: distance_m(*HERE, report.latitude, report.longitude) for report in Report.objects.all()
    }
    assert {near.report.code for near in found} == {code for code, m in measured.items() if m <= radius_m}
    assert [near.distance_m for near in found] == sorted(near.distance_m for near in found)


def test_only_public_recent_ones_of_these_categories(make_report):
    hole = make_report()
    make_report(category="banjir-saluran")
    make_report(is_private=True)
    make_report(now=NOW - 10 * DAY)
    assert [near.report for near in nearby(["jalan-lubang"], *HERE, 100, NOW - DAY)] == [hole]
    assert [near.report for near in nearby(["jalan"], *HERE, 100, NOW - DAY)] == [hole]
    assert len(nearby(["jalan", "banjir"], *HERE, 100, NOW - DAY)) == 2
    assert nearby(["tak-ada"], *HERE, 100, NOW - DAY) == []


def test_two_queries_and_a_limit_at_any_size(make_report, django_assert_num_queries):
    nearby([], *HERE, 1, NOW)  # the city is in memory
    for expected in (3, 20):
        while Report.objects.count() < expected + (expected == 20):
            make_report()
        with django_assert_num_queries(3):  # the city's version, the places, the reports
            assert len(nearby(["jalan"], *HERE, 10 * MAX_RADIUS_M, NOW - DAY)) == expected
