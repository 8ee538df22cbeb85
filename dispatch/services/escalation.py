"""What is late climbs its ladder: each rung once, told again until somebody acknowledges it.

The sweep reads `ClockWatch`, which is kept with every change of a report: it costs what is due, not what is
open. Everything about one report happens in one transaction under its row's lock.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from city import roles
from city.models import User
from complaints import errors, selectors
from complaints.domain.actor import PORTAL
from complaints.models import Event, Report
from complaints.services import timeline
from dispatch.domain import escalation as ladders
from dispatch.domain.escalation import Rung
from dispatch.models import ClockWatch, Escalation, LadderRung, Outbox
from dispatch.services import outbox

CLIMB_AT_ONCE = 500
# From this severity on people are written to at once; all else waits for the daily digest.
AT_ONCE_FROM_SEVERITY = 4
# The public reads that a late report has reached the head of the department, or the city's desk.
_PUBLIC_TARGETS = (ladders.DEPARTMENT_HEAD, ladders.P3M)


def ladder_of(department_id: int | None) -> list[Rung]:
    """The department's own ladder, else the city's, else the one in the code."""
    wanted = Q(department__isnull=True) | Q(department_id=department_id)
    rows = list(LadderRung.objects.filter(wanted).order_by("level"))
    own = [row for row in rows if row.department_id is not None]
    rungs = [Rung(row.level, row.minutes_after_due, row.target, row.repeat_hours) for row in (own or rows)]
    return rungs or list(ladders.CITY_LADDER)


def running(report: Report) -> list[tuple[str, datetime]]:
    """The clocks of a report that run now, each with the moment it runs out; none of a merged report, whose
    primary carries the work."""
    if report.merged_into_id is not None:
        return []
    return list(
        ladders.clocks(
            status=report.status,
            acknowledge_due_at=report.acknowledge_due_at,
            acknowledged_at=report.acknowledged_at,
            make_safe_due_at=report.make_safe_due_at,
            made_safe_at=report.made_safe_at,
            due_at=report.due_at,
        )
    )


def watch(report: Report, *, now: datetime) -> None:
    """Write down when the report's ladder must be looked at next. Call it under the report's lock."""
    clocks = running(report)
    next_at = _next_at(report, clocks) if clocks else None
    over = Escalation.objects.filter(report=report, ended_at__isnull=True)
    still = Q()
    for clock, due_at in clocks:
        still |= Q(clock=clock, due_at=due_at)
    (over.exclude(still) if clocks else over).update(ended_at=now)
    ClockWatch.objects.update_or_create(report=report, defaults={"next_at": next_at})


def revive(report: Report, *, since: datetime) -> None:
    """Escalations that ended with a step go on when the step is taken back: their clocks run again. Call it
    under the report's lock."""
    ended = Escalation.objects.filter(report=report, ended_at__gte=since)
    for clock, due_at in running(report):
        ended.filter(clock=clock, due_at=due_at).update(ended_at=None)


def watch_report(report_id: int, *, now: datetime) -> None:
    """As `watch`, for a report that the caller's transaction has locked or locks now."""
    watch(Report.objects.select_for_update(of=("self",)).get(pk=report_id), now=now)


def _next_at(report: Report, clocks: list[tuple[str, datetime]]) -> datetime | None:
    climbed = list(Escalation.objects.filter(report=report))
    keys = {(row.clock, row.due_at, row.level) for row in climbed}
    moments = [step.at for step in ladders.pending(clocks, ladder_of(report.department_id), keys)[:1]]
    moments += [
        row.told_at + timedelta(hours=row.repeat_hours)
        for row in climbed
        if row.repeat_hours and row.acknowledged_at is None and (row.clock, row.due_at) in clocks
    ]
    return min(moments, default=None)


def climb_due(*, now: datetime) -> int:
    """Climb every rung that is due; returns how many reports were looked at. The beat's step."""
    due = ClockWatch.objects.filter(next_at__lte=now).order_by("next_at")
    report_ids = list(due.values_list("report_id", flat=True)[:CLIMB_AT_ONCE])
    for report_id in report_ids:
        climb(report_id, now=now)
    return len(report_ids)


@transaction.atomic
def climb(report_id: int, *, now: datetime) -> list[Escalation]:
    """Climb what is due for one report and tell once more what nobody acknowledged. Safe to repeat."""
    report = Report.objects.select_for_update(of=("self",)).get(pk=report_id)
    clocks = running(report)
    known = set(Escalation.objects.filter(report=report).values_list("clock", "due_at", "level"))
    raised = [
        _raise(report, step, now)
        for step in ladders.pending(clocks, ladder_of(report.department_id), known)
        if step.at <= now
    ]
    waiting = Escalation.objects.filter(report=report, acknowledged_at__isnull=True, ended_at__isnull=True)
    for row in waiting.exclude(pk__in=[row.pk for row in raised]):
        if ladders.is_due_again(row.repeat_hours, row.told_at, now) and (row.clock, row.due_at) in clocks:
            row.told_at, row.told_count = now, row.told_count + 1
            row.save(update_fields=["told_at", "told_count"])
            _tell(report, row, now)
    watch(report, now=now)
    return raised


def _raise(report: Report, step: ladders.Step, now: datetime) -> Escalation:
    row = Escalation.objects.create(
        report=report,
        department_id=report.department_id,
        clock=step.clock,
        due_at=step.due_at,
        level=step.rung.level,
        target=step.rung.target,
        repeat_hours=step.rung.repeat_hours,
        raised_at=now,
        told_at=now,
    )
    # The report itself has not changed: nobody who is writing to it just now is made to start again.
    timeline.record(
        report,
        Event.Kind.ESCALATED,
        PORTAL,
        now,
        department_id=report.department_id,
        data={
            "clock": step.clock,
            "level": step.rung.level,
            "target": step.rung.target,
            "due_at": step.due_at.isoformat(),
        },
        is_public=step.rung.target in _PUBLIC_TARGETS and now >= step.due_at,
    )
    _tell(report, row, now)
    return row


def _tell(report: Report, row: Escalation, now: datetime) -> None:
    """Write to the people at once where life or traffic is at stake; others read it in their digest."""
    if report.severity < AT_ONCE_FROM_SEVERITY:
        return
    for user in told_by(row, report).exclude(email=""):
        outbox.enqueue(
            queue=Outbox.Queue.NOTIFY,
            topic="escalation.tell",
            report_id=report.pk,
            payload={"escalation_id": row.pk, "user_id": user.pk, "number": row.told_count},
            now=now,
        )


def told_by(row: Escalation, report: Report) -> QuerySet[User]:
    """Who is told of an escalation: the handler (or all of them, if nobody has taken the report), the
    section's head, the department's head, or the complaints desk and the situation room.

    Where the wanted person does not exist the next higher one is told: a rung never tells nobody.
    """
    people = User.objects.filter(is_active=True, is_staff=True)
    theirs = people.filter(department_id=row.department_id, role__in=roles.NEED_DEPARTMENT)
    desk = people.filter(role__in=(roles.P3M, roles.DUTY_OFFICER))
    heads = theirs.filter(role=roles.DEPARTMENT_ADMIN)
    ladder = {
        ladders.HANDLER: (theirs.filter(pk=report.assignee_id), theirs.filter(role=roles.HANDLER)),
        ladders.SECTION_HEAD: (theirs.filter(is_section_head=True),),
        ladders.DEPARTMENT_HEAD: (heads,),
        ladders.P3M: (desk,),
    }
    order = list(ladder)
    start = order.index(row.target) if row.department_id else order.index(ladders.P3M)
    for target in order[start:]:
        for group in ladder[target]:
            if group.exists():
                return group
    return people.filter(role=roles.ADMIN)


def waiting_for(user) -> QuerySet[Escalation]:
    """The escalations that this person is asked to look at, most recently told first."""
    open_ones = Escalation.objects.filter(acknowledged_at__isnull=True, ended_at__isnull=True)
    if not (user.is_active and user.is_staff):
        return open_ones.none()
    if user.role in (roles.P3M, roles.DUTY_OFFICER):
        wanted = Q(target=ladders.P3M) | Q(department__isnull=True)
    elif user.department_id is None:
        return open_ones.none()
    else:
        wanted = Q(department_id=user.department_id, target__in=_targets_of(user))
        if user.role == roles.HANDLER and not user.is_section_head:
            wanted &= Q(report__assignee_id=user.pk) | Q(report__assignee__isnull=True)
    visible = selectors.for_staff(user).values("pk")
    return open_ones.filter(wanted, report__in=visible).order_by("-told_at", "-id")


def _targets_of(user) -> list[str]:
    if user.role == roles.DEPARTMENT_ADMIN:
        return [ladders.HANDLER, ladders.SECTION_HEAD, ladders.DEPARTMENT_HEAD]
    return [ladders.HANDLER, ladders.SECTION_HEAD] if user.is_section_head else [ladders.HANDLER]


@transaction.atomic
def acknowledge(user, escalation_id: int, *, now: datetime) -> Escalation:
    """ "I have seen it and take care": ends the repeating. The first one counts; later ones change nothing.

    Raises Escalation.DoesNotExist (not theirs to see), NotPermitted (not among those who are told).
    """
    row = Escalation.objects.select_for_update().get(pk=escalation_id)
    if not selectors.for_staff(user).filter(pk=row.report_id).exists():
        raise Escalation.DoesNotExist
    if row.acknowledged_at is not None or row.ended_at is not None:
        return row
    if not waiting_for(user).filter(pk=row.pk).exists():
        raise errors.NotPermitted(step="acknowledge_escalation")
    row.acknowledged_at, row.acknowledged_by = now, user
    row.save(update_fields=["acknowledged_at", "acknowledged_by"])
    watch_report(row.report_id, now=now)
    return row


def watch_missing(*, now: datetime, limit: int = 1000) -> int:
    """Begin to watch open reports that nobody watches yet: from before the ladder, or loaded in bulk."""
    unwatched = Report.objects.filter(is_open=True, clockwatch_of__isnull=True).order_by("-id")
    count = 0
    for report_id in list(unwatched.values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            watch_report(report_id, now=now)
        count += 1
    return count
