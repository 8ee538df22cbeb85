"""The list's reports on a map: the same filters, the same scope, never more than the screen can bear."""

from collections import Counter, defaultdict

import h3.api.basic_int as h3
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBadRequest, JsonResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _

from complaints.domain import workflow
from complaints.models import Report
from complaints.web import words as public_words
from complaints.web.boxes import BadBox, Box, parse_box
from complaints.web.map_setup import city_box, map_setup
from dispatch import words
from dispatch.admin import filters
from dispatch.services import worklist

POINTS_AT_MOST = 500  # more than these in view are counted in cells
_FIELDS = (
    *("id", "code", "latitude", "longitude", "status", "category_id", "is_open", "due_at", "h3_r9"),
    *("make_safe_due_at", "made_safe_at"),
)
_RESOLUTION = {10: 6, 11: 6, 12: 7, 13: 8, 14: 8}  # by zoom, as on the public map
_MAP_ONLY = ("bbox", "zoom")


class QueueMap:
    """The data of the map beside the list."""

    def get_urls(self):
        own = [path("peta/", self.admin_site.admin_view(self.map_view), name="complaints_report_map")]
        return own + super().get_urls()

    def map_view(self, request):
        """`{"points": […], "cells": […], "total": n, "is_bounded": …, "kinds": {id: name}}` for the list's
        parameters within `bbox` (minLon,minLat,maxLon,maxLat) at `zoom`.

        A point: [id, latitude, longitude, map state, category id, 1 if late]. A cell: [latitude, longitude,
        count, state → count]. `is_bounded`: more than worklist.COUNT_AT_MOST; then both lists are empty.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        params, zoom = request.GET.copy(), request.GET.get("zoom", "12")
        try:
            box = parse_box(params["bbox"]) if params.get("bbox") else city_box()
        except BadBox:
            return HttpResponseBadRequest(_("bbox must be four numbers: minLon,minLat,maxLon,maxLat."))
        for name in _MAP_ONLY:
            params.pop(name, None)
        found = _inside(filters.narrowed(self, request, params), box)
        resolution = _RESOLUTION.get(int(zoom), 9 if int(zoom) > 14 else 5) if zoom in _ZOOMS else 7
        return JsonResponse(self._answer(request, found, resolution))

    def _answer(self, request, found: list[Report], resolution: int) -> dict:
        answer = {"points": [], "cells": [], "total": len(found), "is_bounded": False, "kinds": {}}
        if len(found) > worklist.COUNT_AT_MOST:
            return answer | {"total": worklist.COUNT_AT_MOST, "is_bounded": True}
        if len(found) > POINTS_AT_MOST:
            return answer | {"cells": _cells(found, resolution)}
        now, known = timezone.now(), filters.city_of(request).categories_by_id
        kinds = {report.category_id: known.get(report.category_id) for report in found}
        names = {pk: public_words.local(kind) for pk, kind in kinds.items() if kind is not None}
        return answer | {"points": [_point(report, now) for report in found], "kinds": names}


_ZOOMS = frozenset(str(level) for level in range(25))


def _inside(reports, box: Box) -> list[Report]:
    if box.is_empty:
        return []
    inside = reports.filter(
        latitude__range=(box.south, box.north), longitude__range=(box.west, box.east)
    ).order_by()
    return list(inside.only(*_FIELDS)[: worklist.COUNT_AT_MOST + 1])


def _point(report: Report, now) -> list:
    return [
        report.pk,
        round(report.latitude, 6),
        round(report.longitude, 6),
        workflow.MAP_STATE[report.status],
        report.category_id,
        int(words.is_late(report, now)),
    ]


def _cells(found: list[Report], resolution: int) -> list[list]:
    counted: dict[int, Counter] = defaultdict(Counter)
    for report in found:
        cell = h3.cell_to_parent(report.h3_r9, resolution)
        counted[cell][workflow.MAP_STATE[report.status]] += 1
    cells = []
    for cell, states in sorted(counted.items()):
        latitude, longitude = h3.cell_to_latlng(cell)
        cells.append([round(latitude, 5), round(longitude, 5), states.total(), dict(states)])
    return cells


def context() -> dict:
    """What the map's element and script need."""
    return {
        "map": map_setup(),
        "map_texts": {
            "states": {state: str(public_words.STATE_NAME[state]) for state in workflow.MAP_STATES},
            "late": _("overdue"),
            "total": _("{count} reports in view"),
            "none": _("No report of this list in view."),
            "bounded": _(
                "More than {count} reports in view: only the rows of this page are drawn. "
                "Come closer, or use the filters."
            ),
            "cluster": _("{count} reports here: {states}; press to come closer"),
            "failed": _("The map could not be loaded. The list shows everything too."),
        },
    }
