"""A kind put right: the rules decide anew, the earlier decision stays, everybody is told why."""

from datetime import timedelta

import pytest

from complaints import errors
from complaints.domain.actor import Actor
from complaints.models import Event, Report
from dispatch.models import RoutingDecision
from dispatch.selectors import latest_decision
from dispatch.services import route, suggestions
from dispatch.services.recategorise import recategorise
from dispatch.services.suggestions import better_category
from tests.conftest import NOW

LATER = NOW + timedelta(hours=2)
DESK = Actor("staff")


@pytest.fixture
def wrong(make_report, route):
    """A lamp that was reported as a hole."""
    return route(
        make_report(
            description="Lampu jalan mati, PJU padam",
            answers={"road_type": "street", "injured": "yes"},
        )
    )


def correct(report, code="lain-pju", **changes):
    return recategorise(report.pk, code, **({"actor": DESK, "now": LATER} | changes))


def test_another_department_gets_it_with_a_new_promise(wrong):
    before = latest_decision(wrong.pk)
    assert before.facts["suggested_category"] == "lain-pju"
    report = correct(wrong, message="Ini lampu, bukan lubang.")
    assert (report.category.code, report.department.code, report.status) == (
        "lain-pju",
        "DISPERKIM",
        "assigned",
    )
    assert (report.severity, report.answers, report.promised_at) == (2, {}, LATER)
    assert report.handover_count == 0
    decision = latest_decision(report.pk)
    assert (decision.rule_code, decision.facts["suggested_category"]) == ("pju-kota", None)
    assert decision.facts["recategorised"] == {
        "from": "jalan-lubang",
        "user_id": None,
        "dropped_answers": {"road_type": "street", "injured": "yes"},
    }
    assert RoutingDecision.objects.filter(pk=before.pk, rule_code="jalan-kota").exists()
    category, routed = Event.objects.filter(report=report).order_by("id")[2:4]
    assert (category.kind, category.text) == ("category", "Ini lampu, bukan lubang.")
    assert category.data["reasons"] == [
        "Jenisnya dibetulkan: Jalan berlubang menjadi Lampu jalan mati (PJU)."
    ]
    assert (routed.kind, routed.actor_kind) == ("routed", "system")


def test_the_same_department_keeps_it_in_its_state(wrong):
    from complaints.services.status import acknowledge, change_status

    acknowledge(wrong.pk, actor=DESK, now=NOW)
    change_status(wrong.pk, "in_progress", actor=DESK, now=NOW)
    promised_at = Report.objects.get().promised_at
    report = correct(wrong, "jalan-ambles")
    assert (report.department.code, report.status, report.severity) == ("DPU", "in_progress", 4)
    assert report.acknowledged_at == NOW
    # The clock did not begin anew: 48 hours from the day the department got it.
    assert report.due_at == promised_at + timedelta(hours=48)


def test_answers_that_the_new_kind_asks_too_are_kept(make_report, route):
    report = route(make_report(answers={"road_type": "alley", "size": "over_60"}))
    report = correct(report, "jalan-retak")
    assert report.answers == {"road_type": "alley"}
    assert (report.department.code, report.severity) == ("KEC-33.74.07", 2)


def test_a_private_kind_makes_it_private_and_none_makes_it_public(wrong):
    assert correct(wrong, "lain-pungli").is_private is True
    assert correct(wrong, "lain-pju").is_private is True


def test_from_the_desk_it_goes_to_whom_the_rules_name(make_report, route):
    report = route(make_report(category="lain-lainnya", description="Sampah menumpuk di TPS"))
    assert (report.status, report.department) == ("triage", None)
    report = correct(report, "lain-sampah")
    assert (report.status, report.department.code) == ("assigned", "DLH")


@pytest.mark.parametrize(
    ("code", "changes", "error"),
    [
        ("jalan-lubang", {}, errors.InvalidReport),
        ("jalan", {}, errors.InvalidReport),
        ("jalan-lobang", {}, errors.InvalidReport),
        ("", {}, errors.InvalidReport),
        ("lain-pju", {"expected_version": 1}, errors.Conflict),
    ],
)
def test_a_correction_that_is_refused_changes_nothing(wrong, code, changes, error):
    before = Report.objects.values().get(), Event.objects.count(), RoutingDecision.objects.count()
    with pytest.raises(error):
        correct(wrong, code, **changes)
    assert (Report.objects.values().get(), Event.objects.count(), RoutingDecision.objects.count()) == before


def test_not_before_it_is_routed_and_not_after_it_has_ended(make_report):
    report = make_report()
    with pytest.raises(errors.TransitionNotAllowed):
        correct(report)
    route.route_report(report.pk, now=NOW)
    Report.objects.filter(pk=report.pk).update(status="rejected", is_open=False)
    with pytest.raises(errors.TransitionNotAllowed):
        correct(report)
    assert RoutingDecision.objects.count() == 1


# --- When another kind is suggested ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([("lain-pju", 0.9)], "lain-pju"),
        ([("lain-pju", 0.9), ("jalan-lubang", 0.3)], "lain-pju"),
        ([("lain-pju", 0.9), ("jalan-lubang", 0.5)], None),
        ([("jalan-lubang", 0.9), ("lain-pju", 0.8)], None),
        ([("lain-pju", suggestions.LEAST_SCORE - 0.01)], None),
        ([], None),
    ],
)
def test_only_a_clearly_better_kind_is_suggested(make_report, found, expected):
    from city import snapshot

    assert better_category(make_report(), snapshot.current(), lambda text: found) == expected
