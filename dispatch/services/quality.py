"""How often the rules are right the first time: a decision is right if nobody handed the report over."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef, Q

from dispatch.models import RoutingDecision

WINDOW_DAYS = 90
# Below this the share says nothing about the rule.
FEWEST = 5
_KEPT_S = 600


@dataclass(frozen=True, slots=True)
class RuleQuality:
    """`share` is 0 … 1, or None where too few decisions were made to say."""

    rule_code: str
    total: int
    handed_over: int

    @property
    def share(self) -> float | None:
        return None if self.total < FEWEST else 1 - self.handed_over / self.total


@dataclass(frozen=True, slots=True)
class Misroute:
    """A rule's department, the department that had it in the end, and how often."""

    rule_code: str
    from_id: int | None
    to_id: int | None
    count: int


def by_rule(*, now: datetime) -> list[RuleQuality]:
    """Every rule that decided in the last WINDOW_DAYS days, the least often right first; at most ten minutes
    old. One query."""
    key = f"dispatch:quality:{WINDOW_DAYS}"
    known = cache.get(key)
    if known is None:
        known = _by_rule(now)
        cache.set(key, known, _KEPT_S)
    return known


def _first_decisions(now: datetime):
    later = RoutingDecision.objects.filter(report=OuterRef("report"), pk__gt=OuterRef("pk"))
    since = now - timedelta(days=WINDOW_DAYS)
    return (
        RoutingDecision.objects.filter(decided_at__gte=since)
        .exclude(rule_code="")
        .order_by()
        .annotate(is_changed=Exists(later.exclude(department=OuterRef("department"))))
    )


def _by_rule(now: datetime) -> list[RuleQuality]:
    rows = (
        _first_decisions(now)
        .values("rule_code")
        .annotate(total=Count("pk"), handed_over=Count("pk", filter=Q(is_changed=True)))
    )
    found = [RuleQuality(row["rule_code"], row["total"], row["handed_over"]) for row in rows]
    return sorted(found, key=lambda item: (-(item.handed_over / item.total), -item.total, item.rule_code))


def misroutes(rule_code: str, *, now: datetime, limit: int = 20) -> list[Misroute]:
    """Where one rule's reports went instead, most frequent first. One query."""
    latest = (
        RoutingDecision.objects.filter(report=OuterRef("report")).order_by("-pk").values("department")[:1]
    )
    rows = (
        _first_decisions(now)
        .filter(rule_code=rule_code, is_changed=True)
        .annotate(ended_with=latest)
        .values("department", "ended_with")
        .annotate(count=Count("pk"))
        .order_by("-count", "department", "ended_with")[:limit]
    )
    return [Misroute(rule_code, row["department"], row["ended_with"], row["count"]) for row in rows]
