"""Places by name, and what is at a point: for apps and the call centre. No query: the city is in memory."""

from django.http import HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema

from city import snapshot as city
from city.domain.gazetteer import MOST_RESULTS
from complaints.api import place_docs
from complaints.api.base import ApiView, json
from complaints.api.filters import SENTENCES
from complaints.api.problems import Problem
from complaints.domain import place
from complaints.services import place_words

DEFAULT_LIMIT = 8
_SENTENCES = {
    "query_missing": _("Write what is searched as q."),
    "limit_invalid": _("Write a number from 1 to 20."),
    "missing": _("This is needed, in decimal degrees."),
    "not_a_number": _("Write a number, with a point before the decimals."),
    "out_of_range": _("Latitude is -90 to 90, longitude -180 to 180."),
    "swapped": _("Latitude and longitude seem to be swapped."),
    "accuracy_invalid": _("The accuracy must be a number of metres."),
}
_CACHE_CONTROL = "public, max-age=300"


class Places(ApiView):
    """Search a place by its name."""

    @extend_schema(**place_docs.PLACE_LIST)
    def get(self, request) -> HttpResponse:
        params = request.GET
        faults = _unknown(params, ("q", "limit"))
        if "q" not in params:
            faults["q"] = ("query_missing", _SENTENCES["query_missing"])
        limit = params.get("limit", str(DEFAULT_LIMIT))
        if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:6]) <= MOST_RESULTS):
            faults["limit"] = ("limit_invalid", _SENTENCES["limit_invalid"])
        if faults:
            raise Problem("parameters_invalid", errors=faults)
        found = place_words.search(params["q"], int(limit))
        return _answer({"results": [item.as_json() for item in found]})


class Address(ApiView):
    """What is at a point."""

    @extend_schema(**place_docs.ADDRESS_READ)
    def get(self, request) -> HttpResponse:
        params = request.GET
        faults = _unknown(params, ("latitude", "longitude", "accuracy_m"))
        latitude, longitude = _number(params.get("latitude")), _number(params.get("longitude"))
        accuracy_m = _number(params.get("accuracy_m"))
        fault = place.fault(latitude, longitude)
        if fault is not None:
            code = str(fault)
            named = "longitude" if latitude is not None and longitude is None else "latitude"
            faults[named] = (code, _SENTENCES[code])
        if accuracy_m is not None and not 0 <= accuracy_m <= 1_000_000:
            faults["accuracy_m"] = ("accuracy_invalid", _SENTENCES["accuracy_invalid"])
        if faults:
            raise Problem("parameters_invalid", errors=faults)
        address = city.current().address(latitude, longitude)
        return _answer(place_words.address_json(address, accuracy_m))


def _unknown(params, known: tuple[str, ...]) -> dict:
    sentence = SENTENCES["parameter_unknown"]
    return {name: ("parameter_unknown", sentence) for name in params if name not in known}


def _number(typed: str | None) -> float | None:
    """None for nothing, NaN for what is no number."""
    try:
        return float(typed) if typed else None
    except ValueError:
        return float("nan")


def _answer(body: dict) -> HttpResponse:
    response = json(body, headers={"Cache-Control": _CACHE_CONTROL})
    patch_vary_headers(response, ("Accept-Language",))
    return response
