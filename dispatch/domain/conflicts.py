"""Looking at a routing table before any report comes: rules that shadow each other, tie, or leave gaps.

Rules are plain dicts with the fields of RoutingRule, as the pack says them.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from dispatch.domain.routing import POINTS

Rule = Mapping[str, Any]
_LISTS = ("areas", "line_owners", "line_classes")


def same_conditions(a: Rule, b: Rule) -> bool:
    """Whether two rules hold for exactly the same reports, as far as their words tell."""
    return _conditions(a) == _conditions(b)


def _conditions(rule: Rule) -> tuple:
    answers = {question: frozenset(values) for question, values in rule["answers"].items()}
    lists = [frozenset(rule[name]) for name in ("categories", *_LISTS)]
    owner_needs_line = rule["outcome"] == "line_owner"
    return (*lists, answers, rule["min_severity"], owner_needs_line)


def always_holds(rule: Rule, kind: str, group: str) -> bool:
    """Whether a rule covers every report of a kind."""
    if rule["categories"] and not {kind, group} & set(rule["categories"]):
        return False
    is_free = not any(rule[name] for name in (*_LISTS, "answers")) and not rule["min_severity"]
    return is_free and rule["outcome"] != "line_owner"


def possible_ties(rules: Sequence[Rule], kind: str, group: str) -> Iterator[tuple[str, str]]:
    """Pairs of rules that can hold for the same report of a kind with the same weight and order, and lead
    to different places."""
    about = [rule for rule in rules if not rule["categories"] or {kind, group} & set(rule["categories"])]
    for a, b in combinations(about, 2):
        differ = (a["outcome"], a["department"]) != (b["outcome"], b["department"])
        same_weight = a["order"] == b["order"] and _points(a, kind) & _points(b, kind)
        if differ and same_weight and _compatible(a, b):
            yield a["code"], b["code"]


def _compatible(a: Rule, b: Rule) -> bool:
    """Whether one report can meet both."""
    for name in _LISTS:
        if name != "areas" and a[name] and b[name] and not set(a[name]) & set(b[name]):
            return False
    if a["areas"] and b["areas"] and not _areas_meet(a["areas"], b["areas"]):
        return False
    shared = a["answers"].keys() & b["answers"].keys()
    return all(set(a["answers"][question]) & set(b["answers"][question]) for question in shared)


def _areas_meet(a: Sequence[str], b: Sequence[str]) -> bool:
    """Area codes nest by their beginning: 33.74.01 contains 33.74.01.1001."""
    return any(x.startswith(y) or y.startswith(x) for x in a for y in b)


def _points(rule: Rule, kind: str) -> set[int]:
    """The weights a rule can have for a kind: with areas of two levels there are two."""
    base = POINTS["answer"] * len(rule["answers"])
    if rule["categories"]:
        base += POINTS["category_kind" if kind in rule["categories"] else "category_group"]
    base += POINTS["line_owner"] * bool(rule["line_owners"])
    base += POINTS["line_class"] * bool(rule["line_classes"])
    base += POINTS["severity"] * bool(rule["min_severity"])
    levels = {code.count(".") for code in rule["areas"]}
    if not levels:
        return {base}
    return {base + POINTS["kelurahan" if level >= 3 else "kecamatan"] for level in levels}
