"""A rule of the routing table and when it holds. Conditions are checked when used: a misshapen one fails
its rule, by name, and nothing else.

Each condition that a rule sets gives points (`POINTS`); they are added up, and of the rules that hold the
one with the most points wins (dispatch.domain.routing). docs/routing.md explains it to civil servants.
"""

from dataclasses import dataclass
from typing import Any

from dispatch.domain import lines, times
from dispatch.domain.facts import NO_LINE, Facts, Line, Party

DEPARTMENT, LINE_OWNER, SUBDISTRICT, TRIAGE = "department", "line_owner", "subdistrict", "triage"
# Decides nothing about who is responsible: changes the severity, adds tags, asks for a check.
ADJUST = "adjust"
OUTCOMES = frozenset({DEPARTMENT, LINE_OWNER, SUBDISTRICT, TRIAGE, ADJUST})
RAISE, SET = "raise", "set"

# What each condition adds to a rule's weight. A finer place or kind weighs more than a coarser one, and what
# the reporter answered more than what the words of a text suggest.
POINTS = {
    "category_kind": 20,
    "category_group": 10,
    "kelurahan": 8,
    "line_name": 7,
    "answer": 6,  # for each question the rule asks about
    "line_owner": 5,
    "line_class": 4,
    "kecamatan": 4,
    "words": 3,
    "time": 3,  # for each part of the time window
    "severity": 2,
    "channel": 2,
}


class MalformedRule(Exception):
    """A rule's data has the wrong shape; the routing sends the report to triage and names the rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the routing table as it stands in the database."""

    code: str
    outcome: str
    department: Party | None = None
    categories: Any = ()
    areas: Any = ()
    line_owners: Any = ()
    line_classes: Any = ()
    line_names: Any = ()
    answers: Any = None
    text_words: Any = ()
    times: Any = None
    channels: Any = ()
    min_severity: Any = None
    severity_change: Any = ""  # raise | set
    severity_to: Any = None
    tags: Any = ()
    asks_check: Any = False
    reason: str = ""
    reason_en: str = ""
    order: int = 100
    version: int = 1


def weigh(rule: Rule, facts: Facts, line: Line | None) -> int | None:
    """The rule's points if all its conditions hold, else None. Raises MalformedRule for misshapen data.

    The category is looked at first, so that a malformed rule hurts only the kinds it speaks about.
    """
    points = category_points(rule, facts.category, facts.ancestors)
    if points is None:
        return None
    _check_outcome(rule)
    holds = True
    for part in _PARTS:  # all of them, so that a malformed one is found whatever the report says
        more = part(rule, facts, line)
        if more is None:
            holds = False
        else:
            points += more
    if not holds or (rule.outcome == LINE_OWNER and line is None):
        return None
    return points


def category_points(rule: Rule, category: str, ancestors: tuple[str, ...]) -> int | None:
    """What the rule's categories add, None if they leave this kind out. Raises MalformedRule."""
    if not rule.categories:
        return _nothing(rule.categories, "categories")
    wanted = codes(rule.categories, "categories")
    if category in wanted:
        return POINTS["category_kind"]
    return None if wanted.isdisjoint(ancestors) else POINTS["category_group"]


def codes(value: Any, name: str) -> frozenset[str]:
    """A list of texts as a set. Raises MalformedRule."""
    if value is None:
        return frozenset()
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise MalformedRule(name)
    return frozenset(value)


def phrase_found(rule: Rule, facts: Facts) -> str | None:
    """The first of the rule's phrases, by the alphabet, that the reporter wrote. Raises MalformedRule."""
    wanted = codes(rule.text_words, "words")
    if not facts.text:
        return min(wanted & facts.said, default=None)
    return min((phrase for phrase in wanted if facts.says(phrase)), default=None)


def _check_outcome(rule: Rule) -> None:
    if rule.outcome not in OUTCOMES:
        raise MalformedRule("outcome")
    if rule.outcome == DEPARTMENT and rule.department is None:
        raise MalformedRule("department")
    if rule.severity_change:
        level = rule.severity_to
        if rule.severity_change not in (RAISE, SET) or type(level) is not int or not 1 <= level <= 5:
            raise MalformedRule("severity_to")
    if rule.tags:
        codes(rule.tags, "tags")
    if not isinstance(rule.asks_check, bool):
        raise MalformedRule("asks_check")


def _area(rule: Rule, facts: Facts, line: Line | None) -> int | None:
    if not rule.areas:
        return _nothing(rule.areas, "areas")
    wanted = codes(rule.areas, "areas")
    if facts.area in wanted:
        return POINTS["kelurahan"]
    return POINTS["kecamatan"] if facts.kecamatan in wanted else None


def _nothing(value: Any, name: str) -> int:
    """An empty condition holds always, if it is empty in the right way."""
    if value is not None and value not in ([], ()):
        raise MalformedRule(name)
    return 0


def _owner(rule: Rule, facts: Facts, line: Line | None) -> int | None:
    if not rule.line_owners:
        return _nothing(rule.line_owners, "line_owners")
    owner = line.owner_code if line else NO_LINE
    return POINTS["line_owner"] if owner in codes(rule.line_owners, "line_owners") else None


def _class(rule: Rule, facts: Facts, line: Line | None) -> int | None:
    if not rule.line_classes:
        return _nothing(rule.line_classes, "line_classes")
    wanted = codes(rule.line_classes, "line_classes")
    return POINTS["line_class"] if line is not None and line.line_class in wanted else None


def _name(rule: Rule, facts: Facts, line: Line | None) -> int | None:
    if not rule.line_names:
        return _nothing(rule.line_names, "line_names")
    wanted = codes(rule.line_names, "line_names")
    is_one = line is not None and any(lines.same_name(line.name, name) for name in wanted)
    return POINTS["line_name"] if is_one else None


def _answers(rule: Rule, facts: Facts, line: Line | None) -> int | None:
    if not rule.answers:
        return 0 if rule.answers is None or rule.answers == {} else _bad("answers")
    if not isinstance(rule.answers, dict):
        raise MalformedRule("answers")
    holds = True
    for question, values in rule.answers.items():
        wanted, given = codes(values, "answers"), facts.answers.get(question)
        holds = isinstance(given, str) and given in wanted and holds
    return POINTS["answer"] * len(rule.answers) if holds else None


def _bad(name: str) -> int:
    raise MalformedRule(name)


def _words(rule: Rule, facts: Facts, line: Line | None) -> int | None:
    if not rule.text_words:
        return _nothing(rule.text_words, "words")
    return POINTS["words"] if phrase_found(rule, facts) is not None else None


def _times(rule: Rule, facts: Facts, line: Line | None) -> int | None:
    if not rule.times:
        return 0 if rule.times is None or rule.times == {} else _bad("when")
    try:
        times.check(rule.times)
        holds = facts.when is not None and times.holds(rule.times, facts.when)
    except times.BadTimes as fault:
        raise MalformedRule("when") from fault
    return POINTS["time"] * times.parts(rule.times) if holds else None


def _channel(rule: Rule, facts: Facts, line: Line | None) -> int | None:
    if not rule.channels:
        return _nothing(rule.channels, "channels")
    return POINTS["channel"] if facts.channel in codes(rule.channels, "channels") else None


def _severity(rule: Rule, facts: Facts, line: Line | None) -> int | None:
    if rule.min_severity is None:
        return 0
    if type(rule.min_severity) is not int:
        raise MalformedRule("min_severity")
    return POINTS["severity"] if facts.severity >= rule.min_severity else None


_PARTS = (_area, _owner, _class, _name, _answers, _words, _times, _channel, _severity)
