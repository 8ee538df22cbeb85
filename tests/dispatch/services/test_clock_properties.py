"""A report's clock through the services, whatever happens in whatever order, however late the workers are.

The machine keeps its own short record (when the office got the report, when it waited) and computes the
promise from that alone; tests/dispatch/domain/test_promise_properties.py holds the arithmetic to an oracle.
"""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from city import snapshot as city
from complaints.domain import workflow
from complaints.domain.actor import Actor
from complaints.domain.draft import ReportDraft
from complaints.models import Report
from complaints.services import conversation
from complaints.services.status import change_status
from complaints.services.submit import submit_report
from dispatch.domain import promise as promises
from dispatch.services import recompute, route, rules, worker
from tests.conftest import HERE, NOW

OFFICER = Actor("staff")
MINUTE = timedelta(minutes=1)
MINUTES = st.sampled_from([0, 7, 45, 240, 1440, 4321])


class ClockMachine(RuleBasedStateMachine):
    """One report with its office. Workers come when `work` says so, not before."""

    def __init__(self):
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.now = NOW
        draft = ReportDraft("lain-parkir", *HERE, description="Parkir di trotoar.")
        self.pk = submit_report(draft, now=self.now).report.pk
        self.began, self.pauses, self.waits_since = self.now, [], None
        self.work()

    def teardown(self):
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @property
    def report(self) -> Report:
        return Report.objects.get(pk=self.pk)

    def is_in(self, *statuses) -> bool:
        return self.report.status in statuses

    # --- What happens --------------------------------------------------------------------------------

    def work(self):
        for queue in ("routing", "notify", "notify"):
            worker.drain(queue, clock=lambda: self.now)
        self.is_settled = True

    @rule(minutes=MINUTES)
    def workers_come(self, minutes):
        self.now += minutes * MINUTE
        self.work()

    @precondition(lambda self: self.is_in("assigned", "in_progress", "reopened", "referred"))
    @rule(minutes=MINUTES)
    def wait(self, minutes):
        self.now += minutes * MINUTE
        change_status(self.pk, workflow.WAITING, actor=OFFICER, now=self.now, waiting_reason="Menunggu bahan")
        self.waits_since, self.is_settled = self.now, False

    @precondition(lambda self: self.is_in("waiting", "assigned", "reopened"))
    @rule(minutes=MINUTES)
    def go_on(self, minutes):
        self.now += minutes * MINUTE
        change_status(self.pk, workflow.IN_PROGRESS, actor=OFFICER, now=self.now)
        self._waiting_ends()

    @precondition(lambda self: self.is_in("in_progress", "waiting", "assigned"))
    @rule(minutes=MINUTES)
    def resolve(self, minutes):
        self.now += minutes * MINUTE
        change_status(self.pk, workflow.RESOLVED, actor=OFFICER, now=self.now, message="Sudah rapi.")
        self._waiting_ends()

    def _waiting_ends(self):
        if self.waits_since is not None:
            self.pauses.append((self.waits_since, self.now))
        self.waits_since, self.is_settled = None, False

    @precondition(lambda self: self.is_in("resolved"))
    @rule(minutes=MINUTES)
    def reopen(self, minutes):
        self.now += minutes * MINUTE
        conversation.reopen(self.pk, f"Masih ada, {self.now}.", now=self.now)
        self.began, self.pauses, self.is_settled = self.now, [], False

    @precondition(lambda self: self.is_in("assigned", "in_progress", "waiting", "reopened"))
    @rule(minutes=MINUTES, severity=st.integers(1, 5))
    def judge_anew(self, minutes, severity):
        self.now += minutes * MINUTE
        if severity != self.report.severity:
            reason = "Dilihat sendiri."
            recompute.change_severity(self.pk, severity, reason=reason, actor=OFFICER, now=self.now)
            self.is_settled = False

    # --- What must hold ------------------------------------------------------------------------------

    @invariant()
    def the_promise_is_what_the_history_makes_it(self):
        if not self.is_settled:
            return
        report, snap = self.report, city.current()
        level = route.level_of(report, snap, rules.current(snap))
        department = snap.departments_by_id[report.department_id]
        calendar = snap.calendar(department.calendar_code)
        wanted = promises.promise(level, calendar, self.began)
        for paused_at, resumed_at in self.pauses:
            wanted = promises.after_pause(
                wanted,
                level=level,
                calendar=calendar,
                paused_at=paused_at,
                resumed_at=resumed_at,
                acknowledged=False,
            )
        assert (report.make_safe_due_at, report.due_at) == (wanted.make_safe_due_at, wanted.due_at)
        first = promises.promise(level, calendar, self.began).acknowledge_due_at
        # A first answer that was given needs no new date; until then its date moves with the pauses.
        assert report.acknowledge_due_at in (wanted.acknowledge_due_at, first)
        if report.acknowledged_at is None:
            assert report.acknowledge_due_at == wanted.acknowledge_due_at


@pytest.mark.django_db
def test_the_promise_follows_from_the_history_alone():
    run_state_machine_as_test(
        ClockMachine,
        settings=settings(
            max_examples=40,
            stateful_step_count=15,
            deadline=None,
            phases=[Phase.generate],  # a shorter story would take minutes to find
            suppress_health_check=list(HealthCheck),
        ),
    )
