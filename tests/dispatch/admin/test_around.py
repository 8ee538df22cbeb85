"""What lies around a case: neighbours on its map, and what was repaired at its spot before."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints.models import Report
from dispatch.services import around
from tests.conftest import HERE, NOW
from tests.dispatch.admin.conftest import case_url

NORTH_M = 1 / 111_195  # degrees of latitude in a metre


@pytest.fixture
def handler(staff):
    return staff("handler", "DPU")


@pytest.fixture
def page(browser, handler):
    return browser(handler)


@pytest.fixture
def near(report_at):
    """A report so many metres north of HERE: `near(40, "DPU", category="jalan-retak")`."""

    def make(metres, department="DPU", **changes):
        return report_at(department, latitude=HERE[0] + metres * NORTH_M, longitude=HERE[1], **changes)

    return make


def codes(items):
    return [item.report.code for item in items]


def test_neighbours_within_150_m_nearest_first_open_and_ended(near, handler, take):
    report = near(0)
    far, ended = near(140), near(90, category="jalan-retak")
    close, beyond = near(30), near(160)
    take(ended, "reject", handler, reason_code="cannot_find", message="Tidak ada.")
    seen = around.of(handler, report, now=NOW)
    assert codes(seen.neighbours) == [close.code, ended.code, far.code]
    assert [item.is_same_kind for item in seen.neighbours] == [True, False, True]
    assert [round(item.distance_m) for item in seen.neighbours] == [30, 90, 140]
    assert beyond.code not in codes(seen.neighbours)
    assert seen.more == 0


def test_another_offices_report_shows_what_the_public_may_see(near, page, handler, staff, browser):
    report = near(0)
    theirs = near(20, "DLH", category="lain-sampah")
    private = near(25, "DLH", category="lain-sampah", is_private=True)
    own_private = near(30, is_private=True)
    response = page.get(case_url(report))
    rows = {row["report"].code: row["url"] for row in response.context["around"]}
    assert rows == {theirs.code: f"/laporan/{theirs.code}/", own_private.code: case_url(own_private)}
    assert private.code not in response.content.decode()
    assert private.spoken_code not in response.content.decode()
    desk = browser(staff("p3m")).get(case_url(report)).context["around"]
    assert {row["report"].code for row in desk} == {theirs.code, private.code, own_private.code}


def test_more_than_fifty_are_counted_not_listed(near, handler):
    from tests.dispatch.admin.conftest import copies

    report, one = near(0), near(10)
    copies(one, 54)
    seen = around.of(handler, report, now=NOW)
    assert (len(seen.neighbours), seen.more) == (50, 5)


def resolved(report, *, days_ago, text="Ditambal aspal dingin."):
    """A repair in the past, as the timeline and the report tell it."""
    from complaints.domain.actor import Actor
    from complaints.services.status import change_status

    at = NOW - timedelta(days=days_ago)
    report.category.needs_repair_photo = False
    report.category.save()
    change_status(report.pk, "in_progress", actor=Actor("staff"), now=at)
    change_status(report.pk, "resolved", actor=Actor("staff"), now=at, message=text)
    report.refresh_from_db()
    return at


def told(report, *, days_ago):
    Report.objects.filter(pk=report.pk).update(created_at=NOW - timedelta(days=days_ago))


def test_the_spot_tells_what_was_repaired_and_how_long_it_held(near, handler, page):
    first, second, other_group, aside = near(10), near(40), near(5, category="lain-pju"), near(70)
    report = near(0)
    told(first, days_ago=300)
    resolved(first, days_ago=290)
    told(second, days_ago=100)
    resolved(second, days_ago=95, text="Dilapis ulang.")
    told(other_group, days_ago=50)
    told(aside, days_ago=50)
    told(report, days_ago=2)
    report.refresh_from_db()
    seen = around.of(handler, report, now=NOW)
    assert codes([item.neighbour for item in seen.earlier]) == [second.code, first.code]
    assert [item.how for item in seen.earlier] == ["Dilapis ulang.", "Ditambal aspal dingin."]
    assert [item.held for item in seen.earlier] == [timedelta(days=93), timedelta(days=190)]
    html = " ".join(page.get(case_url(report)).content.decode().split())
    assert "bertahan 93 hari" in html
    assert "Dilapis ulang." in html


def test_what_was_told_later_or_long_ago_is_no_history(near, handler):
    report, later, old = near(0), near(10), near(10)
    told(report, days_ago=10)
    told(later, days_ago=1)
    told(old, days_ago=800)
    report.refresh_from_db()
    assert around.of(handler, report, now=NOW).earlier == []


def test_another_offices_words_are_masked(near, handler):
    theirs, report = near(10, "DLH"), near(0)
    told(theirs, days_ago=60)
    resolved(theirs, days_ago=50, text="Hubungi 081234567890.")
    report.refresh_from_db()
    [item] = around.of(handler, report, now=NOW).earlier
    assert "081234567890" not in item.how
    assert item.how


def test_what_lies_around_costs_the_same_at_two_sizes(near, page, settings):
    settings.CITY_VERSION_MAX_AGE_S = 60.0
    report, costs = near(0), []
    page.get(case_url(report))
    for number in (1, 12):
        for _index in range(number):
            told(near(20), days_ago=30)
        with CaptureQueriesContext(connection) as queries:
            page.get(case_url(report))
        costs.append(len(queries))
    assert costs[0] == costs[1]
