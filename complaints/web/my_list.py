"""The reports a browser speaks for, what waits for their reporter first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from city import snapshot as city
from complaints import selectors_incident
from complaints.domain import workflow
from complaints.models import Event, Report
from complaints.web import words

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Mine:
    """One line. `asks` is what waits for the reporter, else empty; `department` may be None."""

    report: Report
    category: Any
    area: Any
    department: Any
    asks: str
    due: str
    is_withdrawn: bool


@dataclass(frozen=True, slots=True)
class MyPage:
    """`number` counts from 1; `waiting` is how many of all reports wait for their reporter."""

    items: list[Mine]
    total: int
    waiting: int
    number: int
    pages: int


def page(remembered: dict[str, int], number: int, now: datetime) -> MyPage:
    """A page of the reports in `remembered` (code → link version) whose link still holds.

    First what waits for the reporter, then what is open, then what has ended; the newest first in each.
    Two queries, however many there are. A merged report stands as its primary does.
    """
    found = Report.objects.filter(code__in=list(remembered))
    mine = [
        selectors_incident.shown(report)
        for report in found.select_related("merged_into").defer("description", "answers")
        if remembered[report.code] == report.link_version
    ]
    mine.sort(key=lambda report: (_rank(report), -report.created_at.timestamp()))
    pages = max(1, -(-len(mine) // PAGE_SIZE))
    number = min(max(number, 1), pages)
    shown = mine[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    return MyPage(
        items=_lines(shown, now),
        total=len(mine),
        waiting=sum(_rank(report) == 0 for report in mine),
        number=number,
        pages=pages,
    )


def _waits_for_reporter(report: Report) -> bool:
    asked = report.status == workflow.WAITING and report.waiting_on == Report.WaitingOn.REPORTER
    return asked or report.status in workflow.AWAITING_CONFIRMATION


def _rank(report: Report) -> int:
    if _waits_for_reporter(report):
        return 0
    return 1 if report.is_open else 2


def _lines(reports: list[Report], now: datetime) -> list[Mine]:
    snap = city.current()
    rejected = [report.pk for report in reports if report.status == workflow.REJECTED]
    withdrawn = set(
        Event.objects.filter(report__in=rejected, kind=Event.Kind.WITHDRAWN).values_list(
            "report_id", flat=True
        )
    )
    return [
        Mine(
            report=report,
            category=snap.categories_by_id.get(report.category_id),
            area=snap.areas_by_id.get(report.area_id),
            department=snap.departments_by_id.get(report.department_id),
            asks=_asks(report),
            due=words.due(report, now),
            is_withdrawn=report.pk in withdrawn,
        )
        for report in reports
    ]


def _asks(report: Report) -> str:
    if not _waits_for_reporter(report):
        return ""
    if report.status == workflow.WAITING:
        return _("The office asks you something.")
    return _("Is it really fixed? You have the last word.")
