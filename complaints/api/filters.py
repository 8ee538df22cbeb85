"""The list of reports: what is asked for, checked value by value, and where a page ends."""

import base64
import binascii
import math
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import h3.api.basic_int as h3
from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import is_naive, make_aware
from django.utils.translation import gettext_lazy as _

from city import snapshot as city
from complaints.api.problems import Problem
from complaints.domain import workflow
from complaints.models import Report

DEFAULT_LIMIT, MAX_LIMIT = 50, 200
MAX_VALUES = 50  # of one filter, separated by commas
# A box of up to this many cells is read by the cell index; a larger one holds a fair share of the city,
# so that reading newest first finds a page soon.
MAX_CELLS = 128
_CELL_KM2 = 0.1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SENTENCES = {
    "bbox_invalid": _("Write bbox=minLon,minLat,maxLon,maxLat in degrees, the smaller values first."),
    "category_unknown": _("There is no such category; /api/v1/categories/ lists them."),
    "area_unknown": _("There is no such area; /api/v1/areas/ lists them."),
    "department_unknown": _("There is no such department; /api/v1/departments/ lists them."),
    "status_unknown": _("There is no such status; the documentation lists them."),
    "since_invalid": _("Write a date or a time like 2026-09-15T09:00:00+07:00."),
    "limit_invalid": _("Write a number from 1 to 200."),
    "cursor_invalid": _("Use the address in next of the page before, unchanged."),
    "parameter_unknown": _("This parameter is not known; is it misspelled?"),
    "level_unknown": _("Levels are city, kecamatan and kelurahan."),
    "too_many_values": _("At most 50 values fit."),
}


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last report of a page: the next one begins after it."""

    created_at: datetime
    report_id: int

    def encode(self) -> str:
        micros = (self.created_at - _EPOCH) // timedelta(microseconds=1)
        return base64.urlsafe_b64encode(struct.pack(">qq", micros, self.report_id)).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> "Cursor":
        """Raises ValueError for anything that `encode` did not write."""
        try:
            micros, report_id = struct.unpack(">qq", base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            return cls(_EPOCH + timedelta(microseconds=micros), report_id)
        except (binascii.Error, struct.error, OverflowError) as exc:
            raise ValueError(text) from exc


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page of reports: `condition` without the cursor, `limit` rows."""

    condition: Q
    cursor: Cursor | None
    limit: int

    def rows(self, reports: QuerySet[Report]) -> QuerySet[Report]:
        """The page's rows and one more, newest first."""
        reports = reports.filter(self.condition)
        if self.cursor is not None:
            at, last_id = self.cursor.created_at, self.cursor.report_id
            # The first comparison lets the database start in the index where the page begins.
            reports = reports.filter(created_at__lte=at).exclude(created_at=at, id__gte=last_id)
        return reports.order_by("-created_at", "-id")[: self.limit + 1]


def read(params) -> Wanted:
    """The query parameters; empty ones do not count. Raises Problem with every faulty one named."""
    condition, faults, cursor, limit = Q(), {}, None, DEFAULT_LIMIT
    for name, text in params.items():
        try:
            if name in _FILTERS:
                condition &= _FILTERS[name](text.strip()) if text.strip() else Q()
            elif name == "limit":
                limit = _limit(text)
            elif name == "cursor":
                cursor = Cursor.decode(text) if text else None
            else:
                raise _Fault("parameter_unknown")
        except _Fault as fault:
            faults[name[:60]] = (fault.code, SENTENCES[fault.code])
        except ValueError:
            faults[name] = (f"{name}_invalid", SENTENCES[f"{name}_invalid"])
    if faults:
        raise Problem("parameters_invalid", errors=faults)
    return Wanted(condition, cursor, limit)


class _Fault(Exception):
    def __init__(self, code: str):
        self.code = code
        super().__init__(code)


def _values(text: str) -> list[str]:
    values = [value.strip() for value in text.split(",") if value.strip()]
    if len(values) > MAX_VALUES:
        raise _Fault("too_many_values")
    return values


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 4 and 1 <= int(text) <= MAX_LIMIT):
        raise ValueError(text)
    return int(text)


def _category(text: str) -> Q:
    categories, ids = city.current().categories, set()
    for code in _values(text):
        if code not in categories:
            raise _Fault("category_unknown")
        ids.update(item.id for item in categories.values() if code in (item.code, item.parent_code))
    return Q(category_id__in=sorted(ids))


def _area(text: str) -> Q:
    areas, ids = city.current().areas, set()
    for code in _values(text):
        area = areas.get(code)
        if area is None or area.level not in ("city", "kecamatan", "kelurahan"):
            raise _Fault("area_unknown")
        if area.level == "city":
            return Q()
        ids.update(item.id for item in areas.values() if code in (item.code, item.parent_code))
    return Q(area_id__in=sorted(ids))


def _department(text: str) -> Q:
    departments = city.current().departments
    codes = _values(text)
    if any(code not in departments for code in codes):
        raise _Fault("department_unknown")
    return Q(department_id__in=[departments[code].id for code in codes])


def _status(text: str) -> Q:
    statuses = _values(text)
    if any(status not in workflow.STATUSES for status in statuses):
        raise _Fault("status_unknown")
    return Q(status__in=statuses)


def _since(text: str) -> Q:
    at = parse_datetime(text.replace(" ", "+"))  # an unescaped + arrives as a space
    if at is None:
        day = parse_date(text)
        if day is None:
            raise ValueError(text)
        at = datetime(day.year, day.month, day.day)
    at = make_aware(at) if is_naive(at) else at
    try:
        return Q(created_at__gte=at.astimezone(UTC))
    except OverflowError as exc:
        raise ValueError(text) from exc


def _bbox(text: str) -> Q:
    west, south, east, north = (float(part) for part in text.split(","))
    in_world = -180 <= west <= east <= 180 and -90 <= south <= north <= 90
    if not in_world:  # NaN compares false
        raise ValueError(text)
    box = Q(longitude__range=(west, east), latitude__range=(south, north))
    width_km = 111.32 * (east - west) * math.cos(math.radians((south + north) / 2))
    if (width_km + 0.5) * (111.32 * (north - south) + 0.5) > MAX_CELLS * _CELL_KM2:
        return box
    corners = [(south, west), (south, east), (north, east), (north, west)]
    cells = h3.h3shape_to_cells_experimental(h3.LatLngPoly(corners), 9, contain="bbox_overlap")
    return box & Q(h3_r9__in=sorted(cells))


_FILTERS = {
    "bbox": _bbox,
    "category": _category,
    "status": _status,
    "area": _area,
    "department": _department,
    "since": _since,
}
