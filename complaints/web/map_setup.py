"""What a Leaflet map of ours needs: the city's bounds and the addresses of the base layers."""

import json

from django.conf import settings
from django.urls import reverse

from city import snapshot as city
from complaints.web.boxes import Box

_MARGIN_DEGREES = 0.05
# Short, for the corner of the map; the footer says it in full.
CREDIT = "© OpenStreetMap · BPS/HDX"
# As heavy as three others: a small map of one place does without the borders between kelurahan.
HEAVIEST = "kelurahan"
BASE_LAYERS = ("kecamatan", "water", "roads")
# Fetched only by who comes this near (zoom level): a first look at the map does not pay for them.
NEAR_LAYERS = {"kelurahan": 14, "landmarks": 15}


def city_box() -> Box:
    """The city and a margin of about five kilometres."""
    boxes = [area.bbox for area in city.current().areas.values() if area.level == "kecamatan" and area.bbox]
    if not boxes:
        return Box(-180, -90, 180, 90)
    west, south, east, north = zip(*boxes, strict=True)
    return Box(
        min(west) - _MARGIN_DEGREES,
        min(south) - _MARGIN_DEGREES,
        max(east) + _MARGIN_DEGREES,
        max(north) + _MARGIN_DEGREES,
    )


def map_setup() -> dict[str, str]:
    """JSON for the map element's data attributes: `bounds` is south, west, north, east; `base` the layers as
    [name, address] or [name, address, zoom level from which it is fetched]; `small`: for one place."""
    box = city_box()
    version = city.current().boundaries_version

    def address(layer: str) -> str:
        return f"{reverse('map_base', args=[layer])}?v={version}"

    layers = [[layer, address(layer)] for layer in BASE_LAYERS]
    layers += [[layer, address(layer), zoom] for layer, zoom in NEAR_LAYERS.items()]
    inner = [
        box.south + _MARGIN_DEGREES,
        box.west + _MARGIN_DEGREES,
        box.north - _MARGIN_DEGREES,
        box.east - _MARGIN_DEGREES,
    ]
    bounds = json.dumps([round(value, 5) for value in inner])
    small = [layer for layer in layers if layer[0] != HEAVIEST]
    return {
        "bounds": bounds,
        "base": json.dumps(layers),
        "small": json.dumps(small),
        "credit": CREDIT,
        "leaflet": _leaflet(),
    }


def _leaflet() -> str:
    """What a map that is drawn late (late-map.js) must know of the settings, as JSON."""
    config = settings.LEAFLET_CONFIG
    return json.dumps(
        {
            "center": config["DEFAULT_CENTER"],
            "zoom": config["DEFAULT_ZOOM"],
            "minZoom": config["MIN_ZOOM"],
            "maxZoom": config["MAX_ZOOM"],
            "tiles": config["TILES"],
        }
    )
