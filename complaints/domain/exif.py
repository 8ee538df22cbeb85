"""Place and time from a photo's EXIF, believed only when plausible."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_GPS_IFD, _EXIF_IFD = 0x8825, 0x8769
_LAT_REF, _LAT, _LON_REF, _LON = 1, 2, 3, 4
_TAKEN, _TAKEN_OFFSET = 0x9003, 0x9011
_LOCAL = ZoneInfo("Asia/Jakarta")


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """WGS84 degrees and an aware time; None where the photo does not say or says nonsense."""

    latitude: float | None = None
    longitude: float | None = None
    taken_at: datetime | None = None


def read(image) -> PhotoFacts:
    """The facts of a Pillow image. Broken EXIF is common and never an error."""
    try:
        tags = image.getexif()
        gps = tags.get_ifd(_GPS_IFD)
        details = tags.get_ifd(_EXIF_IFD)
    except Exception:  # parsers of hostile bytes raise anything
        return PhotoFacts()
    latitude = _degrees(gps.get(_LAT), gps.get(_LAT_REF), 90)
    longitude = _degrees(gps.get(_LON), gps.get(_LON_REF), 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        latitude = longitude = None
    return PhotoFacts(latitude, longitude, _taken_at(details.get(_TAKEN), details.get(_TAKEN_OFFSET)))


def _degrees(parts, ref, limit: int) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
        value = degrees + minutes / 60 + seconds / 3600
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    if not math.isfinite(value) or value > limit:
        return None
    return -value if str(ref).strip("\x00 ").upper() in ("S", "W") else value


def _taken_at(text, offset) -> datetime | None:
    """EXIF times carry no zone unless OffsetTimeOriginal does; a camera here shows local time."""
    try:
        naive = datetime.strptime(str(text).strip("\x00 "), "%Y:%m:%d %H:%M:%S")
        if offset:
            return datetime.fromisoformat(naive.isoformat() + str(offset).strip("\x00 ")).astimezone(UTC)
        return naive.replace(tzinfo=_LOCAL).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
