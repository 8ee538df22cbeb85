"""What rules and decisions refer to by code. For safe deletion (`city.services.usage`)."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from city.services import usage
from dispatch.models import IncidentAlarm, IncidentRule, OwnerEndpoint, RoutingDecision, RoutingRule


def register() -> None:
    usage.register("city.category", _named_in("categories"))
    usage.register("city.category", _of_incidents)
    usage.register("city.category", _of_owners)
    usage.register("city.area", _named_in("areas"))
    usage.register("city.department", _named_in("line_owners"))
    usage.register("city.question", _asked_by_rules)
    usage.register("dispatch.routingrule", _decided)
    usage.register("dispatch.incidentrule", _alarmed)
    usage.ignore("dispatch.officeweek")


def _named_in(field: str) -> Callable[[Any], list[tuple[str, int]]]:
    def counter(obj: Any) -> list[tuple[str, int]]:
        lists = RoutingRule.objects.values_list(field, flat=True)
        return [(RoutingRule._meta.verbose_name_plural, sum(obj.code in codes for codes in lists))]

    return counter


def _of_incidents(category: Any) -> list[tuple[str, int]]:
    lists = IncidentRule.objects.values_list("categories", flat=True)
    return [(IncidentRule._meta.verbose_name_plural, sum(category.code in codes for codes in lists))]


def _of_owners(category: Any) -> list[tuple[str, int]]:
    pairs = OwnerEndpoint.objects.values_list("service_codes", flat=True)
    return [(_("Owners’ systems"), sum(category.code in codes for codes in pairs))]


def _asked_by_rules(question: Any) -> list[tuple[str, int]]:
    """Rules that look at its answers and hold for its kind, or for every kind."""
    rows = RoutingRule.objects.values_list("answers", "categories")
    kind = question.category
    related = [kind.parent.code] if kind.parent else kind.children.values_list("code", flat=True)
    ours = {kind.code, *related}
    count = sum(
        question.code in answers and (not kinds or not ours.isdisjoint(kinds)) for answers, kinds in rows
    )
    return [(RoutingRule._meta.verbose_name_plural, count)]


def _decided(rule: RoutingRule) -> list[tuple[str, int]]:
    return [
        (
            RoutingDecision._meta.verbose_name_plural,
            RoutingDecision.objects.filter(rule_code=rule.code).count(),
        )
    ]


def _alarmed(rule: IncidentRule) -> list[tuple[str, int]]:
    return [(_("Alarms"), IncidentAlarm.objects.filter(rule_code=rule.code).count())]
