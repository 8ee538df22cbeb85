"""The public map: its page, its data, and the cards of what it shows."""

from dataclasses import replace

import orjson
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from city import snapshot as city
from complaints import selectors
from complaints.domain import codes, workflow
from complaints.web import cards, filter_words, map_query, words
from complaints.web import filters as web_filters
from complaints.web.boxes import BadBox, Box, parse_box
from complaints.web.map_setup import city_box, map_setup

IN_VIEW = 12  # so many cards stand beside the map; the list has the rest


@gzip_page
@require_safe
def map_page(request):
    """The map; filters stand in the address, position and zoom behind its #."""
    filters = web_filters.read(request.GET)
    context = {
        "filters": filters,
        "chips": filter_words.chips(filters, is_list=False),
        "map": map_setup(),
        "focus": _focus(filters),
        "map_texts": _texts(),
        **filter_words.offered(filters),
    }
    return render(request, "complaints/map.html", context)


def _texts() -> dict:
    """What the map's script says."""
    kinds = [item for item in city.current().categories.values() if item.parent_code]
    return {
        "categories": {item.id: words.local(item) for item in kinds},
        "states": {state: str(words.STATE_NAME[state]) for state in workflow.MAP_STATES},
        "late": str(filter_words.ONLY_NAME[web_filters.LATE]),
        "total": _("{count} reports in view"),
        "about": _("about {count} reports in view"),
        "none": _("No report in view. Move the map or take filters away."),
        "cluster": _("{count} reports here: {states}; press to come closer"),
        "failed": _("The reports could not be loaded. The list shows them too."),
        "here": _("You are about here"),
        "asking": _("Asking your device where you are …"),
        "denied": _("Your device does not say where it is. Choose your kelurahan in the filters instead."),
        "outside": _("You are outside the city. Choose a kelurahan in the filters instead."),
        "detail": reverse("report_detail", args=["CODE"]),
        "card": reverse("map_card", args=["CODE"]),
        "cards": reverse("map_cards"),
        "list": reverse("report_list"),
    }


def _focus(filters) -> list[float] | None:
    """South, west, north, east of the chosen kelurahan or kecamatan."""
    area = city.current().areas.get(filters.area) if filters.area else None
    if area is None or not area.bbox:
        return None
    west, south, east, north = area.bbox
    return [south, west, north, east]


@gzip_page
@require_safe
def map_data(request):
    """Reports or counted cells in `bbox` (minLon,minLat,maxLon,maxLat) at `zoom`."""
    zoom = request.GET.get("zoom", "12")
    if not (zoom.isascii() and zoom.isdigit() and len(zoom) <= 2 and int(zoom) <= 24):
        return _bad_request(_("zoom must be a whole number from 0 to 24."))
    try:
        box = _box(request)
    except BadBox:
        return _bad_request(_("bbox must be four numbers: minLon,minLat,maxLon,maxLat."))
    filters = replace(web_filters.read(request.GET), box=None)
    answer = map_query.query(box, int(zoom), filters, timezone.now())
    response = HttpResponse(orjson.dumps(answer), content_type="application/json")
    response["Cache-Control"] = "public, max-age=15"
    return response


def _box(request) -> Box:
    """The box that was asked for, cut to the city. Raises BadBox."""
    return parse_box(request.GET.get("bbox", "")).cut(city_box())


def _bad_request(detail: str) -> JsonResponse:
    body = {"type": "about:blank", "title": "Bad Request", "status": 400, "detail": detail, "code": "invalid"}
    return JsonResponse(body, status=400, content_type="application/problem+json")


@gzip_page
@require_safe
def map_cards(request):
    """The newest reports in `bbox` as cards, for the list beside the map."""
    try:
        box = _box(request)
    except BadBox:
        return _bad_request(_("bbox must be four numbers: minLon,minLat,maxLon,maxLat."))
    filters = replace(web_filters.read(request.GET), box=box, near=None)
    reports = []
    if not box.is_empty:
        found = cards.with_photos(web_filters.apply(filters, timezone.now()))
        reports = cards.dress(list(found.order_by("-created_at", "-id")[:IN_VIEW]))
    context = {"reports": reports, "list_query": filters.list_query()}
    return render(request, "complaints/_map_cards.html", context)


@gzip_page
@require_safe
def map_card(request, code: str):
    """One public report as a card."""
    code = codes.normalise(code)
    found = cards.with_photos(selectors.public_reports().filter(code=code)) if code else []
    reports = cards.dress(list(found))
    if not reports:
        raise Http404
    return render(request, "complaints/_map_card.html", {"report": reports[0]})
