"""What a step for many reports would do, before it is done: to which, to which not and why, what is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from city import roles
from city.models import Crew, User
from complaints import errors, selectors
from complaints.models import Event, Report
from complaints.services import status
from complaints.web import words as public_words
from dispatch.domain import bulk, casework
from dispatch.models import Tag
from dispatch.services import bulk_steps, messages, tags
from dispatch.services import casework as casework_service

_FIELDS = (
    *("id", "code", "version", "category_id", "street", "area_id", "status", "department_id"),
    *("acknowledged_at", "merged_into_id", "make_safe_due_at", "made_safe_at", "is_private"),
    *("assignee_id", "assignee__username", "assignee__first_name", "assignee__last_name"),
    *("crew_id", "crew__name"),
)
_CHANGED = _("Somebody changed it since you chose it. Look at it again first.")
_ACCEPTED = _("It has been accepted already.")
_NO_COLLEAGUE = _("The handler does not work for the department that has it.")
_CHOOSE = _("Please choose a handler or a crew.")
_NO_CREW = _("The crew belongs to another department than the one that has it.")
_WRITE = _("Please write a sentence.")
_CHOOSE_TAGS = _("Please choose at least one tag.")


@dataclass(frozen=True, slots=True)
class Told:
    """What people read, shown for one report: the line of its public story, and the message."""

    report: Report
    sentence: str
    text: str
    details: list[str]
    subject: str
    short: str


@dataclass(frozen=True, slots=True)
class Target:
    """What the step would give to each report: a handler, a crew, tags. `takes_crew` with no crew: none any
    more. `has`: the tags of each report."""

    handler: User | None = None
    crew: Crew | None = None
    takes_crew: bool = False
    tags: tuple[Tag, ...] = ()
    has: Mapping[int, list[Tag]] = field(default_factory=dict)


@dataclass(slots=True)
class Preview:
    """`kept`: reports that stay as they are, by reason. `faults`: what the details still need, by field."""

    changing: list[Report] = field(default_factory=list)
    kept: dict[str, list[Report]] = field(default_factory=dict)
    not_theirs: int = 0
    faults: dict[str, Any] = field(default_factory=dict)
    told: Told | None = None
    target: Target = field(default_factory=Target)


def look(
    user, step: str, said: Mapping[str, Any], seen: Mapping[int, int], *, now: datetime, language: str
) -> Preview:
    """The preview. `seen`: report id → the version that was chosen. Queries do not grow with the reports."""
    found = Preview(faults=faults(step, said, now=now))
    rows = selectors.for_staff(user).filter(pk__in=seen).select_related("assignee", "crew").only(*_FIELDS)
    reports = list(rows.order_by("pk"))
    found.not_theirs = len(seen) - len(reports)
    found.target = _target(user, step, said, seen)
    for report in reports:
        why = why_not(report, step, found.target, seen[report.pk])
        if why:
            found.kept.setdefault(str(why), []).append(report)
        else:
            found.changing.append(report)
    if step in bulk.PUBLIC and found.changing and not found.faults:
        found.told = _told(user, found.changing[0], step, said, now, language)
    return found


def faults(step: str, said: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """What is missing or wrong about the details, by field."""
    if step == casework.ASSIGN:
        return {} if "assignee" in said or "crew" in said else {"assignee": _CHOOSE}
    if step == casework.REPLY:
        return {} if said.get("message", "").strip() else {"message": _WRITE}
    if step in (casework.TAG, bulk.UNTAG):
        return {} if said.get("tags") else {"tags": _CHOOSE_TAGS}
    if step not in casework.STATUS_STEPS:
        return {}
    details = bulk_steps.details_of(said)
    try:
        status.check_words(
            casework.STATUS_STEPS[step],
            now=now,
            message=details.message,
            waiting_reason=details.waiting_reason,
            scheduled_for=details.scheduled_for,
            budget_line=details.budget_line,
            reason_code=details.reason_code,
        )
    except errors.InvalidReport as exc:
        return {name: sentence for name, (_code, sentence) in exc.errors.items()}
    return {}


def _target(user, step: str, said: Mapping[str, Any], seen: Mapping[int, int]) -> Target:
    if step == casework.TAKE:
        return Target(handler=user)
    if step == casework.ASSIGN:
        people = User.objects.filter(pk=said.get("assignee"), is_active=True, is_staff=True)
        crews = Crew.objects.filter(pk=said.get("crew"), is_active=True)
        return Target(people.first(), crews.first(), takes_crew="crew" in said)
    if step in (casework.TAG, bulk.UNTAG):
        wanted = tags.visible(user).filter(pk__in=said.get("tags", ()))
        return Target(tags=tuple(wanted), has=tags.of_reports(user, seen))
    return Target()


def why_not(report: Report, step: str, target: Target, seen_version: int) -> Any:
    """Why the step would not change this report, or nothing; the same rules as `casework.take_step`."""
    if report.version != seen_version:
        return _CHANGED
    if step in (casework.TAG, bulk.UNTAG):
        return _why_no_tags(report, step, target)
    if not casework.fits(step, **casework_service.state_of(report)):
        if report.merged_into_id is not None:
            return errors.PartOfIncident.message
        return _ACCEPTED if _is_accepted(report, step) else errors.TransitionNotAllowed.message
    if step == casework.ASSIGN and (stranger := _stranger(report, target)):
        return stranger
    return bulk_steps.SAME_HANDLER if _has_already(report, target) else ""


def _why_no_tags(report: Report, step: str, target: Target) -> Any:
    wanted, has = set(target.tags), set(target.has.get(report.pk, ()))
    changes = wanted - has if step == casework.TAG else wanted & has
    return "" if changes or not wanted else bulk_steps.SAME_TAGS


def _stranger(report: Report, target: Target) -> Any:
    if target.handler is not None and not _is_colleague(target.handler, report):
        return _NO_COLLEAGUE
    if target.crew is not None and target.crew.department_id != report.department_id:
        return _NO_CREW
    return ""


def _has_already(report: Report, target: Target) -> bool:
    if target.handler is None and not target.takes_crew:
        return False
    has_handler = target.handler is None or target.handler.pk == report.assignee_id
    has_crew = not target.takes_crew or report.crew_id == (target.crew.pk if target.crew else None)
    return has_handler and has_crew


def _is_accepted(report: Report, step: str) -> bool:
    return step == casework.ACCEPT and report.acknowledged_at is not None


def _is_colleague(handler: User, report: Report) -> bool:
    return handler.department_id == report.department_id and handler.role in roles.NEED_DEPARTMENT


def _told(user, row: Report, step: str, said: Mapping[str, Any], now: datetime, language: str) -> Told:
    reports = Report.objects.select_related("category", "area", "department").defer("area__geometry")
    report = reports.get(pk=row.pk)
    event = _event(user, report, step, said, now)
    message = messages.compose(report, event, language)
    return Told(
        report=report,
        sentence=public_words.event(event),
        text=event.text,
        details=message.context["details"],
        subject=message.subject,
        short=message.short,
    )


def _event(user, report: Report, step: str, said: Mapping[str, Any], now: datetime) -> Event:
    """The entry that the step would write, not written."""
    details = bulk_steps.details_of(said)
    to = casework.STATUS_STEPS.get(step, "")
    day = details.scheduled_for
    data = {
        "waiting_reason": details.waiting_reason,
        "waiting_on": details.waiting_on if step == casework.WAIT else "",
        "scheduled_for": day.isoformat() if day else "",
        "budget_line": details.budget_line,
        "reason_code": details.reason_code,
    }
    kinds = {casework.ACCEPT: Event.Kind.ACKNOWLEDGED, casework.REPLY: Event.Kind.COMMENT}
    return Event(
        report=report,
        kind=kinds.get(step, Event.Kind.STATUS),
        at=now,
        actor_kind=Event.ActorKind.STAFF,
        actor=user,
        department_id=user.department_id,
        from_status=report.status if to else "",
        to_status=to,
        text=details.message,
        data={key: value for key, value in data.items() if value},
    )
