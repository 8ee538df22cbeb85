"""areas/*.geojson and areas/statistics.csv: boundaries, people, slums, and the neighbours around."""

import shapely
from django.utils.translation import gettext as _

from city.models import Area
from city.services.pack.fields import Fields
from city.services.pack.files import Block, at
from city.services.pack.geometry import boundary_of
from city.services.pack.merge import Item, Merge, Table

LEVELS = {
    Area.Level.CITY: "areas/city.geojson",
    Area.Level.KECAMATAN: "areas/kecamatan.geojson",
    Area.Level.KELURAHAN: "areas/kelurahan.geojson",
    Area.Level.NEIGHBOUR: "areas/neighbours.geojson",
}
STATISTICS = "areas/statistics.csv"
AREAS = Table("area", Area, lambda row, keys: row.code, references={"parent": Area}, is_boundary=True)
# Two areas of one level may overlap by slivers from rounding, not by more than this share of the smaller.
_OVERLAP_SHARE = 0.02


def validate(pack) -> list[Item]:
    items: list[Item] = []
    for level, name in LEVELS.items():
        features = pack.files.geojson(name)
        boundaries = []
        for block in features or []:
            item, boundary = _area(block, level, pack)
            if item is not None:
                items.append(item)
                boundaries.append((block, item.key, boundary))
        _note_overlaps(boundaries, pack)
    _statistics({item.key: item for item in items}, pack)
    return items


def _area(block: Block, level: str, pack):
    fields = Fields(block, pack.mistakes)
    fields.only(["geometry", "code", "name", "parent", "area_km2", "regency", "portal_url"])
    code = fields.code()
    if code in pack.codes("area"):
        fields.fault("code", "doubled_code", _("The code “%(code)s” stands here twice.") % {"code": code})
        return None, None
    pack.codes("area").add(code)
    pack.codes(str(level)).add(code)
    needs_parent = level in (Area.Level.KECAMATAN, Area.Level.KELURAHAN)
    upper = Area.Level.CITY if level == Area.Level.KECAMATAN else Area.Level.KECAMATAN
    parent = (
        fields.known("parent", pack.codes(str(upper)), _("area"), required=True) if needs_parent else None
    )
    boundary = boundary_of(fields)
    centre = shapely.point_on_surface(boundary) if boundary is not None else None
    if boundary is not None:
        pack.boundaries[code] = boundary
    values = {
        "code": code,
        "name": fields.text("name", required=True, max_length=120),
        "level": str(level),
        "parent": parent,
        "regency": fields.text("regency", required=level == Area.Level.NEIGHBOUR, max_length=120),
        "portal_url": fields.url("portal_url"),
        "geometry": block["geometry"],
        "centre_latitude": round(centre.y, 5) if centre else None,
        "centre_longitude": round(centre.x, 5) if centre else None,
        "area_km2": fields.number("area_km2", 0, 1_000_000),
        "population": None,
        "slum_hectares": None,
    }
    return Item(code, values, at(block)), boundary


def _note_overlaps(boundaries: list, pack) -> None:
    whole = [entry for entry in boundaries if entry[2] is not None]
    if len(whole) < 2:
        return
    shapes = [boundary for _block, _code, boundary in whole]
    tree = shapely.STRtree(shapes)
    first, second = tree.query(shapes, predicate="overlaps")
    for a, b in zip(first.tolist(), second.tolist(), strict=True):
        if a >= b:
            continue
        shared = shapely.area(shapely.intersection(shapes[a], shapes[b]))
        if shared > _OVERLAP_SHARE * min(shapes[a].area, shapes[b].area):
            pack.mistakes.add(
                at(whole[b][0]),
                "overlap",
                _("%(code)s overlaps %(other)s.") % {"code": whole[b][1], "other": whole[a][1]},
            )


def _statistics(items: dict[str, Item], pack) -> None:
    if not pack.files.exists(STATISTICS):
        return
    seen = set()
    for row in pack.files.csv(STATISTICS, ("code", "population", "slum_hectares")) or []:
        fields = Fields(row, pack.mistakes)
        code = fields.known("code", pack.codes("area"), _("area"), required=True)
        if code in seen:
            fields.fault("code", "doubled_code", _("The code “%(code)s” stands here twice.") % {"code": code})
        seen.add(code)
        population = fields.whole("population", 0, 2_000_000_000)
        slum_hectares = fields.number("slum_hectares", 0, 1_000_000)
        if code in items:
            items[code].values.update(population=population, slum_hectares=slum_hectares)


def apply(items: list[Item], merge: Merge) -> None:
    merge.sync(AREAS, items)
