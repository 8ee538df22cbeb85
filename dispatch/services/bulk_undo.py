"""Taking a step for many back, within ten minutes: report by report, exactly what was changed, where nobody
has changed it since. What could not be taken back is named with its reason."""

import logging
import time
from collections.abc import Callable
from datetime import datetime

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from city import roles
from complaints import errors, selectors
from dispatch.domain import bulk
from dispatch.models import BulkItem, BulkOperation
from dispatch.services import bulk_steps, bulk_work, nudge
from dispatch.services import casework as casework_service

log = logging.getLogger(__name__)

State, Operation = BulkItem.State, BulkOperation.State
_CAN_BE = (Operation.QUEUED, Operation.RUNNING, Operation.DONE)
_TOO_LATE = _("The ten minutes in which this could be taken back are over.")
_GONE = _("It is no longer with your department.")


def seen_by(user) -> QuerySet[BulkOperation]:
    """The operations whose record a person may read: their own; a head those of the own department; the
    complaints desk and administrators all."""
    role = casework_service.role_of(user)
    rows = BulkOperation.objects.select_related("by", "undo_by", "department")
    if role in (roles.ADMIN, roles.P3M):
        return rows
    own = Q(by_id=user.pk)
    if role == roles.DEPARTMENT_ADMIN and user.department_id is not None:
        own |= Q(department_id=user.department_id)
    return rows.filter(own)


def may_undo(user, operation: BulkOperation, *, now: datetime) -> bool:
    """Whether this person can take it back now: whoever did it, or an administrator, in time."""
    is_theirs = operation.by_id == user.pk or casework_service.role_of(user) == roles.ADMIN
    in_time = operation.undo_until is None or now <= operation.undo_until
    return is_theirs and in_time and operation.state in _CAN_BE


@transaction.atomic
def ask(user, operation_id: int, *, now: datetime) -> BulkOperation:
    """Ask for an operation to be taken back: what is still to come is stopped at once. Once more changes
    nothing. Raises BulkOperation.DoesNotExist, NotPermitted, CannotTakeBack (`too_late`)."""
    operation = BulkOperation.objects.select_for_update().get(pk=operation_id)
    if operation.state in (Operation.UNDOING, Operation.UNDONE):
        return operation
    if operation.by_id != user.pk and casework_service.role_of(user) != roles.ADMIN:
        raise errors.NotPermitted(step="undo")
    if not may_undo(user, operation, now=now):
        raise errors.CannotTakeBack(_TOO_LATE, code="too_late")
    operation.state, operation.undo_asked_at, operation.undo_by = Operation.UNDOING, now, user
    operation.due_at, operation.lease_token, operation.lease_until = now, None, None
    operation.save()
    operation.items.filter(state=State.PENDING).update(state=State.CANCELLED)
    return operation


def start(operation: BulkOperation, *, clock: Callable[[], datetime] = timezone.now) -> None:
    """Take a small operation back at once, leave a large one to a worker."""
    if operation.items.filter(state=State.DONE).count() <= bulk.IN_REQUEST:
        run(operation.pk, clock=clock)
    else:
        nudge.nudge(bulk_work.QUEUE)


def run(
    operation_id: int,
    *,
    clock: Callable[[], datetime] = timezone.now,
    budget_s: float = bulk_work.BUDGET_S,
) -> bool:
    """Take back what is done, the last first, for as long as the budget lasts; whether nothing is left."""
    operation = bulk_work.lease(operation_id, (Operation.UNDOING,), clock())
    if operation is None:
        return True
    ends_at = time.monotonic() + budget_s
    while ids := list(_open(operation).order_by("-pk").values_list("pk", flat=True)[:20]):
        for item_id in ids:
            with translation.override(operation.language):
                one(operation, item_id, now=clock())
            if time.monotonic() > ends_at:
                bulk_work.update_mine(operation, lease_token=None, lease_until=None)
                return False
        if not bulk_work.update_mine(operation, lease_until=clock() + bulk_work.LEASE):
            return True
    bulk_work.update_mine(
        operation, state=Operation.UNDONE, undone_at=clock(), lease_token=None, lease_until=None
    )
    return True


def _open(operation: BulkOperation) -> QuerySet[BulkItem]:
    """What is to be taken back still, or stopped: whose turn had begun when it was asked for, included."""
    return operation.items.filter(state__in=(State.DONE, State.PENDING))


def one(operation: BulkOperation, item_id: int, *, now: datetime) -> None:
    """Take one report's step back, in a transaction of its own. Raises what the database raises when it is
    not there."""
    try:
        with transaction.atomic():
            item = BulkItem.objects.select_for_update().filter(pk=item_id).first()
            if item is not None and item.state in (State.DONE, State.PENDING):
                _undo(operation, item, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # one report's mistake must not stop the others
        log.exception("taking back %s of operation %s failed", item_id, operation.pk)
        done = BulkItem.objects.filter(pk=item_id, state=State.DONE)
        done.update(state=State.KEPT, why_code="broken", why=gettext(bulk_work.BROKEN))


def _undo(operation: BulkOperation, item: BulkItem, now: datetime) -> None:
    if item.state == State.PENDING:
        item.state = State.CANCELLED
        item.save(update_fields=["state"])
        return
    who = operation.undo_by
    try:
        with transaction.atomic():
            if not selectors.for_staff(who).filter(pk=item.report_id).exists():
                raise errors.CannotTakeBack(_GONE, code="not_theirs")
            bulk_steps.take_back(
                who,
                item,
                operation.step,
                asked_at=operation.undo_asked_at,
                until=operation.undo_until or operation.undo_asked_at,
                now=now,
            )
    except errors.DomainError as exc:
        item.state, item.why_code, item.why = State.KEPT, exc.code, bulk_work.sentence(exc)
    else:
        item.state = State.UNDONE
    item.save(update_fields=["state", "why_code", "why"])
