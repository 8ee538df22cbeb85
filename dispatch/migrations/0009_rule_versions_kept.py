"""Versions of rules are append-only; the rules in force are recorded as they stand now."""

from django.db import migrations
from django.utils import timezone

from dispatch import triggers

_KEPT = (
    *("outcome", "categories", "areas", "line_owners", "line_classes", "line_names", "answers"),
    *("text_words", "times", "channels", "min_severity", "severity_change", "severity_to", "tags"),
    *("asks_check", "reason", "reason_en", "order"),
)


def record(apps, schema_editor):
    """Rules from before are known from the table's present version on; older ones were not kept."""
    table = apps.get_model("dispatch", "RulesVersion").objects.filter(pk=1).first()
    if table is None:
        return
    rows = apps.get_model("dispatch", "RoutingRule").objects.select_related("department")
    version = apps.get_model("dispatch", "RoutingRuleVersion")
    version.objects.bulk_create(
        version(
            code=row.code,
            version=row.version,
            table_version=table.version,
            recorded_at=timezone.now(),
            is_active=row.is_active,
            values={**{name: getattr(row, name) for name in _KEPT}, "department": _party(row.department)},
        )
        for row in rows
    )


def _party(row):
    if row is None:
        return None
    return {
        "code": row.code,
        "name": row.name,
        "name_en": row.name_en,
        "external": row.kind == "external",
        "active": row.is_active,
    }


def create(apps, schema_editor):
    for statement in triggers.rule_versions_sql(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


def drop(apps, schema_editor):
    for statement in triggers.DROP[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0008_rule_versions")]
    operations = [
        migrations.RunPython(record, migrations.RunPython.noop),
        migrations.RunPython(create, drop),
    ]
