"""Deciding again what was decided: the same facts and the rules of that day must give the same answer.

The facts stand in the decision, lines and areas already looked up, so that no old map is needed; the rules
of its version stand in the log (`rule_log`). Only decisions of the rules can be replayed, not a person's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from city import snapshot as city
from dispatch.domain import routing
from dispatch.domain.facts import Facts
from dispatch.models import RoutingDecision
from dispatch.services import facts as facts_service
from dispatch.services import rule_log

SAME, DIFFERS = "same", "differs"
BY_HAND = "by_hand"  # a person decided, or the last resort did
UNRECORDED = "unrecorded"  # older than the log of the rules
UNREADABLE = "unreadable"  # its facts are from before, or damaged


@dataclass(frozen=True, slots=True)
class Replay:
    """`differences`: what differs, what the decision says, and what comes out now."""

    state: str
    differences: tuple[tuple[str, Any, Any], ...] = ()


class Replayer:
    """Replays decisions, reading each version of the table once."""

    def __init__(self):
        self._party_of = facts_service.party_of(city.current())
        self._tables: dict[int, routing.RuleTable | None] = {}

    def replay(self, record: RoutingDecision) -> Replay:
        """One decision; `record.department` is looked at. One query for each new version of the table."""
        said = record.facts
        if not isinstance(said, dict) or "category" not in said:
            return Replay(BY_HAND)
        table = self._table(record.rules_version)
        if table is None:
            return Replay(UNRECORDED)
        try:
            facts = Facts.from_json(said, self._party_of)
        except (KeyError, TypeError, ValueError, AttributeError):
            return Replay(UNREADABLE)
        now = _answer(routing.decide(facts, table))
        was = _recorded(record)
        found = tuple((name, was[name], now[name]) for name in was if was[name] != now[name])
        return Replay(DIFFERS if found else SAME, found)

    def _table(self, version: int) -> routing.RuleTable | None:
        if version not in self._tables:
            self._tables[version] = rule_log.table_at(version)
        return self._tables[version]


def replay_many(
    *, since: datetime | None = None, sample: int | None = None, seed: int = 0
) -> Iterator[tuple[RoutingDecision, Replay]]:
    """All decisions since then, or so many of them by chance, oldest first."""
    rows = RoutingDecision.objects.order_by("id")
    if since is not None:
        rows = rows.filter(decided_at__gte=since)
    if sample is not None:
        known = list(rows.values_list("pk", flat=True))
        rows = rows.filter(pk__in=Random(seed).sample(known, min(sample, len(known))))  # noqa: S311
    replayer = Replayer()
    for record in rows.select_related("department", "report").iterator(chunk_size=500):
        yield record, replayer.replay(record)


def _answer(decision: routing.Decision) -> dict[str, Any]:
    return {
        "outcome": decision.outcome,
        "department": decision.department.code if decision.department else None,
        "rule": decision.rule_code,
        "rule_version": decision.rule_version,
        "triage_reason": decision.triage_reason,
        "severity": decision.severity,
        "tags": list(decision.tags),
        "needs_check": decision.needs_check,
        "adjusted_by": list(decision.adjusted_by),
        "runners_up": [[item["rule"], item["points"]] for item in decision.runners_up],
    }


def _recorded(record: RoutingDecision) -> dict[str, Any]:
    said = {
        "outcome": record.outcome,
        "department": record.department.code if record.department else None,
        "rule": record.rule_code,
        "rule_version": record.rule_version,
        "triage_reason": record.triage_reason,
        "runners_up": [[item.get("rule"), item.get("points")] for item in record.runners_up],
    }
    if record.severity is not None:  # decisions from before said nothing about these
        said |= {
            "severity": record.severity,
            "tags": record.tags,
            "needs_check": record.needs_check,
            "adjusted_by": record.facts.get("adjusted_by", []),
        }
    return said
