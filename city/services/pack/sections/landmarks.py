"""landmarks.csv: well-known places by which people say where something is."""

import shapely
from django.utils.translation import gettext as _

from city.models import PackRecord
from city.services.pack.fields import Fields
from city.services.pack.files import Block
from city.services.pack.merge import CREATED, REMOVED, UNCHANGED, UPDATED, Merge

FILE = "landmarks.csv"
COLUMNS = ("code", "name", "kind", "area", "latitude", "longitude", "accuracy_m", "aliases", "basis")
RECORD = "landmarks"  # kind and key of the record; `city.snapshot_build` reads it
KINDS = frozenset(
    {
        *("airport", "bridge", "campus", "church", "clinic", "fire_station", "flood", "hospital", "hotel"),
        *("housing", "mall", "market", "monument", "mosque", "museum", "office", "park", "polder", "port"),
        *("power_station", "pump", "school", "sport", "station", "temple", "terminal", "tourism", "village"),
        *("waste", "water_office"),
    }
)
_DEGREES_PER_M = 1 / 110_574


def validate(pack) -> list[dict] | None:
    if not pack.files.exists(FILE):
        return None
    items = [_landmark(row, pack) for row in pack.files.csv(FILE, COLUMNS) or []]
    return [item for item in items if item]


def _landmark(row: Block, pack) -> dict | None:
    fields = Fields(row, pack.mistakes)
    fields.only(COLUMNS)
    code = fields.code(slug=True, max_length=60)
    if code in pack.codes("landmark"):
        fields.fault("code", "doubled_code", _("The code “%(code)s” stands here twice.") % {"code": code})
        return None
    pack.codes("landmark").add(code)
    item = {
        "code": code,
        "name": fields.text("name", required=True, max_length=120),
        "kind": fields.one_of("kind", KINDS),
        "latitude": fields.number("latitude", -90, 90, required=True),
        "longitude": fields.number("longitude", -180, 180, required=True),
        "accuracy_m": fields.number("accuracy_m", 1, 2000, required=True),
        "aliases": [name.strip() for name in fields.text("aliases").split(";") if name.strip()],
        "basis": fields.text("basis", required=True, max_length=200),
    }
    area = fields.known("area", pack.codes("kelurahan") | pack.codes("kecamatan"), _("area"))
    if None in (item["latitude"], item["longitude"], item["accuracy_m"]):
        return None
    _check_place(fields, item, area, pack)
    return item


def _check_place(fields: Fields, item: dict, area: str | None, pack) -> None:
    """It must lie in the city, and in (or within its accuracy of) the area that the row names."""
    point = shapely.Point(item["longitude"], item["latitude"])
    cities = [pack.boundaries[code] for code in pack.codes("city") if code in pack.boundaries]
    reach = item["accuracy_m"] * _DEGREES_PER_M
    if cities and min(city.distance(point) for city in cities) > reach:
        fields.fault(
            "latitude", "outside_city", _("“%(name)s” lies outside the city.") % {"name": item["name"]}
        )
    elif area in pack.boundaries and pack.boundaries[area].distance(point) > reach:
        fields.fault(
            "area",
            "not_in_area",
            _("“%(name)s” does not lie in the area %(area)s.") % {"name": item["name"], "area": area},
        )


def apply(items: list[dict] | None, merge: Merge) -> None:
    """They live in one record, as pack.yaml does: the pack alone says them, staff do not edit them."""
    record = PackRecord.objects.filter(pack=merge.pack, kind=RECORD, key=RECORD).first()
    old = {item["code"]: item for item in (record.values["items"] if record else [])}
    new = {item["code"]: item for item in items or []}
    counts = merge.counter("landmark")
    for code, item in new.items():
        counts[CREATED if code not in old else UNCHANGED if old[code] == item else UPDATED] += 1
    if old.keys() - new.keys():
        counts[REMOVED] += len(old.keys() - new.keys())
    if old == new and (record is not None or not new):
        return
    PackRecord.objects.update_or_create(
        pack=merge.pack, kind=RECORD, key=RECORD, defaults={"values": {"items": list(new.values())}}
    )
    merge.boundaries_changed = True  # the map draws them
