"""The timeline lets one thing through: blanking the words of a citizen who asks to be forgotten."""

from django.db import migrations, models

from complaints import triggers

# All columns of the timeline but `text`, as of this migration.
COLUMNS = (
    "id",
    "report_id",
    "kind",
    "at",
    "actor_kind",
    "actor_id",
    "department_id",
    "from_status",
    "to_status",
    "data",
    "is_public",
)


def guard(apps, schema_editor):
    for statement in triggers.timeline_sql(schema_editor.connection.vendor, COLUMNS):
        schema_editor.execute(statement, params=None)


def guard_strictly(apps, schema_editor):
    for statement in triggers.timeline_sql(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('complaints', '0007_looking'),
    ]

    operations = [
        migrations.AlterField(
            model_name='event',
            name='kind',
            field=models.CharField(choices=[('submitted', 'Report received'), ('routed', 'Sent to the responsible department'), ('triaged', 'Sent to the triage desk'), ('acknowledged', 'Accepted by the department'), ('referral', 'Passed on to its owner'), ('made_safe', 'Made safe'), ('escalated', "Brought to the head's attention"), ('status', 'Status changed'), ('handed_over', 'Handed over'), ('promise', 'Promise changed'), ('severity', 'Severity changed'), ('assignee', 'Handler named'), ('comment', 'Comment'), ('note', 'Internal note'), ('photo', 'Photo added'), ('supported', 'Somebody else is affected too'), ('confirmed', 'Confirmed as fixed'), ('reopened', 'Not fixed, says the reporter'), ('edited', 'Changed by the reporter'), ('withdrawn', 'Withdrawn by the reporter'), ('erased', 'Personal data erased'), ('reminded', 'The reporter was reminded to answer')], max_length=12, verbose_name='what'),
        ),
        migrations.RunPython(guard, guard_strictly),
    ]
