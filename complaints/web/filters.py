"""The filters that list and map share, read from the address."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import QuerySet

from city import snapshot as city
from complaints import selectors
from complaints.domain import workflow
from complaints.models import Report


@dataclass(frozen=True, slots=True)
class Filters:
    """Codes as they stand in the address; unknown ones were dropped."""

    state: str = ""
    category: str = ""  # a kind or a group
    area: str = ""  # a kelurahan or a kecamatan
    department: str = ""

    def __bool__(self) -> bool:
        return any((self.state, self.category, self.area, self.department))

    def query(self) -> str:
        """The filters as a query string, for links."""
        pairs = {
            "status": self.state,
            "kategori": self.category,
            "wilayah": self.area,
            "dinas": self.department,
        }
        return urlencode({key: value for key, value in pairs.items() if value})

    def category_ids(self) -> list[int]:
        """The kinds meant by the category filter (a group means all of its kinds)."""
        categories = city.current().categories.values()
        return [item.id for item in categories if self.category in (item.code, item.parent_code)]

    def area_ids(self) -> list[int]:
        areas = city.current().areas.values()
        return [item.id for item in areas if self.area in (item.code, item.parent_code)]


def read(params) -> Filters:
    """Filters from a QueryDict; a value that names nothing is ignored."""
    snap = city.current()
    state, category = params.get("status", ""), params.get("kategori", "")
    area, department = params.get("wilayah", ""), params.get("dinas", "")
    known_area = snap.areas.get(area)
    return Filters(
        state=state if state in workflow.MAP_STATES else "",
        category=category if category in snap.categories else "",
        area=area if known_area and known_area.level in ("kecamatan", "kelurahan") else "",
        department=department if department in snap.departments else "",
    )


def apply(filters: Filters) -> QuerySet[Report]:
    """The public reports that pass."""
    reports = selectors.public_reports()
    if filters.state:
        reports = reports.filter(status__in=selectors.statuses_of_map_state(filters.state))
    if filters.category:
        reports = reports.filter(category_id__in=filters.category_ids())
    if filters.area:
        reports = reports.filter(area_id__in=filters.area_ids())
    if filters.department:
        reports = reports.filter(department_id=city.current().departments[filters.department].id)
    return reports
