"""The search's index of words, for the reports that are there and for all to come.

Measured with 1,000,000 reports on two cores: see docs/operations.md. On PostgreSQL nobody waits for it: the triggers
come first, the old reports follow in batches of their own, and an interrupted migration is simply run again.
SQLite has one writer anyway and does it in one transaction.
"""

from django.db import migrations, transaction

from complaints import search_index


def create(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor == "postgresql":
        table, index = search_index.table_sql("postgresql")
        _run(schema_editor, [table, *search_index.index_sql("postgresql")])
        search_index.fill(connection)
        _run(schema_editor, [index, f"ANALYZE {search_index.TABLE}"])
        return
    with transaction.atomic(using=connection.alias):
        _run(schema_editor, search_index.table_sql("sqlite"))
        search_index.fill(connection)
        _run(schema_editor, search_index.index_sql("sqlite"))


def drop(apps, schema_editor):
    _run(schema_editor, search_index.drop_sql(schema_editor.connection.vendor))


def _run(schema_editor, statements):
    for statement in statements:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("complaints", "0021_unsafe_first")]
    operations = [migrations.RunPython(create, drop)]
