"""Giving an area another boundary: what it would mean, and doing it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import shapely
from django.db import transaction
from shapely.geometry import shape

from city import snapshot
from city.domain import boundaries as rules
from city.domain.places import Projection
from city.errors import BoundaryChanged
from city.models import Area, User
from city.services import audit, boundary_log, history, versions

EDITABLE = (Area.Level.KELURAHAN, Area.Level.NEIGHBOUR)


@dataclass(frozen=True)
class Prospect:
    """A plan for one area. `uppers`: the kecamatan and the city where they change with it. `seen`: a mark of
    everything that changes, as it is now."""

    area: Area
    plan: rules.Plan
    uppers: dict[str, Any] = field(default_factory=dict)
    seen: str = ""

    @property
    def shapes(self) -> dict[str, Any]:
        return {**self.plan.shapes, **self.uppers}


def plane() -> Projection:
    city = snapshot.current().city
    return Projection(city.centre_latitude, city.centre_longitude)


def prospect(area: Area, geometry: Any, *, neighbours_give_way: bool) -> Prospect:
    """What a new boundary (GeoJSON) would mean. Raises BadShape. Two queries; nothing is saved."""
    after = rules.read(geometry)
    rows = {row.code: row for row in Area.objects.exclude(level=Area.Level.NEIGHBOUR)}
    rows[area.code] = area
    peers = {code: shape(row.geometry) for code, row in rows.items() if row.level == area.level}
    gives = neighbours_give_way and area.level == Area.Level.KELURAHAN
    plan = rules.plan(area.code, after, peers, plane(), neighbours_give_way=gives)
    uppers = _uppers(plan, peers, rows) if area.level == Area.Level.KELURAHAN else {}
    codes = [area.code, *sorted({*plan.shapes, *uppers} - {area.code})]
    seen = rules.mark([rows[code].geometry for code in codes])
    return Prospect(area, plan, uppers, seen)


def _uppers(plan: rules.Plan, peers: dict[str, Any], rows: dict[str, Area]) -> dict[str, Any]:
    """Kecamatan and the city follow their kelurahan."""
    by_id = {row.pk: row for row in rows.values()}
    parents = {rows[code].parent_id for code in plan.shapes if rows[code].parent_id}
    groups = {by_id[pk].code: [c for c in plan.shapes if rows[c].parent_id == pk] for pk in parents}
    city = next((row.code for row in rows.values() if row.level == Area.Level.CITY), None)
    if city:
        groups[city] = list(plan.shapes)
    found = {}
    for upper, codes in groups.items():
        old, new = [peers[code] for code in codes], [plan.shapes[code] for code in codes]
        changed = rules.follow(shape(rows[upper].geometry), old, new, plane())
        if changed is not None:
            found[upper] = changed
    return found


@transaction.atomic
def save(
    area: Area, geometry: Any, *, neighbours_give_way: bool, seen: str, why: str, by: User, now: datetime
) -> Prospect:
    """Put a new boundary in force, with what changes beside it; the old one stays in the log.

    Raises BadShape, or BoundaryChanged where something of it is no longer what the person saw. Locks: all
    areas, so that of two editors the second sees the first one's boundary.
    """
    list(Area.objects.select_for_update().order_by("pk").values_list("pk", flat=True))
    area = Area.objects.get(pk=area.pk)
    found = prospect(area, geometry, neighbours_give_way=neighbours_give_way)
    if found.seen != seen:
        raise BoundaryChanged
    boundary_log.record(snapshot_version(), now)  # what it was, should nobody have written it down yet
    rows = {row.code: row for row in Area.objects.filter(code__in=found.shapes)}
    for code, new in found.shapes.items():
        _write(rows[code], new, why=why, by=by, now=now)
    versions.bump(boundaries=True)
    return found


def snapshot_version() -> int:
    from city import snapshot_build

    return snapshot_build.versions()[1]


def _write(row: Area, new: Any, *, why: str, by: User, now: datetime) -> None:
    before = history.picture(row)
    centre = shapely.point_on_surface(new)
    row.geometry = rules.as_geojson(new)
    row.centre_latitude, row.centre_longitude = round(centre.y, 5), round(centre.x, 5)
    row.area_km2 = round(float(plane().geometry(new).area) / 1e6, 4)
    row.save(update_fields=["geometry", "centre_latitude", "centre_longitude", "area_km2"])
    audit.record(
        audit.Kind.CHANGED,
        now=now,
        actor=by,
        object_kind="city.area",
        object_key=row.pk,
        object_name=str(row),
        detail={"values": history.changes.differences(before, history.picture(row)), "why": why},
    )
