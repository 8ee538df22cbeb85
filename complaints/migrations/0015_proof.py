"""Proofs of repair: what photos' bytes tell, and that a second person looks at a proof."""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

guard = import_module("complaints.migrations.0014_incidents").guard


class Migration(migrations.Migration):

    dependencies = [
        ('city', '0004_quiet_hours'),
        ('complaints', '0014_incidents'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PhotoTrace',
            fields=[
                ('photo', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='trace', serialize=False, to='complaints.photo')),
                ('bits', models.BigIntegerField(blank=True, null=True)),
                ('band_a', models.PositiveIntegerField(blank=True, null=True)),
                ('band_b', models.PositiveIntegerField(blank=True, null=True)),
                ('band_c', models.PositiveIntegerField(blank=True, null=True)),
                ('band_d', models.PositiveIntegerField(blank=True, null=True)),
                ('marks', models.JSONField(blank=True, default=dict)),
            ],
        ),
        migrations.AddField(
            model_name='report',
            name='checking_since',
            field=models.DateTimeField(blank=True, null=True, verbose_name='being checked since'),
        ),
        migrations.AddField(
            model_name='stagedphoto',
            name='trace',
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='event',
            name='kind',
            field=models.CharField(choices=[('submitted', 'Report received'), ('routed', 'Sent to the responsible department'), ('triaged', 'Sent to the triage desk'), ('acknowledged', 'Accepted by the department'), ('referral', 'Passed on to its owner'), ('made_safe', 'Made safe'), ('escalated', "Brought to the head's attention"), ('status', 'Status changed'), ('handed_over', 'Handed over'), ('promise', 'Promise changed'), ('severity', 'Severity changed'), ('category', 'Kind corrected'), ('assignee', 'Handler named'), ('comment', 'Comment'), ('note', 'Internal note'), ('photo', 'Photo added'), ('supported', 'Somebody else is affected too'), ('checked', 'Repair checked by a second person'), ('confirmed', 'Confirmed as fixed'), ('reopened', 'Not fixed, says the reporter'), ('edited', 'Changed by the reporter'), ('withdrawn', 'Withdrawn by the reporter'), ('erased', 'Personal data erased'), ('reminded', 'The reporter was reminded to answer'), ('merged', 'Joined to another report'), ('unmerged', 'Taken apart again'), ('burst', 'Many reports of the same thing')], max_length=12, verbose_name='what'),
        ),
        migrations.AddIndex(
            model_name='photo',
            index=models.Index(fields=['sha256'], name='photo_same_bytes'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(condition=models.Q(('checking_since__isnull', False)), fields=['checking_since', 'id'], name='report_checking'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(('checking_since__isnull', True), ('status', 'resolved'), _connector='OR'), name='complaints_report_checking'),
        ),
        migrations.AddIndex(
            model_name='phototrace',
            index=models.Index(fields=['band_a', 'bits', 'photo'], name='photo_band_a'),
        ),
        migrations.AddIndex(
            model_name='phototrace',
            index=models.Index(fields=['band_b', 'bits', 'photo'], name='photo_band_b'),
        ),
        migrations.AddIndex(
            model_name='phototrace',
            index=models.Index(fields=['band_c', 'bits', 'photo'], name='photo_band_c'),
        ),
        migrations.AddIndex(
            model_name='phototrace',
            index=models.Index(fields=['band_d', 'bits', 'photo'], name='photo_band_d'),
        ),
        migrations.RunPython(guard, guard),  # SQLite has made the table anew
    ]
