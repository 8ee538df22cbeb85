"""Attempts are finished once and deleted only when they are old."""

from django.db import migrations

from dispatch import triggers


def create(apps, schema_editor):
    for statement in triggers.attempts_sql(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


def drop(apps, schema_editor):
    for statement in triggers.DROP_ATTEMPTS[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0010_delivery_attempts")]
    operations = [migrations.RunPython(create, drop)]
