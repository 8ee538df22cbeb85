"""The city in memory: an immutable picture of the reference data, one per process.

    from city import snapshot
    located = snapshot.current().locate(-6.99, 110.42)

A process asks for the version of the data at most every CITY_VERSION_MAX_AGE_S seconds and builds a new
picture when it changed. Whoever holds a picture may go on using it; nothing in it ever changes.
"""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from django.conf import settings

from city.domain.address import STREET_WITHIN_M, nearest_landmark, nearest_street
from city.domain.calendar import Calendar
from city.domain.gazetteer import Gazetteer
from city.domain.info import (
    Address,
    AreaInfo,
    CategoryInfo,
    ChoiceInfo,
    CityInfo,
    DepartmentInfo,
    Landmark,
    LineHit,
    Located,
    NamedRoad,
    Outside,
    QuestionInfo,
)
from city.domain.places import (
    AreaIndex,
    LineIndex,
    Projection,
    enclosed_gaps,
    great_circle_m,
    is_place,
)
from city.domain.quiet import QuietWindow
from city.domain.street_names import normalise
from city.domain.suggest import NO_WORDS, Suggester, Suggestion

__all__ = [
    "NEAREST_AREA_WITHIN_M",
    "Address",
    "AreaInfo",
    "CategoryInfo",
    "ChoiceInfo",
    "CityInfo",
    "CitySnapshot",
    "DepartmentInfo",
    "Gazetteer",
    "Landmark",
    "LineHit",
    "Located",
    "NamedRoad",
    "Outside",
    "QuestionInfo",
    "Suggestion",
    "current",
    "invalidate",
    "recheck",
]

# A point in a gap between boundaries or just off the coast belongs to the nearest area this close.
NEAREST_AREA_WITHIN_M = 300.0
# Farther than this the flat plane is no longer good enough to say how far away a point is.
_FLAT_WITHIN_M = 100_000.0


class CitySnapshot:
    """Reference data and place look-ups at one version. Build it with `city.snapshot_build.build`."""

    def __init__(
        self,
        *,
        version,
        boundaries_version,
        city,
        categories,
        departments,
        areas,
        places,
        calendars,
        landmarks,
        make_gazetteer,
        words=NO_WORDS,
        quiet_hours=None,
    ):
        self.version: int = version
        self.boundaries_version: int = boundaries_version
        self.city: CityInfo = city
        self.categories: Mapping[str, CategoryInfo] = _frozen(categories, "code")
        self.categories_by_id: Mapping[int, CategoryInfo] = _frozen(categories, "id")
        # `departments` has the active ones; by id there are all, because old reports name them.
        self.departments: Mapping[str, DepartmentInfo] = _frozen(
            [department for department in departments if department.is_active], "code"
        )
        self.departments_by_id: Mapping[int, DepartmentInfo] = _frozen(departments, "id")
        self.areas: Mapping[str, AreaInfo] = _frozen(areas, "code")
        self.areas_by_id: Mapping[int, AreaInfo] = _frozen(areas, "id")
        self._places: Places = places
        self._calendars: Mapping[str, Calendar] = MappingProxyType(dict(calendars))
        self.landmarks: tuple[Landmark, ...] = tuple(landmarks)
        self._make_gazetteer: Callable[[], Gazetteer] = make_gazetteer
        self._gazetteer: Gazetteer | None = None
        self._gazetteer_lock = threading.Lock()
        self._suggester = Suggester(categories, words)
        # When a channel's messages wait, by channel; a channel that is not there never waits.
        self.quiet_hours: Mapping[str, QuietWindow] = MappingProxyType(dict(quiet_hours or {}))

    @property
    def gazetteer(self) -> Gazetteer:
        """All named places. Made at the first search (workers never search), without a query."""
        if self._gazetteer is None:
            with self._gazetteer_lock:
                if self._gazetteer is None:
                    self._gazetteer = self._make_gazetteer()
        return self._gazetteer

    def locate(self, latitude: float, longitude: float) -> Located | Outside:
        """The kelurahan a point lies in, or whose it is if it lies outside the city."""
        return self._places.locate(latitude, longitude)

    def distance_to_kelurahan_m(self, code: str, latitude: float, longitude: float) -> float | None:
        """Metres from a point to a kelurahan, 0 inside it; None for an unknown code or no place on Earth."""
        return self._places.distance_to_kelurahan_m(code, latitude, longitude)

    def lines_near(
        self, kind: str, latitude: float, longitude: float, radius_m: float, *, on: date | None = None
    ) -> list[LineHit]:
        """Roads (`kind` "road") or waterways ("water") within `radius_m` that are owned on that day (today
        unless told), nearest first."""
        if not is_place(latitude, longitude):
            return []
        day = on or self.today()
        return self._places.lines_near(kind, latitude, longitude, radius_m, day)

    def address(self, latitude: float, longitude: float) -> Address:
        """What to say of a point: the nearest named road if it is near, the areas, or that it is outside."""
        located = self.locate(latitude, longitude)
        if isinstance(located, Outside):
            return Address(outside=located)
        hits = self.lines_near("road", latitude, longitude, STREET_WITHIN_M)
        street, distance_m = nearest_street(hits)
        kelurahan = self.areas[located.area_code]
        return Address(
            street,
            distance_m,
            kelurahan.code,
            kelurahan.parent_code,
            located.distance_m,
            landmark=nearest_landmark(self.landmarks, latitude, longitude),
        )

    def roads_named(
        self, name: str, kecamatan_code: str | None, *, on: date | None = None
    ) -> list[NamedRoad]:
        """Roads without geometry that bear this name in that kecamatan (in all, if None), as owned on that
        day (today unless told).

        `name` may go on after the street's name ("Jl. Gaharu Utara depan balai RW"): the longest road name
        that it begins with counts.
        """
        day = on or self.today()
        return [road for road in self._places.roads_named(name, kecamatan_code) if road.is_owned_on(day)]

    @property
    def calendars(self) -> Mapping[str, Calendar]:
        """All work calendars by code."""
        return self._calendars

    def today(self) -> date:
        """The day it is in the city."""
        return datetime.now(ZoneInfo(self.city.time_zone)).date()

    def suggest_categories(self, text: str, limit: int = 5) -> list[Suggestion]:
        """The kinds of problem that a person's own words may mean, likeliest first."""
        return self._suggester.suggest(text, limit)

    def calendar(self, code: str | None = None) -> Calendar:
        """The work calendar with this code; the city's default for None or an unknown code."""
        found = self._calendars.get(code or self.city.default_calendar)
        return found or self._calendars.get(self.city.default_calendar) or _FALLBACK_CALENDAR


class Places:
    """The place look-ups of one snapshot."""

    def __init__(self, *, projection, kelurahan, neighbours, neighbour_infos, lines, named_roads):
        self._projection: Projection = projection
        self._areas = AreaIndex(kelurahan, projection)
        self._neighbours = AreaIndex(neighbours, projection)
        # Gaps that the city encloses on all sides are the city's, whatever a neighbour's map says.
        self._gaps = AreaIndex(enclosed_gaps([shape for _code, shape in kelurahan]), projection)
        self._neighbour_infos: Mapping[str, AreaInfo] = neighbour_infos
        # kind → (index, per line: its hit without distance, first day, last day)
        self._lines = {
            kind: (
                LineIndex([geometry for geometry, *_rest in items], projection),
                [item[1:] for item in items],
            )
            for kind, items in lines.items()
        }
        self._named: dict[str, list[NamedRoad]] = {}
        for road in named_roads:
            self._named.setdefault(normalise(road.name), []).append(road)

    def locate(self, latitude: float, longitude: float) -> Located | Outside:
        if not is_place(latitude, longitude):
            return Outside()
        code = self._areas.containing(latitude, longitude)
        if code is not None:
            return Located(code)
        nearest = self._areas.nearest(latitude, longitude)
        if nearest is None:
            return Outside()
        if self._gaps.containing(latitude, longitude) is not None:
            return Located(*nearest)
        neighbour = self._neighbours.containing(latitude, longitude)
        if neighbour is None and nearest[1] <= NEAREST_AREA_WITHIN_M:
            other = self._neighbours.nearest(latitude, longitude)
            if other is None or nearest[1] <= other[1]:
                return Located(*nearest)
            neighbour = other[0]
        return self._outside(latitude, longitude, neighbour, nearest[1])

    def distance_to_kelurahan_m(self, code: str, latitude: float, longitude: float) -> float | None:
        return self._areas.distance_m(code, latitude, longitude) if is_place(latitude, longitude) else None

    def _outside(self, latitude, longitude, neighbour: str | None, distance_m: float) -> Outside:
        if distance_m > _FLAT_WITHIN_M:
            centre = self._projection
            distance_m = great_circle_m(latitude, longitude, centre.latitude, centre.longitude)
        info = self._neighbour_infos.get(neighbour)
        if info is None:
            return Outside(distance_m=distance_m)
        return Outside(info.regency or info.name, info.name, info.portal_url or None, distance_m)

    def lines_near(self, kind, latitude, longitude, radius_m, day) -> list[LineHit]:
        if kind not in self._lines:
            return []
        index, details = self._lines[kind]
        hits = []
        for near in index.within(latitude, longitude, radius_m):
            values, first_day, last_day = details[near.index]
            if (first_day is None or first_day <= day) and (last_day is None or day <= last_day):
                hits.append(LineHit(distance_m=near.distance_m, **values))
        return hits

    def roads_named(self, name: str, kecamatan_code: str | None) -> list[NamedRoad]:
        words = normalise(name).split()
        for count in range(len(words), 0, -1):
            roads = self._named.get(" ".join(words[:count]), [])
            found = [road for road in roads if kecamatan_code in (None, road.kecamatan_code)]
            if found:
                return found
        return []


def _frozen(items, key: str) -> Mapping:
    return MappingProxyType({getattr(item, key): item for item in items})


_OFFICE_DAY = ((8 * 60, 16 * 60),)
# Used only where no calendar was loaded, so that a promise can be made at all.
_FALLBACK_CALENDAR = Calendar((_OFFICE_DAY,) * 5 + ((), ()))

_lock = threading.Lock()
_snapshot: CitySnapshot | None = None
_checked_at = 0.0  # time.monotonic()


def current() -> CitySnapshot:
    """The city as it is now (or was at most CITY_VERSION_MAX_AGE_S ago). One query when that has passed."""
    known = _snapshot
    if known is not None and time.monotonic() - _checked_at < settings.CITY_VERSION_MAX_AGE_S:
        return known
    # While one thread builds, the others go on with the old picture, if there is one.
    if not _lock.acquire(blocking=known is None):
        return known
    try:
        return _refresh()
    finally:
        _lock.release()


def _refresh() -> CitySnapshot:
    global _snapshot, _checked_at
    from city import snapshot_build

    known, asked_at = _snapshot, time.monotonic()
    versions = snapshot_build.versions()
    if known is None or (known.version, known.boundaries_version) != versions:
        known = snapshot_build.build(*versions)
    _snapshot, _checked_at = known, asked_at
    return known


def invalidate() -> None:
    """Forget the picture; the next `current()` builds a new one."""
    global _snapshot
    _snapshot = None


def recheck() -> None:
    """Keep the picture, but let the next `current()` ask whether it is still the right one."""
    global _checked_at
    _checked_at = float("-inf")
