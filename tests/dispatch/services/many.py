"""Helpers of the tests of steps for many reports."""

import uuid
from datetime import timedelta

from city import snapshot as city
from complaints.domain import codes
from complaints.models import Report
from complaints.services import incidents
from complaints.services.submit import submit_report
from dispatch.models import BulkOperation
from dispatch.services import bulk_undo, bulk_work, casework, route, worker
from tests.conftest import NOW

MINUTE = timedelta(minutes=1)
START = {"message": "Regu berangkat."}


def whole(report) -> dict:
    row = Report.objects.get(pk=report.pk)
    return incidents.state_of(row) | {"is_open": row.is_open}


def given_to_dpu(draft, staff_member, *, now=NOW, **changes) -> Report:
    report = submit_report(draft(**changes), now=now).report
    department_id = city.current().departments["DPU"].id
    actor = casework.actor_of(staff_member)
    route.decide_by_hand(report.pk, department_id=department_id, reason="Milik kota.", actor=actor, now=now)
    report.refresh_from_db()
    return report


def wish(step, reports, **said) -> bulk_work.Wish:
    return bulk_work.Wish(uuid.uuid4(), step, said, {report.pk: report.version for report in reports})


def done(user, wanted, now=NOW) -> BulkOperation:
    operation = bulk_work.begin(user, wanted, now=now, language="id")
    bulk_work.run(operation.pk, clock=lambda: now, budget_s=300)
    operation.refresh_from_db()
    return operation


def undone(user, operation, now=NOW + MINUTE) -> BulkOperation:
    bulk_undo.ask(user, operation.pk, now=now)
    bulk_undo.run(operation.pk, clock=lambda: now, budget_s=300)
    operation.refresh_from_db()
    return operation


def states(operation) -> list[str]:
    return list(operation.items.order_by("pk").values_list("state", flat=True))


def work(now):
    for queue in ("routing", "notify", "notify"):
        worker.drain(queue, clock=lambda: now)


DAY = (NOW + timedelta(days=40)).date().isoformat()
SAID = {
    "accept": {},
    "start": START,
    "take": {},
    "wait": {"waiting_reason": "Pipa PDAM", "waiting_on": "other"},
    "schedule": {"scheduled_for": DAY, "budget_line": "DPA 1.03"},
    "reject": {"reason_code": "cannot_find", "message": "Tidak kami temukan."},
}


def copies(report, number):
    names = [f.attname for f in Report._meta.concrete_fields]
    names = [name for name in names if name not in ("id", "code", "idempotency_key")]
    values = {name: getattr(report, name) for name in names}
    rows = [Report(**values, code=codes.new_code(), idempotency_key=uuid.uuid4()) for _ in range(number)]
    return Report.objects.bulk_create(rows)
