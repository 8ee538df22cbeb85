"""Checking the shapes of a pack."""

import shapely
from django.utils.translation import gettext as _
from shapely.geometry import shape

from city.services.pack.fields import Fields

_POLYGONS = ("Polygon", "MultiPolygon")
_LINES = ("LineString", "MultiLineString")


def boundary_of(fields: Fields):
    """The feature's polygon as a shapely geometry, or None with a mistake noted."""
    return _shape(fields, _POLYGONS)


def line_of(fields: Fields):
    """The feature's line as a shapely geometry, or None with a mistake noted."""
    return _shape(fields, _LINES)


def _shape(fields: Fields, kinds: tuple[str, ...]):
    geometry = fields.block.get("geometry")
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in kinds:
        fields.fault(
            "geometry",
            "bad_geometry",
            _("The geometry must be a %(kinds)s.") % {"kinds": _(" or ").join(kinds)},
        )
        return None
    try:
        found = shape(geometry)
    except Exception as fault:  # shapely raises many kinds for malformed coordinates
        fields.fault(
            "geometry", "bad_geometry", _("The geometry cannot be read: %(problem)s.") % {"problem": fault}
        )
        return None
    if found.is_empty:
        fields.fault("geometry", "bad_geometry", _("The geometry is empty."))
        return None
    west, south, east, north = found.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        fields.fault(
            "geometry",
            "bad_coordinates",
            _("The coordinates lie outside the world. GeoJSON wants longitude first, then latitude."),
        )
        return None
    if not found.is_valid:
        reason = shapely.is_valid_reason(found)
        fields.fault(
            "geometry",
            "invalid_geometry",
            _("The boundary crosses itself: %(problem)s.") % {"problem": reason},
        )
        return None
    return found
