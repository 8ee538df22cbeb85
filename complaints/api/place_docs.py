"""What the documentation says about places. English here; the docs page translates it."""

from django.utils.translation import gettext_noop

from complaints.api import place_schemas
from complaints.api.docs import _LANGUAGE, _problems, _query

PLACE_LIST = {
    "operation_id": "places_search",
    "summary": gettext_noop("Search a place by its name"),
    "description": gettext_noop(
        "Kelurahan, main roads and their crossings, streets, waters and landmarks, however they are written "
        "(jl, psr, Soekarno or Sukarno, one slip in a longer word). Empty below two letters."
    ),
    "parameters": [
        _query("q", gettext_noop("What somebody typed, at most 120 characters"), required=True),
        _query("limit", gettext_noop("At most so many results, 1 to 20; 8 unless told"), int),
        _LANGUAGE,
    ],
    "responses": {200: place_schemas.PlaceList, **_problems("parameters_invalid")},
    "tags": ["city"],
}
ADDRESS_READ = {
    "operation_id": "address_read",
    "summary": gettext_noop("What is at a point"),
    "description": gettext_noop(
        "In words, for showing or reading out where a pin is. With a vague position no street is named."
    ),
    "parameters": [
        _query("latitude", gettext_noop("WGS84 degrees"), float, required=True),
        _query("longitude", gettext_noop("WGS84 degrees"), float, required=True),
        _query("accuracy_m", gettext_noop("Accuracy of the coordinates in metres"), float),
        _LANGUAGE,
    ],
    "responses": {200: place_schemas.AddressItem, **_problems("parameters_invalid")},
    "tags": ["city"],
}
