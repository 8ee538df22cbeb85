"""The routing table and the service levels, read once per version and process."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from city.snapshot import CitySnapshot
from dispatch.domain import promise as promises
from dispatch.domain import routing
from dispatch.models import RoutingRule, RulesVersion, ServiceLevel
from dispatch.services import rule_log


@dataclass(frozen=True, slots=True)
class RuleBook:
    version: int
    rules: routing.RuleTable
    levels: promises.Levels


_book: tuple[tuple[int, datetime | None], CitySnapshot, RuleBook] | None = None


def current(snap: CitySnapshot) -> RuleBook:
    """The rules in force. One small query; everything is read anew when rules or city have changed."""
    global _book
    row = RulesVersion.objects.filter(pk=1).values_list("version", "changed_at").first() or (0, None)
    # The time as well: a rolled-back change gives its number to the next one.
    if _book is None or _book[0] != row or _book[1] is not snap:
        _book = row, snap, RuleBook(row[0], _read_rules(), _read_levels())
    return _book[2]


@transaction.atomic
def bump() -> int:
    """Say that rules or service levels have changed; every process reads them anew. Locks the one row.

    What has become of the rules is written down (`rule_log`), whoever changed them.
    """
    now = timezone.now()
    RulesVersion.objects.get_or_create(pk=1, defaults={"version": 0})
    RulesVersion.objects.filter(pk=1).update(version=F("version") + 1, changed_at=now)
    version = RulesVersion.objects.values_list("version", flat=True).get(pk=1)
    rule_log.record(version, now)
    return version


def as_rule(row: RoutingRule) -> routing.Rule:
    """A row as the pure rules see it; its conditions are taken as they are and checked when used."""
    return rule_log.rule_of(row.code, row.version, rule_log.values_of(row))


def _read_rules() -> routing.RuleTable:
    rows = RoutingRule.objects.filter(is_active=True).select_related("department").order_by("order", "code")
    return routing.RuleTable(as_rule(row) for row in rows)


def _read_levels() -> dict[tuple[str | None, int], promises.Level]:
    rows = ServiceLevel.objects.select_related("category")
    return {
        (row.category.code if row.category else None, row.severity): promises.Level(
            clock=row.clock,
            acknowledge_minutes=row.acknowledge_minutes,
            make_safe_minutes=row.make_safe_minutes,
            resolve_minutes=row.resolve_minutes,
            resolve_working_days=row.resolve_working_days,
        )
        for row in rows
    }


@transaction.atomic
def save_rule(rule: RoutingRule) -> None:
    """Save a rule that staff have edited: a new version of it, and of the whole table.

    Locks the rule's row: of two who save at once the second gets the next version, not the same.
    """
    if rule.pk:
        versions = RoutingRule.objects.select_for_update().values_list("version", flat=True)
        rule.version = versions.get(pk=rule.pk) + 1
    rule.save()
    bump()


@transaction.atomic
def delete_rules(rule_ids: list[int]) -> None:
    """Remove rules; decisions keep their codes and versions."""
    RoutingRule.objects.filter(pk__in=rule_ids).delete()
    bump()


@transaction.atomic
def save_level(level: ServiceLevel) -> None:
    """Save a service level that staff have edited. Promises already given stay as they were."""
    level.save()
    bump()


@transaction.atomic
def delete_levels(level_ids: list[int]) -> None:
    ServiceLevel.objects.filter(pk__in=level_ids).delete()
    bump()
