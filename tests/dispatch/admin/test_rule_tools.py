"""Staff's pages beside the rules: who may see them, what they say, and that trying saves nothing."""

import pytest
from django.urls import reverse
from django.utils import timezone

from city.models import Department
from dispatch.models import RoutingDecision, RoutingRule
from dispatch.services import rules
from tests.dispatch.admin.conftest import case_url, everything_about
from tests.dispatch.test_rules_admin import form_of

CHECK = "admin:dispatch_routingrule_check"


def try_url(rule=None) -> str:
    if rule is None:
        return reverse("admin:dispatch_routingrule_try_new")
    return reverse("admin:dispatch_routingrule_try", args=[rule.pk])


@pytest.fixture
def admin(browser, staff):
    return browser(staff("admin"))


@pytest.fixture
def rule(db):
    return RoutingRule.objects.get(code="jalan-kota")


@pytest.fixture
def routed(make_report, route):
    now = timezone.now()
    return route(make_report(now=now), now)


def test_trying_an_edit_shows_the_move_and_saves_nothing(admin, rule, routed):
    before = RoutingRule.objects.values().get(pk=rule.pk)
    other = Department.objects.get(code="DISPERKIM")
    answer = admin.post(try_url(rule), form_of(rule, department=other.pk))
    assert answer.status_code == 200
    assert answer.context["counts"] == [("DPU, Sedang", "Disperkim, Sedang", 1)]
    assert [row["code"] for row in answer.context["listed"]] == [routed.code]
    assert routed.code in answer.context["points_json"]
    assert RoutingRule.objects.values().get(pk=rule.pk) == before


def test_trying_a_new_rule_and_a_switched_off_one(admin, rule, routed):
    new = form_of(rule, code="baru", outcome="triage", department="", order=1)
    assert admin.post(try_url(), new).context["counts"][0][1].startswith("meja pengaduan")
    off = form_of(rule)
    del off["is_active"]
    assert admin.post(try_url(rule), off).context["is_switched_off"] is True
    assert not RoutingRule.objects.filter(code="baru").exists()


def test_an_edit_with_a_mistake_says_what_to_put_right(admin, rule, routed):
    answer = admin.post(try_url(rule), form_of(rule, hours="malam"))
    assert answer.status_code == 422
    assert answer.context["errors"][0][0] == "Jam"


def test_opened_by_its_address_it_leads_to_the_form(admin, rule):
    form = reverse("admin:dispatch_routingrule_change", args=[rule.pk])
    assert admin.get(try_url(rule)).url == form
    assert 'formtarget="_blank"' in admin.get(form).content.decode()


@pytest.mark.parametrize("role", ["p3m", "planner", "duty_officer", "viewer"])
def test_who_may_not_edit_rules_may_not_try_one(browser, staff, rule, routed, role):
    other = browser(staff(role))
    for url in (try_url(rule), try_url()):
        assert other.post(url, form_of(rule)).status_code == 403
    if role == "p3m":
        form = reverse("admin:dispatch_routingrule_change", args=[rule.pk])
        assert "formaction" not in other.get(form).content.decode()


def test_the_page_of_checks_is_clean_for_the_citys_rules(admin):
    answer = admin.get(reverse(CHECK))
    assert answer.status_code == 200
    assert answer.context["found"].is_clean


def test_the_page_of_checks_names_each_kind_of_trouble(admin, rule):
    def add(code, **changes):
        values = {"outcome": "department", "department": rule.department, "reason": code, "reason_en": code}
        RoutingRule.objects.create(code=code, **(values | changes))

    add("seri", categories=["lain-pohon"], department=Department.objects.get(code="DLH"))
    add("kalah", categories=["lain-bus"], order=900)
    add("hilang", categories=["lain-air"], areas=["33.74.99"], line_names=["Jalan Antah Berantah"])
    add("rusak", categories=["lain-pkl"], times={"jam": 1})
    add("buta", categories=["lain-sampah"], line_classes=["river"])
    RoutingRule.objects.filter(code="hewan").update(min_severity=4)
    rules.bump()
    found = admin.get(reverse(CHECK)).context["found"]
    assert [{a.code, b.code} for a, b, _kinds in found.ties] == [{"pohon", "seri"}]
    assert [(item.rule.code, item.other and item.other.code) for item in found.shadowed] == [
        ("buta", None),
        ("hilang", None),  # tap water does not look at roads
        ("kalah", "bus"),
    ]
    assert [item.rule.code for item in found.unknown] == ["hilang", "hilang"]
    assert [item.rule.code for item in found.broken] == ["rusak"]
    assert [kind.code for kind in found.uncovered] == ["lain-hewan"]


@pytest.mark.parametrize(("role", "status"), [("planner", 200), ("p3m", 200), ("duty_officer", 403)])
def test_who_may_read_the_rules_may_read_the_checks(browser, staff, role, status):
    assert browser(staff(role)).get(reverse(CHECK)).status_code == status


def test_a_decision_is_replayed_on_its_page(admin, routed):
    decision = RoutingDecision.objects.get()
    url = reverse("admin:dispatch_decision_replay", args=[decision.pk])
    assert url in admin.get(case_url(routed)).content.decode()
    assert admin.get(url).context["result"].state == "same"
    RoutingDecision.objects.update(rule_code="pohon")
    answer = admin.get(url)
    assert answer.context["differences"][0][1:] == ("pohon", "jalan-kota")
    assert admin.get(reverse("admin:dispatch_decision_replay", args=[0])).status_code == 404


def test_a_handler_replays_nothing(browser, staff, routed):
    url = reverse("admin:dispatch_decision_replay", args=[RoutingDecision.objects.get().pk])
    other = browser(staff("handler", "DPU"))
    assert other.get(url).status_code == 403
    assert url not in other.get(case_url(routed)).content.decode()


# --- The suggested kind -----------------------------------------------------------------------------------


@pytest.fixture
def lamp(make_report, route):
    return route(make_report(description="Lampu jalan mati, PJU padam"))


def test_one_button_follows_the_suggestion(browser, handler, lamp, step):
    page = browser(handler)
    answer = page.get(case_url(lamp))
    assert answer.context["suggestion"].code == "lain-pju"
    assert 'data-testid="suggestion"' in answer.content.decode()
    assert lamp.category.code == "jalan-lubang"
    assert step(page, lamp, "recategorise", category="lain-pju").status_code == 302
    lamp.refresh_from_db()
    assert (lamp.category.code, lamp.department.code) == ("lain-pju", "DISPERKIM")


def test_who_may_not_correct_sees_no_suggestion_and_changes_nothing(browser, staff, lamp, step):
    page, before = browser(staff("operator")), everything_about(lamp)
    assert page.get(case_url(lamp)).context["suggestion"] is None
    assert step(page, lamp, "recategorise", category="lain-pju").status_code == 403
    other = browser(staff("handler", "DLH"))
    assert step(other, lamp, "recategorise", category="lain-pju").status_code == 404
    assert everything_about(lamp) == before


def test_a_wrong_kind_is_told_beside_the_field(browser, handler, lamp, step):
    answer = step(browser(handler), lamp, "recategorise", category="jalan-lubang")
    assert answer.status_code == 422
    assert "category" in answer.context["attempt"].faults


def test_check_first_and_tags_are_shown_until_it_is_accepted(browser, handler, make_report, route, take):
    report = route(make_report(category="banjir-saluran", description="Anak hanyut di saluran"))
    page = browser(handler)
    before = page.get(case_url(report)).content.decode()
    assert 'data-testid="check-first"' in before
    assert "#jiwa" in before
    take(report, "accept")
    assert 'data-testid="check-first"' not in page.get(case_url(report)).content.decode()
