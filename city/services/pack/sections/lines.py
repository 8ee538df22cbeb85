"""roads.geojson, waterways.geojson, city_roads.csv: who owns which stretch, since when, on what evidence."""

from django.utils.translation import gettext as _

from city.models import Area, Department, OwnedLine, Road, Waterway
from city.services.pack.fields import Fields
from city.services.pack.files import Block, at
from city.services.pack.geometry import line_of
from city.services.pack.merge import Item, Merge, Table

ROADS, WATERWAYS, NAMED_ROADS = "roads.geojson", "waterways.geojson", "city_roads.csv"
_REFERENCES = {"owner": Department, "area": Area}
ROAD_TABLE = Table("road", Road, lambda row, keys: row.code, references=_REFERENCES, is_boundary=True)
WATER_TABLE = Table(
    "waterway", Waterway, lambda row, keys: row.code, references=_REFERENCES, is_boundary=True
)
_KEYS = (
    *("geometry", "code", "name", "class", "owner", "basis", "from", "to", "quality", "accuracy_m"),
    *("length_m", "condition", "note", "source"),
)
_NAMED_COLUMNS = ("code", "name", "kecamatan", "length_m", "condition", "owner", "basis")


def validate(pack) -> tuple[list[Item], list[Item]]:
    roads = [_line(block, "road", pack) for block in pack.files.geojson(ROADS) or []]
    if pack.files.exists(NAMED_ROADS):
        roads += [_named(row, pack) for row in pack.files.csv(NAMED_ROADS, _NAMED_COLUMNS) or []]
    water = [_line(block, "waterway", pack) for block in pack.files.geojson(WATERWAYS) or []]
    return [item for item in roads if item], [item for item in water if item]


def _code(fields: Fields, kind: str, pack) -> str | None:
    code = fields.code(max_length=80)
    if code in pack.codes(kind):
        fields.fault("code", "doubled_code", _("The code “%(code)s” stands here twice.") % {"code": code})
        return None
    pack.codes(kind).add(code)
    return code


def _line(block: Block, kind: str, pack) -> Item | None:
    fields = Fields(block, pack.mistakes)
    fields.only(_KEYS)
    code = _code(fields, kind, pack)
    line_of(fields)
    values = {
        **_owned(fields, code, pack),
        "line_class": fields.text("class", max_length=24),
        "valid_from": fields.day("from"),
        "valid_to": fields.day("to"),
        "quality": fields.one_of("quality", OwnedLine.Quality.values, default="osm"),
        "accuracy_m": fields.number("accuracy_m", 0, 1000, required=True),
        "geometry": block["geometry"],
        "source": fields.text("source", max_length=200),
        "area": None,
    }
    first, last = values["valid_from"], values["valid_to"]
    if first and last and last < first:
        fields.fault("to", "bad_period", _("This period ends before it begins."))
    return Item(code, values, at(block)) if code else None


def _named(row: Block, pack) -> Item | None:
    fields = Fields(row, pack.mistakes)
    code = _code(fields, "road", pack)
    values = {
        **_owned(fields, code, pack),
        "line_class": "street",
        "valid_from": None,
        "valid_to": None,
        "quality": "none",
        "accuracy_m": 0.0,
        "geometry": None,
        "source": fields.text("source", max_length=200),
        "area": fields.known("kecamatan", pack.codes("kecamatan"), _("area"), required=True),
    }
    if not values["name"]:
        fields.fault("name", "missing", _("“%(key)s” is missing or empty.") % {"key": "name"})
    return Item(code, values, at(row)) if code else None


def _owned(fields: Fields, code: str | None, pack) -> dict:
    """What every kind of line has. No owner means: nobody has said yet, and a human decides."""
    return {
        "code": code,
        "name": fields.text("name", max_length=160),
        "owner": fields.known("owner", pack.codes("department"), _("department")),
        "owner_basis": fields.text("basis", required=True, max_length=200),
        "length_m": fields.number("length_m", 0, 10_000_000),
        "condition": fields.text("condition", max_length=40),
    }


def apply(parsed, merge: Merge) -> None:
    roads, water = parsed
    merge.sync(ROAD_TABLE, roads)
    merge.sync(WATER_TABLE, water)
