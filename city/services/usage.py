"""What uses an object, so that nothing a report, decision, rule or timeline refers to is ever deleted.

Foreign keys are found by themselves. What refers by code instead (rules name kinds, decisions name rules)
is told by the room that keeps it: `register("city.category", counter)`, in its AppConfig.ready.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils.text import capfirst

Counter = Callable[[Any], Iterable[tuple[str, int]]]  # (what uses it, in the plural; how many)

_counters: dict[str, list[Counter]] = {}
_derived: set[str] = set()


@dataclass(frozen=True, slots=True)
class Use:
    label: str
    count: int


def register(model: str, counter: Counter) -> None:
    """Tell of uses by code. `model`: as in "city.category"."""
    if counter not in _counters.setdefault(model, []):
        _counters[model].append(counter)


def answers(question: Model, value: str) -> int:
    """How many reports chose this answer; whoever keeps reports tells (`register("city.choice", …)`)."""
    return sum(
        count for counter in _counters.get("city.choice", ()) for _label, count in counter((question, value))
    )


def ignore(model: str) -> None:
    """Rows that are only counted from others, and go with what they count."""
    _derived.add(model)


def uses(obj: Model, owned: Iterable[type[Model]] = ()) -> list[Use]:
    """Who refers to an object, the most first. `owned`: models edited on its page, which go with it unless
    they are in use themselves. A query for each kind of reference."""
    owned = tuple(owned)
    found: dict[str, int] = {}
    for relation in obj._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete or not relation.is_relation:
            continue
        model = relation.related_model
        if model._meta.label_lower in _derived or model._meta.auto_created:
            continue
        rows = model._base_manager.filter(**{relation.field.name: obj.pk})
        if model in owned:
            for row in rows:
                _add(found, ((use.label, use.count) for use in uses(row)))
        else:
            _add(found, [(model._meta.verbose_name_plural, rows.count())])
    for counter in _counters.get(obj._meta.label_lower, ()):
        _add(found, counter(obj))
    return [Use(label, count) for label, count in sorted(found.items(), key=lambda item: -item[1])]


def _add(found: dict[str, int], counted: Iterable[tuple[str, int]]) -> None:
    for label, count in counted:
        name = capfirst(str(label))
        if count:
            found[name] = found.get(name, 0) + count
