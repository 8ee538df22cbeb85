"""Searching a place and saying what is at a point, for the form. No query: the city is in memory."""

from django.http import JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from city import snapshot as city
from complaints.domain import place
from complaints.services import place_words
from complaints.web import limits


@require_GET
def find_place(request):
    """Places for `q`, best first: {"results": […]}."""
    if limits.too_many_looks(request):
        return _too_many()
    results = [item.as_json() for item in place_words.search(request.GET.get("q", ""))]
    return _kept(JsonResponse({"results": results}), 300)


@require_GET
def address(request):
    """What is at `lat`, `lon` (WGS84 degrees; `accuracy_m` of a device's position): see `address_json`."""
    if limits.too_many_looks(request):
        return _too_many()
    latitude, longitude = _number(request.GET.get("lat")), _number(request.GET.get("lon"))
    if place.fault(latitude, longitude) is not None:
        sentence = _("Please give lat and lon in decimal degrees.")
        return JsonResponse({"error": sentence}, status=400)
    accuracy_m = _number(request.GET.get("accuracy_m"))
    if accuracy_m is not None and not 0 <= accuracy_m <= 1_000_000:
        accuracy_m = None
    found = city.current().address(latitude, longitude)
    return _kept(JsonResponse(place_words.address_json(found, accuracy_m)), 3600)


def _number(typed: str | None) -> float | None:
    try:
        return float(typed) if typed else None
    except ValueError:
        return float("nan")


def _kept(response: JsonResponse, seconds: int) -> JsonResponse:
    """The browser may keep it; it is the same for everybody who reads the same language."""
    response["Cache-Control"] = f"private, max-age={seconds}"
    response["Vary"] = "Cookie, Accept-Language"
    return response


def _too_many() -> JsonResponse:
    headers = {"Retry-After": str(limits.WINDOW_S)}
    return JsonResponse({"error": str(limits.TOO_MANY)}, status=429, headers=headers)
