"""A report's life through the services: whoever tries whatever, in any order and any state.

What is refused changes nothing at all; what is done keeps every rule of the row and of its timeline. What the
table of statuses says is checked against the services here, and against the database row by row in
tests/complaints/services/test_status.py.
"""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from complaints import errors
from complaints.domain import workflow
from complaints.domain.actor import CITIZEN, PORTAL, REPORTER, STAFF, Actor
from complaints.domain.draft import Contact, ReportDraft
from complaints.models import Event, Feedback, Photo, Report, Reporter, Subscription
from complaints.services import changes, conversation
from complaints.services.status import change_status
from complaints.services.submit import submit_report
from dispatch.domain import casework
from dispatch.models import Outbox, RoutingDecision
from dispatch.services import clocks, route, worker
from dispatch.services.casework import Details, take_step
from tests.conftest import HERE, NOW

REFUSALS = (errors.DomainError, Report.DoesNotExist)
WHOLE = {
    "message": "Sudah kami periksa di tempat.",
    "waiting_reason": "Menunggu bahan",
    "budget_line": "APBD 2027",
    "reason_code": "cannot_find",
}
NEEDED = {
    workflow.WAITING: ("waiting_reason",),
    workflow.SCHEDULED: ("scheduled_for", "budget_line"),
    workflow.RESOLVED: ("message",),
    workflow.REJECTED: ("message", "reason_code"),
}
ACTORS = {kind: Actor(kind) for kind in (STAFF, REPORTER, CITIZEN)} | {"system": PORTAL}


class LifeMachine(RuleBasedStateMachine):
    """One report; `users` and `offices` are there before it."""

    users: dict = {}
    offices: list = []

    def __init__(self):
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.now = NOW
        contact = Contact(email="warga@contoh.id")
        draft = ReportDraft("lain-parkir", *HERE, description="Parkir di trotoar.", contact=contact)
        self.pk = submit_report(draft, now=self.now).report.pk

    def teardown(self):
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    def traces(self) -> tuple:
        """Everything that a step could leave behind."""
        rows = (Event, Outbox, RoutingDecision, Feedback, Photo, Reporter, Subscription)
        counts = tuple(model.objects.count() for model in rows)
        return Report.objects.filter(pk=self.pk).values().get(), counts

    def try_to(self, do) -> bool:
        """Whether it was done. If not, nothing has changed; a row that has changed has a new version."""
        before = self.traces()
        try:
            do()
        except REFUSALS:
            assert self.traces() == before
            return False
        after = self.traces()
        if after[0]["status"] != before[0]["status"]:
            assert after[0]["version"] > before[0]["version"]
            assert after[1][0] > before[1][0]  # and an event says so
        return True

    def details(self, is_whole: bool) -> dict:
        if not is_whole:
            return {}
        return WHOLE | {"scheduled_for": timezone.localdate(self.now) + timedelta(days=30)}

    # --- Who tries what ------------------------------------------------------------------------------

    @rule(hours=st.sampled_from([1, 24, 24 * 8, 24 * 31]))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)

    @rule()
    def workers_come(self):
        for queue in ("routing", "notify", "notify"):
            worker.drain(queue, clock=lambda: self.now)
        assert not Outbox.objects.filter(report_id=self.pk, state="dead").exists()

    @rule(
        step=st.sampled_from(casework.STEPS),
        who=st.sampled_from(["p3m", "handler", "stranger", "viewer"]),
        is_whole=st.booleans(),
        office=st.integers(0, 2),
        severity=st.integers(1, 5),
    )
    def staff_take_a_step(self, step, who, is_whole, office, severity):
        further = {
            "department_id": self.offices[office],
            "severity": severity,
            "category": "lain-pju",
            "assignee_id": self.users["handler"].pk,
        }
        details = Details(**(self.details(True) | further)) if is_whole else Details()
        done = self.try_to(lambda: take_step(self.users[who], self.pk, step, details, now=self.now))
        assert not (done and who == "viewer")

    @rule(
        to=st.sampled_from(workflow.STATUSES),
        kind=st.sampled_from(sorted(ACTORS)),
        is_whole=st.booleans(),
        is_stale=st.booleans(),
    )
    def somebody_changes_the_status(self, to, kind, is_whole, is_stale):
        """Exactly what the table allows is done."""
        row, details = Report.objects.get(pk=self.pk), self.details(is_whole)
        allowed = (
            to not in workflow.MORE_THAN_A_STATUS  # those have services of their own
            and workflow.may_follow(row.status, to)
            and workflow.may_be_set_by(to, kind)
            and set(NEEDED.get(to, ())) <= details.keys()
            and not is_stale
        )
        version = row.version + is_stale
        done = self.try_to(
            lambda: change_status(
                self.pk, to, actor=ACTORS[kind], now=self.now, expected_version=version, **details
            )
        )
        assert done == allowed, (row.status, to, kind)

    @rule(verb=st.sampled_from(["confirm", "reopen", "comment", "withdraw"]), words=st.integers(0, 10**6))
    def the_reporter_speaks(self, verb, words):
        status = Report.objects.get(pk=self.pk).status
        text = f"Kata saya {words}"
        done = self.try_to(
            {
                "confirm": lambda: conversation.confirm_fixed(self.pk, now=self.now),
                "reopen": lambda: conversation.reopen(self.pk, text, now=self.now),
                "comment": lambda: conversation.add_comment(
                    self.pk, text, actor=Actor(REPORTER), now=self.now
                ),
                "withdraw": lambda: changes.withdraw_report(self.pk, now=self.now),
            }[verb]
        )
        if verb == "reopen" and done:
            assert status in workflow.REOPENABLE | {workflow.REOPENED}

    @rule()
    def the_portal_looks_after_silence(self):
        clocks.close_silent(now=self.now)
        clocks.remind_silent(now=self.now)

    @rule()
    def a_routing_comes_once_more(self):
        status = Report.objects.get(pk=self.pk).status
        found = route.route_report(self.pk, now=self.now)
        assert (found is not None) == (status == workflow.RECEIVED)

    # --- What must hold ------------------------------------------------------------------------------

    @invariant()
    def the_row_agrees_with_itself(self):
        row = Report.objects.get(pk=self.pk)
        assert row.is_open == (row.status in workflow.OPEN)
        assert bool(row.closure) == (row.status == workflow.CLOSED)
        assert (row.closed_at is not None) == (row.status == workflow.CLOSED)
        assert (row.resolved_at is None) or not row.is_open
        assert bool(row.waiting_reason) == (row.status == workflow.WAITING)
        assert row.status != workflow.TRIAGE or row.department_id is None
        assert row.status != workflow.SCHEDULED or row.scheduled_for is not None
        assert row.status == workflow.RECEIVED or row.status in (workflow.REJECTED,) or row.promised_at

    @invariant()
    def the_timeline_follows_the_table(self):
        row = Report.objects.get(pk=self.pk)
        events = Event.objects.filter(report=row).exclude(to_status="").order_by("id")
        steps = list(events.values_list("from_status", "to_status", "actor_kind"))
        assert steps[0][:2] == ("", workflow.RECEIVED)
        for (_from, before, _who), (came_from, after, kind) in pairwise(steps):
            assert came_from == before
            assert before == after or workflow.may_follow(before, after)
            if kind == CITIZEN:
                assert before == after
        assert steps[-1][1] == row.status

    @invariant()
    def whoever_has_left_the_entrance_left_it_once(self):
        left = Event.objects.filter(report_id=self.pk, from_status=workflow.RECEIVED)
        is_new = Report.objects.get(pk=self.pk).status == workflow.RECEIVED
        assert left.exclude(to_status=workflow.RECEIVED).count() == (not is_new)


@pytest.mark.django_db
def test_a_life_keeps_the_rules_whatever_is_tried(staff):
    from city.models import Department

    LifeMachine.users = {
        "p3m": staff("p3m"),
        "handler": staff("handler", "DPU"),
        "stranger": staff("handler", "DLH"),
        "viewer": staff("viewer"),
    }
    codes = ("DPU", "DISHUB", "PLN")  # the last one lies outside the city
    LifeMachine.offices = [Department.objects.get(code=code).pk for code in codes]
    run_state_machine_as_test(
        LifeMachine,
        settings=settings(
            max_examples=30,
            stateful_step_count=25,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
