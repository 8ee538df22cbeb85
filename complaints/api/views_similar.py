"""Before a report is filed: which kind is meant, and whether it is there already."""

import math

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema

from city import snapshot as city
from complaints import selectors_nearby
from complaints.api import docs, render, schemas
from complaints.api.base import ApiView, json
from complaints.api.filters import SENTENCES
from complaints.api.names import local
from complaints.api.problems import Problem
from complaints.domain import place
from complaints.services import suggestions

_DEFAULT_LIMIT = 5
_MOST_KINDS, _MOST_REPORTS = 10, 20
_FAULTS = {
    "missing": _("This is needed."),
    "category_unknown": SENTENCES["category_unknown"],
    "place_invalid": _("Write latitude and longitude in degrees, -6.9903 and 110.4229."),
    "limit_invalid": _("Write a whole number from 1 to %(most)s."),
    "parameter_unknown": SENTENCES["parameter_unknown"],
}


class Suggest(ApiView):
    """Kinds of problem for a person's own words."""

    @extend_schema(**docs.CATEGORY_SUGGEST)
    def get(self, request) -> HttpResponse:
        limit = _checked(request.GET, {"q", "limit"}, _MOST_KINDS)
        snap = city.current()
        results = [
            schemas.SuggestionItem(
                code=item.code,
                name=local(snap.categories[item.code], "name"),
                hint=local(snap.categories[item.code], "hint"),
                icon=snap.categories[item.code].icon,
                score=item.score,
            )
            for item in suggestions.suggest(request.GET["q"], limit)
        ]
        return json(schemas.SuggestionList(snap.version, results))


class Nearby(ApiView):
    """Open reports of the same trouble near a point."""

    @extend_schema(**docs.REPORT_NEARBY)
    def get(self, request) -> HttpResponse:
        known = {"category", "latitude", "longitude", "limit"}
        limit = _checked(request.GET, known, _MOST_REPORTS, needed=known - {"limit"})
        category = city.current().categories.get(request.GET["category"])
        if category is None or not category.parent_code:
            raise _problem(category="category_unknown")
        latitude, longitude = _degrees(request.GET["latitude"]), _degrees(request.GET["longitude"])
        if place.fault(latitude, longitude):
            raise _problem(latitude="place_invalid")
        found = selectors_nearby.similar(category, latitude, longitude, now=timezone.now(), limit=limit)
        return json(schemas.NearbyList(category.nearby_radius_m, render.near_items(found)))


def _checked(params, known: set[str], most: int, needed: frozenset | set = frozenset({"q"})) -> int:
    """The limit, when every parameter is known and none that is needed is missing."""
    faults = {name[:60]: "parameter_unknown" for name in params if name not in known}
    faults |= {name: "missing" for name in needed if not params.get(name, "").strip()}
    limit = params.get("limit") or str(_DEFAULT_LIMIT)
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:6]) <= most):
        faults["limit"] = "limit_invalid"
    if faults:
        raise _problem(most, **faults)
    return int(limit)


def _problem(most: int = 0, **faults: str) -> Problem:
    errors = {
        name: (code, _FAULTS[code] % {"most": most} if code == "limit_invalid" else _FAULTS[code])
        for name, code in faults.items()
    }
    return Problem("parameters_invalid", errors=errors)


def _degrees(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
