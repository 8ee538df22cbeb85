"""Looking over the rules in force: what ties, what never wins, what speaks of things that do not exist."""

from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from city.models import Road, Waterway
from complaints.models import Report
from dispatch.domain import conditions, conflicts, lines
from dispatch.domain.facts import NO_LINE, UNKNOWN, Facts
from dispatch.models import RoutingRule
from dispatch.services import facts, rules


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with one rule, in a sentence; `other` names the rule it has to do with."""

    rule: RoutingRule
    text: str
    other: RoutingRule | None = None


@dataclass(slots=True)
class Findings:
    ties: list[tuple[RoutingRule, RoutingRule, list[str]]] = field(default_factory=list)
    shadowed: list[Fault] = field(default_factory=list)
    unknown: list[Fault] = field(default_factory=list)
    broken: list[Fault] = field(default_factory=list)
    uncovered: list[Any] = field(default_factory=list)  # kinds
    looked_at: int = 0

    @property
    def is_clean(self) -> bool:
        return not (self.ties or self.shadowed or self.unknown or self.broken or self.uncovered)


def look_over(snap: Any) -> Findings:
    """Everything worth a look among the active rules. Three queries."""
    rows = list(RoutingRule.objects.filter(is_active=True).select_related("department"))
    found = Findings(looked_at=len(rows))
    sound = []
    for row in rows:
        fault = _broken(row, snap)
        if fault:
            found.broken.append(Fault(row, fault))
        else:
            sound.append(row)
    names = _line_names()
    for row in sound:
        found.unknown += [Fault(row, text) for text in _unknown(row, snap, names)]
    _compare(sound, snap, found)
    return found


def _broken(row: RoutingRule, snap: Any) -> str:
    """Which part cannot be read; empty for a sound rule."""
    rule = rules.as_rule(row)
    probe = Facts(category="", severity=5, area="", kecamatan="", when=facts.when_of(timezone.now(), snap))
    try:
        conditions.category_points(rule, "", ())
        conditions.weigh(replace(rule, categories=[]), probe, None)
    except conditions.MalformedRule as fault:
        if str(fault) == "department":
            return _("Its department is closed. Choose another one, or reports go to the triage desk.")
        return _("“%(part)s” cannot be read; such reports go to the triage desk.") % {"part": str(fault)}
    except Exception:
        return _("It cannot be read; such reports go to the triage desk.")
    return ""


def _line_names() -> list[str]:
    found = {name for model in (Road, Waterway) for name in model.objects.values_list("name", flat=True)}
    return sorted(name for name in found if name)


def _unknown(row: RoutingRule, snap: Any, names: list[str]):
    """What the rule speaks of and the city does not have."""
    known = {
        "categories": set(snap.categories),
        "areas": set(snap.areas),
        "line_owners": {*snap.departments, UNKNOWN, NO_LINE},
        "channels": set(Report.Channel.values),
    }
    for name, codes in known.items():
        for code in sorted(set(getattr(row, name)) - codes):
            yield _("There is no “%(code)s” any more.") % {"code": code}
    for name in row.line_names:
        if not any(lines.same_name(name, known_name) for known_name in names):
            yield _("No road or waterway on the map is called “%(name)s”.") % {"name": name}
    yield from _unknown_answers(row, snap)


def _kinds_of(row: RoutingRule, snap: Any) -> list[Any]:
    wanted = set(row.categories)
    kinds = [item for item in snap.categories.values() if item.parent_code]
    return [item for item in kinds if not wanted or wanted & {item.code, item.parent_code}]


def _unknown_answers(row: RoutingRule, snap: Any):
    asked: dict[str, set[str]] = {}
    for kind in _kinds_of(row, snap):
        for question in kind.questions:
            values = {choice.value for choice in question.choices}
            asked.setdefault(question.code, set()).update(
                values | ({"yes", "no"} if question.kind == "yes_no" else set())
            )
    for question, values in row.answers.items():
        if question not in asked:
            yield _("None of its kinds asks “%(question)s”; it can never hold.") % {"question": question}
            continue
        for value in sorted(set(values) - asked[question]):
            yield _("“%(question)s” has no answer “%(value)s” any more.") % {
                "question": question,
                "value": value,
            }


def _compare(rows: list[RoutingRule], snap: Any, found: Findings) -> None:
    by_code = {row.code: row for row in rows}
    plain = [_plain(row) for row in rows]
    ties: dict[tuple[str, str], list[str]] = {}
    for kind in (item for item in snap.categories.values() if item.parent_code):
        for pair in conflicts.possible_ties(plain, kind.code, kind.parent_code):
            ties.setdefault(pair, []).append(kind.name)
        if not any(conflicts.always_holds(rule, kind.code, kind.parent_code) for rule in plain):
            found.uncovered.append(kind)
    found.ties = [(by_code[a], by_code[b], kinds) for (a, b), kinds in ties.items()]
    for row, rule in zip(rows, plain, strict=True):
        fault = _never_wins(row, rule, plain, by_code, snap)
        if fault:
            found.shadowed.append(fault)


def _never_wins(row: RoutingRule, rule, plain, by_code, snap) -> Fault | None:
    kinds = _kinds_of(row, snap)
    looks_at_lines = row.line_classes or row.line_names or set(row.line_owners) - {NO_LINE}
    if (looks_at_lines or row.outcome == RoutingRule.Outcome.LINE_OWNER) and not any(
        kind.network for kind in kinds
    ):
        return Fault(row, _("None of its kinds looks at roads or waterways; it can never hold."))
    if not kinds or not conflicts.decides(rule):
        return None
    others = [conflicts.shadowed_by(rule, plain, kind.code, kind.parent_code) for kind in kinds]
    if not all(others):
        return None
    return Fault(row, _("Wherever it holds, another rule wins."), by_code[others[0]])


def _plain(row: RoutingRule) -> dict[str, Any]:
    """The row as the pack would say it."""
    names = (
        *("code", "outcome", "categories", "areas", "line_owners", "line_classes", "line_names"),
        *("answers", "text_words", "times", "channels", "min_severity", "order"),
    )
    department = row.department.code if row.department else None
    return {**{name: getattr(row, name) for name in names}, "department": department}
