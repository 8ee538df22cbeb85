"""Steps that staff take back: their record, and the way back in the workflow's trigger."""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from complaints import triggers

TRANSITIONS = import_module("complaints.migrations.0002_invariants").TRANSITIONS


def guard(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    way_back = triggers.workflow_sql(vendor, TRANSITIONS, may_take_back=True)
    for statement in [*way_back, *triggers.taken_back_sql(vendor)]:
        schema_editor.execute(statement, params=None)


def unguard(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in [*triggers.DROP_TAKEN_BACK[vendor], *triggers.workflow_sql(vendor, TRANSITIONS)]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('complaints', '0018_redaction'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='event',
            name='kind',
            field=models.CharField(choices=[('submitted', 'Report received'), ('routed', 'Sent to the responsible department'), ('triaged', 'Sent to the triage desk'), ('acknowledged', 'Accepted by the department'), ('referral', 'Passed on to its owner'), ('made_safe', 'Made safe'), ('escalated', "Brought to the head's attention"), ('status', 'Status changed'), ('handed_over', 'Handed over'), ('promise', 'Promise changed'), ('severity', 'Severity changed'), ('category', 'Kind corrected'), ('assignee', 'Handler named'), ('comment', 'Comment'), ('note', 'Internal note'), ('photo', 'Photo added'), ('supported', 'Somebody else is affected too'), ('checked', 'Repair checked by a second person'), ('confirmed', 'Confirmed as fixed'), ('reopened', 'Not fixed, says the reporter'), ('edited', 'Changed by the reporter'), ('withdrawn', 'Withdrawn by the reporter'), ('erased', 'Personal data erased'), ('reminded', 'The reporter was reminded to answer'), ('merged', 'Joined to another report'), ('unmerged', 'Taken apart again'), ('burst', 'Many reports of the same thing'), ('redacted', 'Personal data covered'), ('undone', 'Taken back by the office'), ('tagged', 'Tags changed')], max_length=12, verbose_name='what'),
        ),
        migrations.CreateModel(
            name='TakenBack',
            fields=[
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='taken_back', serialize=False, to='complaints.event')),
                ('version', models.PositiveIntegerField()),
                ('asked_at', models.DateTimeField(verbose_name='asked for')),
                ('until', models.DateTimeField(verbose_name='possible until')),
                ('at', models.DateTimeField(verbose_name='when')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='complaints.report')),
            ],
            options={
                'verbose_name': 'step taken back',
                'verbose_name_plural': 'steps taken back',
                'constraints': [models.CheckConstraint(condition=models.Q(('asked_at__lte', models.F('until'))), name='complaints_taken_back_in_time')],
            },
        ),
        migrations.RunPython(guard, unguard),
    ]
