"""The work order: what a crew takes along on paper. Who reported it never stands on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from city import snapshot as city
from city.services import audit, paper_map
from complaints import errors, selectors, selectors_nearby
from complaints.domain import codes, privacy, redaction, workflow
from complaints.models import Photo, Report
from complaints.web import form_context, story_words
from complaints.web import words as public_words
from dispatch import words
from dispatch import work_order_words as own_words
from dispatch.domain import safety

MANY = 50
PHOTOS = 2
# The base map has no small streets: where 1:5,000 would be empty paper it is 1:10,000, or 1:20,000.
SCALES, OVERVIEW_SCALE = (5_000, 10_000, 20_000), 40_000
MAP_MM, OVERVIEW_MM = (118.0, 74.0), (60.0, 74.0)
_EARLIER_WITHIN_M = 50.0
_EARLIER_SINCE = timedelta(days=3 * 365)
_EARLIER_SHOWN = 4
_DESCRIPTION_CHARS = 600


class UnknownCodes(errors.DomainError):
    """Codes that are not among the reports this person may see; data: `codes` as typed."""

    code = "codes_unknown"


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """Everything on the sheet, in words that are translated and masked already. Sizes in millimetres."""

    code: str
    kind: str
    severity: str
    state: str
    place: str
    coordinates: str
    department: str
    handler: str
    reported: str
    deadlines: tuple[tuple[str, str], ...]
    description: str
    answers: tuple[tuple[str, str], ...]
    safety: tuple[str, ...]
    earlier: tuple[str, ...]
    also_affected: int
    photos: tuple[Photo, ...]
    address: str  # of the case, for the code to scan
    map: paper_map.PaperMap
    overview: paper_map.PaperMap


def of_report(user, report_id: int, *, now: datetime) -> WorkOrder:
    """The order of one case. Raises Report.DoesNotExist (not theirs to see)."""
    return _build(_reports(user).get(pk=report_id), now)


@transaction.atomic
def of_codes(user, typed: Iterable[str], *, now: datetime) -> list[WorkOrder]:
    """The orders of several cases in the order of their codes (in any writing), each once; recorded as an
    export.

    Raises UnknownCodes if one is unknown or not theirs to see (nothing is printed), InvalidReport (`kode`)
    for none or more than MANY.
    """
    wanted = {codes.normalise(text) or text: text for text in typed if text.strip()}
    if not 1 <= len(wanted) <= MANY:
        sentence = _("Choose at least one and at most %(limit)s reports to print.") % {"limit": MANY}
        raise errors.InvalidReport({"kode": ("count", sentence)})
    found = {report.code: report for report in _reports(user).filter(code__in=wanted)}
    missing = [text for code, text in wanted.items() if code not in found]
    if missing:
        sentence = _("Not among the reports you may see: %(codes)s. Nothing was printed.")
        raise UnknownCodes(sentence % {"codes": ", ".join(missing)[:200]}, codes=missing)
    audit.record(
        audit.Kind.EXPORT,
        now=now,
        actor=user,
        object_kind="complaints.report",
        object_name=_("Work orders"),
        detail={"filters": {"kode": ",".join(found)}, "rows": len(found)},
    )
    return [_build(found[code], now) for code in wanted]


def _reports(user):
    return (
        selectors.for_staff(user)
        .select_related("category", "area__parent", "department", "assignee")
        .defer("area__geometry", "area__parent__geometry")
        .prefetch_related("photos")
    )


def _build(report: Report, now: datetime) -> WorkOrder:
    category = city.current().categories_by_id.get(report.category_id)
    latitude, longitude = report.latitude, report.longitude
    handler = report.assignee
    return WorkOrder(
        code=report.spoken_code,
        kind=story_words.category_name(report),
        severity=str(words.SEVERITY.get(report.severity, report.severity)),
        state=str(public_words.status_name(report)),
        place=readable(story_words.place(report)),
        coordinates=_coordinates(report),
        department=story_words.department_name(report),
        handler=(handler.get_full_name() or handler.username) if handler else str(own_words.NOBODY),
        reported=public_words.moment(report.created_at),
        deadlines=tuple(_deadlines(report)),
        description=readable(_short(report.description)),
        answers=tuple(_answers(category, report)),
        safety=tuple(_safety(category, report)),
        earlier=tuple(_earlier(category, report, now)),
        also_affected=report.supporter_count,
        photos=tuple(_photos(report)),
        address=settings.PUBLIC_BASE_URL.rstrip("/")
        + reverse("admin:complaints_report_change", args=[report.pk]),
        map=paper_map.fitting(latitude, longitude, *MAP_MM, SCALES),
        overview=paper_map.draw(latitude, longitude, *OVERVIEW_MM, OVERVIEW_SCALE),
    )


def readable(text: str) -> str:
    """As paper may say it: paper lies about, so what the public may not read is not on it either."""
    return privacy.mask(text).replace(redaction.COVER, str(own_words.COVERED))


def _short(text: str) -> str:
    """Cut at a word: the sheet is one page."""
    if len(text) <= _DESCRIPTION_CHARS:
        return text
    return text[:_DESCRIPTION_CHARS].rsplit(None, 1)[0] + " …"


def _coordinates(report: Report) -> str:
    exact = f"{report.latitude:.6f}, {report.longitude:.6f}"
    return f"{exact} (± {report.accuracy_m:.0f} m)" if report.accuracy_m else exact


def _deadlines(report: Report) -> Iterable[tuple[str, str]]:
    if report.make_safe_due_at and not report.made_safe_at:
        yield _("Make safe by"), public_words.moment(report.make_safe_due_at)
    if report.status == workflow.SCHEDULED and report.scheduled_for:
        yield _("Planned for"), date_format(report.scheduled_for, "j F Y")
    elif report.due_at:
        yield _("Resolve by"), public_words.moment(report.due_at)


def _answers(category, report: Report) -> Iterable[tuple[str, str]]:
    for row in form_context.answered(category, report.answers) if category else ():
        yield public_words.local(row["question"], "text"), readable(str(row["answer"]))


def _safety(category, report: Report) -> Iterable[str]:
    kind, group = (category.code, category.parent_code or "") if category else ("", "")
    for note in safety.notes(kind, group, report.severity, report.answers):
        yield str(own_words.SAFETY[note])
    yield str(own_words.GEAR)


def _earlier(category, report: Report, now: datetime) -> Iterable[str]:
    """What was reported of the same group at this spot, nearest first, and how it ended."""
    if category is None:
        return
    near = selectors_nearby.nearby(
        [category.parent_code or category.code],
        report.latitude,
        report.longitude,
        _EARLIER_WITHIN_M,
        now - _EARLIER_SINCE,
        limit=_EARLIER_SHOWN + 1,
    )
    for item in [item for item in near if item.report.pk != report.pk][:_EARLIER_SHOWN]:
        yield _earlier_line(item)


def _earlier_line(item: selectors_nearby.Near) -> str:
    other: Any = item.report
    how = "resolved" if other.resolved_at else "open" if other.is_open else "ended"
    return str(own_words.EARLIER[how]) % {
        "code": other.spoken_code,
        "kind": story_words.category_name(other),
        "distance": round(item.distance_m),
        "day": story_words.day(other.created_at),
        "resolved": story_words.day(other.resolved_at) if other.resolved_at else "",
    }


def _photos(report: Report) -> list[Photo]:
    """The problem's own first, then what was added; as they are served, black areas included."""
    ready = [item for item in report.photos.all() if item.state == Photo.State.READY]
    before = [item for item in ready if item.kind != Photo.Kind.REPAIR]
    return sorted(before, key=lambda item: (item.kind != Photo.Kind.REPORT, item.pk))[:PHOTOS]
