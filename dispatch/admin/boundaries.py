"""The page on which an area's boundary is drawn, tried and put in force. For administrators."""

import json
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from shapely.geometry import shape

from city import snapshot
from city.domain.boundaries import MOST_POINTS, BadShape, as_geojson, mark
from city.errors import BoundaryChanged
from city.models import Area
from city.services import boundaries, boundary_log
from complaints import selectors
from complaints.services import moved
from complaints.web.map_setup import map_setup

MAX_FILE_BYTES = 2_000_000
_VERSIONS_SHOWN = 20
_AROUND = 0.15  # neighbours this much of the area's own size away are drawn
_FAULT = {
    "not_json": gettext_lazy("This is no GeoJSON. Draw the boundary on the map or choose another file."),
    "too_large": gettext_lazy("The file is larger than 2 MB. Export the boundary with fewer points."),
    "not_polygon": gettext_lazy("The GeoJSON must hold exactly one Polygon or MultiPolygon."),
    "too_many": gettext_lazy("The boundary has more than %(most)s points. Simplify it first."),
    "too_few": gettext_lazy("Each part of the boundary needs at least three different points."),
    "not_numbers": gettext_lazy("A coordinate is no number. Each point is [longitude, latitude]."),
    "outside_world": gettext_lazy("A point lies outside the world. Longitude comes first, then latitude."),
    "empty": gettext_lazy("The boundary has no points."),
    "crosses": gettext_lazy("The boundary crosses itself."),
    "vanishes": gettext_lazy("Nothing would be left of %(name)s. Draw a smaller boundary."),
    "no_reason": gettext_lazy("Please write why the boundary changes; the reason stands in the record."),
    "changed": gettext_lazy(
        "Somebody changed this boundary or one beside it meanwhile. Nothing was saved; your drawing is still "
        "here. Look at what it would change now, then save."
    ),
}


def page(request, code: str):
    """Draw (GET), look at what it would change, and save (POST `action`)."""
    area = get_object_or_404(Area.objects.select_related("parent").defer("parent__geometry"), code=code)
    if not request.user.has_perm("city.change_area"):
        raise PermissionDenied
    if request.method == "GET":
        return _download(area) if "unduh" in request.GET else _show(request, area, _started(request, area))
    if request.method != "POST":
        return HttpResponseNotAllowed(["GET", "POST"])
    if area.level not in boundaries.EDITABLE:
        raise PermissionDenied
    return _posted(request, area)


def _started(request, area: Area) -> str:
    """The boundary in force, or an older one to begin from (`?versi=`)."""
    asked = request.GET.get("versi", "")
    older = boundary_log.shape_at(area.code, int(asked[:18])) if asked.isdecimal() else None
    return json.dumps(older or area.geometry)


def _posted(request, area: Area):
    typed, gives = request.POST.get("geometry", ""), request.POST.get("neighbours") == "on"
    why = request.POST.get("why", "").strip()[:500]
    file = request.FILES.get("file")
    kept: dict[str, Any] = {"gives": gives, "why": why}
    try:
        if file is not None:
            typed = _read_file(file)
        geometry = _json(typed)
        found = boundaries.prospect(area, geometry, neighbours_give_way=gives)
        kept["prospect"] = found
        is_save = request.POST.get("action") == "save" and file is None
        if is_save and request.POST.get("looked_at") == _looked_at(found):
            return _save(request, area, geometry, typed, kept)
    except BadShape as fault:
        return _show(request, area, typed, fault=_said(fault), place=fault.place, status=422, **kept)
    return _show(request, area, json.dumps(as_geojson(found.plan.shapes[area.code])), **kept)


def _save(request, area: Area, geometry, typed: str, kept: dict[str, Any]):
    if not kept["why"]:
        return _show(request, area, typed, fault=_FAULT["no_reason"], status=422, **kept)
    try:
        boundaries.save(
            area,
            geometry,
            neighbours_give_way=kept["gives"],
            seen=request.POST.get("seen", ""),
            why=kept["why"],
            by=request.user,
            now=timezone.now(),
        )
    except BoundaryChanged:
        return _show(request, area, typed, fault=_FAULT["changed"], status=409, **kept)
    messages.success(request, _("The new boundary of %(name)s is in force.") % {"name": area.name})
    return HttpResponseRedirect(reverse("admin:area_boundary", args=[area.code]))


def _looked_at(found: boundaries.Prospect) -> str:
    """A mark of what was looked at: the shapes, and whether the neighbours give way."""
    return mark({code: as_geojson(item) for code, item in found.shapes.items()})


def _read_file(file) -> str:
    if file.size > MAX_FILE_BYTES:
        raise BadShape("too_large")
    try:
        return file.read().decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise BadShape("not_json") from fault


def _json(typed: str) -> Any:
    try:
        return json.loads(typed[:MAX_FILE_BYTES])
    except (ValueError, RecursionError) as fault:
        raise BadShape("not_json") from fault


def _said(fault: BadShape) -> str:
    names = {"most": MOST_POINTS, "name": _name(fault.name)}
    return str(_FAULT[fault.code]) % names


def _name(code: str) -> str:
    info = snapshot.current().areas.get(code)
    return f"{info.name} ({code})" if info else code


def _download(area: Area) -> HttpResponse:
    feature = {
        "type": "Feature",
        "properties": {"code": area.code, "name": area.name},
        "geometry": area.geometry,
    }
    response = HttpResponse(json.dumps(feature), content_type="application/geo+json")
    response["Content-Disposition"] = f'attachment; filename="batas-{area.code}.geojson"'
    return response


def _show(
    request, area: Area, typed: str, *, fault="", place=None, prospect=None, status=200, gives=True, why=""
):
    context = {
        **admin.site.each_context(request),
        "title": _("Boundary of %(name)s") % {"name": area.name},
        "area": area,
        "is_editable": area.level in boundaries.EDITABLE,
        "is_kelurahan": area.level == Area.Level.KELURAHAN,
        "children": Area.objects.filter(parent=area).only("code", "name").order_by("name"),
        "typed": typed,
        "fault": fault,
        "place": place,
        "gives": gives,
        "why": why,
        "map": map_setup(),
        "now_json": area.geometry,
        "neighbours": _neighbours(area),
        "versions": boundary_log.versions_of(area.code)[:_VERSIONS_SHOWN],
        "version_now": snapshot.current().boundaries_version,
        **(_findings(request, area, prospect) if prospect else {}),
    }
    return TemplateResponse(request, "dispatch/admin/boundary.html", context, status=status)


def _neighbours(area: Area) -> list[dict]:
    """The areas of its level around it, for the map."""
    around = _box(shape(area.geometry).bounds)
    rows = Area.objects.filter(level=area.level).exclude(pk=area.pk).values_list("code", "name", "geometry")
    known = snapshot.current().areas
    return [
        {"name": name, "geometry": geometry}
        for code, name, geometry in rows
        if code in known and _touches(known[code].bbox, around)
    ]


def _box(bounds):
    west, south, east, north = bounds
    x, y = (east - west) * _AROUND, (north - south) * _AROUND
    return west - x, south - y, east + x, north + y


def _touches(a, b) -> bool:
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def _findings(request, area: Area, found: boundaries.Prospect) -> dict[str, Any]:
    """The card "what would change"."""
    plan = found.plan
    moves = None
    if area.level == Area.Level.KELURAHAN:
        rows = Area.objects.filter(code__in=plan.shapes).values_list("code", "geometry")
        moves = moved.moved_by({code: (shape(now), plan.shapes[code]) for code, now in rows})
    listed = moves.listed if moves else ()
    visible = selectors.for_staff(request.user).filter(pk__in=[row[0] for row in listed])
    codes = dict(visible.values_list("pk", "code"))
    return {
        "found": found,
        "seen": found.seen,
        "looked_at": _looked_at(found),
        "before_km2": plan.before_m2 / 1e6,
        "after_km2": plan.after_m2 / 1e6,
        "differs_m2": plan.after_m2 - plan.before_m2,
        "overlaps": [(_name(code), size) for code, size in plan.overlaps.items()],
        "gaps": plan.gaps,
        "beside": [(_name(code), size) for code, size in plan.neighbours_m2.items()],
        "uppers": [_name(code) for code in found.uppers],
        "moves": moves,
        "counts": [(_name(a), _name(b), count) for (a, b), count in moves.counts.items()] if moves else [],
        "listed": [
            (pk, codes[pk], _name(before), _name(after))
            for pk, _lat, _lon, before, after in listed
            if pk in codes
        ],
        "points": [[lat, lon, codes.get(pk, "")] for pk, lat, lon, _before, _after in listed],
    }
