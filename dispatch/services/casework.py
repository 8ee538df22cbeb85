"""One door for everything staff do to a report: scope, role, state, then exactly one service."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from city import roles
from city.models import Crew, User
from city.services import crews
from complaints import errors, selectors
from complaints.domain import actor as actors
from complaints.models import Report
from complaints.services import conversation, status, timeline
from dispatch.domain import casework, proof
from dispatch.services import mentions, proofs, recategorise, recompute, relocate, replies, route

_NO_COLLEAGUE = _("Please choose somebody who works for the department that has the report.")
_NO_CREW = _("Please choose a crew of the department that has the report.")
_NOBODY_CHOSEN = _("Please choose a handler or a crew.")
# As `crew_id`: the report goes to no crew any more. None leaves the crew as it is.
WITHOUT_CREW = 0
_NO_DEPARTMENT = _("Please choose the department that is responsible.")


@dataclass(frozen=True, slots=True)
class Details:
    """What a step may need; each step looks only at its own."""

    message: str = ""
    waiting_on: str = Report.WaitingOn.OTHER
    waiting_reason: str = ""
    scheduled_for: date | None = None
    budget_line: str = ""
    reason_code: str = ""
    department_id: int | None = None
    severity: int | None = None
    category: str = ""
    # WGS84 degrees, of a place put right, and its street (empty: the nearest one that is known).
    latitude: float | None = None
    longitude: float | None = None
    street: str = ""
    # Of ASSIGN: one of the two or both; None leaves that one as it is.
    assignee_id: int | None = None
    crew_id: int | None = None
    photos: tuple[UUID, ...] = ()
    photos_key: UUID | None = None
    template: str = ""  # the prepared text that the words began as (services.replies), for counting
    # Of a proof of repair: why it is sent although something is odd, and where the phone says it was.
    proof_reason: str = ""
    claim: proof.Claim | None = None


def role_of(user) -> str:
    """The role whose rights a user has; nobody without an active staff account has any."""
    if not (user.is_active and user.is_staff):
        return ""
    return roles.ADMIN if user.is_superuser else user.role


def actor_of(user) -> actors.Actor:
    return actors.Actor(actors.STAFF, user.pk, user.department_id)


def steps_for(user, report: Report) -> list[str]:
    """The steps this person can take on this report now, most sensible first."""
    return casework.steps(role_of(user), **state_of(report))


def state_of(report: Report) -> dict:
    """What decides which steps make sense now (domain.casework.fits)."""
    return {
        "status": report.status,
        "is_accepted": report.acknowledged_at is not None,
        "has_department": report.department_id is not None,
        "is_merged": report.merged_into_id is not None,
        "must_be_made_safe": report.make_safe_due_at is not None and report.made_safe_at is None,
    }


def workers() -> QuerySet[User]:
    """Everybody who can be named as a handler, each for their own department's reports."""
    people = User.objects.filter(is_active=True, is_staff=True, role__in=roles.NEED_DEPARTMENT)
    return people.order_by("first_name", "username")


def colleagues(department_id: int | None) -> QuerySet[User]:
    """Who can be named as the handler of a department's report."""
    return crews.people_of(department_id)


def crews_to_send(department_id: int | None) -> QuerySet[Crew]:
    """Which crews a department's report can be given to."""
    return crews.to_send(department_id)


def take_step(
    user,
    report_id: int,
    step: str,
    details: Details,
    *,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Let a member of staff take one step.

    Raises Report.DoesNotExist (not theirs to see), NotPermitted (not their role's business), Conflict
    (somebody was faster), TransitionNotAllowed, MissingReason, InvalidReport,
    ProofDoubtful. The service that does the
    work locks the report's row and checks the version again.
    """
    report = selectors.for_staff(user).get(pk=report_id)
    if not casework.may(role_of(user), step):
        raise errors.NotPermitted(step=step)
    if expected_version is not None and report.version != expected_version:
        raise errors.Conflict(version=report.version, status=report.status, expected_version=expected_version)
    if not casework.fits(step, **state_of(report)):
        raise errors.TransitionNotAllowed(status=report.status, to=step, version=report.version)
    # The version that the scope was checked on: a report handed over in between is no longer theirs.
    common = {"actor": actor_of(user), "now": now, "expected_version": report.version}
    _DO[step](report, step, details, user, common)
    if details.template:
        replies.count_use(details.template, now=now)


def _change_status(report, step, details, user, common, **more):
    return status.change_status(
        report.pk,
        casework.STATUS_STEPS[step],
        message=details.message,
        waiting_on=details.waiting_on,
        waiting_reason=details.waiting_reason,
        scheduled_for=details.scheduled_for,
        budget_line=details.budget_line,
        reason_code=details.reason_code,
        photos=details.photos,
        photos_key=details.photos_key,
        **more,
        **common,
    )


@transaction.atomic
def _resolve(report, step, details, user, common):
    """The proof is looked over first, under the lock under which the report is resolved."""
    timeline.lock(report.pk, common["expected_version"])
    look = proofs.look_over(report, details, user, now=common["now"])
    _change_status(report, step, details, user, common, is_checked_later=look.needs_second_person)
    proofs.keep(report, look, details, user, now=common["now"])


def _accept(report, step, details, user, common):
    status.acknowledge(report.pk, **common)


def _make_safe(report, step, details, user, common):
    status.make_safe(report.pk, message=details.message, **common)


def _severity(report, step, details, user, common):
    recompute.change_severity(report.pk, details.severity, reason=details.message, **common)


def _recategorise(report, step, details, user, common):
    recategorise.recategorise(report.pk, details.category, message=details.message, **common)


def _relocate(report, step, details, user, common):
    relocate.relocate(
        report.pk,
        details.latitude,
        details.longitude,
        street=details.street,
        reason=details.message,
        **common,
    )


def _not_ours(report, step, details, user, common):
    route.hand_over(report.pk, reason=details.message, target_department_id=details.department_id, **common)


def _decide(report, step, details, user, common):
    if details.department_id is None:
        raise errors.InvalidReport({"department": ("department_missing", _NO_DEPARTMENT)})
    route.decide_by_hand(
        report.pk,
        department_id=details.department_id,
        reason=details.message,
        severity=details.severity,
        **common,
    )


def _take(report, step, details, user, common):
    status.set_assignee(report.pk, user.pk, **common)


@transaction.atomic
def _assign(report, step, details, user, common):
    """A handler, a crew, or both: the crew goes out, the handler answers for the case and hears of its
    deadlines. Naming one leaves the other as it is."""
    if details.assignee_id is None and details.crew_id is None:
        raise errors.InvalidReport({"assignee": ("assignee_missing", _NOBODY_CHOSEN)})
    if details.assignee_id is not None:
        if not colleagues(report.department_id).filter(pk=details.assignee_id).exists():
            raise errors.InvalidReport({"assignee": ("assignee_unknown", _NO_COLLEAGUE)})
        changed = status.set_assignee(report.pk, details.assignee_id, **common)
        common = common | {"expected_version": changed.version}
    if details.crew_id is not None:
        is_ours = crews.to_send(report.department_id).filter(pk=details.crew_id).exists()
        if details.crew_id != WITHOUT_CREW and not is_ours:
            raise errors.InvalidReport({"crew": ("crew_unknown", _NO_CREW)})
        status.set_crew(report.pk, details.crew_id or None, **common)


def _say(report, step, details, user, common):
    conversation.add_comment(
        report.pk,
        details.message,
        photos=details.photos,
        photos_key=details.photos_key,
        is_public=True,
        **common,
    )


@transaction.atomic
def _note(report, step, details, user, common):
    """Among staff; whoever is named in it hears of it."""
    named = mentions.people(report, details.message, by=user)
    event = conversation.add_comment(
        report.pk,
        details.message,
        photos=details.photos,
        photos_key=details.photos_key,
        is_public=False,
        **common,
    )
    mentions.tell(event, named, now=common["now"])


_DO = {
    **dict.fromkeys(casework.STATUS_STEPS, _change_status),
    casework.RESOLVE: _resolve,
    casework.ACCEPT: _accept,
    casework.MAKE_SAFE: _make_safe,
    casework.SEVERITY: _severity,
    casework.RECATEGORISE: _recategorise,
    casework.RELOCATE: _relocate,
    casework.NOT_OURS: _not_ours,
    casework.DECIDE: _decide,
    casework.TAKE: _take,
    casework.ASSIGN: _assign,
    casework.REPLY: _say,
    casework.NOTE: _note,
}
