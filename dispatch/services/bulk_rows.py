"""Writing very many rows of a model at the database's own speed: COPY on PostgreSQL, executemany on SQLite.

For load tests only: no signals, no validation. Columns, defaults and the way values are stored come from
the model, so that a changed model changes this with it; constraints and foreign keys still hold.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models

_NULL = "\\N"  # COPY's word for NULL; no text of ours begins with a backslash


class BulkTable:
    """Appends rows of one model. A row is a dict of attnames; what it leaves out gets the model's default."""

    def __init__(self, model: type[models.Model]):
        self._table = model._meta.db_table
        self._pk = model._meta.pk
        fields = list(model._meta.concrete_fields)
        blank = model()
        self._columns = [field.column for field in fields]
        self._defaults = [
            (field.attname, field.get_db_prep_save(field.pre_save(blank, add=True), connection))
            for field in fields
        ]
        self._json = [n for n, field in enumerate(fields) if isinstance(field, models.JSONField)]
        stored = _STORED.get(connection.vendor, {})
        self._convert = [(n, stored[type(field)]) for n, field in enumerate(fields) if type(field) in stored]

    def take_pks(self, count: int) -> list[int]:
        """`count` fresh primary keys, in order; call inside the transaction that uses them."""
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(
                    "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                    [self._table, self._pk.column, count],
                )
                return [pk for (pk,) in cursor.fetchall()]
            quoted = connection.ops.quote_name
            cursor.execute(f"SELECT max({quoted(self._pk.column)}) FROM {quoted(self._table)}")  # noqa: S608
            first = (cursor.fetchone()[0] or 0) + 1
        return list(range(first, first + count))

    def append(self, rows: list[dict[str, Any]]) -> None:
        """Write rows; primary keys are taken for those that bring none."""
        if rows and self._pk.attname not in rows[0]:
            for row, pk in zip(rows, self.take_pks(len(rows)), strict=True):
                row[self._pk.attname] = pk
        write = self._copy if connection.vendor == "postgresql" else self._insert
        write(self._values(row) for row in rows)

    def _values(self, row: dict[str, Any]) -> list[Any]:
        values = [row.get(attname, default) for attname, default in self._defaults]
        for position in self._json:
            if not isinstance(values[position], str):
                values[position] = as_json(values[position])
        for position, convert in self._convert:
            if values[position] is not None and not isinstance(values[position], str):
                values[position] = convert(values[position])
        return values

    def _insert(self, rows: Iterable[list[Any]]) -> None:
        quoted = connection.ops.quote_name
        columns = ", ".join(quoted(column) for column in self._columns)
        marks = ", ".join(["%s"] * len(self._columns))
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {quoted(self._table)} ({columns}) VALUES ({marks})",  # noqa: S608
                rows,
            )

    def _copy(self, rows: Iterable[list[Any]]) -> None:
        buffer = io.StringIO()
        write = csv.writer(buffer).writerow
        for row in rows:
            write([_NULL if value is None else value for value in row])
        buffer.seek(0)
        quoted = connection.ops.quote_name
        columns = ", ".join(quoted(column) for column in self._columns)
        with connection.cursor() as cursor:
            cursor.copy_expert(
                f"COPY {quoted(self._table)} ({columns}) FROM STDIN WITH (FORMAT csv, NULL '{_NULL}')", buffer
            )


def as_json(value: Any) -> str:
    """The value as JSON text. Worth doing once where many rows share a value: a text is taken as it is."""
    return json.dumps(value, ensure_ascii=False)


def _sqlite_time(value: datetime) -> str:
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")


# How SQLite keeps what it has no type for; PostgreSQL reads the texts that COPY makes of them.
_STORED: dict[str, dict[type[models.Field], Callable[[Any], Any]]] = {
    "sqlite": {models.DateTimeField: _sqlite_time, models.UUIDField: lambda value: value.hex}
}
