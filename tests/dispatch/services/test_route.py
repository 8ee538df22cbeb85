"""Routing, hand-over and triage through the services: what is written, once, and what is refused."""

import logging
from datetime import date, datetime, timedelta

import pytest
from django.core.management import call_command

from city import snapshot
from complaints import errors
from complaints.domain.actor import Actor
from complaints.models import Event, Report
from complaints.services.status import change_status
from dispatch.domain import retry
from dispatch.models import Outbox, RoutingDecision, RoutingRule
from dispatch.selectors import latest_decision, queue_states
from dispatch.services import clocks, outbox, route, rules, worker
from tests.conftest import NOW, WIB

OFFICER = Actor("staff")
LATER = NOW + timedelta(hours=3)


def department_id(code: str) -> int:
    return snapshot.current().departments[code].id


def at(moment):
    return lambda: moment


@pytest.fixture
def routed(make_report, route):
    return route(make_report())


def test_a_decision_says_everything(routed):
    decision = latest_decision(routed.pk)
    assert (decision.outcome, decision.rule_code, decision.rule_version) == ("assigned", "jalan-kota", 1)
    assert decision.rules_version == rules.current(snapshot.current()).version
    assert decision.boundaries_version == snapshot.current().boundaries_version
    assert decision.facts["category"] == "jalan-lubang"
    assert decision.facts["line"] is None
    event = Event.objects.get(kind="routed")
    assert event.data["reasons"] == decision.reasons
    assert event.data["decision_id"] == decision.pk
    assert (routed.promised_at, routed.department.code) == (NOW, "DPU")


def test_routing_again_changes_nothing(routed):
    before = Report.objects.values().get()
    assert route.route_report(routed.pk, now=LATER) is None
    assert Report.objects.values().get() == before
    assert RoutingDecision.objects.count() == 1


def test_runners_up_are_kept_with_why_they_lost(make_report, route):
    report = route(make_report(answers={"road_type": "alley"}))
    decision = latest_decision(report.pk)
    assert decision.rule_code == "jalan-gang"
    [loser] = decision.runners_up
    assert (loser["rule"], loser["department"]) == ("jalan-kota", "DPU")
    assert loser["why"] == "Kurang khusus (20 angka, pemenang 26)."


def test_no_rule_goes_to_triage_with_a_first_answer_promised(make_report, route):
    RoutingRule.objects.all().delete()
    rules.bump()
    report = route(make_report())
    assert (report.status, report.department, report.due_at) == ("triage", None, None)
    assert report.acknowledge_due_at == datetime(2026, 9, 16, 9, 0, tzinfo=WIB)
    assert latest_decision(report.pk).triage_reason == "no_rule"
    assert Event.objects.get(kind="triaged").data["triage_reason"] == "no_rule"


def test_a_failing_rule_is_recorded_and_alerts(make_report, route, caplog):
    RoutingRule.objects.filter(code="jalan-kota").update(answers=["broken"])
    rules.bump()
    with caplog.at_level(logging.ERROR):
        report = route(make_report())
    decision = latest_decision(report.pk)
    assert (report.status, decision.triage_reason) == ("triage", "rule_failed")
    assert decision.facts["failed_rules"] == ["jalan-kota"]
    assert "jalan-kota" in caplog.text


def test_a_rule_edited_by_staff_counts_from_then_on_with_a_new_version(make_report, route):
    rule = RoutingRule.objects.get(code="jalan-kota")
    rule.department_id = department_id("DISPERKIM")
    rules.save_rule(rule)
    report = route(make_report())
    assert report.department.code == "DISPERKIM"
    assert latest_decision(report.pk).rule_version == 2


def test_a_report_whose_routing_dies_goes_to_triage(make_report, monkeypatch):
    def broken(report, snap):
        raise RuntimeError("map lost")

    monkeypatch.setattr(route.facts, "gather", broken)
    report = make_report()
    now = NOW
    for _n in range(retry.MAX_ATTEMPTS["routing"]):
        worker.drain("routing", clock=at(now))
        now += timedelta(minutes=10)
    report.refresh_from_db()
    assert Outbox.objects.get(queue="routing").state == "dead"
    assert (report.status, latest_decision(report.pk).triage_reason) == ("triage", "routing_failed")


def test_not_ours_goes_on_to_the_named_department_with_a_new_promise(routed):
    report = route.hand_over(
        routed.pk,
        reason="Ini jalan nasional.",
        target_department_id=department_id("BBPJN"),
        actor=OFFICER,
        now=LATER,
        expected_version=routed.version,
    )
    assert (report.status, report.department.code, report.handover_count) == ("referred", "BBPJN", 1)
    assert report.promised_at == LATER
    event = Event.objects.get(kind="handed_over")
    assert event.text == "Ini jalan nasional."
    decision = latest_decision(report.pk)
    assert (decision.facts["by_hand"], decision.reasons) == (True, ["Ini jalan nasional."])


def test_not_ours_without_a_name_goes_back_to_triage(routed):
    report = route.hand_over(
        routed.pk, reason="Bukan kami.", target_department_id=None, actor=OFFICER, now=LATER
    )
    assert (report.status, report.department_id, report.due_at) == ("triage", None, None)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"reason": "  "}, errors.MissingReason),
        ({"target": "DPU"}, errors.InvalidReport),
        ({"target_id": 999_999}, errors.InvalidReport),
        ({"expected_version": 1}, errors.Conflict),
    ],
)
def test_a_hand_over_that_is_refused_changes_nothing(routed, changes, error):
    before = Report.objects.values().get()
    target = changes.get("target_id") or department_id(changes.get("target", "DISHUB"))
    with pytest.raises(error):
        route.hand_over(
            routed.pk,
            reason=changes.get("reason", "Bukan kami."),
            target_department_id=target,
            actor=OFFICER,
            now=LATER,
            expected_version=changes.get("expected_version", routed.version),
        )
    assert Report.objects.values().get() == before
    assert RoutingDecision.objects.count() == 1


def test_a_closed_report_cannot_be_handed_over(routed):
    Report.objects.filter(pk=routed.pk).update(status="rejected", is_open=False)
    with pytest.raises(errors.TransitionNotAllowed):
        route.hand_over(
            routed.pk,
            reason="Bukan kami.",
            target_department_id=department_id("DISHUB"),
            actor=OFFICER,
            now=LATER,
        )


def test_the_triage_desk_decides_and_corrects_the_severity(make_report):
    report = make_report(category="lain-lainnya")
    route.route_report(report.pk, now=NOW)
    decided = route.decide_by_hand(
        report.pk,
        department_id=department_id("DLH"),
        reason="Ini soal sampah.",
        actor=OFFICER,
        now=LATER,
        severity=4,
    )
    assert (decided.status, decided.department.code, decided.severity) == ("assigned", "DLH", 4)
    assert decided.due_at == LATER + timedelta(hours=48)


# --- Clocks ---------------------------------------------------------------------------------------------


def work(now):
    for queue in ("routing", "notify"):
        worker.drain(queue, clock=at(now))


def test_waiting_moves_the_promise_once_by_its_working_time(routed):
    work(NOW)
    due_before = Report.objects.get().due_at
    change_status(
        routed.pk, "waiting", actor=OFFICER, now=NOW + timedelta(hours=1), waiting_reason="Menunggu aspal."
    )
    change_status(routed.pk, "in_progress", actor=OFFICER, now=NOW + timedelta(hours=5))
    work(NOW + timedelta(hours=6))
    # Tuesday 10.00 to 14.00: four hours, from Friday's closing at 14.00 to Monday 12.00.
    assert due_before == datetime(2026, 9, 18, 14, 0, tzinfo=WIB)
    assert Report.objects.get().due_at == datetime(2026, 9, 21, 12, 0, tzinfo=WIB)
    promise = Event.objects.get(kind="promise")
    assert promise.data["reason_code"] == "paused"
    work(LATER + timedelta(days=1))
    assert Event.objects.filter(kind="promise").count() == 1


def test_a_pause_that_ends_with_the_work_done_counts_too(routed):
    work(NOW)
    due_before = Report.objects.get().due_at
    change_status(
        routed.pk, "waiting", actor=OFFICER, now=NOW + timedelta(hours=1), waiting_reason="Menunggu aspal."
    )
    routed.category.needs_repair_photo = False
    routed.category.save()
    done = NOW + timedelta(days=7, hours=1)
    change_status(routed.pk, "resolved", actor=OFFICER, now=done, message="Sudah ditambal.")
    work(done)
    report = Report.objects.get()
    assert due_before < report.resolved_at < report.due_at
    assert report.status == "resolved"


def test_scheduled_work_is_promised_until_the_end_of_its_day(routed):
    work(NOW)
    change_status(
        routed.pk, "scheduled", actor=OFFICER, now=NOW, scheduled_for=date(2027, 3, 1), budget_line="APBD"
    )
    work(LATER)
    report = Report.objects.get()
    assert report.due_at == datetime(2027, 3, 1, 23, 59, 59, tzinfo=WIB)
    promise = Event.objects.get(kind="promise")
    assert (promise.data["reason_code"], promise.is_public) == ("scheduled", False)
    change_status(routed.pk, "in_progress", actor=OFFICER, now=LATER)
    work(LATER)
    assert Report.objects.get().due_at == report.due_at


def test_a_hand_over_out_of_waiting_has_its_own_promise(routed):
    work(NOW)
    change_status(routed.pk, "waiting", actor=OFFICER, now=NOW, waiting_reason="Menunggu.")
    route.hand_over(
        routed.pk,
        reason="Bukan kami.",
        target_department_id=department_id("DISHUB"),
        actor=OFFICER,
        now=LATER,
    )
    due = Report.objects.get().due_at
    work(LATER)
    assert Report.objects.get().due_at == due
    assert not Event.objects.filter(kind="promise").exists()


def _resolve(report, now):
    report.category.needs_repair_photo = False
    report.category.save()
    change_status(report.pk, "in_progress", actor=OFFICER, now=now)
    change_status(report.pk, "resolved", actor=OFFICER, now=now, message="Sudah ditambal.")


def test_a_reopened_report_gets_a_new_promise(routed):
    from complaints.services.conversation import reopen

    _resolve(routed, NOW)
    reopened_at = datetime(2026, 9, 21, 9, 0, tzinfo=WIB)
    reopen(routed.pk, "Berlubang lagi.", now=reopened_at)
    work(reopened_at)
    report = Report.objects.get()
    assert (report.status, report.due_at) == ("reopened", datetime(2026, 9, 24, 16, 0, tzinfo=WIB))
    assert Event.objects.get(kind="promise").data["reason_code"] == "reopened"


def test_a_department_that_is_faster_than_the_queue_still_gets_the_new_promise(routed):
    from complaints.services.conversation import reopen

    _resolve(routed, NOW)
    reopened_at = datetime(2026, 9, 21, 9, 0, tzinfo=WIB)
    reopen(routed.pk, "Berlubang lagi.", now=reopened_at)
    change_status(routed.pk, "in_progress", actor=OFFICER, now=reopened_at + timedelta(minutes=5))
    work(reopened_at + timedelta(hours=1))
    report = Report.objects.get()
    assert (report.status, report.due_at) == ("in_progress", datetime(2026, 9, 24, 16, 0, tzinfo=WIB))
    assert Event.objects.filter(kind="promise").count() == 1


def test_silence_closes_after_ten_days_and_not_before(routed):
    _resolve(routed, NOW)
    assert clocks.close_silent(now=NOW + timedelta(days=9, hours=23)) == 0
    assert clocks.close_silent(now=NOW + timedelta(days=10)) == 1
    report = Report.objects.get()
    assert (report.status, report.is_open) == ("closed", False)
    assert Event.objects.order_by("-id").first().actor_kind == "system"
    assert clocks.close_silent(now=NOW + timedelta(days=11)) == 0


def test_a_reporter_who_speaks_is_not_silent(routed):
    from complaints.domain.actor import THE_REPORTER
    from complaints.services.conversation import add_comment

    _resolve(routed, NOW)
    add_comment(routed.pk, "Saya lihat besok.", actor=THE_REPORTER, now=NOW + timedelta(days=8))
    assert clocks.close_silent(now=NOW + timedelta(days=10)) == 0
    assert clocks.close_silent(now=NOW + timedelta(days=18)) == 1


def test_what_the_queues_do_is_counted_and_shown(make_report, capsys):
    make_report()
    [routing, *_rest] = queue_states(now=NOW + timedelta(minutes=3))
    assert (routing.queue, routing.pending, routing.oldest_pending_s) == ("routing", 1, 180.0)
    with pytest.raises(SystemExit) as stuck:
        call_command("dispatch_status", "--json")
    assert stuck.value.code == 1
    assert '"is_stuck": true' in capsys.readouterr().out
    work(NOW)
    call_command("dispatch_status")
    assert "STUCK" not in capsys.readouterr().out


def test_dead_rows_and_run_out_leases_are_stuck(make_report):
    make_report()
    outbox.claim("routing", now=NOW)
    [routing, *_rest] = queue_states(now=NOW + timedelta(minutes=5))
    assert (routing.leased, routing.expired) == (1, 1)
    assert routing.is_stuck(timedelta(minutes=2))
    Outbox.objects.filter(queue="routing").update(state="dead")
    [routing, *_rest] = queue_states(now=NOW)
    assert routing.is_stuck(timedelta(days=1))


def test_routing_costs_the_same_number_of_queries_whatever_the_table_holds(
    make_report, django_assert_max_num_queries
):
    first, second = make_report(), make_report()
    route.route_report(first.pk, now=NOW)
    with django_assert_max_num_queries(12):
        route.route_report(second.pk, now=NOW)
