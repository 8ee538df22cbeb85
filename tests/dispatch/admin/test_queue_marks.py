"""The mark "check first" in the queue: where the rules ask for a look, until somebody has accepted."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.conftest import NOW
from tests.dispatch.admin.conftest import LIST, codes_in, copies

DANGER = "Lubang galian, kabel terbuka, kemarin ada yang kesetrum."


@pytest.fixture
def asked(make_report, route):
    """Routed by the rules, one of which asks for a check."""
    report = route(make_report(description=DANGER))
    assert (report.department.code, report.decisions.get().needs_check) == ("DPU", True)
    return report


def marked(response) -> list[str]:
    rows = response.content.decode().split("<tr")
    return [row.split('data-code="')[1][:8] for row in rows if 'data-mark="check"' in row]


def test_the_mark_stands_in_the_row_and_in_words(asked, make_report, route, browser, handler):
    plain = route(make_report())
    response = browser(handler).get(reverse(LIST))
    assert set(codes_in(response)) == {asked.code, plain.code}
    assert marked(response) == [asked.code]
    assert "Periksa dulu" in response.content.decode()


def test_the_filter_finds_what_bears_the_mark(asked, make_report, route, listed):
    route(make_report())
    assert listed(status="check") == [asked.code]


@pytest.mark.parametrize("step", ["accept", "start"])
def test_the_mark_goes_when_somebody_has_accepted(asked, take, handler, browser, listed, step):
    take(asked, step, handler)
    assert marked(browser(handler).get(reverse(LIST))) == []
    assert listed(status="check") == []


def test_a_later_decision_takes_the_mark_with_it(asked, take, desk, browser):
    take(
        asked,
        "not_ours",
        now=NOW + timedelta(hours=1),
        department_id=None,
        message="Perlu diputuskan meja pengaduan.",
    )
    response = browser(desk).get(reverse(LIST))
    assert codes_in(response) == [asked.code]
    assert marked(response) == []
    assert codes_in(browser(desk).get(reverse(LIST), {"status": "check"})) == []


def test_the_filter_shows_the_own_department_only(asked, browser, staff):
    assert codes_in(browser(staff("handler", "DLH")).get(reverse(LIST), {"status": "check"})) == []


@pytest.mark.parametrize("params", [{}, {"status": "check"}])
def test_marks_cost_no_queries_of_their_own(asked, browser, handler, params):
    page = browser(handler)
    page.get(reverse(LIST), params)
    with CaptureQueriesContext(connection) as few:
        page.get(reverse(LIST), params)
    copies(asked, 40)
    with CaptureQueriesContext(connection) as many:
        page.get(reverse(LIST), params)
    assert len(many) <= len(few)
