"""pack.yaml: the city's name, its middle, its default calendar, its emergency numbers."""

from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from city.models import PackRecord
from city.services.pack.fields import Fields
from city.services.pack.files import Items
from city.services.pack.merge import CREATED, UNCHANGED, UPDATED, Merge

FILE = "pack.yaml"
RECORD = "city"  # kind and key of the record; `city.snapshot_build` reads it
_KEYS = (
    *("name", "name_en", "title", "title_en", "time_zone", "default_calendar", "centre", "zoom", "bounds"),
    *("emergency_numbers", "attributions"),
)


def validate(pack) -> dict | None:
    content = pack.files.yaml(FILE)
    if content is None:
        return None
    fields = Fields(content, pack.mistakes)
    fields.only(_KEYS)
    latitude, longitude = _numbers(fields, "centre", ((-90, 90), (-180, 180)))
    bounds = _numbers(fields, "bounds", ((-180, 180), (-90, 90), (-180, 180), (-90, 90)))
    if None not in bounds and not (bounds[0] < bounds[2] and bounds[1] < bounds[3]):
        fields.fault("bounds", "bad_bounds", _("“bounds” must be west, south, east, north."))
    return {
        "name": fields.text("name", required=True, max_length=80),
        "name_en": fields.text("name_en", required=True, max_length=80),
        "title": fields.text("title", required=True, max_length=80),
        "title_en": fields.text("title_en", required=True, max_length=80),
        "time_zone": _time_zone(fields),
        "default_calendar": fields.known(
            "default_calendar", pack.codes("calendar"), _("calendar"), required=True
        ),
        "centre_latitude": latitude,
        "centre_longitude": longitude,
        "zoom": fields.whole("zoom", 1, 19, default=12),
        "bounds": list(bounds),
        "emergency_numbers": [_number(block, pack) for block in fields.blocks("emergency_numbers")],
        "attributions": fields.texts("attributions"),
    }


def _time_zone(fields: Fields) -> str:
    name = fields.text("time_zone", required=True)
    try:
        ZoneInfo(name or "UTC")
    except (ValueError, OSError, KeyError):
        fields.fault("time_zone", "bad_time_zone", _("“%(name)s” is not a time zone.") % {"name": name})
        return "UTC"
    return name


def _numbers(fields: Fields, key: str, limits) -> tuple[float | None, ...]:
    """A list of numbers, each within its limits."""
    value = fields.block.get(key)
    if (
        not isinstance(value, Items)
        or len(value) != len(limits)
        or not all(
            isinstance(number, (int, float)) and low <= number <= high
            for number, (low, high) in zip(value, limits, strict=True)
        )
    ):
        shape = ", ".join(f"{low}…{high}" for low, high in limits)
        fields.fault(
            key,
            "bad_numbers",
            _("“%(key)s” must be a list of numbers: [%(shape)s].") % {"key": key, "shape": shape},
        )
        return (None,) * len(limits)
    return tuple(float(number) for number in value)


def _number(block, pack) -> dict:
    fields = Fields(block, pack.mistakes)
    fields.only(["number", "name", "name_en"])
    return {
        "number": fields.text("number", required=True, max_length=20),
        "name": fields.text("name", required=True, max_length=120),
        "name_en": fields.text("name_en", required=True, max_length=120),
    }


def apply(values: dict, merge: Merge) -> None:
    """The values live in a record of their own: nothing else of them is in the database."""
    counts = merge.counter("city")
    record = PackRecord.objects.filter(pack=merge.pack, kind=RECORD, key=RECORD).first()
    if record is not None and record.values == values:
        counts[UNCHANGED] += 1
        return
    PackRecord.objects.update_or_create(pack=merge.pack, kind=RECORD, key=RECORD, defaults={"values": values})
    counts[UPDATED if record else CREATED] += 1
