"""The filters that list and map share, read from the address."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils import timezone

from city import snapshot as city
from complaints import selectors
from complaints.domain import workflow
from complaints.models import Report
from complaints.web.boxes import BadBox, Box, parse_box
from complaints.web.map_setup import city_box

LATE, REOPENED = "telat", "dibuka-lagi"
ONLY = (LATE, REOPENED)
TODAY = "hari-ini"
NEWER_THAN_DAYS = {"7-hari": 7, "30-hari": 30}
OPEN_FOR_DAYS = {"terbuka-30": 30, "terbuka-90": 90}
AGES = (TODAY, *NEWER_THAN_DAYS, *OPEN_FOR_DAYS)
NEWEST, LONGEST_OPEN = "", "lama"
RADII_M = (500, 1_000, 2_000, 5_000)
DEFAULT_RADIUS_M = 1_000
# About 100 m: enough to find what is near, too little to find a door.
NEAR_DECIMALS = 3
_PAUSED = (workflow.WAITING, workflow.SCHEDULED)


@dataclass(frozen=True, slots=True)
class Filters:
    """Codes as they stand in the address; unknown ones were dropped."""

    states: tuple[str, ...] = ()  # of workflow.MAP_STATES, any of them
    only: tuple[str, ...] = ()  # of ONLY, all of them
    category: str = ""  # a kind or a group
    age: str = ""  # one of AGES
    area: str = ""  # a kelurahan or a kecamatan
    department: str = ""
    box: Box | None = None  # the list only: what the map showed
    near: tuple[float, float] | None = None  # the list only: latitude and longitude, rounded
    radius_m: int = DEFAULT_RADIUS_M
    order: str = NEWEST  # the list only

    def __bool__(self) -> bool:
        return bool(self.pairs(with_place=True))

    @property
    def is_counted_live(self) -> bool:
        """Whether they ask for what cannot be counted beforehand, because it changes with the clock."""
        return bool(self.age or self.only)

    def pairs(self, *, with_place: bool) -> list[tuple[str, str]]:
        """Names and values as in an address; `with_place` adds what only the list knows."""
        pairs = [("status", state) for state in self.states]
        pairs += [("hanya", value) for value in self.only]
        pairs += [
            ("kategori", self.category),
            ("umur", self.age),
            ("wilayah", self.area),
            ("dinas", self.department),
        ]
        if with_place:
            pairs += [("bbox", self.box.text() if self.box else "")]
            if self.near:
                pairs += [("dekat", self.near_text())]
                pairs += [("jarak", str(self.radius_m))]
        return [(name, value) for name, value in pairs if value]

    def near_text(self) -> str:
        """`near` as in an address; empty without."""
        return ",".join(f"{value:.{NEAR_DECIMALS}f}" for value in self.near or ())

    def query(self) -> str:
        """What list and map share, as a query string."""
        return urlencode(self.pairs(with_place=False))

    def list_query(self) -> str:
        """The same with the list's place and order."""
        pairs = self.pairs(with_place=True)
        return urlencode([*pairs, ("urut", self.order)] if self.order else pairs, safe=",")

    def without(self, name: str, value: str = "") -> "Filters":
        """These filters less one (one value of it, where several may stand)."""
        if name in ("states", "only"):
            return replace(self, **{name: tuple(item for item in getattr(self, name) if item != value)})
        return replace(self, **{name: None if name in ("box", "near") else ""})

    def category_ids(self) -> list[int]:
        """The kinds meant by the category filter (a group means all of its kinds)."""
        categories = city.current().categories.values()
        return [item.id for item in categories if self.category in (item.code, item.parent_code)]

    def area_ids(self) -> list[int]:
        areas = city.current().areas.values()
        return [item.id for item in areas if self.area in (item.code, item.parent_code)]

    def department_id(self) -> int:
        return city.current().departments[self.department].id


def read(params) -> Filters:
    """Filters from a QueryDict; a value that names nothing is ignored."""
    snap = city.current()
    category, area, department = (params.get(name, "") for name in ("kategori", "wilayah", "dinas"))
    known_area = snap.areas.get(area)
    states, only = params.getlist("status"), params.getlist("hanya")
    radius = params.get("jarak", "")
    return Filters(
        states=tuple(state for state in workflow.MAP_STATES if state in states),
        only=tuple(value for value in ONLY if value in only),
        category=category if category in snap.categories else "",
        age=params.get("umur", "") if params.get("umur", "") in AGES else "",
        area=area if known_area and known_area.level in ("kecamatan", "kelurahan") else "",
        department=department if department in snap.departments else "",
        box=_box(params.get("bbox", "")),
        near=_near(params.get("dekat", "")),
        radius_m=int(radius) if radius in map(str, RADII_M) else DEFAULT_RADIUS_M,
        order=LONGEST_OPEN if params.get("urut") == LONGEST_OPEN else NEWEST,
    )


def _box(text: str) -> Box | None:
    try:
        return parse_box(text) if text else None
    except BadBox:
        return None


def _near(text: str) -> tuple[float, float] | None:
    """A position, made coarse even if the browser has not."""
    try:
        latitude, longitude = (round(float(part), NEAR_DECIMALS) for part in text.split(","))
    except ValueError:
        return None
    inside = -90 <= latitude <= 90 and -180 <= longitude <= 180  # false for NaN
    return (latitude, longitude) if inside else None


def apply(filters: Filters, now: datetime) -> QuerySet[Report]:
    """The public reports that pass; all but the list's `near` and order."""
    reports = selectors.public_reports()
    if filters.states:
        wanted = {status for state in filters.states for status in selectors.statuses_of_map_state(state)}
        reports = reports.filter(status__in=sorted(wanted))
    if filters.category:
        reports = reports.filter(category_id__in=filters.category_ids())
    if filters.area:
        reports = reports.filter(area_id__in=filters.area_ids())
    if filters.department:
        reports = reports.filter(department_id=filters.department_id())
    if filters.box:
        reports = filters.box.cut(city_box()).narrow(reports)
    return _by_clock(reports, filters, now)


def _by_clock(reports: QuerySet[Report], filters: Filters, now: datetime) -> QuerySet[Report]:
    if LATE in filters.only:
        reports = reports.filter(is_open=True, due_at__lt=now).exclude(status__in=_PAUSED)
    if REOPENED in filters.only:
        # Written out: SQLite takes a partial index only for a condition it can read when it plans.
        reports = reports.extra(where=["complaints_report.reopen_count > 0"])
    if filters.age == TODAY:
        midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
        reports = reports.filter(created_at__gte=midnight)
    elif filters.age in NEWER_THAN_DAYS:
        reports = reports.filter(created_at__gte=now - timedelta(days=NEWER_THAN_DAYS[filters.age]))
    elif filters.age in OPEN_FOR_DAYS:
        before = now - timedelta(days=OPEN_FOR_DAYS[filters.age])
        reports = reports.filter(is_open=True, created_at__lt=before)
    return reports
