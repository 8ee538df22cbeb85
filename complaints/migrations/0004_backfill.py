"""What older rows lack: how closed reports were closed, and the subscriptions of reporters with an e-mail address."""

from importlib import import_module

from django.db import migrations, models
from django.db.models import Exists, OuterRef

from complaints import triggers
from complaints.services.subscriptions import address_hashes

# SQLite makes a changed table anew and loses its triggers with the old one: they are made again at the end.
TRANSITIONS = import_module("complaints.migrations.0002_invariants").TRANSITIONS


def closures(apps, schema_editor):
    Report, Feedback = (apps.get_model("complaints", name) for name in ("Report", "Feedback"))
    closed = Report.objects.filter(status="closed", closure="")
    fixed = Feedback.objects.filter(report=OuterRef("pk"), verdict="fixed", created_at__gte=OuterRef("closed_at"))
    closed.filter(Exists(fixed)).update(closure="confirmed")
    closed.update(closure="unconfirmed")


def subscriptions(apps, schema_editor):
    Reporter, Subscription = (apps.get_model("complaints", name) for name in ("Reporter", "Subscription"))
    known = Subscription.objects.filter(report=OuterRef("report"))
    rows = Reporter.objects.exclude(email="").exclude(Exists(known)).select_related("report")
    Subscription.objects.bulk_create(
        (
            Subscription(
                report_id=row.report_id,
                role="reporter",
                channel="email",
                address=row.email,
                address_hash=address_hashes(row.email)[0],
                language=row.language,
                created_at=row.report.created_at,
                confirmed_at=row.report.created_at,
            )
            for row in rows.iterator(chunk_size=2000)
        ),
        batch_size=1000,
    )


def guard(apps, schema_editor):
    for statement in triggers.workflow_sql(schema_editor.connection.vendor, TRANSITIONS):
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("complaints", "0003_following")]
    operations = [
        migrations.RunPython(closures, migrations.RunPython.noop),
        migrations.RunPython(subscriptions, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'closed'), models.Q(('closure', ''), _negated=True)), models.Q(models.Q(('status', 'closed'), _negated=True), ('closure', '')), _connector='OR'), name='complaints_report_closure'),
        ),
        migrations.RunPython(guard, guard),
    ]
