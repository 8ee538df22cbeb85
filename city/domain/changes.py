"""What differs between two pictures of an object, field by field.

A picture is `{"fields": {name: value}, "children": {accessor: {key: (label, {name: value})}}}` with plain
JSON values. A difference is `[path, before, after]`; the path names the field, or accessor, label and
field of a child ("questions", "size", "text"). A child that came or went is one difference whose path ends
at its label.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

SECRET = "•••"  # noqa: S105 - what stands for a secret's value


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that may be compared and never written down."""

    value: Any


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[list[Any]]:
    """All differences, in the order of the fields, then of the children."""
    found = [[[name], was, now] for name, was, now in _fields(before["fields"], after["fields"])]
    for accessor in after["children"]:
        was_rows, now_rows = before["children"].get(accessor, {}), after["children"][accessor]
        for key in [*was_rows, *(key for key in now_rows if key not in was_rows)]:
            found += _child(accessor, was_rows.get(key), now_rows.get(key))
    return found


def beginning(picture: Mapping[str, Any]) -> list[list[Any]]:
    """A new object as differences from nothing; empty values are left out."""
    nothing = {"fields": {}, "children": {accessor: {} for accessor in picture["children"]}}
    return [entry for entry in differences(nothing, picture) if entry[2] not in (None, "", [], {})]


def ending(picture: Mapping[str, Any]) -> list[list[Any]]:
    """What an object was when it went."""
    return [[path, after, None] for path, _before, after in beginning(picture)]


def _fields(before: Mapping, after: Mapping) -> Iterator[tuple[str, Any, Any]]:
    for name, now in after.items():
        was = before.get(name)
        if was != now:
            yield name, _told(was), _told(now)


def _child(accessor: str, was, now) -> list[list[Any]]:
    if now is None:
        return [[[accessor, was[0]], _plain(was[1]), None]]
    if was is None:
        return [[[accessor, now[0]], None, _plain(now[1])]]
    return [[[accessor, was[0], name], before, after] for name, before, after in _fields(was[1], now[1])]


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _told(value) for name, value in fields.items() if value not in (None, "", [], {})}


def _told(value: Any) -> Any:
    if isinstance(value, Secret):
        return SECRET if value.value else ""
    return value
