"""Staff's pages for rules, service levels, decisions, the outbox and messages: who may, and what it does."""

from datetime import timedelta

import pytest
from django.urls import reverse

from dispatch.models import Delivery, Outbox, RoutingDecision, RoutingRule, RulesVersion, ServiceLevel
from dispatch.services import worker
from tests.conftest import NOW

LISTS = ["routingrule", "servicelevel", "routingdecision", "outbox", "delivery"]


@pytest.fixture
def admin(client, staff):
    client.force_login(staff("admin"))
    return client


def page(model: str, action: str = "changelist", *args) -> str:
    return reverse(f"admin:dispatch_{model}_{action}", args=args)


@pytest.fixture
def some_work(make_report):
    """A routed report, a dead row and a failed message."""
    report = make_report()
    worker.drain("routing", clock=lambda: NOW)
    dead = Outbox.objects.create(
        queue="media", topic="no.such", created_at=NOW, due_at=NOW, state="dead", last_error="OSError: gone"
    )
    Delivery.objects.create(
        report=report, event_id=1, channel="email", recipient_hash="x", state="failed", created_at=NOW
    )
    return dead


@pytest.mark.parametrize("model", LISTS)
def test_the_lists_open_and_link_to_their_rows(admin, some_work, model):
    assert admin.get(page(model)).status_code == 200
    rows = {
        "routingrule": RoutingRule,
        "servicelevel": ServiceLevel,
        "routingdecision": RoutingDecision,
        "outbox": Outbox,
        "delivery": Delivery,
    }
    assert admin.get(page(model, "change", rows[model].objects.first().pk)).status_code == 200


@pytest.mark.parametrize("model", LISTS)
def test_a_handler_sees_none_of_it(client, staff, some_work, model):
    client.force_login(staff("handler", "DPU"))
    assert client.get(page(model)).status_code == 403


def form_of(rule: RoutingRule, **changes) -> dict:
    return {
        "code": rule.code,
        "categories": rule.categories,
        "areas": rule.areas,
        "line_owners": rule.line_owners,
        "line_classes": rule.line_classes,
        "line_names": ", ".join(rule.line_names),
        "text_words": ", ".join(rule.text_words),
        "channels": rule.channels,
        "answers": "\n".join(
            f"{question} = {', '.join(values)}" for question, values in rule.answers.items()
        ),
        "min_severity": rule.min_severity or "",
        "severity_change": rule.severity_change,
        "severity_to": rule.severity_to or "",
        "tags": ", ".join(rule.tags),
        "outcome": rule.outcome,
        "department": rule.department_id or "",
        "reason": rule.reason,
        "reason_en": rule.reason_en,
        "basis": rule.basis,
        "order": rule.order,
        "is_active": "on",
    } | changes


def test_editing_a_rule_raises_its_version_and_the_tables(admin):
    rule = RoutingRule.objects.get(code="trotoar-ditempati")
    before = RulesVersion.objects.get().version
    answer = admin.post(
        page("routingrule", "change", rule.pk), form_of(rule, answers="sidewalk_problem = occupied, parked")
    )
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    rule.refresh_from_db()
    assert (rule.version, rule.answers) == (2, {"sidewalk_problem": ["occupied", "parked"]})
    assert (rule.categories, rule.line_owners) == (["jalan-trotoar"], [])
    assert RulesVersion.objects.get().version == before + 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"outcome": "department", "department": ""}, "department"),
        ({"categories": ["jalan-lobang"]}, "categories"),
        ({"areas": ["33.74.99"]}, "areas"),
        ({"line_owners": ["NOBODY"]}, "line_owners"),
        ({"answers": "sidewalk_problem"}, "answers"),
        ({"answers": "sidewalk_problem = dancing"}, "answers"),
        ({"answers": "depth = knee"}, "answers"),
    ],
)
def test_a_rule_with_a_mistake_is_not_saved(admin, changes, field):
    rule = RoutingRule.objects.get(code="trotoar-ditempati")
    answer = admin.post(page("routingrule", "change", rule.pk), form_of(rule, **changes))
    assert answer.status_code == 200
    assert field in answer.context["adminform"].form.errors
    rule.refresh_from_db()
    assert (rule.version, rule.answers) == (1, {"sidewalk_problem": ["occupied"]})


def test_adding_and_deleting_a_rule_counts(admin):
    rule = RoutingRule.objects.get(code="pkl")
    before = RulesVersion.objects.get().version
    assert admin.post(page("routingrule", "add"), form_of(rule, code="pkl-baru", order=5)).status_code == 302
    new = RoutingRule.objects.get(code="pkl-baru")
    assert admin.post(page("routingrule", "delete", new.pk), {"post": "yes"}).status_code == 302
    assert RulesVersion.objects.get().version == before + 2
    assert not RoutingRule.objects.filter(code="pkl-baru").exists()


def test_editing_a_service_level_counts(admin):
    level = ServiceLevel.objects.get(severity=3)
    before = RulesVersion.objects.get().version
    values = {
        "category": "",
        "severity": 3,
        "clock": "working",
        "acknowledge_minutes": 240,
        "make_safe_minutes": 480,
        "resolve_minutes": "",
        "resolve_working_days": 2,
        "basis": level.basis,
    }
    assert admin.post(page("servicelevel", "change", level.pk), values).status_code == 302
    level.refresh_from_db()
    assert (level.acknowledge_minutes, level.resolve_working_days) == (240, 2)
    assert RulesVersion.objects.get().version == before + 1


def test_dead_rows_are_replayed_from_the_list(admin, some_work):
    done = Outbox.objects.get(queue="routing")
    data = {"action": "replay", "_selected_action": [some_work.pk, done.pk]}
    answer = admin.post(page("outbox"), data)
    assert answer.status_code == 302
    some_work.refresh_from_db()
    done.refresh_from_db()
    assert (some_work.state, some_work.attempts) == ("pending", 0)
    assert done.state == "done"


def test_who_may_only_look_cannot_replay(client, staff, some_work):
    client.force_login(staff("p3m"))
    assert client.get(page("outbox")).status_code == 200
    client.post(page("outbox"), {"action": "replay", "_selected_action": [some_work.pk]})
    some_work.refresh_from_db()
    assert some_work.state == "dead"


@pytest.mark.parametrize("model", ["outbox", "delivery", "routingdecision"])
def test_what_the_portal_writes_nobody_adds_or_deletes(admin, some_work, model):
    assert admin.get(page(model, "add")).status_code == 403
    rows = {"outbox": Outbox, "delivery": Delivery, "routingdecision": RoutingDecision}
    row = rows[model].objects.first()
    assert admin.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert rows[model].objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", ["outbox", "routingdecision", "delivery"])
def test_lists_cost_the_same_at_any_length(admin, some_work, make_report, model, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    admin.get(page(model))
    with CaptureQueriesContext(connection) as few:
        admin.get(page(model))
    for n in range(15):
        report = make_report(now=NOW + timedelta(minutes=n))
        Delivery.objects.create(
            report=report, event_id=100 + n, channel="email", recipient_hash="x", created_at=NOW
        )
    worker.drain("routing", clock=lambda: NOW + timedelta(hours=1))
    with django_assert_num_queries(len(few)):
        admin.get(page(model))
