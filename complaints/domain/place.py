"""Checking coordinates before anybody computes with them."""

import math
from enum import StrEnum

# A photo taken this far from the pin makes the form ask which of the two is right.
PHOTO_FAR_FROM_PIN_M = 200
_EARTH_RADIUS_M = 6_371_008.8


class PlaceFault(StrEnum):
    MISSING = "missing"
    NOT_A_NUMBER = "not_a_number"
    OUT_OF_RANGE = "out_of_range"
    SWAPPED = "swapped"


def fault(latitude: float | None, longitude: float | None) -> PlaceFault | None:
    """What is wrong with a coordinate pair (WGS84 degrees), or None.

    Indonesia lies between 95° and 141° east, so a latitude beyond ±90 whose longitude would be a latitude
    is a swapped pair, and saying so helps an app's developer more than "out of range".
    """
    if latitude is None or longitude is None:
        return PlaceFault.MISSING
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        return PlaceFault.NOT_A_NUMBER
    if -90 <= latitude <= 90 and -180 <= longitude <= 180:
        return None
    if 90 < abs(latitude) <= 180 and abs(longitude) <= 90:
        return PlaceFault.SWAPPED
    return PlaceFault.OUT_OF_RANGE


def distance_m(latitude_a: float, longitude_a: float, latitude_b: float, longitude_b: float) -> float:
    """Great-circle distance in metres (haversine)."""
    phi_a, phi_b = math.radians(latitude_a), math.radians(latitude_b)
    half_dphi = (phi_b - phi_a) / 2
    half_dlambda = math.radians(longitude_b - longitude_a) / 2
    a = math.sin(half_dphi) ** 2 + math.cos(phi_a) * math.cos(phi_b) * math.sin(half_dlambda) ** 2
    return 2 * _EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(a)))
