"""The second person's work: which proofs wait for them, and what they say."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from complaints import errors, selectors
from complaints.services import checking
from dispatch.domain import second_look
from dispatch.models import RepairCheck
from dispatch.services import casework


def waiting_for(user) -> QuerySet[RepairCheck]:
    """The proofs this person may judge, longest waiting first."""
    role = casework.role_of(user)
    checks = RepairCheck.objects.filter(
        state=RepairCheck.State.PENDING,
        report__checking_since__isnull=False,
        report__in=selectors.for_staff(user).filter(checking_since__isnull=False).values("pk"),
    ).exclude(resolved_by=user)
    if second_look.may_review(role, is_own_department=False, is_own_work=False):
        return checks.order_by("at", "id")
    if second_look.may_review(role, is_own_department=True, is_own_work=False):
        return checks.filter(report__department_id=user.department_id).order_by("at", "id")
    return checks.none()


def may_look(user) -> bool:
    """Whether proofs are this person's business at all."""
    return second_look.may_review(casework.role_of(user), is_own_department=True, is_own_work=False)


def approve(user, check_id: int, *, now: datetime) -> RepairCheck:
    """The proof stands; the reporter is asked now. Raises RepairCheck.DoesNotExist (not theirs to see),
    NotPermitted, TransitionNotAllowed (somebody was faster). Locks the report's row."""

    def act(check, actor):
        checking.approve(check.report_id, actor=actor, now=now)
        return RepairCheck.State.APPROVED, ""

    return _judge(user, check_id, act, now)


def reject(user, check_id: int, message: str, *, now: datetime) -> RepairCheck:
    """The proof does not show the repair: back to work, with `message` in public. Raises as `approve`, and
    InvalidReport."""

    def act(check, actor):
        checking.reject(check.report_id, message, actor=actor, now=now)
        return RepairCheck.State.REJECTED, message

    return _judge(user, check_id, act, now)


@transaction.atomic
def _judge(user, check_id: int, act, now: datetime) -> RepairCheck:
    check = RepairCheck.objects.select_related("report").get(
        pk=check_id, report__in=selectors.for_staff(user).values("pk")
    )
    is_permitted = second_look.may_review(
        casework.role_of(user),
        is_own_department=user.department_id == check.report.department_id,
        is_own_work=check.resolved_by_id == user.pk,
    )
    if not is_permitted:
        raise errors.NotPermitted(step="second_look")
    if check.state != RepairCheck.State.PENDING:
        raise errors.Conflict(version=check.report.version, status=check.report.status)
    state, comment = act(check, casework.actor_of(user))
    waiting = RepairCheck.objects.filter(pk=check.pk, state=RepairCheck.State.PENDING)
    if not waiting.update(state=state, comment=comment, reviewed_by=user, reviewed_at=now):
        raise errors.Conflict(version=check.report.version, status=check.report.status)
    check.refresh_from_db()
    return check
