"""Taking down, while a photo's bytes are at hand, what a later check of a proof needs to know about them."""

from dataclasses import asdict
from typing import Any

from PIL import Image

from complaints.domain import picture_marks, picture_print

_TAGS = {"software": 0x0131, "make": 0x010F, "model": 0x0110, "description": 0x010E}
_EXIF_IFD, _USER_COMMENT = 0x8769, 0x9286
_GPS_IFD, _GPS_ERROR_M = 0x8825, 0x001F
_THUMB_PX = 64
_TEXT_MAX = 120


def take(content: bytes, image: Image.Image, upright: Image.Image) -> dict[str, Any]:
    """The trace of a photo as JSON. `image` is as opened (its metadata), `upright` decoded, in any size.

    Keys: `print` (signed; null where there is nothing to see), `is_blank`, `is_drawing`, the fields of
    picture_marks.Marks, `camera`, `accuracy_m`, `width`, `height`, `format`. No name of a file, no serial
    number, nobody's comment.
    """
    tags = _tags(image)
    chunks = frozenset(name for name in getattr(image, "text", {}) or {} if isinstance(name, str))
    marks = picture_marks.read(content, picture_format=image.format or "", tags=tags, chunks=chunks)
    return {
        **pixels(upright),
        **asdict(marks),
        "camera": " ".join(tags.get(name, "") for name in ("make", "model")).strip()[:_TEXT_MAX],
        "software": tags.get("software", "")[:_TEXT_MAX],
        "accuracy_m": _accuracy_m(image),
        "format": image.format or "",
    }


def pixels(image: Image.Image) -> dict[str, Any]:
    """The part of the trace that the pixels tell; also for a stored copy."""
    small = image.convert("RGB").resize((_THUMB_PX, _THUMB_PX), Image.Resampling.BOX)
    grey = image.convert("L").resize(picture_print.GRID, Image.Resampling.LANCZOS)
    greys = list(grey.tobytes())
    is_blank = picture_print.is_blank(greys)
    coarse = small.point(lambda value: value & 0b1110_0000)
    counts = [count for count, _colour in coarse.getcolors(_THUMB_PX * _THUMB_PX) or []]
    bits = picture_print.of_greys(greys)
    return {
        "print": None if is_blank else picture_print.signed(bits),
        "is_blank": is_blank,
        "is_drawing": picture_print.is_drawing(counts),
    }


def _tags(image: Image.Image) -> dict[str, str]:
    try:
        exif = image.getexif()
        found = {name: _text(exif.get(tag)) for name, tag in _TAGS.items()}
        found["comment"] = _text(exif.get_ifd(_EXIF_IFD).get(_USER_COMMENT))
    except Exception:  # parsers of hostile bytes raise anything
        return {}
    return found


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.replace(b"\x00", b"").removeprefix(b"ASCII").removeprefix(b"UNICODE")
        value = value.decode("utf-8", "replace")
    return " ".join("".join(c if c.isprintable() else " " for c in str(value or "")).split())


def _accuracy_m(image: Image.Image) -> float | None:
    """How exact the camera believed its position to be, metres (GPSHPositioningError)."""
    try:
        value = float(image.getexif().get_ifd(_GPS_IFD).get(_GPS_ERROR_M))
    except Exception:  # missing, or nonsense
        return None
    return round(value, 1) if 0 <= value < 1_000_000 else None
