"""The workflow table and the append-only timeline, kept by the database itself."""

from django.db import migrations

from complaints import triggers

# A copy as of this migration; a change of the table comes with a migration of its own.
TRANSITIONS = {
    "received": ["assigned", "referred", "rejected", "triage"],
    "triage": ["assigned", "referred", "rejected", "waiting"],
    "assigned": ["in_progress", "referred", "rejected", "resolved", "scheduled", "triage", "waiting"],
    "in_progress": ["assigned", "referred", "rejected", "resolved", "scheduled", "triage", "waiting"],
    "waiting": ["assigned", "in_progress", "referred", "rejected", "resolved", "scheduled", "triage"],
    "scheduled": ["assigned", "in_progress", "referred", "resolved", "triage", "waiting"],
    "referred": ["assigned", "in_progress", "rejected", "resolved", "scheduled", "triage", "waiting"],
    "resolved": ["closed", "in_progress", "reopened"],
    "closed": ["reopened"],
    "rejected": ["reopened", "triage"],
    "reopened": ["assigned", "in_progress", "referred", "rejected", "resolved", "scheduled", "triage", "waiting"],
}


def create(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in [*triggers.workflow_sql(vendor, TRANSITIONS), *triggers.timeline_sql(vendor)]:
        schema_editor.execute(statement, params=None)


def drop(apps, schema_editor):
    for statement in triggers.DROP[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("complaints", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
