"""Exports that a worker makes."""

import dispatch.models.exports
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('dispatch', '0026_mentions_presence'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Export',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(verbose_name='when')),
                ('language', models.CharField(default='id', max_length=7)),
                ('format', models.CharField(choices=[('csv', 'CSV'), ('xlsx', 'Excel (XLSX)')], max_length=4, verbose_name='format')),
                ('columns', models.JSONField(default=list, verbose_name='columns')),
                ('query', models.TextField(blank=True, verbose_name='filter')),
                ('ids', models.BinaryField(default=bytes)),
                ('total', models.PositiveIntegerField(verbose_name='reports')),
                ('done', models.PositiveIntegerField(default=0)),
                ('state', models.CharField(choices=[('queued', 'waits'), ('running', 'running'), ('done', 'done'), ('failed', 'could not be made'), ('expired', 'deleted')], default='queued', max_length=8, verbose_name='state')),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('file', models.FileField(blank=True, upload_to=dispatch.models.exports.export_path)),
                ('size_bytes', models.PositiveBigIntegerField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='kept until')),
                ('lease_token', models.UUIDField(blank=True, null=True)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'export',
                'verbose_name_plural': 'exports',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['state', 'created_at'], name='export_due'), models.Index(fields=['by', '-id'], name='export_by'), models.Index(fields=['expires_at'], name='export_expires')],
            },
        ),
    ]
