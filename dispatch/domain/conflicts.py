"""Looking at a routing table before any report comes: rules that shadow each other, tie, or leave gaps.

Rules are plain dicts with the fields of RoutingRule, as the pack says them. What is said here is what the
conditions' words tell; two rules about different words of a text can always meet in one text.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from dispatch.domain import lines, phrases, times
from dispatch.domain.conditions import ADJUST, LINE_OWNER, POINTS

Rule = Mapping[str, Any]
_LISTS = ("areas", "line_owners", "line_classes", "line_names", "text_words", "channels")
# Of these a report has one value, so that two lists without a common one cannot both hold.
_ONE_OF = ("line_owners", "line_classes", "channels")


def decides(rule: Rule) -> bool:
    """Whether a rule says who is responsible; others only adjust and compete with nobody."""
    return rule["outcome"] != ADJUST


def same_conditions(a: Rule, b: Rule) -> bool:
    """Whether two rules hold for exactly the same reports, as far as their words tell."""
    return _conditions(a) == _conditions(b)


def _conditions(rule: Rule) -> tuple:
    answers = {question: frozenset(values) for question, values in rule["answers"].items()}
    lists = [frozenset(rule[name]) for name in ("categories", *_LISTS)]
    owner_needs_line = rule["outcome"] == LINE_OWNER
    return (*lists, answers, rule["times"], rule["min_severity"], owner_needs_line)


def speaks_about(rule: Rule, kind: str, group: str) -> bool:
    return not rule["categories"] or bool({kind, group} & set(rule["categories"]))


def always_holds(rule: Rule, kind: str, group: str) -> bool:
    """Whether a rule covers every report of a kind."""
    is_free = not any(rule[name] for name in (*_LISTS, "answers", "times")) and not rule["min_severity"]
    decides_all = decides(rule) and rule["outcome"] != LINE_OWNER
    return speaks_about(rule, kind, group) and is_free and decides_all


def possible_ties(rules: Sequence[Rule], kind: str, group: str) -> Iterator[tuple[str, str]]:
    """Pairs of rules that can hold for the same report of a kind with the same weight and order, and lead
    to different places."""
    about = [rule for rule in rules if decides(rule) and speaks_about(rule, kind, group)]
    for a, b in combinations(about, 2):
        differ = (a["outcome"], a["department"]) != (b["outcome"], b["department"])
        same_weight = a["order"] == b["order"] and weights(a, kind) & weights(b, kind)
        if differ and same_weight and _compatible(a, b):
            yield a["code"], b["code"]


def shadowed_by(rule: Rule, rules: Sequence[Rule], kind: str, group: str) -> str | None:
    """The code of a rule that holds whenever `rule` holds for this kind, and always wins; None if none."""
    most = max(weights(rule, kind))
    for other in rules:
        if other["code"] == rule["code"] or not decides(other) or not speaks_about(other, kind, group):
            continue
        least = min(weights(other, kind))
        wins = least > most or (least == most and other["order"] < rule["order"])
        if wins and _implied(other, rule):
            return other["code"]
    return None


def _implied(wide: Rule, narrow: Rule) -> bool:
    """Whether `wide` holds for every report for which `narrow` holds (kinds aside)."""
    for name in ("line_owners", "line_classes", "channels"):
        if wide[name] and not (narrow[name] and set(narrow[name]) <= set(wide[name])):
            return False
    if wide["areas"] and not (narrow["areas"] and all(_within(x, wide["areas"]) for x in narrow["areas"])):
        return False
    for name, same in (("line_names", lines.same_name), ("text_words", phrases.contains)):
        if wide[name] and not (
            narrow[name] and all(any(same(x, y) for y in wide[name]) for x in narrow[name])
        ):
            return False
    for question, values in wide["answers"].items():
        given = narrow["answers"].get(question)
        if given is None or not set(given) <= set(values):
            return False
    if any(narrow["times"].get(key) != value for key, value in wide["times"].items()):
        return False
    if wide["min_severity"] and (narrow["min_severity"] or 0) < wide["min_severity"]:
        return False
    return wide["outcome"] != LINE_OWNER or _needs_line(narrow)


def _needs_line(rule: Rule) -> bool:
    owners = set(rule["line_owners"])
    has_owner = bool(owners) and "none" not in owners
    return rule["outcome"] == LINE_OWNER or has_owner or bool(rule["line_classes"] or rule["line_names"])


def _within(area: str, areas: Sequence[str]) -> bool:
    return any(area == code or area.startswith(f"{code}.") for code in areas)


def _compatible(a: Rule, b: Rule) -> bool:
    """Whether one report can meet both."""
    for name in _ONE_OF:
        if a[name] and b[name] and not set(a[name]) & set(b[name]):
            return False
    if a["areas"] and b["areas"] and not _areas_meet(a["areas"], b["areas"]):
        return False
    pairs = [(x, y) for x in a["line_names"] for y in b["line_names"]]
    if pairs and not any(lines.same_name(x, y) for x, y in pairs):
        return False
    shared = a["answers"].keys() & b["answers"].keys()
    if not all(set(a["answers"][question]) & set(b["answers"][question]) for question in shared):
        return False
    return _times_meet(a["times"], b["times"])


def _times_meet(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    for key in ("weekdays", "months"):
        if key in a and key in b and not set(a[key]) & set(b[key]):
            return False
    if "hours" in a and "hours" in b and not times.minutes_meet(a["hours"], b["hours"]):
        return False
    if "holiday" in a and "holiday" in b and a["holiday"] != b["holiday"]:
        return False
    if a.get("open", 0) == b.get("closed", 1) or a.get("closed", 0) == b.get("open", 1):
        return False
    first = max(a.get("from", ""), b.get("from", ""))
    last = min(a.get("until", "9999"), b.get("until", "9999"))
    return first <= last


def _areas_meet(a: Sequence[str], b: Sequence[str]) -> bool:
    """Area codes nest by their beginning: 33.74.01 contains 33.74.01.1001."""
    return any(x.startswith(y) or y.startswith(x) for x in a for y in b)


def weights(rule: Rule, kind: str) -> set[int]:
    """The weights a rule can have for a kind: with areas of two levels there are two."""
    base = POINTS["answer"] * len(rule["answers"]) + POINTS["time"] * times.parts(rule["times"])
    if rule["categories"]:
        base += POINTS["category_kind" if kind in rule["categories"] else "category_group"]
    base += POINTS["line_owner"] * bool(rule["line_owners"])
    base += POINTS["line_class"] * bool(rule["line_classes"])
    base += POINTS["line_name"] * bool(rule["line_names"])
    base += POINTS["words"] * bool(rule["text_words"])
    base += POINTS["channel"] * bool(rule["channels"])
    base += POINTS["severity"] * bool(rule["min_severity"])
    levels = {code.count(".") for code in rule["areas"]}
    if not levels:
        return {base}
    return {base + POINTS["kelurahan" if level >= 3 else "kecamatan"] for level in levels}
