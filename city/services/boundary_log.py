"""Every boundary that ever counted, by version: what the map was when a decision was made."""

from datetime import datetime
from typing import Any

from city.domain import boundaries as rules
from city.models import Area, AreaBoundary


def record(boundaries_version: int, now: datetime) -> int:
    """Write down the boundaries that changed since they were last written down; returns how many.

    Compares all areas with the log, so that no way of changing a boundary goes around it. Call inside the
    transaction that changed them. Two queries, and one if something changed.
    """
    known = dict(AreaBoundary.objects.order_by("boundaries_version").values_list("code", "mark"))
    rows = Area.objects.values_list("code", "geometry", "area_km2")
    new = [
        AreaBoundary(
            code=code,
            boundaries_version=boundaries_version,
            recorded_at=now,
            geometry=geometry,
            area_km2=area_km2,
            mark=mark,
        )
        for code, geometry, area_km2 in rows
        if known.get(code) != (mark := rules.mark(geometry))
    ]
    AreaBoundary.objects.bulk_create(new, batch_size=50, ignore_conflicts=True)
    return len(new)


def versions_of(code: str):
    """The versions of one area's boundary, newest first, without their shapes."""
    return AreaBoundary.objects.filter(code=code).order_by("-boundaries_version").defer("geometry")


def shape_at(code: str, boundaries_version: int) -> Any | None:
    """An area's boundary as it was at a version that a decision names; None before the log begins."""
    rows = AreaBoundary.objects.filter(code=code, boundaries_version__lte=boundaries_version)
    return rows.order_by("-boundaries_version").values_list("geometry", flat=True).first()
