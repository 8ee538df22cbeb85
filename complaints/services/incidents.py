"""Joining reports of the same thing, and taking them apart again (invariant 7).

The primary report carries the work. A merged one keeps code, secret link, reporter, supporters, photos,
timeline – and its own work, which stands still: nothing of its state is written, so taking it out again
gives back exactly what was. Rows are locked in the order of their ids, all of them before anything is read.
"""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from complaints import errors
from complaints.domain import incident, text, workflow
from complaints.domain.actor import PORTAL, Actor
from complaints.models import Event, Merge, Report
from complaints.services import redaction, timeline

_SENTENCES = {
    incident.SAME: _("A report cannot be joined to itself. Choose another one."),
    incident.ENDED: _("This report has ended; only open reports are joined."),
    incident.NOT_ROUTED: _("A report that has not been routed yet cannot be joined; that takes a moment."),
    incident.MERGED: _("This report is part of an incident already. Take it out first."),
    incident.PRIMARY_ENDED: _("The report you chose has ended; what is told now is something new."),
    incident.PRIMARY_MERGED: _("The report you chose is part of an incident. Choose its primary report."),
    incident.PRIMARY_PRIVATE: _("A public report cannot be joined to a private one. Try it the other way."),
}
_NOT_MERGED = _("This report is not part of an incident.")
_CHANGED = _("The incident changed meanwhile. Look at it again, then repeat what you meant to do.")
_MOVED, _SUCCEEDED = "moved", "succeeded"


@transaction.atomic
def merge_reports(
    report_id: int,
    primary_id: int,
    *,
    actor: Actor,
    now: datetime,
    why: str = "",
    expected_version: int | None = None,
) -> Merge:
    """Join a report to the one that carries the work from now on. Its clock stops, its reporter hears what
    happens to the primary.

    Members of a report that was primary itself come along, so that there are no chains; taking it out gives
    them back to it. The portal (actor) needs no reason, a person does. Raises CannotMerge (its code says
    why), Conflict (another version, or an incident that grew meanwhile), MissingReason. Locks all reports
    concerned, in the order of their ids.
    """
    why = text.clean(why)
    is_automatic = actor.user_id is None
    if not why and not is_automatic:
        raise errors.MissingReason
    members = list(Report.objects.filter(merged_into_id=report_id).values_list("pk", flat=True))
    rows = _lock(report_id, primary_id, *members)
    report, primary = rows[report_id], rows[primary_id]
    _check_version(report, expected_version)
    if code := incident.fault(report, primary):
        raise errors.CannotMerge(
            _SENTENCES[code], code=code, version=report.version, primary_id=primary.merged_into_id
        )
    _check_members(report_id, rows)
    merge = _new(report, primary.pk, actor, now, why)
    for pk in members:
        _move(rows[pk], primary.pk, [*_open_merge(pk).path, report.pk], now)
    _join(report, primary, now)
    data = {"primary_id": primary.pk, "automatic": is_automatic}
    timeline.record(report, Event.Kind.MERGED, actor, now, text=why, data=data)
    data = {"member_id": report.pk, "member": report.code, "automatic": is_automatic, "brought": len(members)}
    # The primary itself has not changed: nobody who is writing to it just now is made to start again.
    timeline.record(primary, Event.Kind.MERGED, actor, now, text=why, data=data, is_public=False)
    redaction.share_words(primary, [report.pk, *members], actor=actor, now=now)
    return merge


@transaction.atomic
def unmerge_report(
    report_id: int,
    *,
    actor: Actor,
    now: datetime,
    why: str = "",
    expected_version: int | None = None,
    is_told: bool = True,
) -> Merge:
    """Take a report out of its incident: its own work goes on exactly as it stood.

    Members that came with it leave with it. The portal never joins again what a person took apart. Raises
    CannotMerge (`not_merged`), Conflict, MissingReason. Locks all reports concerned, in the order of ids.
    """
    why = text.clean(why)
    if not why and actor.user_id is not None:
        raise errors.MissingReason
    seen = Merge.objects.filter(report_id=report_id, undone_at=None).first()
    brought = _brought(seen) if seen else {}
    rows = _lock(report_id, *((seen.primary_id, *brought) if seen else ()))
    report = rows[report_id]
    _check_version(report, expected_version)
    if report.merged_into_id is None:
        raise errors.CannotMerge(_NOT_MERGED, code="not_merged", version=report.version)
    merge = _open_merge(report_id)
    if merge.primary_id not in rows or not set(_brought(merge)) <= set(rows):
        raise errors.Conflict(_CHANGED, version=report.version, status=report.status)
    brought = _brought(merge)
    _end(merge, actor, now, why)
    _take_out(report, now)
    for pk, path in brought.items():
        _move(rows[pk], report.pk, path[: path.index(report.pk)], now)
    data = {"primary_id": merge.primary_id, "merge_id": merge.pk}
    timeline.record(report, Event.Kind.UNMERGED, actor, now, text=why, data=data, is_public=is_told)
    data = {"member_id": report.pk, "member": report.code, "brought": len(brought)}
    primary = rows[merge.primary_id]
    timeline.record(primary, Event.Kind.UNMERGED, actor, now, text=why, data=data, is_public=False)
    return merge


def _open_merge(report_id: int) -> Merge:
    return Merge.objects.get(report_id=report_id, undone_at=None)


def _brought(merge: Merge) -> dict[int, list[int]]:
    """The members of the same incident that came along with this report, each with its way there."""
    others = Merge.objects.filter(primary_id=merge.primary_id, undone_at=None)
    return {pk: path for pk, path in others.values_list("report_id", "path") if merge.report_id in path}


def leave(report: Report, now: datetime) -> Report:
    """Take a report out because its reporter takes it back; nothing to do if it is not merged. Locks it, and
    its primary, in the caller's transaction; returns it as it is now."""
    if report.merged_into_id is None:
        return report
    unmerge_report(report.pk, actor=PORTAL, now=now, is_told=False)
    return timeline.lock(report.pk)


def hand_on(report_id: int, *, now: datetime) -> Report | None:
    """The primary's reporter takes it back, and the others still have the problem: the oldest public member
    carries on, with the work as it stands where the workflow allows it, and all others with it.

    Returns the new primary; None without members. Call it before the report changes, in its transaction.
    """
    members = list(
        Report.objects.filter(merged_into_id=report_id).order_by("pk").values_list("pk", flat=True)
    )
    if not members:
        return None
    rows = _lock(report_id, *members)
    _check_members(report_id, rows)
    old = rows[report_id]
    ordered = sorted((rows[pk] for pk in members), key=lambda row: (row.is_private, row.pk))
    heir, others = ordered[0], ordered[1:]
    ended = {merge.report_id: merge for merge in Merge.objects.filter(primary_id=report_id, undone_at=None)}
    for merge in ended.values():
        _end(merge, PORTAL, now, _SUCCEEDED)
    _take_out(heir, now)
    carried = heir.status == old.status or workflow.may_follow(heir.status, old.status)
    if carried:
        for name in incident.STATE:
            setattr(heir, name, getattr(old, name))
        heir.is_open = heir.status in workflow.OPEN
        heir.save(update_fields=[*incident.STATE, "is_open"])
    data = {"primary_id": report_id, "succeeds": True}
    if not carried:  # its own work goes on, with what it missed
        data["merge_id"] = ended[heir.pk].pk
    timeline.record(heir, Event.Kind.UNMERGED, PORTAL, now, to_status=heir.status, data=data)
    for other in others:
        path = ended[other.pk].path
        _renew(ended[other.pk], heir.pk, path[: path.index(heir.pk)] if heir.pk in path else path, now)
        other.merged_into_id = heir.pk
        timeline.save(other, now, "merged_into")
    return heir


@transaction.atomic
def lock_family(report_id: int) -> None:
    """Lock a report, its primary and its members, in the order of ids, for whatever comes next in the
    caller's transaction."""
    primary_id = Report.objects.values_list("merged_into_id", flat=True).get(pk=report_id)
    members = Report.objects.filter(merged_into_id=report_id).values_list("pk", flat=True)
    _lock(report_id, *([primary_id] if primary_id else ()), *members)


@transaction.atomic
def lock_work(report_id: int, expected_version: int | None = None) -> tuple[Report, Report]:
    """A report and the one that carries its work – itself, unless it is merged –, both locked.

    Raises Conflict (another version, or it was joined or taken out just now), DoesNotExist.
    """
    primary_id = Report.objects.values_list("merged_into_id", flat=True).get(pk=report_id)
    rows = _lock(report_id, *([primary_id] if primary_id else ()))
    report = rows[report_id]
    _check_version(report, expected_version)
    if report.merged_into_id != primary_id:
        raise errors.Conflict(_CHANGED, version=report.version, status=report.status)
    return report, rows[primary_id] if primary_id else report


def defer(report: Report, event_id: int) -> bool:
    """Keep an event of a merged report for later, if it is merged: what it would move stands still. Call it
    with the report locked; safe to repeat."""
    if report.merged_into_id is None:
        return False
    merge = _open_merge(report.pk)
    if event_id not in merge.deferred:
        merge.deferred = [*merge.deferred, event_id]
        merge.save(update_fields=["deferred"])
    return True


def _lock(*ids: int) -> dict[int, Report]:
    """The reports, locked in the order of their ids. Raises DoesNotExist if one is missing."""
    wanted = sorted(set(ids))
    found = Report.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk")
    rows = {row.pk: row for row in found}
    if len(rows) != len(wanted):
        raise Report.DoesNotExist
    return rows


def _check_version(report: Report, expected_version: int | None) -> None:
    if expected_version is not None and report.version != expected_version:
        raise errors.Conflict(version=report.version, status=report.status, expected_version=expected_version)


def _check_members(report_id: int, rows: dict[int, Report]) -> None:
    """Raises Conflict if somebody was joined or taken out between the look and the lock."""
    now_there = set(Report.objects.filter(merged_into_id=report_id).values_list("pk", flat=True))
    if now_there != {pk for pk, row in rows.items() if row.merged_into_id == report_id}:
        raise errors.Conflict(_CHANGED, version=rows[report_id].version, status=rows[report_id].status)


def state_of(report: Report) -> dict[str, Any]:
    """The report's own work as JSON keeps it."""
    values = {name: getattr(report, name) for name in incident.STATE}
    return {k: v.isoformat() if isinstance(v, date | datetime) else v for k, v in values.items()}


def _new(report: Report, primary_id: int, actor: Actor, now: datetime, why: str) -> Merge:
    return Merge.objects.create(
        report=report,
        primary_id=primary_id,
        at=now,
        by_id=actor.user_id,
        is_automatic=actor.user_id is None,
        why=why,
        before=state_of(report),
    )


def _renew(old: Merge, primary_id: int, path: list[int], now: datetime) -> Merge:
    """The same merge with another primary: who joined it, why, and what it was before stay."""
    return Merge.objects.create(
        report_id=old.report_id,
        primary_id=primary_id,
        at=now,
        by_id=old.by_id,
        is_automatic=old.is_automatic,
        why=old.why,
        before=old.before,
        path=path,
        deferred=old.deferred,
    )


def _end(merge: Merge, actor: Actor, now: datetime, why: str) -> None:
    merge.undone_at, merge.undone_by_id, merge.undone_why = now, actor.user_id, why
    merge.save(update_fields=["undone_at", "undone_by", "undone_why"])


def _join(report: Report, primary: Report, now: datetime) -> None:
    report.merged_into, report.is_open = primary, False
    timeline.save(report, now, "merged_into", "is_open")


def _take_out(report: Report, now: datetime) -> None:
    report.merged_into, report.is_open = None, report.status in workflow.OPEN
    timeline.save(report, now, "merged_into", "is_open")


def _move(member: Report, primary_id: int, path: list[int], now: datetime) -> None:
    """A member follows its primary into another incident, or back out of it. Nobody is told: what it is
    part of has a new primary, and its reporter goes on hearing of that."""
    old = _open_merge(member.pk)
    _end(old, PORTAL, now, _MOVED)
    _renew(old, primary_id, path, now)
    member.merged_into_id = primary_id
    timeline.save(member, now, "merged_into")
