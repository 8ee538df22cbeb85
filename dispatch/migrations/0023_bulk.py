"""Steps for many reports at once, and tags."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('city', '0006_record_kept'),
        ('complaints', '0019_taken_back'),
        ('dispatch', '0022_reply_templates'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='delivery',
            name='state',
            field=models.CharField(choices=[('pending', 'pending'), ('sent', 'sent'), ('failed', 'failed'), ('joined', 'told in a later message'), ('undone', 'not sent: taken back')], default='pending', max_length=8, verbose_name='state'),
        ),
        migrations.CreateModel(
            name='BulkOperation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('step', models.CharField(max_length=12, verbose_name='step')),
                ('language', models.CharField(default='id', max_length=7)),
                ('details', models.JSONField(default=dict, verbose_name='details')),
                ('total', models.PositiveIntegerField(verbose_name='reports')),
                ('not_theirs', models.PositiveIntegerField(default=0)),
                ('state', models.CharField(choices=[('queued', 'waits'), ('running', 'running'), ('done', 'done'), ('undoing', 'being taken back'), ('undone', 'taken back')], default='queued', max_length=8, verbose_name='state')),
                ('created_at', models.DateTimeField(verbose_name='when')),
                ('due_at', models.DateTimeField(verbose_name='not before')),
                ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='began')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
                ('undo_until', models.DateTimeField(blank=True, null=True, verbose_name='can be taken back until')),
                ('undo_asked_at', models.DateTimeField(blank=True, null=True, verbose_name='taking back was asked for')),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='taken back')),
                ('lease_token', models.UUIDField(blank=True, null=True)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
                ('department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='city.department')),
                ('undo_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'step for many',
                'verbose_name_plural': 'steps for many',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='BulkItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('pending', 'still to come'), ('done', 'changed'), ('failed', 'not changed'), ('stopped', 'stopped before its turn'), ('undone', 'taken back'), ('kept', 'not taken back')], default='pending', max_length=8, verbose_name='outcome')),
                ('seen_version', models.PositiveIntegerField()),
                ('after_version', models.PositiveIntegerField(blank=True, null=True)),
                ('before', models.JSONField(default=dict)),
                ('first_event_id', models.BigIntegerField(blank=True, null=True)),
                ('last_event_id', models.BigIntegerField(blank=True, null=True)),
                ('why_code', models.CharField(blank=True, max_length=40)),
                ('why', models.TextField(blank=True, verbose_name='why')),
                ('done_at', models.DateTimeField(blank=True, null=True, verbose_name='done')),
                ('held_until', models.DateTimeField(blank=True, null=True)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='complaints.report')),
                ('operation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='dispatch.bulkoperation')),
            ],
            options={
                'verbose_name': 'report of a step for many',
                'verbose_name_plural': 'reports of steps for many',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Tag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=30, verbose_name='code')),
                ('name', models.CharField(max_length=40, verbose_name='name')),
                ('colour', models.CharField(choices=[('grey', 'grey'), ('green', 'green'), ('blue', 'blue'), ('purple', 'purple'), ('amber', 'amber'), ('red', 'red')], default='grey', max_length=8, verbose_name='colour')),
                ('is_active', models.BooleanField(default=True, verbose_name='can be given')),
                ('department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='city.department', verbose_name='department')),
            ],
            options={
                'verbose_name': 'tag',
                'verbose_name_plural': 'tags',
                'ordering': ['name', 'code'],
            },
        ),
        migrations.CreateModel(
            name='ReportTag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='when')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='report_tags', to='complaints.report')),
                ('tag', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='report_tags', to='dispatch.tag')),
            ],
            options={
                'verbose_name': 'tag of a report',
                'verbose_name_plural': 'tags of reports',
            },
        ),
        migrations.AddIndex(
            model_name='bulkoperation',
            index=models.Index(fields=['state', 'due_at'], name='bulk_due'),
        ),
        migrations.AddIndex(
            model_name='bulkoperation',
            index=models.Index(fields=['by', '-id'], name='bulk_by'),
        ),
        migrations.AddIndex(
            model_name='bulkoperation',
            index=models.Index(fields=['department', '-id'], name='bulk_department'),
        ),
        migrations.AddIndex(
            model_name='bulkitem',
            index=models.Index(fields=['operation', 'state', 'id'], name='bulk_item_state'),
        ),
        migrations.AddIndex(
            model_name='bulkitem',
            index=models.Index(fields=['report', 'first_event_id'], name='bulk_item_event'),
        ),
        migrations.AddConstraint(
            model_name='bulkitem',
            constraint=models.UniqueConstraint(fields=('operation', 'report'), name='dispatch_bulk_item_once'),
        ),
        migrations.AddConstraint(
            model_name='tag',
            constraint=models.UniqueConstraint(fields=('department', 'code'), name='dispatch_tag_once'),
        ),
        migrations.AddConstraint(
            model_name='tag',
            constraint=models.UniqueConstraint(condition=models.Q(('department__isnull', True)), fields=('code',), name='dispatch_tag_city_once'),
        ),
        migrations.AddIndex(
            model_name='reporttag',
            index=models.Index(fields=['tag', 'report'], name='report_tag_of'),
        ),
        migrations.AddConstraint(
            model_name='reporttag',
            constraint=models.UniqueConstraint(fields=('report', 'tag'), name='dispatch_report_tag_once'),
        ),
    ]
