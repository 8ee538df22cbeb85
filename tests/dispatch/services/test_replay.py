"""Versions of rules that stay, decisions that can be made again, edits that can be tried."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from city import snapshot
from city.models import Department
from dispatch.models import RoutingDecision, RoutingRule, RoutingRuleVersion, RulesVersion
from dispatch.selectors import latest_decision
from dispatch.services import dry_run, replay, rule_log, rules
from tests.conftest import NOW

ALLEY = {"answers": {"road_type": "alley"}}


def states() -> list[str]:
    return [result.state for _record, result in replay.replay_many()]


def to(code: str, department: str | None, **changes) -> RoutingRule:
    rule = RoutingRule.objects.get(code=code)
    rule.department = Department.objects.get(code=department) if department else None
    for name, value in changes.items():
        setattr(rule, name, value)
    return rule


def test_every_change_of_a_rule_is_kept(db):
    before = RoutingRuleVersion.objects.count()
    rules.save_rule(to("pohon", "DLH"))
    rule = to("pohon", "DLH", is_active=False)
    rules.save_rule(rule)
    rules.delete_rules([rule.pk])
    rows = RoutingRuleVersion.objects.filter(code="pohon").order_by("id")
    told = [(row.version, row.values["department"]["code"], row.is_active, row.is_deleted) for row in rows]
    assert told == [
        (1, "DISPERKIM", True, False),
        (2, "DLH", True, False),
        (3, "DLH", False, False),
        (3, "DLH", False, True),
    ]
    assert RoutingRuleVersion.objects.count() == before + 3
    assert [row.table_version for row in rows] == sorted({row.table_version for row in rows})


def test_a_rule_that_was_changed_around_the_service_is_kept_with_the_next_change(db):
    RoutingRule.objects.filter(code="pohon").update(order=7)
    version = rules.bump()
    row = RoutingRuleVersion.objects.get(code="pohon", table_version=version)
    assert row.values["order"] == 7


def test_the_table_of_any_version_is_rebuilt(db):
    first = RulesVersion.objects.get().version
    rules.save_rule(to("pohon", "DLH"))
    second = RulesVersion.objects.get().version
    rules.delete_rules([RoutingRule.objects.get(code="pohon").pk])
    by_code = [{rule.code: rule for rule in rule_log.table_at(v)} for v in (first, second, second + 1)]
    assert [found["pohon"].department.code for found in by_code[:2]] == ["DISPERKIM", "DLH"]
    assert "pohon" not in by_code[2]
    assert rule_log.table_at(0) is None
    assert list(rule_log.table_at(second + 1)) == list(rules.current(snapshot.current()).rules)


@pytest.mark.parametrize("attack", ["update", "delete"])
def test_what_a_rule_was_cannot_be_changed(db, attack):
    rows = RoutingRuleVersion.objects.filter(code="pohon")
    before = list(rows.values())
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(values={}) if attack == "update" else rows.delete()
    assert list(rows.values()) == before


def test_a_decision_replays_to_the_same_answer_whatever_became_of_the_rules(make_report, route):
    route(make_report(category="jalan-trotoar", description="Trotoar dipakai parkir"))
    route(make_report(**ALLEY))
    rules.save_rule(to("trotoar-kata-parkir", "SATPOLPP", text_words=["becak"]))
    rules.delete_rules([RoutingRule.objects.get(code="jalan-gang").pk])
    Department.objects.filter(code="DISHUB").update(name="Nama Baru")
    assert states() == ["same", "same"]


def test_a_text_that_was_erased_is_not_needed(make_report, route):
    report = route(make_report(category="jalan-trotoar", description="Trotoar dipakai parkir"))
    assert "Trotoar" not in str(latest_decision(report.pk).facts)
    type(report).objects.filter(pk=report.pk).update(description="")
    assert states() == ["same"]


def test_a_decision_that_differs_says_what(make_report, route):
    report = route(make_report())
    RoutingDecision.objects.update(rule_code="pohon", severity=5)
    result = replay.Replayer().replay(latest_decision(report.pk))
    assert result.state == replay.DIFFERS
    assert set(result.differences) == {("rule", "pohon", "jalan-kota"), ("severity", 5, 3)}


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"facts": {"by_hand": True}}, "by_hand"),
        ({"facts": {}}, "by_hand"),
        ({"facts": {"category": "jalan-lubang"}}, "unreadable"),
        ({"rules_version": 0}, "unrecorded"),
    ],
)
def test_what_cannot_be_replayed_says_why(make_report, route, changes, state):
    route(make_report())
    RoutingDecision.objects.update(**changes)
    assert states() == [state]


def test_the_command_counts_and_fails_on_a_difference(make_report, route):
    for _n in range(3):
        route(make_report())
    out = StringIO()
    call_command("replay_decisions", since="2026-09-01", stdout=out)
    assert out.getvalue().strip().startswith("same: 3, differs: 0")
    RoutingDecision.objects.filter(pk=latest_decision(make_report().pk - 1).pk).update(rule_code="x")
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("replay_decisions", sample=100, stdout=out)
    assert "rule: 'x' -> 'jalan-kota'" in out.getvalue()
    for wrong in ({"since": "kemarin"}, {"sample": 0}):
        with pytest.raises(CommandError):
            call_command("replay_decisions", **wrong)


# --- Trying an edit -----------------------------------------------------------------------------------


def tried(rule: RoutingRule | None, code: str | None, **options) -> dry_run.DryRun:
    snap = snapshot.current()
    edited = rules.as_rule(rule) if rule else None
    later = NOW + timedelta(days=1)
    return dry_run.dry_run(edited, code, rules.current(snap).rules, snap, now=later, **options)


@pytest.fixture
def three(make_report, route):
    route(make_report())
    route(make_report(**ALLEY))
    return route(make_report(category="lain-pohon"))


def moves(result) -> list:
    return sorted((old.department, new.department, count) for old, new, count in result.counts())


def test_an_edit_shows_what_it_would_have_changed_and_changes_nothing(three):
    before = list(RoutingRule.objects.order_by("pk").values()), list(RoutingDecision.objects.values())
    result = tried(to("jalan-kota", "DISPERKIM"), "jalan-kota")
    assert (result.total, result.looked_at) == (3, 3)
    assert moves(result) == [("DPU", "DISPERKIM", 1)]
    assert (
        list(RoutingRule.objects.order_by("pk").values()),
        list(RoutingDecision.objects.values()),
    ) == before


def test_a_new_rule_and_one_switched_off(three):
    new = RoutingRule(code="baru", outcome="triage", categories=["jalan-lubang"], reason="x", order=1)
    assert moves(tried(new, None)) == [("DPU", None, 1)]
    assert moves(tried(None, "jalan-gang")) == [("KEC-33.74.07", "DPU", 1)]


def test_only_severity_or_tags_count_as_well(three):
    new = RoutingRule(
        code="baru", outcome="adjust", categories=["lain-pohon"], severity_change="raise", severity_to=5
    )
    [change] = tried(new, None).changes
    assert (change.report_id, change.before.severity, change.after.severity) == (three.pk, 2, 5)
    assert change.before.department == change.after.department == "DISPERKIM"


def test_new_words_are_looked_for_in_the_text(make_report, route):
    route(make_report(description="Lubang di depan sekolah"))
    route(make_report(description="Lubang di depan pasar"))
    new = RoutingRule(code="baru", outcome="adjust", text_words=["sekolah"], tags=["sekolah"])
    assert len(tried(new, None).changes) == 1


def test_a_broken_edit_shows_that_reports_would_go_to_the_desk(three):
    broken = to("pohon", "DISPERKIM", times={"jam": 1})
    [change] = tried(broken, "pohon").changes
    assert change.after.triage_reason == "rule_failed"


def test_old_decisions_and_those_by_hand_are_left_out_and_many_are_sampled(three):
    RoutingDecision.objects.filter(report=three).update(decided_at=NOW - timedelta(days=100))
    assert tried(to("pohon", "DLH"), "pohon").total == 2
    result = tried(to("jalan-kota", "DISPERKIM"), "jalan-kota", most=1)
    assert (result.total, result.looked_at <= 1) == (2, True)


def test_a_dry_run_costs_the_same_number_of_queries_at_any_size(three, make_report, route):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            tried(to("pohon", "DLH"), "pohon")
        return len(queries)

    few = cost()
    for _n in range(10):
        route(make_report(category="lain-pohon"))
    assert cost() == few
