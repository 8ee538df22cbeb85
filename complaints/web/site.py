"""What every page knows about the portal itself; asked rarely, kept per process."""

import time
from dataclasses import dataclass

from city import snapshot as city
from city.domain.info import CityInfo
from complaints.models import Report
from complaints.web import words

_KEEP_S = 60
_cached: tuple[float, "Site"] | None = None


@dataclass(frozen=True, slots=True)
class Site:
    info: CityInfo
    has_demo: bool

    @property
    def title(self) -> str:
        """The portal's name in the reader's language."""
        return words.local(self.info, "title") or "Lapor"


def current() -> Site:
    """Title and demonstration flag, at most a minute old."""
    global _cached
    if _cached is None or time.monotonic() - _cached[0] > _KEEP_S:
        _cached = (time.monotonic(), _read())
    return _cached[1]


def forget() -> None:
    """Ask again next time (tests)."""
    global _cached
    _cached = None


def _read() -> Site:
    # A demonstration is filed before anything else, so the first report tells without a scan.
    first = Report.objects.order_by("id").values_list("channel", flat=True).first()
    return Site(info=city.current().city, has_demo=first == Report.Channel.DEMO)
