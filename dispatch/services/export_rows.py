"""Reports as rows of a table, a few hundred at a time: memory does not grow with the file."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from city import snapshot as city
from city.models import Category
from complaints import selectors
from complaints.models import Report, Reporter
from complaints.web import words as public_words
from dispatch.domain import export
from dispatch.services import tags_known

CHUNK = 500

# Of each column its heading and what it holds, for whoever reads the file later.
HEADINGS: dict[str, tuple[Any, Any]] = {
    "code": (_("Code"), _("The report’s public code.")),
    "reported": (_("Reported"), _("When it was filed, in Western Indonesian Time (ISO 8601).")),
    "group": (_("Group"), _("Group of kinds.")),
    "kind": (_("Kind"), _("What was reported.")),
    "severity": (_("Severity"), _("From 1 (needs planning) to 5 (danger to life).")),
    "status": (_("State"), _("The state at the moment of the export.")),
    "status_since": (_("In this state since"), _("When it came into this state.")),
    "street": (_("Street"), _("Street or landmark as the reporter wrote it.")),
    "kelurahan": (_("Kelurahan"), _("From the place and the city’s boundaries.")),
    "kecamatan": (_("Kecamatan"), _("From the place and the city’s boundaries.")),
    "latitude": (_("Latitude"), _("WGS84, degrees.")),
    "longitude": (_("Longitude"), _("WGS84, degrees.")),
    "department": (_("Department"), _("Who has it; empty: the complaints desk.")),
    "handler": (_("Handler"), _("The member of staff who handles it.")),
    "crew": (_("Crew"), _("The crew that goes out for it.")),
    "due": (_("Promised until"), _("The promise to the citizen as it stands now, pauses included.")),
    "accepted": (_("Accepted"), _("When the department accepted it.")),
    "resolved": (_("Resolved"), _("When the department said it was done; empty if it is open.")),
    "closed": (_("Closed"), _("When it ended.")),
    "closure": (_("Closed as"), _("Confirmed by the reporter, or unconfirmed after ten silent days.")),
    "reopened": (_("Times reopened"), _("How often the reporter said it is not fixed.")),
    "handed_over": (_("Times handed over"), _("How often it went from one office to another.")),
    "supporters": (_("Also affected"), _("How many others are affected as well.")),
    "channel": (_("Channel"), _("How it was filed.")),
    "private": (_("Private"), _("1: the public does not see it.")),
    "joined_to": (_("Joined to"), _("The code of the report that carries its work.")),
    "tags": (_("Tags"), _("The tags that you see, with semicolons between them.")),
    "waiting_for": (_("Waiting for"), _("What its work waits for.")),
    "scheduled_for": (_("Planned for"), _("The published date of planned work.")),
    "budget_line": (_("Budget line"), _("What pays for planned work, or why there is none yet.")),
    "description": (_("Description"), _("The reporter’s words; they may name people.")),
    "reporter_name": (_("Reporter’s name"), _("Personal data: this export is on record.")),
    "reporter_phone": (_("Reporter’s phone"), _("Personal data: this export is on record.")),
    "reporter_email": (_("Reporter’s e-mail"), _("Personal data: this export is on record.")),
}


def headings(columns: Sequence[str]) -> list[str]:
    return [str(HEADINGS[name][0]) for name in columns]


def rows(user, ids: Sequence[int], columns: Sequence[str]) -> Iterator[list[list[Any]]]:
    """Chunks of rows for these reports in their order; what is not this person's to see (any more) is left
    out. Five queries a chunk at most."""
    snap = city.current()
    seen = tags_known.visible(user, snap)
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        found = {report.pk: report for report in _read(user, chunk)}
        reporters = _reporters(found, columns)
        reports = [found[pk] for pk in chunk if pk in found]
        gone = {report.category_id for report in reports} - set(snap.categories_by_id)
        kinds = Category.objects.in_bulk(list(gone)) if gone else {}
        yield [_row(report, columns, snap, kinds, seen, reporters.get(report.pk)) for report in reports]


def _read(user, chunk: Sequence[int]) -> Iterator[Report]:
    reports = selectors.for_staff(user).filter(pk__in=chunk).select_related("assignee", "crew", "merged_into")
    return tags_known.with_tags(reports).defer("answers", "counted_as", "body_hash").iterator(CHUNK)


def _reporters(found: dict[int, Report], columns: Sequence[str]) -> dict[int, Reporter]:
    if not set(columns) & set(export.IDENTITY):
        return {}
    return {row.report_id: row for row in Reporter.objects.filter(report__in=list(found))}


def _row(report, columns, snap, kinds, seen, reporter) -> list[Any]:
    area = snap.areas_by_id.get(report.area_id)
    around = snap.areas.get(area.parent_code or "") if area else None
    kind = snap.categories_by_id.get(report.category_id) or kinds.get(report.category_id)
    group = snap.categories.get(getattr(kind, "parent_code", None) or "")
    department = snap.departments_by_id.get(report.department_id)
    facts = {
        "kind": public_words.local(kind) if kind else "",
        "group": public_words.local(group) if group else "",
        "kelurahan": area.name if area else "",
        "kecamatan": around.name if around else "",
        "department": (department.short_name or public_words.local(department)) if department else "",
        "tags": "; ".join(tag.name for tag in tags_known.on(report.tag_ids, seen)),
    }
    return [_cell(name, report, reporter) if name not in facts else facts[name] for name in columns]


def _cell(name: str, report: Report, reporter: Reporter | None) -> Any:
    if name in export.IDENTITY:
        return getattr(reporter, name.removeprefix("reporter_")) if reporter else ""
    return _CELLS[name](report)


def _at(moment) -> str:
    return timezone.localtime(moment).isoformat(timespec="seconds") if moment else ""


def _handler(report: Report) -> str:
    person = report.assignee if report.assignee_id else None
    return (person.get_full_name() or person.username) if person else ""


_CELLS = {
    "code": lambda report: report.spoken_code,
    "reported": lambda report: _at(report.created_at),
    "severity": lambda report: report.severity,
    "status": lambda report: str(report.get_status_display()),
    "status_since": lambda report: _at(report.status_since),
    "street": lambda report: report.street,
    "latitude": lambda report: round(report.latitude, 6),
    "longitude": lambda report: round(report.longitude, 6),
    "handler": _handler,
    "crew": lambda report: report.crew.name if report.crew_id else "",
    "due": lambda report: _at(report.due_at),
    "accepted": lambda report: _at(report.acknowledged_at),
    "resolved": lambda report: _at(report.resolved_at),
    "closed": lambda report: _at(report.closed_at),
    "closure": lambda report: str(report.get_closure_display()),
    "reopened": lambda report: report.reopen_count,
    "handed_over": lambda report: report.handover_count,
    "supporters": lambda report: report.supporter_count,
    "channel": lambda report: str(report.get_channel_display()),
    "private": lambda report: int(report.is_private),
    "joined_to": lambda report: report.merged_into.spoken_code if report.merged_into_id else "",
    "waiting_for": lambda report: report.waiting_reason,
    "scheduled_for": lambda report: report.scheduled_for.isoformat() if report.scheduled_for else "",
    "budget_line": lambda report: report.budget_line,
    "description": lambda report: report.description,
}
