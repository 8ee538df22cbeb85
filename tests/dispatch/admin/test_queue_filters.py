"""Filters by handler, mark, incident and rating; how they combine, stay in the address and are taken away."""

from datetime import timedelta

import pytest
from django.urls import reverse

from complaints.models import Feedback, Report
from complaints.services import incidents
from dispatch.services import casework
from tests.conftest import NOW
from tests.dispatch.admin.conftest import LIST, codes_in, copies


@pytest.fixture
def rate(report_at):
    """A closed report with these stars, one after the other; None is a verdict without stars."""

    def make(*stars):
        report = report_at("DPU")
        Report.objects.filter(pk=report.pk).update(status="resolved", is_open=False)
        Report.objects.filter(pk=report.pk).update(
            status="closed", closure="confirmed", is_open=False, resolved_at=NOW, closed_at=NOW
        )
        for number in stars:
            Feedback.objects.create(report=report, verdict="fixed", rating=number, created_at=NOW)
        return report

    return make


def test_rated_reports_are_found_though_they_have_ended(rate, report_at, listed):
    poor, fair, good, better = rate(1), rate(2), rate(5), rate(1, 4, None)
    rate()
    report_at("DPU")
    assert set(listed(nilai="rendah")) == {poor.code, fair.code}
    assert listed(nilai="5") == [good.code]
    assert listed(nilai="4") == [better.code]  # the last stars count
    assert set(listed(nilai="1")) == {poor.code}
    assert listed(nilai="5", status="in_progress") == []
    assert listed(nilai="5", status="closed") == [good.code]
    assert len(listed(nilai="9")) == 1  # nobody knows it: what is open


def test_an_incident_is_found_by_what_it_carries(report_at, listed, desk, handler):
    primary, member, alone = (report_at("DPU") for _ in range(3))
    who, later = casework.actor_of(desk), NOW + timedelta(hours=1)
    incidents.merge_reports(member.pk, primary.pk, actor=who, now=later, why="Lubang yang sama.")
    assert listed(insiden="induk") == [primary.code]
    assert listed(insiden="tunggal") == [alone.code]
    assert listed(status="merged") == [member.code]
    assert listed(insiden="induk", tingkat="1") == []


def handlers_in(response) -> str:
    return response.content.decode().split('id="f-penangan"')[1].split("</select>")[0]


def test_a_handler_is_found_by_name(report_at, take, handler, staff, browser):
    colleague = staff("handler", "DPU")
    stranger = staff("handler", "DLH")
    theirs, nobodys = take(report_at("DPU"), "take", colleague), report_at("DPU")
    page = browser(handler)
    assert codes_in(page.get(reverse(LIST), {"penangan": colleague.pk})) == [theirs.code]
    names = handlers_in(page.get(reverse(LIST)))
    assert f'value="{colleague.pk}"' in names
    assert f'value="{stranger.pk}"' not in names
    # Whom the select does not offer, nobody can filter by.
    assert set(codes_in(page.get(reverse(LIST), {"penangan": stranger.pk}))) == {theirs.code, nobodys.code}


def test_city_wide_roles_see_the_names_of_the_department_they_filter_for(report_at, take, staff, browser):
    person = staff("handler", "DLH")
    theirs = take(report_at("DLH"), "take", person)
    report_at("DLH")
    page = browser(staff("p3m"))
    assert f'value="{person.pk}"' not in handlers_in(page.get(reverse(LIST)))
    response = page.get(reverse(LIST), {"dinas": "DLH", "penangan": person.pk})
    assert codes_in(response) == [theirs.code]
    assert f'value="{person.pk}" selected' in handlers_in(response)


def test_private_ones_bear_a_mark(report_at, listed):
    private, open_one = report_at("DPU", is_private=True), report_at("DPU")
    assert listed(tanda="pribadi") == [private.code]
    assert set(listed(tanda="entah")) == {private.code, open_one.code}


def test_a_chip_per_filter_takes_it_away(report_at, browser, handler):
    report_at("DPU")
    asked = {"q": "lubang", "tingkat": "3", "status": "new", "urut": "terbaru", "kanal": "api", "p": "1"}
    chips = browser(handler).get(reverse(LIST), asked).context["chips"]
    assert {chip["name"] for chip in chips} == {"q", "tingkat", "status", "kanal"}
    without = {chip["name"]: chip["url"] for chip in chips}
    assert without["kanal"] == "?q=lubang&tingkat=3&status=new&urut=terbaru"
    assert browser(handler).get(reverse(LIST), {"tingkat": "99", "urut": "terbaru"}).context["chips"] == []


def test_the_last_chip_leads_to_everything_open_not_to_a_first_view(report_at, browser, handler):
    report_at("DPU")
    chips = browser(handler).get(reverse(LIST), {"tingkat": "3"}).context["chips"]
    assert [chip["url"] for chip in chips] == ["?status=open"]


def test_a_code_is_found_in_any_state_with_everything_open_chosen(rate, listed):
    report = rate()
    assert listed(q=report.code, status="open") == [report.code]


@pytest.mark.parametrize(
    "params", [{"nilai": "rendah"}, {"insiden": "induk"}, {"tanda": "saya"}, {"penangan": "saya"}]
)
def test_filters_cost_the_same_at_any_size(params, report_at, browser, handler, count_queries):
    page = browser(handler)
    report = report_at("DPU")
    page.get(reverse(LIST), params)
    costs = []
    for more in (120, 120):
        copies(report, more)
        costs.append(count_queries(lambda: page.get(reverse(LIST), params)))
    # One of them asks for the city's version, which a running portal does once a second at most.
    assert costs[0] == costs[1] <= 13
