"""Every version of every rule, kept for good: what the table was when a decision was made."""

from dataclasses import fields
from datetime import datetime
from typing import Any

from dispatch.domain import routing
from dispatch.domain.facts import Party
from dispatch.models import RoutingRule, RoutingRuleVersion

_OWN = {"code", "version", "department"}
_VALUES = tuple(field.name for field in fields(routing.Rule) if field.name not in _OWN)


def record(table_version: int, now: datetime) -> int:
    """Write down what has changed since it was last written down; returns how many rules.

    Compares the whole table with the log, so that no way of changing a rule goes around it. Call inside
    the transaction that changed the rules, with the table's row locked. Two queries, and one per change.
    """
    known = {row.code: row for row in RoutingRuleVersion.objects.order_by("table_version", "id")}
    rows = {row.code: row for row in RoutingRule.objects.select_related("department")}
    new = [
        _version(row, table_version, now)
        for code, row in rows.items()
        if code not in known or _said(known[code]) != (row.version, row.is_active, False, values_of(row))
    ]
    new += [
        RoutingRuleVersion(
            code=code,
            version=last.version,
            table_version=table_version,
            recorded_at=now,
            is_active=False,
            is_deleted=True,
            values=last.values,
        )
        for code, last in known.items()
        if code not in rows and not last.is_deleted
    ]
    RoutingRuleVersion.objects.bulk_create(new)
    return len(new)


def values_of(row: RoutingRule) -> dict[str, Any]:
    """A rule's values as the log keeps them."""
    return {**{name: getattr(row, name) for name in _VALUES}, "department": _party(row.department)}


def rule_of(code: str, version: int, values: dict[str, Any]) -> routing.Rule:
    """A rule as the pure rules see it, from what the log says."""
    said = values.get("department")
    # A department that has been closed can be responsible for nothing: the rule fails, by name.
    party = (
        Party(said["code"], said["name"], said["name_en"], said["external"])
        if said and said.get("active", True)
        else None
    )
    plain = {name: values[name] for name in _VALUES if name in values}
    return routing.Rule(code=code, version=version, department=party, **plain)


def table_at(table_version: int) -> routing.RuleTable | None:
    """The rules in force at a version of the table; None if it is older than the log. One query."""
    rows = RoutingRuleVersion.objects.filter(table_version__lte=table_version)
    last = {row.code: row for row in rows.order_by("table_version", "id")}
    if not last:
        return None
    rules = [rule_of(row.code, row.version, row.values) for row in last.values() if row.is_active]
    return routing.RuleTable(sorted(rules, key=lambda rule: (rule.order, rule.code)))


def _version(row: RoutingRule, table_version: int, now: datetime) -> RoutingRuleVersion:
    return RoutingRuleVersion(
        code=row.code,
        version=row.version,
        table_version=table_version,
        recorded_at=now,
        is_active=row.is_active,
        values=values_of(row),
    )


def _said(row: RoutingRuleVersion) -> tuple:
    return row.version, row.is_active, row.is_deleted, row.values


def _party(row: Any) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "code": row.code,
        "name": row.name,
        "name_en": row.name_en,
        "external": row.is_external,
        "active": row.is_active,
    }
