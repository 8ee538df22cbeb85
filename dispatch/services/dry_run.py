"""What an edited rule would have changed: recent reports decided with the rules in force, and with the edit.

Nothing is written. Both tables are applied to the facts that stand in the decisions, so that only the edit
makes a difference, not the map or other rules that have changed since.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from dispatch.domain import routing
from dispatch.domain.conditions import weigh
from dispatch.domain.facts import Facts
from dispatch.models import RoutingDecision
from dispatch.services import facts as facts_service

WINDOW_DAYS = 90
MOST = 20_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What matters of a decision: `department` is a code, or None for the triage desk, which then has a
    reason."""

    department: str | None
    triage_reason: str
    severity: int
    tags: tuple[str, ...]
    needs_check: bool


@dataclass(frozen=True, slots=True)
class Change:
    report_id: int
    before: Answer
    after: Answer


@dataclass(frozen=True, slots=True)
class DryRun:
    """`total` decisions in the window, `looked_at` of them replayed; `changes` newest first."""

    total: int
    looked_at: int
    unreadable: int
    changes: tuple[Change, ...]

    @property
    def is_sample(self) -> bool:
        return self.total > MOST

    def counts(self) -> list[tuple[Answer, Answer, int]]:
        """From, to and how many, most frequent first."""
        found = Counter((change.before, change.after) for change in self.changes)
        return [(before, after, count) for (before, after), count in found.most_common()]


def dry_run(
    edited: routing.Rule | None,
    replaced_code: str | None,
    in_force: routing.RuleTable,
    snap: Any,
    *,
    now: datetime,
    most: int = MOST,
) -> DryRun:
    """Try a rule on the decisions of the last WINDOW_DAYS days, each report once.

    `edited` takes the place of the rule `replaced_code` (None: it is new); None instead of a rule tries what
    happens without it. Above `most` decisions every n-th is taken. Two queries; about 1 s for 20,000.
    """
    rows = RoutingDecision.objects.filter(decided_at__gte=now - timedelta(days=WINDOW_DAYS))
    total = rows.count()
    step = -(-total // most)
    if step > 1:
        rows = rows.annotate(_nth=F("id") % step).filter(_nth=0)
    replaced = [rule for rule in in_force if rule.code == replaced_code]
    edits = [*replaced, *([edited] if edited else [])]
    after = _table_with(in_force, replaced_code, edited)
    looked_at, unreadable, changes = 0, 0, []
    for report_id, facts in _facts(rows, snap):
        looked_at += 1
        if facts is None:
            unreadable += 1
        elif any(_touches(rule, facts) for rule in edits):
            old, new = _answer(facts, in_force), _answer(facts, after)
            if old != new:
                changes.append(Change(report_id, old, new))
    return DryRun(total, looked_at, unreadable, tuple(changes))


def _table_with(table: routing.RuleTable, code: str | None, edited: routing.Rule | None):
    rules = [rule for rule in table if rule.code != code]
    rules += [edited] if edited else []
    return routing.RuleTable(sorted(rules, key=lambda rule: (rule.order, rule.code)))


def _facts(rows, snap) -> Iterator[tuple[int, Facts | None]]:
    """The facts of each report's latest decision by rules, newest first; None for what cannot be read."""
    party_of, seen = facts_service.party_of(snap), set()
    values = rows.order_by("-id").values_list("report_id", "facts", "report__description")
    for report_id, said, text in values.iterator(chunk_size=2000):
        if report_id in seen or not isinstance(said, dict) or "category" not in said:
            continue
        seen.add(report_id)
        try:
            yield report_id, Facts.from_json(said, party_of, text)
        except (KeyError, TypeError, ValueError, AttributeError):
            yield report_id, None


def _touches(rule: routing.Rule, facts: Facts) -> bool:
    """Whether a rule holds, or fails, for a report: only then can it make a difference."""
    for line in facts.candidates:
        try:
            if weigh(rule, facts, line) is not None:
                return True
        except Exception:  # it would fail in earnest as well
            return True
    return False


def _answer(facts: Facts, table: routing.RuleTable) -> Answer:
    decision = routing.decide(facts, table)
    department = decision.department.code if decision.department else None
    return Answer(department, decision.triage_reason, decision.severity, decision.tags, decision.needs_check)
