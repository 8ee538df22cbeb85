"""Hand-overs teach: the third goes to the desk, and the page says which rules are right the first time."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from city.models import Department
from complaints import errors
from complaints.domain.actor import Actor
from complaints.models import Event
from dispatch.models import RoutingDecision
from dispatch.services import quality, route
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered():
    cache.clear()


@pytest.fixture
def departments():
    return {item.code: item.pk for item in Department.objects.all()}


@pytest.fixture
def pass_on(departments, staff):
    """An office says "not ours" and names another one."""
    users = {}

    def run(report, to, now=NOW):
        report.refresh_from_db()
        code = report.department.code
        user = users.setdefault(code, staff("handler", code))
        actor = Actor("staff", user.pk, user.department_id)
        route.hand_over(
            report.pk, reason="Bukan kami.", target_department_id=departments[to], actor=actor, now=now
        )
        report.refresh_from_db()
        return report

    return run


@pytest.fixture
def routed(make_report):
    def make(**changes):
        report = make_report(**changes)
        route.route_report(report.pk, now=NOW)
        report.refresh_from_db()
        return report

    return make


def test_after_two_hand_overs_the_desk_decides_whoever_is_named(routed, pass_on):
    report = routed()
    assert pass_on(report, "DISPERKIM").department.code == "DISPERKIM"
    assert pass_on(report, "DISHUB").department.code == "DISHUB"
    pass_on(report, "DPU")
    assert (report.status, report.department) == ("triage", None)
    decision = RoutingDecision.objects.filter(report=report).first()
    assert (decision.triage_reason, decision.facts["by_office"]) == ("ping_pong", True)
    assert Event.objects.filter(report=report).last().text == "Bukan kami."


def test_what_the_desk_decides_is_no_hand_over(routed, pass_on, departments, staff):
    report, desk = routed(), staff("p3m")
    pass_on(report, "DISPERKIM")
    pass_on(report, "DISHUB")
    for code in ("DPU", "DISHUB"):
        report.refresh_from_db()
        actor = Actor("staff", desk.pk)
        route.hand_over(
            report.pk, reason="Sudah dicek.", target_department_id=departments[code], actor=actor, now=NOW
        )
    report.refresh_from_db()
    assert report.department.code == "DISHUB"


def test_a_third_hand_over_to_nobody_is_still_refused(routed, pass_on, departments):
    report = routed()
    pass_on(report, "DISPERKIM")
    pass_on(report, "DISHUB")
    actor = Actor("staff", None, departments["DISHUB"])
    with pytest.raises(errors.InvalidReport):
        route.hand_over(report.pk, reason="x", target_department_id=0, actor=actor, now=NOW)
    report.refresh_from_db()
    assert report.department.code == "DISHUB"


def test_the_share_of_decisions_that_stood(routed, pass_on):
    reports = [routed() for _ in range(6)]
    pass_on(reports[0], "DISHUB")
    pass_on(reports[1], "DISHUB")
    pass_on(reports[1], "DISPERKIM")
    routed(category="lain-pju", answers={})
    found = {row.rule_code: row for row in quality.by_rule(now=NOW)}
    [rule] = set(
        RoutingDecision.objects.filter(report__in=reports)
        .exclude(rule_code="")
        .values_list("rule_code", flat=True)
    )
    assert (found[rule].total, found[rule].handed_over) == (6, 2)
    assert found[rule].share == pytest.approx(4 / 6)
    others = [row for code, row in found.items() if code != rule]
    assert [(row.total, row.share) for row in others] == [(1, None)]
    went = [(item.from_id, item.to_id, item.count) for item in quality.misroutes(rule, now=NOW)]
    codes = dict(Department.objects.values_list("pk", "code"))
    assert {(codes[start], codes[end], count) for start, end, count in went} == {
        ("DPU", "DISHUB", 1),
        ("DPU", "DISPERKIM", 1),
    }


def test_old_decisions_do_not_count(routed):
    routed()
    assert quality.by_rule(now=NOW + timedelta(days=quality.WINDOW_DAYS + 1)) == []


def test_the_share_costs_one_query_whatever_the_number(routed, django_assert_num_queries):
    for _ in range(3):
        routed()
    with django_assert_num_queries(1):
        quality.by_rule(now=NOW)
    with django_assert_num_queries(1):
        quality.misroutes("jalan-kota", now=NOW)


@pytest.mark.parametrize(
    ("role", "status"), [("p3m", 200), ("planner", 200), ("handler", 403), ("viewer", 403)]
)
def test_the_page_is_for_those_who_may_read_the_rules(routed, pass_on, staff, role, status):
    report = routed()
    pass_on(report, "DISHUB")
    page = Client()
    page.force_login(staff(role, "DPU" if role == "handler" else None))
    assert page.get(reverse("admin:dispatch_quality"), {"aturan": "jalan-kota"}).status_code == status
