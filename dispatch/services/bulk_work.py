"""Steps for many reports: kept as rows, done one transaction a report, by whoever holds the lease.

An operation is begun once for its key, however often the form arrives. A report's turn begins with the lock
on its item: whatever became of other workers, an item that is not pending any more is left alone, so that
nothing is done twice. A worker that dies leaves a lease that runs out, and the next sweep goes on.
"""

import logging
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Max, Q
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from complaints import errors, selectors
from complaints.models import Event, Report
from complaints.services import incidents
from dispatch.domain import bulk
from dispatch.models import BulkItem, BulkOperation
from dispatch.services import bulk_steps, nudge
from dispatch.services import casework as casework_service

log = logging.getLogger(__name__)

QUEUE = "insights"
LEASE = timedelta(seconds=60)  # longer than any one report takes
BUDGET_S = 8.0  # then others have their turn
_BATCH = 20
_WORKED = (BulkOperation.State.QUEUED, BulkOperation.State.RUNNING)
State = BulkItem.State
_TOO_MANY = _("At most %(count)s reports can be changed at once. Narrow the filter. Nothing was changed.")
_NOTHING = _("Tick at least one report. Nothing was changed.")
_GONE = _("It is no longer with your department.")
BROKEN = _("The portal could not do it. The mistake has been recorded; please try this report by itself.")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asked for: a step, its details, and the reports with the versions they saw."""

    key: uuid.UUID
    step: str
    details: Mapping[str, Any]
    seen: Mapping[int, int]


@transaction.atomic
def begin(user, wish: Wish, *, now: datetime, language: str) -> BulkOperation:
    """Write an operation down; the same key once more gives the one that stands. Nothing is done yet.

    Reports that are not this person's to see are counted and never touched. Raises NotPermitted,
    InvalidReport (`reports`: none, or more than bulk.AT_MOST).
    """
    if not bulk.may(casework_service.role_of(user), wish.step):
        raise errors.NotPermitted(step=wish.step)
    known = BulkOperation.objects.filter(key=wish.key, by=user).first()
    if known is not None:
        return known
    check_number(len(wish.seen))
    theirs = selectors.for_staff(user).filter(pk__in=wish.seen).order_by("pk").values_list("pk", flat=True)
    report_ids = list(theirs)
    due_at = now + bulk.UNDO if wish.step in bulk.DELAYED else now
    operation = BulkOperation.objects.create(
        key=wish.key,
        step=wish.step,
        by=user,
        department_id=user.department_id,
        language=language,
        details=dict(wish.details),
        total=len(report_ids),
        not_theirs=len(wish.seen) - len(report_ids),
        created_at=now,
        due_at=due_at,
        undo_until=due_at if due_at > now else None,
    )
    BulkItem.objects.bulk_create(
        [BulkItem(operation=operation, report_id=pk, seen_version=wish.seen[pk]) for pk in report_ids],
        batch_size=500,
    )
    return operation


def check_number(count: int) -> None:
    """Raises InvalidReport (`reports`) for none or too many."""
    if not count:
        raise errors.InvalidReport({"reports": ("none", _NOTHING)})
    if count > bulk.AT_MOST:
        raise errors.InvalidReport({"reports": ("too_many", _TOO_MANY % {"count": bulk.AT_MOST})})


def start(operation: BulkOperation, *, clock: Callable[[], datetime] = timezone.now) -> None:
    """Do a small operation at once, leave a large one to a worker, and one that is not due to the sweep."""
    if operation.due_at > operation.created_at:
        return
    if operation.total <= bulk.IN_REQUEST:
        run(operation.pk, clock=clock)
    else:
        nudge.nudge(QUEUE)


def drain(*, clock: Callable[[], datetime] = timezone.now) -> int:
    """Work on what is due, each for a while; returns how many operations were worked on. The sweep's step,
    safe to run in parallel."""
    from dispatch.services import bulk_undo

    count = 0
    for operation_id, state in _due(clock()):
        work = bulk_undo.run if state == BulkOperation.State.UNDOING else run
        if not work(operation_id, clock=clock):
            nudge.nudge(QUEUE)
        count += 1
    return count


def _due(now: datetime) -> list[tuple[int, str]]:
    waiting = BulkOperation.objects.filter(
        Q(lease_until=None) | Q(lease_until__lte=now),
        state__in=(*_WORKED, BulkOperation.State.UNDOING),
        due_at__lte=now,
    )
    return list(waiting.order_by("due_at", "pk").values_list("pk", "state")[:20])


def lease(operation_id: int, states: Sequence[str], now: datetime) -> BulkOperation | None:
    """Take an operation for LEASE; None if another worker has it, or it is in none of these states."""
    token = uuid.uuid4()
    free = BulkOperation.objects.filter(
        Q(lease_until=None) | Q(lease_until__lte=now), pk=operation_id, state__in=states
    )
    if not free.update(lease_token=token, lease_until=now + LEASE):
        return None
    return BulkOperation.objects.select_related("by", "undo_by").get(pk=operation_id)


def update_mine(operation: BulkOperation, **changes: Any) -> bool:
    """Change an operation while the lease is ours; False if it is not any more."""
    mine = BulkOperation.objects.filter(pk=operation.pk, lease_token=operation.lease_token)
    return mine.update(**changes) == 1


def run(
    operation_id: int, *, clock: Callable[[], datetime] = timezone.now, budget_s: float = BUDGET_S
) -> bool:
    """Do what is pending for as long as the budget lasts; whether nothing is left to do here."""
    operation = lease(operation_id, _WORKED, clock())
    if operation is None:
        return True
    ends_at = time.monotonic() + budget_s
    began = operation.started_at or clock()
    changes = {"state": BulkOperation.State.RUNNING, "started_at": began}
    if operation.step not in bulk.DELAYED:
        changes["undo_until"] = began + bulk.UNDO
    BulkOperation.objects.filter(pk=operation.pk, state__in=_WORKED).update(**changes)
    while ids := list(_pending(operation).values_list("pk", flat=True)[:_BATCH]):
        for item_id in ids:
            with translation.override(operation.language):
                one(operation, item_id, now=clock())
            if time.monotonic() > ends_at:
                update_mine(operation, lease_token=None, lease_until=None)
                return False
        if not update_mine(operation, lease_until=clock() + LEASE):
            return True
    _finish(operation, clock())
    return True


def _pending(operation: BulkOperation):
    return operation.items.filter(state=State.PENDING).order_by("pk")


def _finish(operation: BulkOperation, now: datetime) -> None:
    ended = BulkOperation.objects.filter(pk=operation.pk, state=BulkOperation.State.RUNNING)
    ended.update(state=BulkOperation.State.DONE, finished_at=now)
    update_mine(operation, lease_token=None, lease_until=None)


def one(operation: BulkOperation, item_id: int, *, now: datetime) -> None:
    """One report's turn, in a transaction of its own; what could not be is written down with its reason.

    Raises what the database raises when it is not there: the lease runs out, and another turn comes.
    """
    try:
        with transaction.atomic():
            item = _hold(item_id)
            if item is not None:
                _do(operation, item, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # one report's mistake must not stop the others
        log.exception("step %s of operation %s failed", operation.step, operation.pk)
        pending = BulkItem.objects.filter(pk=item_id, state=State.PENDING)
        pending.update(state=State.FAILED, why_code="broken", why=gettext(BROKEN))


def _hold(item_id: int) -> BulkItem | None:
    """The item, locked, if its turn is still to come and nobody has asked to take the operation back."""
    waiting = BulkItem.objects.select_for_update(of=("self",)).select_related("operation")
    item = waiting.filter(pk=item_id, state=State.PENDING).first()
    return item if item and item.operation.state in _WORKED else None


def _do(operation: BulkOperation, item: BulkItem, now: datetime) -> None:
    try:
        with transaction.atomic():
            report = Report.objects.select_for_update(of=("self",)).get(pk=item.report_id)
            item.before = incidents.state_of(report)
            last = _events(item).aggregate(last=Max("pk"))["last"] or 0
            bulk_steps.take(operation.by, item, operation.step, operation.details, now=now)
            written = list(_events(item).filter(pk__gt=last).order_by("pk").values_list("pk", flat=True))
    except errors.DomainError as exc:
        item.state, item.why_code, item.why = State.FAILED, exc.code, sentence(exc)
        item.before = {}
    except Report.DoesNotExist:
        item.state, item.why_code, item.why = State.FAILED, "not_theirs", gettext(_GONE)
        item.before = {}
    else:
        item.state, item.done_at = State.DONE, now
        item.held_until = None if operation.step in bulk.DELAYED else now + bulk.HELD
        item.after_version = Report.objects.values_list("version", flat=True).get(pk=item.report_id)
        item.first_event_id, item.last_event_id = written[0], written[-1]
    item.save()


def _events(item: BulkItem):
    return Event.objects.filter(report_id=item.report_id)


def sentence(error: errors.DomainError) -> str:
    """What an error says to people, all of it."""
    if isinstance(error, errors.InvalidReport):
        return " ".join(str(text) for _code, text in error.errors.values())
    return str(error.message)
