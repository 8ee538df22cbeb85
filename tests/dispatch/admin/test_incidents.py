"""Joining reports from the staff's pages: suggestions, preview, undo; denied access changes nothing."""

import pytest
from django.urls import reverse

from complaints.models import Merge, Report
from dispatch.models import IncidentRule
from dispatch.services import incident_work
from tests.conftest import NOW
from tests.dispatch.admin.conftest import LIST, case_url, codes_in, everything_about


def merge_url(report) -> str:
    return reverse("admin:complaints_report_merge", args=[report.pk])


def out_url(report) -> str:
    return reverse("admin:complaints_report_take_out", args=[report.pk])


@pytest.fixture
def pair(report_at):
    return report_at("DPU"), report_at("DPU", latitude=-6.99035)


@pytest.fixture
def join(desk):
    def run(report, primary):
        incident_work.merge(desk, report.pk, primary.code, why="Lubang yang sama.", now=NOW)
        report.refresh_from_db()

    return run


def confirmed(report, primary, **more) -> dict:
    values = {
        "version": report.version,
        "primary": primary.code,
        "why": "Lubang yang sama.",
        "confirmed": "1",
    }
    return values | more


def test_the_case_page_suggests_what_is_alike(pair, browser, handler, report_at):
    primary, report = pair
    far, other_kind = report_at("DPU", latitude=-6.9990), report_at("DPU", category="lain-parkir")
    page = browser(handler).get(case_url(report))
    found = page.context["suggested"]
    assert [item.report for item in found] == [primary]
    assert round(found[0].distance_m) == 6
    # What lies near by stands in a section of its own, of whatever kind it is.
    text = page.content.decode().partition('aria-labelledby="h-insiden"')[2].partition("</section>")[0]
    assert "halte" in found[0].words
    assert primary.spoken_code in text
    assert far.spoken_code not in text
    assert other_kind.spoken_code not in text


def test_the_preview_changes_nothing_and_the_second_step_joins(pair, browser, handler):
    primary, report = pair
    before = everything_about(report)
    client = browser(handler)
    preview = client.post(merge_url(report), {"version": report.version, "primary": primary.spoken_code})
    assert preview.status_code == 200
    assert preview.context["primary"] == primary
    assert everything_about(report) == before
    done = client.post(merge_url(report), confirmed(report, primary))
    assert (done.status_code, done.url.split("#")[1]) == (302, "insiden")
    merge = Merge.objects.get()
    assert (merge.report_id, merge.primary_id, merge.by_id) == (report.pk, primary.pk, handler.pk)


def test_both_cases_show_the_incident_and_it_is_undone_from_either(pair, join, browser, handler):
    primary, report = pair
    join(report, primary)
    client = browser(handler)
    member, head = client.get(case_url(report)), client.get(case_url(primary))
    assert member.context["incident_primary"] == primary
    assert {row["name"] for row in member.context["steps"]} == {"reply", "note"}
    assert head.context["incident_members"] == [report]
    assert out_url(report) in head.content.decode()
    data = {"version": report.version, "why": "Dua lubang.", "back": primary.pk}
    done = client.post(out_url(report), data)
    assert done.url == case_url(primary) + "#insiden"
    report.refresh_from_db()
    assert (report.merged_into_id, report.is_open) == (None, True)


def test_who_was_slower_gets_a_conflict(pair, browser, handler):
    primary, report = pair
    Report.objects.filter(pk=report.pk).update(version=report.version + 1)
    before = everything_about(report)
    answer = browser(handler).post(merge_url(report), confirmed(report, primary))
    assert answer.status_code == 409
    assert "Lubang yang sama." in answer.content.decode()
    assert everything_about(report) == before


@pytest.mark.parametrize(("primary_code", "why"), [("ZZZZZZZZ", "Sama."), (None, "  ")])
def test_what_is_missing_is_said_and_nothing_changes(primary_code, why, pair, browser, handler):
    primary, report = pair
    before = everything_about(report)
    data = confirmed(report, primary, why=why) | ({"primary": primary_code} if primary_code else {})
    answer = browser(handler).post(merge_url(report), data)
    assert (answer.status_code, bool(answer.context["fault"])) == (422, True)
    assert everything_about(report) == before


@pytest.mark.parametrize(
    ("role", "department", "status"),
    [
        ("admin", None, 302),
        ("p3m", None, 302),
        ("department_admin", "DPU", 302),
        ("handler", "DPU", 302),
        ("duty_officer", None, 302),
        ("operator", None, 403),
        ("planner", None, 403),
        ("viewer", "DPU", 403),
        ("handler", "DLH", 404),
    ],
)
def test_whose_business_it_is(role, department, status, pair, join, staff, browser, report_at):
    primary, report = pair
    client = browser(staff(role, department))
    merged = report_at("DPU")
    join(merged, primary)
    before = [everything_about(row) for row in (report, merged, primary)]
    assert client.post(merge_url(report), confirmed(report, primary)).status_code == status
    out = client.post(out_url(merged), {"version": merged.version, "why": "Lain."})
    assert out.status_code == status
    if status != 302:
        assert [everything_about(row) for row in (report, merged, primary)] == before
        assert Merge.objects.filter(undone_at=None).count() == 1


def test_another_offices_report_is_unknown_as_a_primary(report_at, browser, handler):
    mine, theirs = report_at("DPU"), report_at("DLH")
    before = everything_about(mine)
    answer = browser(handler).post(merge_url(mine), confirmed(mine, theirs))
    assert answer.status_code == 422
    assert theirs.street not in answer.content.decode() or not theirs.street
    assert everything_about(mine) == before


def test_the_queue_shows_an_incident_once_and_the_filter_shows_the_rest(pair, join, listed):
    primary, report = pair
    join(report, primary)
    assert listed() == [primary.code]
    assert listed(status="merged") == [report.code]
    assert set(listed(status="all")) == {primary.code, report.code}


def test_many_at_once_with_a_preview(report_at, browser, handler, pair, join):
    primary, second = pair
    third, gone = report_at("DPU"), report_at("DPU")
    join(gone, primary)
    client = browser(handler)
    ticked = {"action": "merge_many", "_selected_action": [second.pk, third.pk, primary.pk]}
    preview = client.post(reverse(LIST), ticked)
    assert preview.status_code == 200
    assert set(preview.context["reports"]) == {second, third}
    assert Merge.objects.count() == 1
    data = {"report": [second.pk, third.pk, primary.pk, gone.pk], "primary": primary.code, "why": "Sama."}
    done = client.post(reverse("admin:complaints_report_merge_many"), data | {"confirmed": "1"}, follow=True)
    assert codes_in(done) == [primary.code]
    told = [str(message) for message in done.context["messages"]]
    assert len(told) == 2
    assert gone.spoken_code in told[1]
    assert Merge.objects.filter(undone_at=None).count() == 3


def test_the_page_costs_the_same_with_ten_members_as_with_two(
    report_at, join, browser, handler, django_assert_max_num_queries
):
    primary = report_at("DPU")
    for _n in range(2):
        join(report_at("DPU"), primary)
    client = browser(handler)
    client.get(case_url(primary))
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        client.get(case_url(primary))
    for _n in range(8):
        join(report_at("DPU"), primary)
    with CaptureQueriesContext(connection) as many:
        client.get(case_url(primary))
    assert _asked(many) == _asked(few)


def _asked(captured) -> int:
    """Queries but for the city's version, which a running portal asks for once a second at most."""
    return sum('"city_cityversion"' not in query["sql"] for query in captured)


def test_the_rule_is_edited_by_the_administrator_alone(staff, browser):
    rule = IncidentRule.objects.get(code="banjir")
    url = reverse("admin:dispatch_incidentrule_change", args=[rule.pk])
    values = {
        "code": "banjir",
        "categories": '["banjir"]',
        "radius_m": 200,
        "hours": 3,
        "burst_reports": 5,
        "burst_minutes": 20,
        "grows_by": 2,
        "again_minutes": 30,
        "is_active": "on",
    }
    assert browser(staff("handler", "DPU")).post(url, values).status_code == 403
    rule.refresh_from_db()
    assert rule.radius_m == 300
    assert browser(staff("admin")).post(url, values).status_code == 302
    rule.refresh_from_db()
    assert rule.radius_m == 200
