"""Who changed what in the reference data and the rules: pictures of objects, and the record read back.

What the staff pages change is written by the admin's own log, which the database copies into the
append-only record (`city.triggers`); before and after stand in its message as `{"values": […]}`. What
commands change is written straight into the record, with the same values.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, ForeignKey, Model, QuerySet
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from city.domain import changes
from city.models import AuditEvent, User

Kind = AuditEvent.Kind
KINDS = (Kind.ADDED, Kind.CHANGED, Kind.DELETED, Kind.ACCOUNT_CREATED, Kind.ROLE_CHANGED)
SECRET_NAME = re.compile(r"password|secret|sealed|token|encrypted|digest|key_hash")
# Written by the portal itself all the time; a person's change is none of these.
_BOOKKEEPING = frozenset({"last_login", "changed_at", "updated_at", "used_count", "last_used_at"})
_BIG = 2_000  # characters of JSON; longer values are remembered by their size and a fingerprint


@dataclass(frozen=True)
class Children:
    """Rows that are edited on their parent's page: questions of a category, periods of a calendar."""

    accessor: str
    model: type[Model]
    parent_field: str


@dataclass(frozen=True, slots=True)
class Change:
    """One difference in words."""

    label: str
    before: str
    after: str


def picture(obj: Model, children: Sequence[Children] = ()) -> dict[str, Any]:
    """The object as it stands in the database now. One query, and one per many-to-many field and child."""
    stored = type(obj)._default_manager.get(pk=obj.pk)
    fields = _fields_of(stored)
    for field in stored._meta.many_to_many:
        if field.remote_field.through._meta.auto_created and field.name not in ("groups", "user_permissions"):
            fields[field.name] = sorted(named(row) for row in getattr(stored, field.name).all())
    rows = {
        child.accessor: {
            str(row.pk): (getattr(row, "code", "") or str(row), _fields_of(row, without=child.parent_field))
            for row in child.model._default_manager.filter(**{child.parent_field: stored}).order_by("pk")
        }
        for child in children
    }
    return {"fields": fields, "children": rows}


def stamp(seen: dict[str, Any], without: Iterable[str] = ()) -> str:
    """A short fingerprint of a picture, for "is it still what I saw?". `without`: fields nobody edits."""
    left_out = set(without)
    fields = {name: value for name, value in seen["fields"].items() if name not in left_out}
    data = orjson.dumps([fields, seen["children"]], default=_secretly, option=orjson.OPT_SORT_KEYS)
    return salted_hmac("city.history.stamp", data).hexdigest()[:24]


def record_command(
    rows: Iterable[tuple[Model, list[list[Any]]]], *, now: datetime, via: str, kind: str = Kind.CHANGED
) -> int:
    """Write what a command changed: one line for each object. Call it in the transaction of the change."""
    lines = [
        AuditEvent(
            at=now,
            kind=kind,
            object_kind=row._meta.label_lower,
            object_key=str(row.pk),
            object_name=str(row)[:200],
            detail={"values": values, "via": via},
        )
        for row, values in rows
    ]
    AuditEvent.objects.bulk_create(lines, batch_size=200)
    return len(lines)


def lines_of(model: type[Model], key: Any) -> QuerySet[AuditEvent]:
    """What happened to one object, newest first; also when it is gone."""
    rows = AuditEvent.objects.filter(object_kind=model._meta.label_lower, object_key=str(key), kind__in=KINDS)
    return rows.select_related("actor").order_by("-at", "-id")


def values_of(event: AuditEvent) -> list[list[Any]]:
    """The differences that a line of the record holds; empty for a line without."""
    said = event.detail or {}
    if isinstance(said.get("values"), list):
        return said["values"]
    try:
        message = json.loads(said.get("message") or "null")
    except ValueError:
        return []
    found = [part["values"] for part in message or () if isinstance(part, dict) and "values" in part]
    return found[0] if found else []


def changes_of(event: AuditEvent) -> list[Change]:
    """What a line says in words, in the reader's language."""
    try:
        model = apps.get_model(event.object_kind)
    except (LookupError, ValueError):
        model = None
    return [
        Change(_label(model, path), _words(model, path, before), _words(model, path, after))
        for path, before, after in values_of(event)
    ]


def named(row: Model | None) -> str | None:
    """A row as others refer to it: its name and its code."""
    if row is None:
        return None
    if isinstance(row, User):
        return row.get_username()
    code = getattr(row, "code", "")
    return f"{row} ({code})" if code and str(row) != code else str(row)


def _fields_of(row: Model, without: str = "") -> dict[str, Any]:
    return {
        field.name: _value(row, field)
        for field in row._meta.concrete_fields
        if not field.primary_key and field.name not in _BOOKKEEPING and field.name != without
    }


def _value(row: Model, field: Field) -> Any:
    if isinstance(field, ForeignKey):
        return named(getattr(row, field.name))
    value = getattr(row, field.attname)
    return changes.Secret(value) if SECRET_NAME.search(field.name) else plain(value)


def plain(value: Any) -> Any:
    """A value as the record keeps it: JSON, big ones by their size and a fingerprint."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | dict):
        return _json(value)
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return text if len(text) <= _BIG else _shortened(text)


def _json(value: Any) -> Any:
    data = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    if isinstance(value, dict) and {"type", "coordinates"} <= value.keys():
        return {"shape": value["type"], "points": _points(value["coordinates"]), "mark": _mark(data)}
    return value if len(data) <= _BIG else _shortened(data.decode())


def _shortened(text: str) -> str:
    return f"{text[:200]} … [{len(text)}, {_mark(text.encode())}]"


def _mark(data: bytes) -> str:
    return salted_hmac("city.history.mark", data).hexdigest()[:8]


def _points(coordinates: Any) -> int:
    if coordinates and isinstance(coordinates[0], int | float):
        return 1
    return sum(_points(part) for part in coordinates)


def _secretly(value: Any) -> str:
    if isinstance(value, changes.Secret):
        return _mark(str(value.value).encode())
    raise TypeError


# --- In words --------------------------------------------------------------------------------------


def _child_model(model: type[Model] | None, accessor: str) -> type[Model] | None:
    for relation in model._meta.related_objects if model else ():
        if relation.get_accessor_name() == accessor:
            return relation.related_model
    return None


def _field(model: type[Model] | None, name: str) -> Field | None:
    try:
        return model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return None


def _label(model: type[Model] | None, path: list[str]) -> str:
    if len(path) == 1:
        return _field_label(model, path[0])
    child = _child_model(model, path[0])
    start = f"{capfirst(child._meta.verbose_name) if child else path[0]} {path[1]}"
    return start if len(path) == 2 else f"{start}, {_field_label(child, path[2])}"


def _field_label(model: type[Model] | None, name: str) -> str:
    field = _field(model, name)
    return capfirst(str(getattr(field, "verbose_name", ""))) or name


def _words(model: type[Model] | None, path: list[str], value: Any) -> str:
    if len(path) == 2:
        child = _child_model(model, path[0])
        if not isinstance(value, dict):
            return "–"
        return ", ".join(
            f"{_field_label(child, name)}: {said(_field(child, name), item)}" for name, item in value.items()
        )
    owner = model if len(path) == 1 else _child_model(model, path[0])
    return said(_field(owner, path[-1]), value)


def said(field: Field | None, value: Any) -> str:
    """One value as a person reads it."""
    if value is None or value == "" or value == [] or value == {}:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    choices = dict(getattr(field, "flatchoices", None) or ())
    if not isinstance(value, list | dict) and value in choices:
        return str(choices[value])
    if isinstance(value, list):
        return ", ".join(said(None, item) for item in value)
    if isinstance(value, dict):
        return _said_dict(value)
    kind = field.get_internal_type() if field is not None else ""
    if kind == "DateField":
        return date_format(field.to_python(value))
    return str(value)


def _said_dict(value: dict) -> str:
    if {"shape", "points", "mark"} == value.keys():
        count = value["points"]
        points = ngettext("%(count)d point", "%(count)d points", count) % {"count": count}
        return f"{points} ({value['mark']})"
    return "; ".join(f"{name} = {said(None, item)}" for name, item in value.items())
