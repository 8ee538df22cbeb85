"""Incidents: merged reports and the record of who merged what.

SQLite makes the changed table of reports anew and loses its triggers with the old one: they are made again.
"""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from complaints import triggers

TRANSITIONS = import_module("complaints.migrations.0002_invariants").TRANSITIONS


def guard(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in [*triggers.workflow_sql(vendor, TRANSITIONS), *triggers.incident_sql(vendor)]:
        schema_editor.execute(statement, params=None)


def unguard(apps, schema_editor):
    for statement in triggers.DROP_INCIDENT[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def guard_workflow(apps, schema_editor):
    for statement in triggers.workflow_sql(schema_editor.connection.vendor, TRANSITIONS):
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('city', '0003_similar_kinds'),
        ('complaints', '0013_debt_register'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, guard_workflow),
        migrations.CreateModel(
            name='Merge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='when')),
                ('is_automatic', models.BooleanField(default=False, verbose_name='by the portal')),
                ('why', models.TextField(blank=True, verbose_name='why')),
                ('before', models.JSONField(default=dict)),
                ('path', models.JSONField(default=list)),
                ('deferred', models.JSONField(default=list)),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='undone')),
                ('undone_why', models.TextField(blank=True)),
            ],
            options={
                'verbose_name': 'merge',
                'verbose_name_plural': 'merges',
                'ordering': ['id'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='report',
            name='complaints_report_is_open',
        ),
        migrations.RemoveIndex(
            model_name='report',
            name='report_open_since',
        ),
        migrations.RemoveIndex(
            model_name='report',
            name='report_was_reopened',
        ),
        migrations.RemoveIndex(
            model_name='report',
            name='report_debts',
        ),
        migrations.AddField(
            model_name='report',
            name='merged_into',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='members', to='complaints.report'),
        ),
        migrations.AlterField(
            model_name='event',
            name='kind',
            field=models.CharField(choices=[('submitted', 'Report received'), ('routed', 'Sent to the responsible department'), ('triaged', 'Sent to the triage desk'), ('acknowledged', 'Accepted by the department'), ('referral', 'Passed on to its owner'), ('made_safe', 'Made safe'), ('escalated', "Brought to the head's attention"), ('status', 'Status changed'), ('handed_over', 'Handed over'), ('promise', 'Promise changed'), ('severity', 'Severity changed'), ('category', 'Kind corrected'), ('assignee', 'Handler named'), ('comment', 'Comment'), ('note', 'Internal note'), ('photo', 'Photo added'), ('supported', 'Somebody else is affected too'), ('confirmed', 'Confirmed as fixed'), ('reopened', 'Not fixed, says the reporter'), ('edited', 'Changed by the reporter'), ('withdrawn', 'Withdrawn by the reporter'), ('erased', 'Personal data erased'), ('reminded', 'The reporter was reminded to answer'), ('merged', 'Joined to another report'), ('unmerged', 'Taken apart again'), ('burst', 'Many reports of the same thing')], max_length=12, verbose_name='what'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(condition=models.Q(('is_open', True)), fields=['created_at', 'id', 'h3_r9', 'status', 'due_at', 'is_private', 'merged_into'], name='report_open_since'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(condition=models.Q(('reopen_count__gt', 0)), fields=['created_at', 'id', 'h3_r9', 'status', 'is_private', 'merged_into'], name='report_was_reopened'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(condition=models.Q(('status', 'scheduled')), fields=['scheduled_for', 'id', 'is_private', 'department', 'area', 'merged_into'], name='report_debts'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('is_open', True), ('merged_into__isnull', True), ('status__in', ['assigned', 'in_progress', 'received', 'referred', 'reopened', 'scheduled', 'triage', 'waiting'])), models.Q(('is_open', False), ('status__in', ['closed', 'rejected', 'resolved'])), models.Q(('is_open', False), ('merged_into__isnull', False)), _connector='OR'), name='complaints_report_is_open'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into', models.F('id')), _negated=True), name='complaints_report_not_itself'),
        ),
        migrations.AddField(
            model_name='merge',
            name='by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='merge',
            name='primary',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='joined', to='complaints.report'),
        ),
        migrations.AddField(
            model_name='merge',
            name='report',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merges', to='complaints.report'),
        ),
        migrations.AddField(
            model_name='merge',
            name='undone_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='merge',
            constraint=models.UniqueConstraint(condition=models.Q(('undone_at__isnull', True)), fields=('report',), name='complaints_merged_once'),
        ),
        migrations.AddConstraint(
            model_name='merge',
            constraint=models.CheckConstraint(condition=models.Q(('report', models.F('primary')), _negated=True), name='complaints_merge_other'),
        ),
        migrations.RunPython(guard, unguard),
    ]
