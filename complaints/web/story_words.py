"""The report page's own words: state, what happens next, pictures, previews."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from city import snapshot as city
from complaints.domain import privacy, workflow
from complaints.models import Photo, Report
from complaints.web import words


def place(report) -> str:
    """`Jalan X, Kelurahan, Kecamatan` as the public may read it; names come from memory."""
    areas = city.current().areas_by_id
    area = areas.get(report.area_id)
    parent = city.current().areas.get(area.parent_code) if area and area.parent_code else None
    names = [privacy.mask(report.street), area.name if area else "", parent.name if parent else ""]
    return ", ".join(name for name in names if name)


def category_name(report) -> str:
    category = city.current().categories_by_id.get(report.category_id)
    return words.local(category) if category else ""


def department_name(report) -> str:
    department = city.current().departments_by_id.get(report.department_id)
    return words.local(department) if department else ""


def title(report) -> str:
    """`Jalan berlubang, Sekayu`."""
    area = city.current().areas_by_id.get(report.area_id)
    return f"{category_name(report)}, {area.name}" if area else category_name(report)


def standing(report, now: datetime) -> str:
    """State, office and promise in one line, for previews and feeds."""
    parts = [words.status_name(report), department_name(report)]
    if report.due_at and report.is_open and report.status != workflow.SCHEDULED:
        parts.append(_("promised by %(date)s") % {"date": day(report.due_at)})
    parts.append(words.due(report, now).rstrip("."))
    return " · ".join(part for part in parts if part)


def day(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j F Y")


def next_step(report, now: datetime) -> str:
    """What happens next, in one sentence."""
    by = report.acknowledge_due_at
    deadline = {"moment": words.moment(by)} if by and by > now else None
    if report.status in (workflow.RECEIVED, workflow.TRIAGE):
        if deadline:
            return _("Next: an office is named, by %(moment)s.") % deadline
        return _("Next: an office is named.")
    if report.status in (workflow.ASSIGNED, workflow.REOPENED):
        return _next_of_assigned(report, deadline)
    if report.checking_since is not None:
        return _("Next: a second person checks the proof. Then the reporter has ten days for the last word.")
    if report.status in workflow.AWAITING_CONFIRMATION:
        silent = report.status_since + timedelta(days=workflow.CLOSE_AFTER_SILENT_DAYS)
        return _(
            "Next: the reporter says whether it is really fixed. "
            "Without an answer by %(date)s it is closed as unconfirmed."
        ) % {"date": day(silent)}
    if report.status in workflow.REOPENABLE:
        until = report.status_since + timedelta(days=workflow.REOPEN_WITHIN_DAYS)
        if until <= now:
            return _("If the problem is back, report it again.")
        return _("If it is not fixed, the reporter can open it again until %(date)s.") % {"date": day(until)}
    return {
        workflow.WAITING: _("Next: as soon as the wait is over, the clock runs on and the promise moves."),
        workflow.SCHEDULED: _("Next: the work begins by the planned date; until then it stays open."),
        workflow.REFERRED: _("Next: the owner outside the city acts; the city asks again and tells it here."),
    }.get(
        report.status,
        _("Next: the office says what was done, with a photo. Then the reporter has the last word."),
    )


def _next_of_assigned(report, deadline) -> str:
    if report.acknowledged_at is not None:
        return _("Next: the office starts to work.")
    if deadline:
        return _("Next: the office accepts it, by %(moment)s.") % deadline
    return (
        _("Next: the office accepts it. That is overdue.")
        if report.acknowledge_due_at
        else _("Next: the office accepts it.")
    )


def photo_alt(report, photo, number: int = 0, count: int = 0) -> str:
    """What a picture is of: when it was sent in, never when or where it was taken."""
    what = {
        Photo.Kind.REPORT: _("Before: %(title)s, photo of %(date)s"),
        Photo.Kind.REPAIR: _("After the work: %(title)s, photo of %(date)s"),
    }.get(photo.kind, _("Added later: %(title)s, photo of %(date)s"))
    told = what % {"title": title(report), "date": day(photo.created_at)}
    return f"{told} ({number}/{count})" if count > 1 else told


def look(report: Report, now: datetime) -> str:
    """A key of services.cards.STATE_LOOK."""
    if words.is_late(report, now) or is_unsafe(report, now):
        return "late"
    if words.is_unconfirmed(report):
        return "rejected"  # no colour of success for what nobody has confirmed
    if report.status == workflow.WAITING:
        return "paused"
    return workflow.MAP_STATE[report.status]


def is_unsafe(report: Report, now: datetime) -> bool:
    """The promise to make the place safe is broken, and nothing else is promised."""
    by = report.make_safe_due_at
    waits = report.status in (workflow.WAITING, workflow.SCHEDULED)
    broken = by is not None and by < now and report.made_safe_at is None
    return report.is_open and not waits and report.due_at is None and broken


def share_text(report, url: str) -> str:
    """What a neighbour reads in a message."""
    return _("“%(category)s” in %(place)s was reported. Follow here what becomes of it: %(url)s") % {
        "category": category_name(report),
        "place": place(report),
        "url": url,
    }
