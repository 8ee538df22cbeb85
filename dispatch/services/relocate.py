"""Putting a report's place right: decided anew by the rules, promised anew, and told."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from city import snapshot as city
from complaints import errors
from complaints.domain import place, text, workflow
from complaints.domain.actor import Actor
from complaints.models import Report
from complaints.services import place_words, submit, timeline
from complaints.services import routing as complaints_routing
from dispatch.services.recategorise import decide_anew

# Closer than that a pin says nothing new.
LEAST_M = 5.0
STREET_MAX_CHARS = 200
_SAME = _("The pin stands where it stood. Move it to where the problem is.")
_STREET_TOO_LONG = _("This text is too long; at most 200 characters fit.")


@transaction.atomic
def relocate(
    report_id: int,
    latitude: float | None,
    longitude: float | None,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    street: str = "",
    expected_version: int | None = None,
) -> Report:
    """Move an open report to where the problem is (WGS84 degrees) and let the rules decide anew.

    The kelurahan is computed anew, the street too unless it is given. The earlier decision stays; where the
    report was stands in the new one, for staff. `reason` is a sentence that the citizen reads. Raises
    MissingReason, InvalidReport (place, street; also for a place outside the city), Conflict, PartOfIncident,
    TransitionNotAllowed. Locks the report's row.
    """
    report = timeline.lock(report_id, expected_version)
    timeline.check_own_work(report)
    if not report.is_open or report.status == workflow.RECEIVED:
        raise errors.TransitionNotAllowed(status=report.status, to="relocate", version=report.version)
    street, reason = text.clean_line(street), text.clean(reason)
    area, known_street = _checked(report, latitude, longitude, street)
    if not reason:
        raise errors.MissingReason
    was = {
        "latitude": report.latitude,
        "longitude": report.longitude,
        "area": city.current().areas_by_id[report.area_id].code,
        "street": report.street,
        "place_source": report.place_source,
    }
    moved_m = place.distance_m(report.latitude, report.longitude, latitude, longitude)
    complaints_routing.change_place(
        report,
        latitude=latitude,
        longitude=longitude,
        area_id=area.id,
        street=street or known_street,
        actor=actor,
        now=now,
        message=reason,
        event_data=_event_data(was["area"], area, moved_m),
    )
    said = {"from": was, "user_id": actor.user_id, "distance_m": round(moved_m, 1)}
    decide_anew(report, "place", actor, now, relocated=said)
    report.refresh_from_db()
    return report


def _checked(report: Report, latitude: float | None, longitude: float | None, street: str):
    """The kelurahan and the street of the new place. Raises InvalidReport."""
    faults = submit.Faults()
    fault = place.fault(latitude, longitude)
    if fault is not None:
        faults.add("place", "place_missing" if fault == place.PlaceFault.MISSING else str(fault))
        raise errors.InvalidReport(faults.found)
    address = city.current().address(latitude, longitude)
    if address.outside is not None:
        raise errors.InvalidReport({"place": ("outside_city", place_words.sentence(address))})
    if place.distance_m(report.latitude, report.longitude, latitude, longitude) < LEAST_M:
        raise errors.InvalidReport({"place": ("same_place", _SAME)})
    if len(street) > STREET_MAX_CHARS:
        raise errors.InvalidReport({"street": ("too_long", _STREET_TOO_LONG)})
    return city.current().areas[address.kelurahan_code], address.street


def _event_data(from_area: str, area, moved_m: float) -> dict:
    """What everybody reads: the kelurahan and how far, never the earlier point."""
    before = city.current().areas[from_area]
    metres = place_words.distance(moved_m)
    names = (before.name, area.name)
    return {
        "from_area": before.code,
        "to_area": area.code,
        "distance_m": round(moved_m),
        "reasons": [
            _sentence(
                "Titiknya dipindahkan {} di {}.", "Titiknya dipindahkan {}: dari {} ke {}.", metres, *names
            )
        ],
        "reasons_en": [
            _sentence(
                "The pin was moved by {} in {}.", "The pin was moved by {}: from {} to {}.", metres, *names
            )
        ],
    }


def _sentence(within: str, across: str, metres: str, before: str, after: str) -> str:
    return within.format(metres, after) if before == after else across.format(metres, before, after)
