"""What the routing rules tagged so far, as tags of the reports."""

from django.db import migrations

_BATCH = 500


def tag_reports(apps, schema_editor):
    Decision, Tag, ReportTag = (apps.get_model("dispatch", name) for name in ("RoutingDecision", "Tag", "ReportTag"))
    known, rows = {}, []
    decisions = Decision.objects.exclude(tags=[]).order_by("id")
    for report_id, codes, at in decisions.values_list("report_id", "tags", "decided_at").iterator():
        for code in codes:
            if code not in known:
                name = code.replace("-", " ").capitalize()[:40]
                known[code], _made = Tag.objects.get_or_create(
                    code=code[:30], department=None, defaults={"name": name}
                )
            rows.append(ReportTag(report_id=report_id, tag=known[code], at=at))
    ReportTag.objects.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)


class Migration(migrations.Migration):

    dependencies = [("dispatch", "0023_bulk")]

    operations = [migrations.RunPython(tag_reports, migrations.RunPython.noop)]
