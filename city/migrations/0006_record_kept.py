"""What the admin logged so far goes into the record; from now on the database keeps the record."""

from django.db import migrations

from city import triggers


def create(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    schema_editor.execute(triggers.copy_sql(vendor), params=None)
    for statement in triggers.record_sql(vendor):
        schema_editor.execute(statement, params=None)


def drop(apps, schema_editor):
    for statement in triggers.DROP[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("city", "0005_sign_in"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(create, drop)]
