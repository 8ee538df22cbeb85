"""Inserting one row of a hot table without the parts of `Model.save` that it does not need.

`save()` compiles its SQL anew, sends signals and looks for parents with every row: half of what accepting a
report costs. Columns, conversions and RETURNING are the model's and the database's own here too; constraints
hold as ever. Only for models without signal receivers, parents or values made by the database.
"""

from functools import lru_cache

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.fields import Field


@lru_cache(maxsize=64)
def _statement(model: type[models.Model]) -> tuple[str, tuple[Field, ...]]:
    meta, quoted = model._meta, connections[DEFAULT_DB_ALIAS].ops.quote_name
    fields = tuple(field for field in meta.local_concrete_fields if not field.primary_key)
    columns = ", ".join(quoted(field.column) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    statement = (
        f"INSERT INTO {quoted(meta.db_table)} ({columns}) VALUES ({marks}) "  # noqa: S608 - names of our own
        f"RETURNING {quoted(meta.pk.column)}"
    )
    return statement, fields


def insert(row: models.Model) -> None:
    """Insert a new object and give it its primary key. Raises IntegrityError as `save` does."""
    connection = connections[DEFAULT_DB_ALIAS]
    statement, fields = _statement(type(row))
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias
