"""Searching a place: the city's own gazetteer, or by setting a server outside with the gazetteer behind it.

`GEOCODER` names a class by its dotted path; when it raises GeocoderFailed, the gazetteer answers instead.
What people type then leaves the portal: the default asks nobody.
"""

import json
import logging
import math
import time
import urllib.error
import urllib.request
from functools import lru_cache
from typing import Protocol
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.utils.module_loading import import_string

from city import snapshot
from city.domain.gazetteer import MIN_QUERY_CHARS, MOST_RESULTS, Entry

logger = logging.getLogger(__name__)

MAX_QUERY_CHARS = 120
GEOCODED = "geocoded"  # the kind of an entry that a server outside found
TIMEOUT_S = 2.0  # somebody is typing
_MAX_ANSWER_BYTES = 500_000
# After a failure the server is left alone for a while: nobody waits for it at every letter.
REST_AFTER_FAILURE_S = 60.0


class GeocoderFailed(Exception):
    """The server did not answer, or not in a way that can be understood."""


class Geocoder(Protocol):
    """Finds places in the city. Raises GeocoderFailed."""

    def search(self, query: str, limit: int) -> list[Entry]: ...


class GazetteerGeocoder:
    """The city's own names; never fails, asks nobody."""

    def search(self, query: str, limit: int) -> list[Entry]:
        return [found.entry for found in snapshot.current().gazetteer.search(query, limit)]


class NominatimGeocoder:
    """A server that speaks Nominatim's search (https://nominatim.org/release-docs/develop/api/Search/).

    Only what lies in the city comes back. A result without a box is taken to be exact to 100 m.
    """

    def __init__(self, url: str | None = None, timeout_s: float = TIMEOUT_S):
        """`url`: the server's address up to and without `/search`."""
        self.url = (url or settings.GEOCODER_URL).rstrip("/")
        self.timeout_s = timeout_s
        if urlsplit(self.url).scheme not in ("http", "https"):
            raise GeocoderFailed("GEOCODER_URL must be an http(s) address")

    def search(self, query: str, limit: int) -> list[Entry]:
        city = snapshot.current()
        west, south, east, north = city.city.bounds
        asked = {
            "q": query,
            "format": "jsonv2",
            "limit": limit,
            "viewbox": f"{west},{north},{east},{south}",
            "bounded": 1,
            "accept-language": "id",
        }
        rows = self._ask(f"{self.url}/search?{urlencode(asked)}")
        entries = [entry for entry in map(_entry, rows) if entry is not None]
        return [entry for entry in entries if _is_in_city(city, entry)][:limit]

    def _ask(self, address: str) -> list:
        request = urllib.request.Request(  # noqa: S310 - the scheme was checked
            address,
            headers={"User-Agent": f"lapor ({settings.PUBLIC_BASE_URL})", "Accept": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=self.timeout_s) as answer:  # noqa: S310
                content = answer.read(_MAX_ANSWER_BYTES + 1)
            rows = json.loads(content)
        except (OSError, ValueError, urllib.error.URLError) as fault:
            raise GeocoderFailed(str(fault)) from fault
        if len(content) > _MAX_ANSWER_BYTES or not isinstance(rows, list):
            raise GeocoderFailed("the answer is not a list of places")
        return rows


def _is_in_city(city, entry: Entry) -> bool:
    west, south, east, north = city.city.bounds
    in_box = west <= entry.longitude <= east and south <= entry.latitude <= north
    return in_box and city.address(entry.latitude, entry.longitude).outside is None


def _entry(row) -> Entry | None:
    """A place of the answer, or None if it cannot be used."""
    try:
        latitude, longitude = float(row["lat"]), float(row["lon"])
        name = str(row.get("name") or row["display_name"].split(",")[0]).strip()
        south, north, west, east = (float(value) for value in row.get("boundingbox") or [latitude] * 4)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    if not (name and math.isfinite(latitude) and math.isfinite(longitude)):
        return None
    if not row.get("boundingbox"):
        west = east = longitude
    half_m = math.hypot((north - south) * 110_574, (east - west) * 110_000) / 2
    is_point = half_m <= 300
    return Entry(
        key=f"{GEOCODED}:{latitude:.6f},{longitude:.6f}",
        kind=GEOCODED,
        name=name[:120],
        latitude=round(latitude, 6),
        longitude=round(longitude, 6),
        accuracy_m=float(round(max(half_m, 100.0 if half_m == 0 else 20.0), -1)),
        is_point=is_point,
        bbox=None if half_m == 0 else (west, south, east, north),
    )


@lru_cache(maxsize=4)
def _made(path: str, _url: str) -> Geocoder:
    return import_string(path)()


_resting_until = 0.0  # time.monotonic()


def search(query: str, limit: int = 8) -> list[Entry]:
    """Places for what was typed, best first, by the geocoder that the settings name.

    The gazetteer answers when that one fails or finds nothing. At most MAX_QUERY_CHARS are looked at.
    """
    query, limit = query[:MAX_QUERY_CHARS].strip(), max(1, min(limit, MOST_RESULTS))
    if len(query) < MIN_QUERY_CHARS:
        return []
    if settings.GEOCODER != settings.GAZETTEER and time.monotonic() >= _resting_until:
        found = _outside(query, limit)
        if found:
            return found
    return GazetteerGeocoder().search(query, limit)


def _outside(query: str, limit: int) -> list[Entry]:
    global _resting_until
    try:
        return _made(settings.GEOCODER, settings.GEOCODER_URL).search(query, limit)
    except GeocoderFailed as fault:
        _resting_until = time.monotonic() + REST_AFTER_FAILURE_S
        logger.warning("geocoder: %s; the gazetteer answers for %d s", fault, REST_AFTER_FAILURE_S)
        return []


def awake() -> None:
    """Ask the server outside again at once, whatever happened before."""
    global _resting_until
    _resting_until = 0.0


def by_key(key: str) -> Entry | None:
    """The place that an earlier search named so, or None. Of places from outside only the point is known."""
    if not key.startswith(f"{GEOCODED}:"):
        return snapshot.current().gazetteer.get(key)
    try:
        latitude, longitude = (float(part) for part in key.partition(":")[2].split(","))
    except ValueError:
        return None
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        return None
    return Entry(key, GEOCODED, "", latitude, longitude, 100.0, is_point=True)
