"""Reports as cards: what a list or the map shows of each, in a fixed number of queries."""

from django.db.models import Prefetch, QuerySet

from city import snapshot as city
from complaints.models import Photo, Report


def with_photos(reports: QuerySet[Report]) -> QuerySet[Report]:
    """The reports with their pictures that are ready, oldest first, in `ready_photos`."""
    ready = Photo.objects.filter(state=Photo.State.READY).order_by("id").defer("original", "sha256")
    return reports.prefetch_related(Prefetch("photos", queryset=ready, to_attr="ready_photos"))


def dress(reports: list[Report]) -> list[Report]:
    """Give each report the names a card shows, from the city in memory, and its first picture."""
    snap = city.current()
    for report in reports:
        report.kind = snap.categories_by_id.get(report.category_id)
        report.place = snap.areas_by_id.get(report.area_id)
        report.office = snap.departments_by_id.get(report.department_id)
        report.photo = next(iter(report.ready_photos), None)
    return reports


def pair(report: Report) -> bool:
    """Find the first picture of the problem and the last of the repair; whether there are both."""
    report.before = next((p for p in report.ready_photos if p.kind != Photo.Kind.REPAIR), None)
    report.after = next((p for p in reversed(report.ready_photos) if p.kind == Photo.Kind.REPAIR), None)
    return bool(report.before and report.after)
