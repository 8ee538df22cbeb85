"""Bringing the database in line with a pack without losing what staff edited (a three-way merge).

For every object the pack says, `PackRecord.values` keeps what the pack said last time. A value in the
database that differs from that was edited by staff, and stays, unless the loader is told otherwise.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db.models import Model
from django.utils.translation import gettext as _

from city.errors import BadPack
from city.models import PackRecord
from city.services import history
from city.services.pack.mistakes import Mistake, Where

CREATED, UPDATED, UNCHANGED, KEPT, REMOVED = "created", "updated", "unchanged", "kept", "removed"
_BIG = 200  # characters; longer values are remembered by their hash


@dataclass(frozen=True, slots=True)
class Item:
    """One object as the pack says it. `values`: field → plain value; a reference is the other's key."""

    key: str
    values: dict[str, Any]
    where: Where = field(default_factory=lambda: Where(""))


@dataclass(frozen=True)
class Table:
    """How a model's rows are matched with a pack's items.

    `key_of` gives a row's key; it may look at the referenced rows' keys through `keys` (model → id → key).
    `references`: fields whose value is the key of a row of another model.
    `removal`: what happens to a row that vanished from the pack: "deactivate" (is_active=False), "delete"
    (only if staff did not edit it), or "report" (it stays, and the result says so).
    """

    kind: str
    model: type[Model]
    key_of: Callable[[Model, Mapping], str]
    references: Mapping[str, type[Model]] = field(default_factory=dict)
    removal: str = "report"
    is_boundary: bool = False  # a change also raises the version of the boundaries


class Merge:
    """One load of one pack, inside its transaction. `counts[kind]` counts what happened."""

    def __init__(self, pack: str, *, overwrite_staff_edits: bool = False):
        self.pack = pack
        self.overwrite = overwrite_staff_edits
        self.counts: dict[str, Counter] = {}
        self.notes: list[str] = []  # sentences for whoever loads: what was kept, and why
        self.boundaries_changed = False
        # What changed in rows that were there before, for the record: (row, differences).
        self.edits: list[tuple[Model, list[list[Any]]]] = []
        self._keys: dict[type[Model], dict[int, str]] = {}
        self._ids: dict[type[Model], dict[str, int]] = {}

    @property
    def changed(self) -> bool:
        return any(counts[what] for counts in self.counts.values() for what in (CREATED, UPDATED, REMOVED))

    def changed_kinds(self) -> set[str]:
        return {
            kind
            for kind, counts in self.counts.items()
            if counts[CREATED] or counts[UPDATED] or counts[REMOVED]
        }

    def counter(self, kind: str) -> Counter:
        """The counts of a kind, for a section that writes rows itself."""
        return self.counts.setdefault(kind, Counter())

    def id_of(self, model: type[Model], key: str) -> int:
        """The id of a row that an earlier `sync` saw. Raises KeyError."""
        return self._ids[model][key]

    def sync(self, table: Table, items: Sequence[Item]) -> Counter:
        """Create, update, keep and remove rows of one model. Returns the counts."""
        counts = self.counter(table.kind)
        rows = {table.key_of(row, self._keys): row for row in table.model._default_manager.all()}
        self._remember(table.model, {row.pk: key for key, row in rows.items()})
        records = {r.key: r for r in PackRecord.objects.filter(pack=self.pack, kind=table.kind)}
        missing = [item for item in items if item.key not in rows]
        deleted = {item.key for item in missing if item.key in records and not self.overwrite}
        for key in sorted(deleted):
            counts[KEPT] += 1
            self.notes.append(_("%(kind)s %(key)s: staff deleted it; it stays deleted.") % _names(table, key))
        self._create(table, [item for item in missing if item.key not in deleted], counts)
        changed = {}
        for item in items:
            if item.key in rows:
                row = rows[item.key]
                fields = self._merge_row(table, row, item, records.get(item.key), counts)
                changed.update({row: fields} if fields else {})
        if changed:
            fields = sorted(set().union(*changed.values()))
            table.model._default_manager.bulk_update(changed, fields, batch_size=100)
        self._remove(table, rows, records, {item.key for item in items}, counts)
        self._record(table, items, records)
        if table.is_boundary and (counts[CREATED] or counts[UPDATED] or counts[REMOVED]):
            self.boundaries_changed = True
        return counts

    def _remember(self, model: type[Model], keys: dict[int, str]) -> None:
        self._keys.setdefault(model, {}).update(keys)
        self._ids.setdefault(model, {}).update({key: pk for pk, key in keys.items()})

    def _create(self, table: Table, items: list[Item], counts: Counter) -> None:
        """Insert in waves, so that a row may refer to another row of the same model."""
        while items:
            wave = [item for item in items if self._resolvable(table, item)]
            if not wave:
                raise BadPack([self._unresolved(table, items[0])])
            rows = [table.model(**self._attributes(table, item)) for item in wave]
            created = table.model._default_manager.bulk_create(rows, batch_size=200)
            keys = [item.key for item in wave]
            self._remember(table.model, {row.pk: key for row, key in zip(created, keys, strict=True)})
            counts[CREATED] += len(wave)
            done = set(keys)
            items = [item for item in items if item.key not in done]

    def _resolvable(self, table: Table, item: Item) -> bool:
        return all(
            not item.values.get(name) or item.values[name] in self._ids.get(model, {})
            for name, model in table.references.items()
        )

    def _unresolved(self, table: Table, item: Item) -> Mistake:
        names = [str(item.values[n]) for n in table.references if item.values.get(n)]
        message = _(
            "%(kind)s %(key)s refers to something that staff deleted (one of: %(names)s). "
            "Change the pack, or load it with --overwrite."
        ) % {**_names(table, item.key), "names": ", ".join(names)}
        return Mistake(item.where, "deleted_reference", message)

    def _attributes(self, table: Table, item: Item) -> dict[str, Any]:
        attributes = {}
        for name, value in item.values.items():
            if name in table.references:
                attributes[f"{name}_id"] = self._ids[table.references[name]][value] if value else None
            else:
                attributes[name] = value
        return attributes

    def _value(self, table: Table, row: Model, name: str) -> Any:
        """A row's value as a pack would say it."""
        if name in table.references:
            pk = getattr(row, f"{name}_id")
            return None if pk is None else self._keys.get(table.references[name], {}).get(pk, f"#{pk}")
        return getattr(row, name)

    def _merge_row(self, table: Table, row: Model, item: Item, record, counts: Counter) -> set[str]:
        base = record.values if record else {}
        update, kept = {}, []
        for name, new in item.values.items():
            now = _told(self._value(table, row, name))
            if now == _told(new):
                continue
            if not self.overwrite and now != base.get(name, _default(table.model, name)):
                kept.append(name)
            else:
                update[name] = new
        if kept:
            counts[KEPT] += 1
            self.notes.append(
                _("%(kind)s %(key)s: kept what staff entered: %(fields)s.")
                % {**_names(table, item.key), "fields": ", ".join(kept)}
            )
        if update:
            if not self._resolvable(table, Item(item.key, update)):
                raise BadPack([self._unresolved(table, item)])
            self.edits.append((row, [self._edit(table, row, name, new) for name, new in update.items()]))
            for name, value in self._attributes(table, Item(item.key, update)).items():
                setattr(row, name, value)
            counts[UPDATED] += 1
        elif not kept:
            counts[UNCHANGED] += 1
        return set(update)

    def _edit(self, table: Table, row: Model, name: str, new: Any) -> list[Any]:
        return [[name], history.plain(self._value(table, row, name)), history.plain(new)]

    def _remove(self, table: Table, rows, records, keys: set[str], counts: Counter) -> None:
        for key, record in records.items():
            row = rows.get(key)
            if key in keys:
                continue
            if row is None:
                record.delete()
            elif table.removal == "deactivate":
                self._deactivate(row, record, counts)
            elif table.removal == "delete" and self._is_unedited(table, row, record):
                row.delete()
                record.delete()
                counts[REMOVED] += 1
            else:
                counts[KEPT] += 1
                self.notes.append(
                    _("%(kind)s %(key)s: no longer in the pack, but it stays in the database.")
                    % _names(table, key)
                )

    def _is_unedited(self, table: Table, row: Model, record) -> bool:
        return self.overwrite or all(
            told == _told(self._value(table, row, name)) for name, told in record.values.items()
        )

    def _deactivate(self, row: Model, record, counts: Counter) -> None:
        if record.values.get("is_active") is False:  # an earlier load did it; staff may have undone it since
            return
        if row.is_active:
            type(row)._default_manager.filter(pk=row.pk).update(is_active=False)
            self.edits.append((row, [[["is_active"], True, False]]))
            counts[REMOVED] += 1
        record.values = {**record.values, "is_active": False}
        record.save()

    def _record(self, table: Table, items: Sequence[Item], records) -> None:
        new, changed = [], []
        for item in items:
            values = {name: _told(value) for name, value in item.values.items()}
            record = records.get(item.key)
            if record is None:
                new.append(PackRecord(pack=self.pack, kind=table.kind, key=item.key, values=values))
            elif record.values != values:
                record.values = values
                changed.append(record)
        PackRecord.objects.bulk_create(new, batch_size=200)
        if changed:
            PackRecord.objects.bulk_update(changed, ["values"], batch_size=100)


def _default(model: type[Model], name: str) -> Any:
    """What a field holds when nobody has entered anything: such a value is nobody's edit."""
    return _told(model._meta.get_field(name).get_default())


def _names(table: Table, key: str) -> dict[str, str]:
    return {"kind": table.kind, "key": key}


def _told(value: Any) -> Any:
    """A value as it is remembered: plain JSON, big ones (boundaries) by their hash."""
    if value is None or isinstance(value, (bool, int, str)):
        return value if not isinstance(value, str) or len(value) <= _BIG else _digest(orjson.dumps(value))
    if isinstance(value, float):
        return value
    data = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return orjson.loads(data) if len(data) <= _BIG else _digest(data)


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
