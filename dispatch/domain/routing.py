"""Who is responsible: facts and rules in, a decision with its reasons out. Plain Python, no database.

Of the rules whose conditions all hold, the most specific wins. Each condition that a rule sets gives
points (`POINTS`); they are added up. Where the points tie, the lower `order` wins; where that ties too,
and the rules would lead to different places, a person decides. docs/routing.md explains it to civil servants.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dispatch.domain import sentences
from dispatch.domain.facts import NO_LINE, Facts, Line, Party

DEPARTMENT, LINE_OWNER, SUBDISTRICT, TRIAGE = "department", "line_owner", "subdistrict", "triage"
ASSIGNED, REFERRED = "assigned", "referred"

# What each condition adds to a rule's weight. A finer place or kind weighs more than a coarser one.
POINTS = {
    "category_kind": 20,
    "category_group": 10,
    "answer": 6,  # for each question the rule asks about
    "line_owner": 5,
    "line_class": 4,
    "kelurahan": 8,
    "kecamatan": 4,
    "severity": 2,
}
MAX_RUNNERS_UP = 10


class MalformedRule(Exception):
    """A rule's data has the wrong shape; the routing sends the report to triage and names the rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the routing table as it stands in the database; conditions are checked when used."""

    code: str
    outcome: str
    department: Party | None = None
    categories: Any = ()
    areas: Any = ()
    line_owners: Any = ()
    line_classes: Any = ()
    answers: Any = None
    min_severity: Any = None
    reason: str = ""
    reason_en: str = ""
    order: int = 100
    version: int = 1


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a report goes and why. `outcome` is assigned, referred or triage; `department` None in triage."""

    outcome: str
    department: Party | None
    rule_code: str
    rule_version: int | None
    triage_reason: str
    failed_rules: tuple[str, ...]
    runners_up: tuple[dict[str, Any], ...]
    reasons: tuple[str, ...]
    reasons_en: tuple[str, ...]
    line: Line | None
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Verdict:
    """The result for one possible line."""

    line: Line | None
    rule: Rule | None
    department: Party | None
    triage_reason: str
    losers: tuple[tuple[int, Rule], ...] = ()
    points: int = 0
    named: tuple[str, ...] = ()  # rules to name in the sentence

    @property
    def target(self) -> tuple[str, str]:
        return (self.department.code if self.department else "", self.triage_reason)


def decide(facts: Facts, rules: Sequence[Rule]) -> Decision:
    """Apply the rules. Never raises for bad data in a rule: that rule is named and a person decides.

    Where the map leaves several lines possible, each is tried; only if they lead to different places the
    report goes to triage, with all candidates named.
    """
    verdicts = [_judge(facts, line, rules) for line in facts.candidates]
    failed = next((verdict for verdict in verdicts if verdict.triage_reason == "rule_failed"), None)
    if failed:
        return _decision(facts, failed)
    if len({verdict.target for verdict in verdicts}) > 1:
        return _ambiguous(facts, verdicts)
    return _decision(facts, verdicts[0])


def _judge(facts: Facts, line: Line | None, rules: Sequence[Rule]) -> _Verdict:
    holding, failed = [], []
    for rule in rules:
        try:
            points = weigh(rule, facts, line)
        except Exception:  # whatever a malformed row provokes: recorded by name, never lost
            failed.append(rule.code)
            continue
        if points is not None:
            holding.append((points, rule))
    if failed:
        return _Verdict(line, None, None, "rule_failed", named=tuple(failed))
    if not holding:
        return _Verdict(line, None, None, "no_rule")
    holding.sort(key=lambda item: (-item[0], item[1].order, item[1].code))
    points, winner = holding[0]
    rivals = [rule for p, rule in holding if (p, rule.order) == (points, winner.order)]
    targets = {_target(rule, facts, line)[:2] for rule in rivals}
    if len(targets) > 1:
        return _Verdict(line, None, None, "tie", tuple(holding), named=tuple(rule.code for rule in rivals))
    department, triage_reason = _target(winner, facts, line)
    return _Verdict(line, winner, department, triage_reason, tuple(holding[1:]), points)


def _target(rule: Rule, facts: Facts, line: Line | None) -> tuple[Party | None, str]:
    """The department a rule names, or why a person must decide."""
    if rule.outcome == DEPARTMENT:
        return rule.department, ""
    if rule.outcome == LINE_OWNER:
        return (line.owner, "") if line and line.owner else (None, "unknown_owner")
    if rule.outcome == SUBDISTRICT:
        return (facts.subdistrict, "") if facts.subdistrict else (None, "no_subdistrict")
    return None, "by_rule"


def weigh(rule: Rule, facts: Facts, line: Line | None) -> int | None:
    """The rule's points if all its conditions hold, else None. Raises MalformedRule for misshapen data.

    The category is looked at first, so that a malformed rule hurts only the kinds it speaks about.
    """
    category = _category_points(rule, facts)
    if category is None:
        return None
    parts = [category, *(part(rule, facts, line) for part in (_area, _line, _answers, _severity))]
    _check_outcome(rule)
    if None in parts or (rule.outcome == LINE_OWNER and line is None):
        return None
    return sum(parts)


def _check_outcome(rule: Rule) -> None:
    if rule.outcome not in (DEPARTMENT, LINE_OWNER, SUBDISTRICT, TRIAGE):
        raise MalformedRule("outcome")
    if rule.outcome == DEPARTMENT and rule.department is None:
        raise MalformedRule("department")


def _codes(value: Any, name: str) -> frozenset[str]:
    if value is None:
        return frozenset()
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise MalformedRule(name)
    return frozenset(value)


def _category_points(rule: Rule, facts: Facts) -> int | None:
    wanted = _codes(rule.categories, "categories")
    if not wanted:
        return 0
    if facts.category in wanted:
        return POINTS["category_kind"]
    return POINTS["category_group"] if wanted.intersection(facts.ancestors) else None


def _area(rule: Rule, facts: Facts, line: Line | None) -> int | None:
    wanted = _codes(rule.areas, "areas")
    if not wanted:
        return 0
    if facts.area in wanted:
        return POINTS["kelurahan"]
    return POINTS["kecamatan"] if facts.kecamatan in wanted else None


def _line(rule: Rule, facts: Facts, line: Line | None) -> int | None:
    owners, classes = _codes(rule.line_owners, "line_owners"), _codes(rule.line_classes, "line_classes")
    points = 0
    if owners:
        if (line.owner_code if line else NO_LINE) not in owners:
            return None
        points += POINTS["line_owner"]
    if classes:
        if line is None or line.line_class not in classes:
            return None
        points += POINTS["line_class"]
    return points


def _answers(rule: Rule, facts: Facts, line: Line | None) -> int | None:
    wanted = rule.answers or {}
    if not isinstance(wanted, dict):
        raise MalformedRule("answers")
    holds = [facts.answers.get(question) in _codes(values, "answers") for question, values in wanted.items()]
    return POINTS["answer"] * len(holds) if all(holds) else None


def _severity(rule: Rule, facts: Facts, line: Line | None) -> int | None:
    if rule.min_severity is None:
        return 0
    if not isinstance(rule.min_severity, int):
        raise MalformedRule("min_severity")
    return POINTS["severity"] if facts.severity >= rule.min_severity else None


# --- Putting a verdict into words ---------------------------------------------------------------------


def _decision(facts: Facts, verdict: _Verdict) -> Decision:
    party, rule = verdict.department, verdict.rule
    pairs = [sentences.place(facts), sentences.line(verdict.line, facts) if facts.network else None]
    if rule:
        pairs += [sentences.answer(facts, question) for question in rule.answers or {}]
        pairs.append((rule.reason, rule.reason_en or rule.reason))
    if party:
        pairs.append(sentences.outcome(party))
    else:
        pairs.append(sentences.triage(verdict.triage_reason, verdict.named))
    return _put(facts, verdict, pairs, _runners_up(facts, verdict))


def _put(facts: Facts, verdict: _Verdict, pairs, runners_up) -> Decision:
    party, rule = verdict.department, verdict.rule
    said = [pair for pair in pairs if pair and pair[0]]
    outcome = TRIAGE if party is None else REFERRED if party.is_external else ASSIGNED
    return Decision(
        outcome=outcome,
        department=party,
        rule_code=rule.code if rule else "",
        rule_version=rule.version if rule else None,
        triage_reason=verdict.triage_reason,
        failed_rules=verdict.named if verdict.triage_reason == "rule_failed" else (),
        runners_up=tuple(runners_up),
        reasons=tuple(pair[0] for pair in said),
        reasons_en=tuple(pair[1] for pair in said),
        line=verdict.line,
        facts={**facts.as_json(), "line": verdict.line.as_json() if verdict.line else None},
    )


def _runners_up(facts: Facts, verdict: _Verdict) -> list[dict[str, Any]]:
    found = []
    for points, rule in verdict.losers[:MAX_RUNNERS_UP]:
        why = ("Sama kuat.", "Equally strong.")
        if verdict.rule:
            why = sentences.lost(points, rule.order, verdict.points, verdict.rule.order)
        found.append(_runner_up(facts, verdict.line, rule, points, why))
    return found


def _runner_up(facts: Facts, line: Line | None, rule: Rule, points: int, why) -> dict[str, Any]:
    department, triage_reason = _target(rule, facts, line)
    return {
        "rule": rule.code,
        "version": rule.version,
        "department": department.code if department else None,
        "triage_reason": triage_reason,
        "points": points,
        "order": rule.order,
        "why": why[0],
        "why_en": why[1],
    }


def _ambiguous(facts: Facts, verdicts: list[_Verdict]) -> Decision:
    triage_desk = ("meja triase", "the triage desk")
    results = [
        (v.line, *(sentences.name_of(v.department) if v.department else triage_desk)) for v in verdicts
    ]
    why = sentences.ambiguous(results)
    runners_up = [_runner_up(facts, v.line, v.rule, v.points, why) for v in verdicts if v.rule]
    merged = _Verdict(None, None, None, "ambiguous_line")
    return _put(facts, merged, [sentences.place(facts), why], runners_up)
