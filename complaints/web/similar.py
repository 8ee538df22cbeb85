"""Open reports that may be about the same trouble, as the form, the preview and the call centre show them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from city import snapshot as city
from city.snapshot import CategoryInfo
from complaints import selectors_nearby
from complaints.models import Report
from complaints.web import words

LIMIT = 5


@dataclass(frozen=True, slots=True)
class SimilarReport:
    """`distance` and `due` are empty where nothing is known; names are in the reader's language."""

    report: Report
    category: Any
    area: str
    distance: str
    age: str
    department: str
    due: str
    picture: UUID | None


def at_point(category: CategoryInfo, latitude: float, longitude: float, now: datetime) -> list[SimilarReport]:
    """Nearest first. At most three queries."""
    found = selectors_nearby.similar(category, latitude, longitude, now=now, limit=LIMIT)
    return _rows([(near.report, words.distance(near.distance_m)) for near in found], now)


def in_area(category: CategoryInfo, area_id: int, now: datetime) -> list[SimilarReport]:
    """For who knows only the kelurahan: newest first. At most two queries."""
    found = selectors_nearby.similar_in_area(category, area_id, now=now, limit=LIMIT)
    return _rows([(report, "") for report in found], now)


def one(report: Report, now: datetime) -> SimilarReport:
    """A report that was chosen. One query."""
    return _rows([(report, "")], now)[0]


def _rows(found: list[tuple[Report, str]], now: datetime) -> list[SimilarReport]:
    if not found:
        return []
    pictures = selectors_nearby.first_pictures(report.pk for report, _distance in found)
    return [_row(report, distance, pictures.get(report.pk), now) for report, distance in found]


def _row(report: Report, distance: str, picture: UUID | None, now: datetime) -> SimilarReport:
    snap = city.current()
    area = snap.areas_by_id.get(report.area_id)
    department = snap.departments_by_id.get(report.department_id)
    return SimilarReport(
        report=report,
        category=snap.categories_by_id.get(report.category_id),
        area=area.name if area else "",
        distance=distance,
        age=words.span(now - report.created_at),
        department=words.local(department) if department else "",
        due=words.due(report, now),
        picture=picture,
    )
