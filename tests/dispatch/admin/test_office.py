"""The page of a department's head: who may see it, and that its numbers lead to lists of the same length."""

import pytest
from django.urls import reverse
from django.utils import timezone

from dispatch.services import office_figures

pytestmark = pytest.mark.django_db


@pytest.fixture
def address():
    return reverse("admin:dispatch_office")


@pytest.fixture
def routed(make_report, route):
    def make():
        now = timezone.now()
        return route(make_report(now=now), now)

    return make


@pytest.mark.parametrize(
    ("role", "department", "asked", "status"),
    [
        ("department_admin", "DPU", "", 200),
        ("department_admin", "DPU", "DPU", 200),
        ("department_admin", "DPU", "DISPERKIM", 403),
        ("handler", "DPU", "", 403),
        ("viewer", "DPU", "", 403),
        ("operator", None, "DPU", 403),
        ("planner", None, "DPU", 200),
        ("duty_officer", None, "DPU", 200),
        ("p3m", None, "DPU", 200),
        ("admin", None, "", 200),
        ("admin", None, "TIDAKADA", 404),
    ],
)
def test_who_may_read_whose_figures(browser, staff, address, role, department, asked, status):
    answer = browser(staff(role, department)).get(address, {"dinas": asked} if asked else {})
    assert answer.status_code == status


def test_the_numbers_lead_to_lists_of_that_length(browser, staff, address, routed):
    head = browser(staff("department_admin", "DPU"))
    for _ in range(3):
        routed()
    page = head.get(address)
    cards = {card["name"]: card for card in page.context["cards"]}
    assert (cards["open"]["count"], cards["new"]["count"], cards["overdue"]["count"]) == (3, 3, 0)
    for card in cards.values():
        listed = head.get(card["url"]).context["cl"]
        assert listed.result_count == card["count"], card["name"]


def test_the_weeks_stand_as_bars_and_as_a_table(browser, staff, address, routed):
    head = browser(staff("department_admin", "DPU"))
    assert "belum dihitung" in head.get(address).content.decode()
    for _ in range(5):
        routed()
    office_figures.refresh(timezone.now())
    page = head.get(address)
    assert [row["received"] for row in page.context["rows"]] == [0] * 12 + [5]
    assert page.context["total"]["right_share"] == 100
    assert page.context["flow"]["bars"][-1]["first"]["h"] == 120
    assert page.context["days"] is None  # nothing was resolved


@pytest.mark.parametrize("reports", [1, 6])
def test_the_page_reads_as_often_for_many_as_for_few(
    browser, staff, address, routed, reports, django_assert_max_num_queries
):
    head = browser(staff("department_admin", "DPU"))
    for _ in range(reports):
        routed()
    office_figures.refresh(timezone.now())
    head.get(address)
    with django_assert_max_num_queries(9):
        head.get(address)
