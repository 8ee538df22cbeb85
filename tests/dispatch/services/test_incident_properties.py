"""Incidents through the services: whoever joins, takes apart, works, speaks or takes back, in any order.

The machine keeps a record of its own: who was joined to whom, as people did it (a forest, in which chains
are allowed; the portal must flatten them), and what each report's own work was when it was joined. Everything
else is asked of the database after every step.
"""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from django.core import mail
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from complaints import errors, selectors
from complaints.domain import workflow
from complaints.domain.actor import A_CITIZEN, PORTAL, THE_REPORTER
from complaints.domain.draft import Contact, ReportDraft
from complaints.domain.rights import CHANGE_WITHIN
from complaints.models import CellCount, Event, Merge, Report, Subscription
from complaints.services import changes, conversation, incidents
from complaints.services.submit import submit_report
from dispatch.domain import casework
from dispatch.models import ClockWatch, Delivery, Outbox
from dispatch.services import messages, worker
from dispatch.services.casework import Details, actor_of, take_step
from tests.conftest import HERE, NOW

REFUSALS = (errors.DomainError, Report.DoesNotExist)
# The last one is told by the reporter of the first one as well, the one before it is private.
REPORTERS = ("satu@contoh.id", "dua@contoh.id", "tiga@contoh.id", "empat@contoh.id", "satu@contoh.id")
PRIVATE = 3
STEPS = ("start", "wait", "wait", "resolve", "take", "accept", "severity", "not_ours", "decide", "reply")
VERBS = ("confirm", "reopen", "reopen", "comment", "support", "support", "withdraw")
# What each report has behind it when the story begins: no two stand alike.
ALREADY = (("accept",), ("start", "take"), ("wait",), ("severity",), ())
CAN_BE_JOINED = {"triage", "assigned", "in_progress", "waiting", "scheduled", "referred", "reopened"}
SAID = "Sudah kami periksa di tempat."


class IncidentMachine(RuleBasedStateMachine):
    """Five reports of one spot. `desk` and `office_id` are there before them."""

    desk = None
    office_id = 0

    def __init__(self):
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.now = NOW
        self.reports = [self._filed(number) for number in range(len(REPORTERS))]
        self.joined_to: dict[int, int] = {}
        self.own_work: dict[int, dict] = {}
        self.own_clock: dict[int, object] = {}  # of those that were joined while nothing waited
        self.taken_back: set[int] = set()
        self.supporters: Counter[int] = Counter()
        self.timelines: dict[int, list] = {pk: [] for pk in self.reports}
        self.is_exact = True  # nothing waits for the workers
        self.steps = 0
        self.work()
        for pk, steps in zip(self.reports, ALREADY, strict=True):
            for step in steps:
                take_step(self.desk, pk, step, self.details(severity=5), now=self.now)
        self.work()
        self._forget_messages()

    def _filed(self, number: int) -> int:
        contact = Contact(email=REPORTERS[number])
        draft = ReportDraft(
            *("lain-parkir", HERE[0], HERE[1] + number * 1e-5),
            description="Parkir di trotoar.",
            contact=contact,
            is_private=number == PRIVATE,
        )
        return submit_report(draft, now=self.now).report.pk

    def teardown(self):
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    # --- The machine's own record --------------------------------------------------------------------

    def primary_of(self, pk: int) -> int:
        while pk in self.joined_to:
            pk = self.joined_to[pk]
        return pk

    def way_of(self, pk: int) -> list[int]:
        """The reports through which one came to its primary, the first one first."""
        way, above = [], self.joined_to[pk]
        while above in self.joined_to:
            way.append(above)
            above = self.joined_to[above]
        return way

    def family(self, primary: int) -> list[int]:
        """A primary report and all that is merged into it, the primary first."""
        return [primary, *(pk for pk in self.reports if pk != primary and self.primary_of(pk) == primary)]

    def with_members(self) -> list[int]:
        return [pk for pk in self.reports if pk not in self.joined_to and len(self.family(pk)) > 1]

    def details(self, severity: int) -> Details:
        """Enough for every step."""
        why = {"message": SAID, "waiting_reason": "Menunggu bahan"}
        return Details(**why, severity=severity, department_id=self.office_id)

    def state(self, pk: int) -> dict:
        return incidents.state_of(Report.objects.get(pk=pk))

    def traces(self) -> tuple:
        rows = Report.objects.order_by("pk").values("pk", "version", "status", "merged_into", "is_open")
        counts = tuple(model.objects.count() for model in (Event, Merge, Outbox, Delivery))
        return list(rows), counts

    def try_to(self, do) -> bool:
        """Whether it was done; what is refused changes nothing."""
        before = self.traces()
        try:
            do()
        except REFUSALS:
            assert self.traces() == before
            return False
        return True

    # --- Workers and messages ------------------------------------------------------------------------

    def work(self):
        for _round in range(6):
            for queue in ("routing", "notify"):
                worker.drain(queue, clock=lambda: self.now)
            if not Outbox.objects.exclude(state="done").exists():
                return
        raise AssertionError("the outbox does not come to rest")

    def _forget_messages(self):
        mail.outbox.clear()
        self.last_event_id = Event.objects.latest("id").pk

    def settle(self):
        """The workers come. If nothing waited before the last step, exactly who must hear of it has heard."""
        self.work()
        if self.is_exact:
            wanted = Counter()
            for event in Event.objects.filter(pk__gt=self.last_event_id).order_by("pk"):
                wanted.update(self._listeners(event))
            heard = Counter((message.to[0], self._own_report(message)) for message in mail.outbox)
            assert heard == wanted
        self.is_exact = True
        self._forget_messages()

    def _listeners(self, event: Event) -> list[tuple[str, int]]:
        """(address, report by whose number it is told): each address once, whichever report comes first."""
        told = messages.audience_of(event)
        if not told:
            return []
        speaker = event.data.get("from_report_id")
        family = self.family(event.report_id) if event.report_id == self.primary_of(event.report_id) else []
        once: dict[str, int] = {}
        for pk in family or [event.report_id]:
            is_own = pk == event.report_id
            if pk == speaker or (is_own and "reporter" not in told and not speaker):
                continue
            once.setdefault(REPORTERS[self.reports.index(pk)], pk)
        return list(once.items())

    def _own_report(self, message) -> int:
        spoken = {row.spoken_code: row.pk for row in Report.objects.all()}
        (found,) = [pk for code, pk in spoken.items() if code in message.subject]
        return found

    # --- Who tries what ------------------------------------------------------------------------------

    @rule(seed=st.integers(0, 2**32))
    def something_happens(self, seed):
        """One die for all, so that every kind of step comes about as often as it is meant to. Most of what is
        tried makes sense, so that long stories come about; the rest must be refused."""
        self.steps += 1
        self.dice = Random(f"{seed}:{self.steps}")
        acts = {
            self.somebody_joins: 5,
            self.somebody_takes_apart: 3,
            self.staff_take_a_step: 5,
            self.people_speak: 5,
            self.workers_come: 2,
        }
        (act,) = self.dice.choices(list(acts), list(acts.values()))
        self.now += timedelta(seconds=self.dice.choice([0, 10, 60, 300]))
        act(makes_sense=self.dice.random() < 0.8)

    def after(self):
        """What a step is followed by: the workers at once, or a step more before they come."""
        if self.dice.random() < 0.2:
            self.is_exact = False
        else:
            self.settle()

    def workers_come(self, makes_sense):
        self.settle()

    def pick(self, among=()):
        return self.dice.choice(list(among) or self.reports)

    def may_join(self, pk: int, primary: int, rows: dict[int, Report]) -> bool:
        return (
            pk != primary
            and pk not in self.joined_to
            and primary not in self.joined_to
            and {rows[pk].status, rows[primary].status} <= CAN_BE_JOINED
            and (rows[pk].is_private or not rows[primary].is_private)
        )

    def somebody_joins(self, makes_sense):
        rows = {row.pk: row for row in Report.objects.all()}
        pairs = [(a, b) for a in self.reports for b in self.reports if self.may_join(a, b, rows)]
        pk, primary = self.pick(), self.pick()
        if makes_sense and pairs:
            pk, primary = self.pick(pairs)
        allowed = (pk, primary) in pairs
        before, was_exact = self.state(pk), self.is_exact
        actor, why = self.pick([(actor_of(self.desk), "Sama."), (PORTAL, "")])
        run = lambda: incidents.merge_reports(pk, primary, actor=actor, now=self.now, why=why)  # noqa: E731
        assert self.try_to(run) == allowed
        if allowed:
            self.joined_to[pk], self.own_work[pk] = primary, before
            if was_exact:
                self.own_clock[pk] = ClockWatch.objects.get(report=pk).next_at
            self.after()

    def somebody_takes_apart(self, makes_sense):
        pk = self.pick(self.joined_to if makes_sense else ())
        actor = self.pick([actor_of(self.desk), PORTAL])
        was_exact = self.is_exact
        run = lambda: incidents.unmerge_report(pk, actor=actor, now=self.now, why="Lain.")  # noqa: E731
        assert self.try_to(run) == (pk in self.joined_to)
        if pk not in self.joined_to:
            return
        del self.joined_to[pk]
        self._is_back_as_it_was(pk)
        if was_exact and pk in self.own_clock:  # and nothing that waited moves it afterwards
            self.settle()
            self._is_back_as_it_was(pk)
            assert ClockWatch.objects.get(report=pk).next_at == self.own_clock[pk]
        else:
            self.after()
        self.own_work.pop(pk), self.own_clock.pop(pk, None)

    def _is_back_as_it_was(self, pk: int):
        row = Report.objects.get(pk=pk)
        assert incidents.state_of(row) == self.own_work[pk]
        assert (row.merged_into_id, row.is_open) == (None, row.status in workflow.OPEN)

    def staff_take_a_step(self, makes_sense):
        own = [pk for pk in self.reports if pk not in self.joined_to]
        pk, step = self.pick(own if makes_sense else ()), self.pick(STEPS)
        primaries = self.with_members()
        if makes_sense and primaries and self.dice.random() < 0.3:
            pk, step = self.pick(primaries), "resolve"  # so that their reporters have something to answer
        details = self.details(severity=self.dice.randint(1, 5))
        done = self.try_to(lambda: take_step(self.desk, pk, step, details, now=self.now))
        assert not (done and pk in self.joined_to and step != casework.REPLY)
        if done:
            self.after()

    def people_speak(self, makes_sense):
        pk, verb = self.pick(self.joined_to if makes_sense else ()), self.pick(VERBS)
        ended = set(Report.objects.filter(status__in=workflow.REOPENABLE).values_list("pk", flat=True))
        primaries = self.with_members()
        if makes_sense and primaries and self.now - NOW < CHANGE_WITHIN and self.dice.random() < 0.3:
            pk, verb = self.pick(primaries), "withdraw"
        asked = [member for member in self.joined_to if self.primary_of(member) in ended - self.taken_back]
        if makes_sense and asked:
            pk, verb = self.pick(asked), self.pick(["confirm", "reopen", "reopen"])
        text = f"Kata saya {self.dice.random()}"
        run = {
            "confirm": lambda: conversation.confirm_fixed(pk, now=self.now),
            "reopen": lambda: conversation.reopen(pk, text, now=self.now),
            "comment": lambda: conversation.add_comment(pk, text, actor=THE_REPORTER, now=self.now),
            "support": lambda: self._support(pk, text),
            "withdraw": lambda: changes.withdraw_report(pk, now=self.now, message=text),
        }[verb]
        before = {other: self.state(other) for other in self.reports}
        if not self.try_to(run):
            return
        if verb == "withdraw":
            self._has_been_taken_back(pk, before)
        self.after()

    def _support(self, pk: int, token: str):
        if conversation.support(pk, token, actor=A_CITIZEN, now=self.now):
            self.supporters[pk] += 1

    def _has_been_taken_back(self, pk: int, before: dict[int, dict]):
        """It leaves its incident, with whom it brought; the oldest public one of those carries on."""
        own = self.own_work.pop(pk, before[pk])
        self.joined_to.pop(pk, None), self.own_clock.pop(pk, None)
        self.taken_back.add(pk)
        members = self.family(pk)[1:]
        if not members:
            return
        private = {row.pk: row.is_private for row in Report.objects.all()}
        heir = min(members, key=lambda member: (private[member], member))
        cut_from = self.joined_to.pop(heir)
        for member in members:
            if self.joined_to.get(member) == pk:
                self.joined_to[member] = heir
        assert cut_from in (pk, *members)
        mine = self.own_work.pop(heir)
        self.own_clock.pop(heir, None)
        carries = own["status"] in (mine["status"], *workflow.TRANSITIONS[mine["status"]])
        assert self.state(heir) == (own if carries else mine)

    # --- What must hold ------------------------------------------------------------------------------

    @invariant()
    def everybody_is_where_people_put_them(self):
        """Nobody's report is lost, and all that is merged names a report that carries its own work."""
        found = dict(Report.objects.values_list("pk", "merged_into_id"))
        wanted = {pk: self.primary_of(pk) if pk in self.joined_to else None for pk in self.reports}
        assert found == wanted
        open_merges = {merge.report_id: merge for merge in Merge.objects.filter(undone_at=None)}
        assert {pk: merge.primary_id for pk, merge in open_merges.items()} == {
            pk: primary for pk, primary in wanted.items() if primary
        }
        assert {pk: merge.path for pk, merge in open_merges.items()} == {
            pk: self.way_of(pk) for pk in self.joined_to
        }

    @invariant()
    def the_work_of_a_merged_report_stands_still(self):
        assert set(self.own_work) == set(self.joined_to)
        for pk, work in self.own_work.items():
            assert self.state(pk) == work
            assert Merge.objects.get(report=pk, undone_at=None).before == work

    @invariant()
    def the_queue_holds_each_piece_of_work_once(self):
        queue = selectors.for_staff(self.desk).filter(is_open=True)
        rows = Report.objects.filter(status__in=workflow.OPEN).exclude(pk__in=self.joined_to)
        assert set(queue) == set(rows)

    @invariant()
    def whoever_is_affected_is_counted_where_they_said_so(self):
        counts = dict(Report.objects.values_list("pk", "supporter_count"))
        assert counts == {pk: self.supporters[pk] for pk in self.reports}

    @invariant()
    def reporters_keep_their_voice(self):
        listening = Subscription.objects.filter(role="reporter", confirmed_at__isnull=False, stopped_at=None)
        assert set(listening.values_list("report_id", "address")) == set(
            zip(self.reports, REPORTERS, strict=True)
        )

    @invariant()
    def a_timeline_only_grows(self):
        for pk, before in self.timelines.items():
            now = list(Event.objects.filter(report=pk).order_by("pk").values())
            assert now[: len(before)] == before
            self.timelines[pk] = now

    @invariant()
    def nobody_is_told_the_same_twice(self):
        told = list(Delivery.objects.values_list("event_id", "recipient_hash"))
        assert len(told) == len(set(told))

    @invariant()
    def clocks_and_map_follow_when_the_workers_were_there(self):
        if not self.is_exact:
            return
        ticking = ClockWatch.objects.filter(next_at__isnull=False).values_list("report_id", flat=True)
        assert not set(ticking) & set(self.joined_to)
        public = Report.objects.filter(is_private=False).exclude(pk__in=self.joined_to)
        counted = CellCount.objects.filter(resolution=5).values_list("count", flat=True)
        assert sum(counted) == public.count()


@pytest.mark.django_db
def test_incidents_keep_their_rules_whatever_is_tried(staff):
    from city.models import Department

    IncidentMachine.desk = staff("p3m")
    IncidentMachine.office_id = Department.objects.get(code="DPU").pk
    run_state_machine_as_test(
        IncidentMachine,
        settings=settings(
            max_examples=10,
            stateful_step_count=25,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
