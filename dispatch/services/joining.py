"""Reports that come close together in place and time become one incident by themselves (floods).

Every new report of such a kind gets an outbox row of its own, after it has been routed: filing and routing
never wait for it, and a worker that dies leaves the row to the next one. All joining of one rule happens
under that rule's row lock, so that two workers cannot begin two incidents. What a person took out of an
incident the portal leaves alone for ever.
"""

from contextlib import suppress
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from city import roles
from city import snapshot as city
from city.models import User
from complaints import errors, selectors_nearby
from complaints.domain import incident
from complaints.domain.actor import PORTAL
from complaints.domain.place import distance_m
from complaints.models import Event, Merge, Report
from complaints.services import incidents, timeline
from dispatch.domain import incidents as rules
from dispatch.models import IncidentAlarm, IncidentRule, Outbox
from dispatch.services import outbox

TOPIC, TELL = "report.join", "incident.tell"
# So many other incidents of a kelurahan are folded into the first at once; the next report goes on.
_FOLD_AT_ONCE = 20
_LOOKED_AT = 500


def follow(report_id: int, *, now: datetime) -> None:
    """Queue a new report for joining if a rule speaks of its kind, in the caller's transaction."""
    report = Report.objects.only("category_id", "is_private", "is_open").get(pk=report_id)
    if report.is_private or not report.is_open or _rule_for(report.category_id) is None:
        return
    _enqueue(report_id, now, in_burst=False)


def _enqueue(report_id: int, now: datetime, *, in_burst: bool) -> None:
    payload = {"in_burst": in_burst}
    outbox.enqueue(queue=Outbox.Queue.NOTIFY, topic=TOPIC, report_id=report_id, payload=payload, now=now)


def _rule_for(category_id: int) -> IncidentRule | None:
    """The first active rule that names the kind or its group. One query."""
    kind = city.current().categories_by_id.get(category_id)
    if kind is None:
        return None
    wanted = {kind.code, kind.parent_code}
    active = IncidentRule.objects.filter(is_active=True).order_by("code")
    return next((rule for rule in active if wanted & set(rule.categories)), None)


@transaction.atomic
def join(report_id: int, *, now: datetime, in_burst: bool = False) -> None:
    """Join a report to the incident it belongs to, if there is one, and raise the alarm if it is a burst.

    `in_burst`: later reports have shown that it was the beginning of one. Safe to repeat. Raises Conflict if
    people are at work on the same reports just now: the row is tried again. Locks the rule's row, then the
    reports in the order of their ids.
    """
    report = Report.objects.get(pk=report_id)
    rule = _rule_for(report.category_id)
    if rule is None:
        return
    rule = IncidentRule.objects.select_for_update().get(pk=rule.pk)
    report.refresh_from_db()
    limits = _limits(rule)
    is_burst, primary_id = decide(rule, report, in_burst=in_burst)
    if primary_id is not None:
        with suppress(errors.CannotMerge):  # people were faster: what they did stands
            incidents.merge_reports(report.pk, primary_id, actor=PORTAL, now=now)
        report.refresh_from_db()
    if is_burst:
        _fold(rule, limits, report, now)
    _raise_alarm(rule, limits, report, now, is_burst=is_burst)


def decide(rule: IncidentRule, report: Report, *, in_burst: bool = False) -> tuple[bool, int | None]:
    """Whether the report is part of a burst, and which report it joins (None: it stays by itself).

    Reads only: at most five queries, however many lie near.
    """
    limits = _limits(rule)
    is_burst = in_burst or rules.is_burst(limits, _told_in_area(rule, limits, report))
    if report.merged_into_id is not None or not _may_join(report):
        return is_burst, None
    return is_burst, _primary_for(rule, limits, report, is_burst=is_burst)


def _limits(rule: IncidentRule) -> rules.Rule:
    return rules.Rule(
        radius_m=rule.radius_m,
        hours=rule.hours,
        burst_reports=rule.burst_reports,
        burst_minutes=rule.burst_minutes,
        grows_by=rule.grows_by,
        again_minutes=rule.again_minutes,
    )


def _may_join(report: Report) -> bool:
    is_ready = not report.is_private and report.status in incident.MERGEABLE
    return is_ready and not _was_taken_out().filter(report=report).exists()


def _was_taken_out() -> QuerySet[Merge]:
    """What people took apart: reports that the portal never joins again."""
    return Merge.objects.filter(undone_by__isnull=False)


def _kinds(rule: IncidentRule) -> list[int]:
    wanted = set(rule.categories)
    kinds = city.current().categories.values()
    return [kind.id for kind in kinds if wanted & {kind.code, kind.parent_code}]


def _told_in_area(rule: IncidentRule, limits: rules.Rule, report: Report) -> int:
    """How many of the kelurahan's people told of this within the burst's minutes; no more than are asked."""
    since = rules.burst_begins_at(limits, report.created_at)
    told = Report.objects.filter(
        area_id=report.area_id, created_at__range=(since, report.created_at), is_private=False
    )
    return told.filter(category_id__in=_kinds(rule)).order_by()[: rule.burst_reports].count()


def _primary_for(rule: IncidentRule, limits: rules.Rule, report: Report, *, is_burst: bool) -> int | None:
    """In a burst the first report of the kelurahan, so that all name the same one; else, or where there is
    none, the first within the radius."""
    if is_burst:
        there = _candidates(list(_open_in_area(rule, limits, report)[:_LOOKED_AT]), report)
        picked = rules.pick(limits, report.pk, report.created_at, there, is_burst=True)
        if picked is not None:
            return picked
    near = selectors_nearby.nearby(
        rule.categories,
        report.latitude,
        report.longitude,
        rule.radius_m,
        rules.begins_at(limits, report.created_at),
        limit=_LOOKED_AT,
        open_only=True,
    )
    found = _candidates([item.report for item in near], report)
    return rules.pick(limits, report.pk, report.created_at, found, is_burst=False)


def _candidates(rows: list[Report], report: Report) -> list[rules.Candidate]:
    ready = [row for row in rows if row.status in incident.MERGEABLE and row.pk != report.pk]
    taken_out = set(_was_taken_out().filter(report__in=ready).values_list("report_id", flat=True))
    return [
        rules.Candidate(
            row.pk,
            row.created_at,
            distance_m(report.latitude, report.longitude, row.latitude, row.longitude),
        )
        for row in ready
        if row.pk not in taken_out
    ]


def _open_in_area(rule: IncidentRule, limits: rules.Rule, report: Report) -> QuerySet[Report]:
    since = rules.begins_at(limits, report.created_at)
    there = Report.objects.filter(
        area_id=report.area_id, is_open=True, is_private=False, created_at__gte=since
    )
    return there.filter(category_id__in=_kinds(rule)).order_by("created_at", "pk")


def _fold(rule: IncidentRule, limits: rules.Rule, report: Report, now: datetime) -> None:
    """In a burst the kelurahan's other incidents join its first one, each in a transaction of its own."""
    rows = list(_open_in_area(rule, limits, report)[: _FOLD_AT_ONCE + 1])
    for other in sorted(_candidates(rows, report), key=lambda item: item.pk)[1:]:
        waiting = Outbox.objects.filter(report_id=other.pk, topic=TOPIC, payload__in_burst=True)
        if not waiting.exclude(state__in=(Outbox.State.DONE, Outbox.State.DEAD)).exists():
            _enqueue(other.pk, now, in_burst=True)


# --- The alarm --------------------------------------------------------------------------------------------


def _raise_alarm(
    rule: IncidentRule, limits: rules.Rule, report: Report, now: datetime, *, is_burst: bool
) -> None:
    primary_id = report.merged_into_id or report.pk
    whole = Report.objects.filter(Q(pk=primary_id) | Q(merged_into_id=primary_id))
    since = rules.burst_begins_at(limits, report.created_at)
    recent = whole.filter(created_at__range=(since, report.created_at)).count()
    alarms = IncidentAlarm.objects.filter(Q(report_id=primary_id) | Q(report__merged_into_id=primary_id))
    last = alarms.order_by("-size", "-id").first()
    size = whole.count()
    if not rules.is_alarm_due(
        limits,
        size=size,
        recent=size if is_burst else recent,  # the kelurahan's, as far as they have come together
        told_size=last.size if last else None,
        told_at=last.raised_at if last else None,
        now=now,
    ):
        return
    primary = timeline.lock(primary_id)
    alarm = IncidentAlarm.objects.create(
        report=primary,
        rule_code=rule.code,
        number=IncidentAlarm.objects.filter(report=primary).count() + 1,
        size=size,
        raised_at=now,
    )
    data = {"size": size, "number": alarm.number}
    timeline.record(primary, Event.Kind.BURST, PORTAL, now, data=data, is_public=False)
    for user_id in told_by(primary).values_list("pk", flat=True):
        outbox.enqueue(
            queue=Outbox.Queue.NOTIFY,
            topic=TELL,
            report_id=primary.pk,
            payload={"alarm_id": alarm.pk, "user_id": user_id},
            now=now,
        )


def told_by(primary: Report) -> QuerySet[User]:
    """Who is told of a burst: the situation room, the complaints desk, the head of the department that has
    it. Whoever has no address reads it on the first page."""
    people = User.objects.filter(is_active=True, is_staff=True).exclude(email="")
    heads = Q(role=roles.DEPARTMENT_ADMIN, department_id=primary.department_id)
    return people.filter(Q(role__in=(roles.DUTY_OFFICER, roles.P3M)) | heads).order_by("pk")
