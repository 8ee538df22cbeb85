"""What rules change besides the department: severity, tags, and whether somebody should look first.

The rule that won has its say, and so has every rule that holds and only adjusts (`conditions.ADJUST`); a rule
that would have named another department and lost has none. Where several set the severity, the most
specific one counts, as among departments; whatever was set, each `raise` lifts it to at least its level.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from dispatch.domain.conditions import RAISE, SET, Rule

Weighed = tuple[int, Rule]  # points, rule


@dataclass(frozen=True, slots=True)
class Changes:
    """`rules`: the adjusting rules that had a say, the weightiest first."""

    severity: int
    tags: tuple[str, ...] = ()
    needs_check: bool = False
    rules: tuple[Rule, ...] = ()


def changes(severity: int, winner: Weighed | None, adjusters: Iterable[Weighed]) -> Changes:
    """The changes that the winning rule and all adjusting rules make to a report of this severity."""
    ranked = sorted(adjusters, key=rank)
    say = sorted([*ranked, *([winner] if winner else [])], key=rank)
    set_to = next((rule.severity_to for _points, rule in say if rule.severity_change == SET), severity)
    raised = [rule.severity_to for _points, rule in say if rule.severity_change == RAISE]
    return Changes(
        severity=max([set_to, *raised]),
        tags=tuple(sorted({tag for _points, rule in say for tag in rule.tags or ()})),
        needs_check=any(rule.asks_check for _points, rule in say),
        rules=tuple(rule for _points, rule in ranked),
    )


def rank(weighed: Weighed) -> tuple[int, int, str]:
    """Sorts the most specific first, then by order, then by code."""
    points, rule = weighed
    return (-points, rule.order, rule.code)
