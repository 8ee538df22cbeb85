"""What a phone keeps of a person's cases: what the work on the spot needs, and nothing of the reporter."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from city import snapshot as city
from complaints.models import Photo, Report
from complaints.web import words as public_words
from dispatch import words
from dispatch.admin.bulk import person_name
from dispatch.domain import tour
from dispatch.services import casework as casework_service
from dispatch.services import fieldwork

PHOTOS_AT_MOST = 3
_SEVERE_FROM = 4


def snapshot(user, position: tuple[float, float] | None, *, now: datetime) -> dict[str, Any]:
    """Stops with their fragments of HTML, and two orders: the shortest way, and the promises. JSON-able."""
    going, left_out = fieldwork.stops(user)
    resting = fieldwork.paused(user)
    start = position or office_of(user)
    pictures = _pictures([*going, *resting])
    points = {report.pk: (report.latitude, report.longitude) for report in going}
    way = fieldwork.route(going, start)
    snap = city.current()
    return {
        "user": {"id": user.pk, "name": person_name(user)},
        "at": now.isoformat(),
        "start": "position" if position else "office" if start else "promise",
        "stops": [stop(user, report, pictures, snap, now) for report in going],
        "paused": [stop(user, report, pictures, snap, now) for report in resting],
        "route": way,
        "route_m": round(tour.length_m([points[pk] for pk in way], range(len(way)), start)),
        "promise": [report.pk for report in going],
        "left_out": left_out,
    }


def office_of(user) -> tuple[float, float] | None:
    """Where the day begins if the phone does not say: in the middle of a sub-district, for its office."""
    snap = city.current()
    office = snap.departments_by_id.get(user.department_id)
    area = snap.areas.get(office.area_code or "") if office else None
    return (area.centre_latitude, area.centre_longitude) if area else None


def stop(user, report: Report, pictures: dict[int, list[Photo]], snap, now: datetime) -> dict[str, Any]:
    shown = _shown(report, pictures, snap, now)
    offered = [name for name in fieldwork.STEPS if name in casework_service.steps_for(user, report)]
    return {
        "id": report.pk,
        "code": report.spoken_code,
        "kind": public_words.local(shown["category"]),
        "latitude": report.latitude,
        "longitude": report.longitude,
        "has_exact_place": report.place_source != Report.PlaceSource.AREA,
        "version": report.version,
        "seen": report.last_event_id,
        "is_late": shown["is_late"],
        "is_severe": shown["is_severe"],
        "steps": {name: words.step_label(name, report) for name in offered},
        "needs_photo": shown["category"].needs_repair_photo,
        # Pictures of private reports are not to be kept anywhere.
        "photos": [] if report.is_private else [_address(item) for item in shown["photos"]],
        "html": render_to_string("dispatch/admin/_field_stop.html", shown),
    }


def rows(user, *, now: datetime) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:
    """The same stops for the page itself, by their promises."""
    going, left_out = fieldwork.stops(user)
    resting = fieldwork.paused(user)
    pictures, snap = _pictures([*going, *resting]), city.current()
    return (
        [_shown(r, pictures, snap, now) for r in going],
        [_shown(r, pictures, snap, now) for r in resting],
        left_out,
    )


def _shown(report: Report, pictures: dict[int, list[Photo]], snap, now: datetime) -> dict[str, Any]:
    area = snap.areas_by_id[report.area_id]
    around = snap.areas.get(area.parent_code or "")
    return {
        "report": report,
        "category": snap.categories_by_id.get(report.category_id) or report.category,
        "area": area.name,
        "around": around.name if around else "",
        "due": words.due(report, now).rstrip("."),
        "is_late": words.is_late(report, now),
        "is_severe": report.severity >= _SEVERE_FROM,
        "severity": words.SEVERITY[report.severity],
        "photos": pictures.get(report.pk, [])[:PHOTOS_AT_MOST],
        "navigate": navigation(report.latitude, report.longitude),
        "case_url": reverse("admin:complaints_report_change", args=[report.pk]),
    }


def navigation(latitude: float, longitude: float) -> str:
    """An address that leads to the place in whatever maps the office uses; empty where it uses none."""
    return settings.NAVIGATION_URL.format(latitude=f"{latitude:.6f}", longitude=f"{longitude:.6f}")


def _pictures(reports: Iterable[Report]) -> dict[int, list[Photo]]:
    """What the citizens sent, by report; one query for all."""
    found: dict[int, list[Photo]] = {}
    ids = [report.pk for report in reports]
    kinds = (Photo.Kind.REPORT, Photo.Kind.COMMENT)
    for photo in Photo.objects.filter(report__in=ids, kind__in=kinds, state=Photo.State.READY).order_by("id"):
        found.setdefault(photo.report_id, []).append(photo)
    return found


def _address(photo: Photo) -> str:
    return reverse("photo", args=[photo.uuid, "small"])
