"""Who is responsible: facts and rules in, a decision with its reasons out. Plain Python, no database.

Of the rules whose conditions all hold, the most specific wins (`conditions.POINTS`). Where the points tie,
the lower `order` wins; where that ties too, and the rules would lead to different places, a person decides.
Rules that only adjust compete with nobody (dispatch.domain.adjust).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dispatch.domain import adjust, conditions, sentences
from dispatch.domain.conditions import (
    ADJUST,
    DEPARTMENT,
    LINE_OWNER,
    POINTS,
    SUBDISTRICT,
    TRIAGE,
    MalformedRule,
    Rule,
    weigh,
)
from dispatch.domain.facts import Facts, Line, Party

__all__ = ["ADJUST", "POINTS", "Decision", "MalformedRule", "Rule", "RuleTable", "decide", "weigh"]

ASSIGNED, REFERRED = "assigned", "referred"
MAX_RUNNERS_UP = 10


class RuleTable(Sequence[Rule]):
    """Rules in a fixed order, that remember which of them speak about a kind. Immutable from outside."""

    def __init__(self, rules: Iterable[Rule]):
        self._rules = tuple(rules)
        self._about: dict[tuple[str, tuple[str, ...]], tuple[Rule, ...]] = {}

    def __len__(self) -> int:
        return len(self._rules)

    def __getitem__(self, index):
        return self._rules[index]

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules)

    def about(self, category: str, ancestors: tuple[str, ...]) -> tuple[Rule, ...]:
        """The rules that may hold for a kind, and those whose categories cannot be read."""
        key = (category, ancestors)
        found = self._about.get(key)
        if found is None:
            found = self._about[key] = tuple(rule for rule in self._rules if _speaks_about(rule, *key))
        return found


def _speaks_about(rule: Rule, category: str, ancestors: tuple[str, ...]) -> bool:
    try:
        return conditions.category_points(rule, category, ancestors) is not None
    except Exception:  # its failure belongs into the decision
        return True


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a report goes and why. `outcome` is assigned, referred or triage; `department` None in triage.

    `severity` is the report's from now on; `tags` and `needs_check` are for staff; `adjusted_by` names the
    adjusting rules that had a say.
    """

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
    severity: int = 0
    tags: tuple[str, ...] = ()
    needs_check: bool = False
    adjusted_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Verdict:
    """The result for one possible line."""

    line: Line | None
    rule: Rule | None
    department: Party | None
    triage_reason: str
    losers: tuple[adjust.Weighed, ...] = ()
    points: int = 0
    named: tuple[str, ...] = ()  # rules to name in the sentence
    adjusters: tuple[adjust.Weighed, ...] = ()

    @property
    def target(self) -> tuple[str, str]:
        return (self.department.code if self.department else "", self.triage_reason)


def decide(facts: Facts, rules: Sequence[Rule]) -> Decision:
    """Apply the rules. Never raises for bad data in a rule: that rule is named and a person decides.

    Where the map leaves several lines possible, each is tried; only if they lead to different places the
    report goes to triage, with all candidates named.
    """
    table = rules if isinstance(rules, RuleTable) else RuleTable(rules)
    about = table.about(facts.category, facts.ancestors)
    verdicts = [_judge(facts, line, about) for line in facts.candidates]
    failed = next((verdict for verdict in verdicts if verdict.triage_reason == "rule_failed"), None)
    if failed:
        return _decision(facts, failed, about)
    if len({verdict.target for verdict in verdicts}) > 1:
        return _ambiguous(facts, verdicts, about)
    return _decision(facts, verdicts[0], about)


def _judge(facts: Facts, line: Line | None, rules: Sequence[Rule]) -> _Verdict:
    holding, adjusters, failed = [], [], []
    for rule in rules:
        try:
            points = weigh(rule, facts, line)
        except Exception:  # whatever a malformed row provokes: recorded by name, never lost
            failed.append(rule.code)
            continue
        if points is not None:
            (adjusters if rule.outcome == ADJUST else holding).append((points, rule))
    return _verdict(facts, line, holding, tuple(adjusters), tuple(sorted(failed)))


def _verdict(facts, line, holding, adjusters, failed) -> _Verdict:
    if failed:
        return _Verdict(line, None, None, "rule_failed", named=failed, adjusters=adjusters)
    if not holding:
        return _Verdict(line, None, None, "no_rule", adjusters=adjusters)
    holding.sort(key=adjust.rank)
    points, winner = holding[0]
    rivals = [rule for p, rule in holding if (p, rule.order) == (points, winner.order)]
    if len(rivals) > 1 and len({_target(rule, facts, line)[:2] for rule in rivals}) > 1:
        named = tuple(rule.code for rule in rivals)
        return _Verdict(line, None, None, "tie", tuple(holding), named=named, adjusters=adjusters)
    department, triage_reason = _target(winner, facts, line)
    return _Verdict(line, winner, department, triage_reason, tuple(holding[1:]), points, (), adjusters)


def _target(rule: Rule, facts: Facts, line: Line | None) -> tuple[Party | None, str]:
    """The department a rule names, or why a person must decide."""
    if rule.outcome == DEPARTMENT:
        return rule.department, ""
    if rule.outcome == LINE_OWNER:
        return (line.owner, "") if line and line.owner else (None, "unknown_owner")
    if rule.outcome == SUBDISTRICT:
        return (facts.subdistrict, "") if facts.subdistrict else (None, "no_subdistrict")
    return None, "by_rule"


# --- Putting a verdict into words ---------------------------------------------------------------------


def _decision(facts: Facts, verdict: _Verdict, about: Sequence[Rule]) -> Decision:
    pairs = [sentences.place(facts), sentences.line(verdict.line, facts) if facts.network else None]
    if verdict.rule:
        pairs += [*_because(verdict.rule, facts), sentences.reason(verdict.rule)]
    return _put(facts, verdict, about, pairs, _ending(verdict), _runners_up(facts, verdict))


def _ending(verdict: _Verdict) -> list[sentences.Pair]:
    if verdict.department:
        return [sentences.outcome(verdict.department)]
    return [sentences.triage(verdict.triage_reason, verdict.named)]


def _because(rule: Rule, facts: Facts) -> Iterator[sentences.Pair]:
    """What the report says that made the rule hold."""
    for question in rule.answers or {}:
        yield sentences.answer(facts, question)
    if rule.text_words:
        phrase = conditions.phrase_found(rule, facts)
        if phrase is not None:
            yield sentences.words(phrase)
    if rule.times and facts.when:
        yield sentences.time(facts.when)


def _put(facts: Facts, verdict: _Verdict, about, pairs, ending, runners_up) -> Decision:
    party, rule = verdict.department, verdict.rule
    change = adjust.changes(facts.severity, (verdict.points, rule) if rule else None, verdict.adjusters)
    for adjuster in change.rules:
        pairs += [*_because(adjuster, facts), sentences.reason(adjuster)]
    pairs.append(sentences.severity(facts.severity, change.severity))
    pairs += [*ending, sentences.check() if change.needs_check and party else None]
    said = list(dict.fromkeys(pair for pair in pairs if pair and pair[0]))
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
        facts=_recorded(facts, verdict, about),
        severity=change.severity,
        tags=change.tags,
        needs_check=change.needs_check,
        adjusted_by=tuple(rule.code for rule in change.rules),
    )


def _recorded(facts: Facts, verdict: _Verdict, about: Sequence[Rule]) -> dict[str, Any]:
    """The facts as a replay needs them: of the text, only the phrases that these rules looked for."""
    wanted = {
        phrase
        for rule in about
        if rule.text_words and isinstance(rule.text_words, list | tuple)
        for phrase in rule.text_words
        if isinstance(phrase, str) and facts.says(phrase)
    }
    line = verdict.line.as_json() if verdict.line else None
    return {**facts.as_json(), "phrases": sorted(wanted), "line": line}


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


def _ambiguous(facts: Facts, verdicts: list[_Verdict], about: Sequence[Rule]) -> Decision:
    triage_desk = ("meja triase", "the triage desk")
    results = [
        (v.line, *(sentences.name_of(v.department) if v.department else triage_desk)) for v in verdicts
    ]
    why = sentences.ambiguous(results)
    runners_up = [_runner_up(facts, v.line, v.rule, v.points, why) for v in verdicts if v.rule]
    merged = _Verdict(None, None, None, "ambiguous_line", adjusters=_common(verdicts))
    return _put(facts, merged, about, [sentences.place(facts)], [why], runners_up)


def _common(verdicts: list[_Verdict]) -> tuple[adjust.Weighed, ...]:
    """The adjusting rules that hold whichever line it is."""
    in_all = set.intersection(*({rule.code for _points, rule in v.adjusters} for v in verdicts))
    return tuple((points, rule) for points, rule in verdicts[0].adjusters if rule.code in in_all)
