"""Places in words: what a search found, and what is at a point."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from city import snapshot as city
from city.domain.gazetteer import Entry
from city.domain.info import Address
from city.services import geocoding

LANDMARK_KIND = {
    "airport": gettext_lazy("Airport"),
    "bridge": gettext_lazy("Junction or bridge"),
    "campus": gettext_lazy("Campus"),
    "church": gettext_lazy("Church"),
    "clinic": gettext_lazy("Clinic"),
    "fire_station": gettext_lazy("Fire station"),
    "flood": gettext_lazy("Place of past floods"),
    "hospital": gettext_lazy("Hospital"),
    "hotel": gettext_lazy("Hotel"),
    "housing": gettext_lazy("Housing estate"),
    "mall": gettext_lazy("Shopping centre"),
    "market": gettext_lazy("Market"),
    "monument": gettext_lazy("Monument"),
    "mosque": gettext_lazy("Mosque"),
    "museum": gettext_lazy("Museum"),
    "office": gettext_lazy("Office"),
    "park": gettext_lazy("Park"),
    "polder": gettext_lazy("Polder"),
    "port": gettext_lazy("Port"),
    "power_station": gettext_lazy("Power station"),
    "pump": gettext_lazy("Pumping station"),
    "school": gettext_lazy("School"),
    "sport": gettext_lazy("Sports ground"),
    "station": gettext_lazy("Railway station"),
    "temple": gettext_lazy("Temple"),
    "terminal": gettext_lazy("Bus terminal"),
    "tourism": gettext_lazy("Sight"),
    "village": gettext_lazy("Neighbourhood"),
    "waste": gettext_lazy("Waste site"),
    "water_office": gettext_lazy("Water company"),
}
_KIND = {
    "road": gettext_lazy("Main road"),
    "crossing": gettext_lazy("Junction"),
    "street": gettext_lazy("Street"),
    "water": gettext_lazy("River or canal"),
}
# A device that knows its place worse than this says nothing about the street.
STREET_ACCURACY_M = 100.0


@dataclass(frozen=True, slots=True)
class PlaceFound:
    """A search's result as a form and an app show it; `note` says what is left to do."""

    entry: Entry
    title: str
    where: str
    note: str
    street: str  # what may be offered for the street field

    def as_json(self) -> dict[str, Any]:
        entry = self.entry
        return {
            "key": entry.key,
            "kind": entry.kind,
            "title": self.title,
            "where": self.where,
            "note": self.note,
            "street": self.street,
            "latitude": entry.latitude,
            "longitude": entry.longitude,
            "accuracy_m": entry.accuracy_m,
            "is_point": entry.is_point,
            "bbox": entry.bbox,
            "area": entry.area_code,
        }


def distance(metres: float) -> str:
    """`350 m`, `1.2 km` in the reader's way of writing numbers."""
    if metres < 1000:
        return f"{round(metres)} m"
    text = f"{metres / 1000:.1f}"
    return f"{text.replace('.', ',') if (get_language() or 'id').startswith('id') else text} km"


def search(query: str, limit: int = 8) -> list["PlaceFound"]:
    """What the geocoder of the settings finds, in words."""
    return [found(entry) for entry in geocoding.search(query, limit)]


def found(entry: Entry) -> PlaceFound:
    """An entry of the gazetteer (or of a server outside) in words."""
    return PlaceFound(entry, _title(entry), where(entry), _note(entry), _street(entry))


def _title(entry: Entry) -> str:
    if entry.kind == "kelurahan":
        return _("Kelurahan %(name)s") % {"name": entry.name}
    if entry.kind == "kecamatan":
        return _("Kecamatan %(name)s") % {"name": entry.name}
    return entry.name


def where(entry: Entry) -> str:
    """What it is and where: two kelurahan share a name twice, so the kecamatan is always told."""
    parts = [LANDMARK_KIND.get(entry.detail) if entry.kind == "landmark" else _KIND.get(entry.kind)]
    code = entry.area_code
    if entry.kind == "geocoded":
        code = city.current().address(entry.latitude, entry.longitude).kelurahan_code
    if entry.kind == "kecamatan":
        parts.append(city.current().city.name)
    elif code:
        parts.append(area_names(code, skip_own=entry.kind == "kelurahan"))
    return " · ".join(str(part) for part in parts if part)


def area_names(code: str, *, skip_own: bool = False) -> str:
    """“Kelurahan Pleburan, Kecamatan Semarang Selatan”; of a kecamatan's code only that."""
    areas = city.current().areas
    area = areas.get(code)
    if area is None:
        return ""
    if area.level == "kecamatan":
        return _("Kecamatan %(name)s") % {"name": area.name}
    parent = areas.get(area.parent_code or "")
    upper = _("Kecamatan %(name)s") % {"name": parent.name} if parent else ""
    own = "" if skip_own else _("Kelurahan %(name)s") % {"name": area.name}
    return ", ".join(filter(None, (own, upper)))


def _note(entry: Entry) -> str:
    if entry.kind == "street":
        return _("Only its kecamatan is known. Please put the pin on the right place.")
    if entry.kind in ("kelurahan", "kecamatan"):
        return _("This is a large area. Please put the pin on the right place.")
    if not entry.is_point:
        return _("It is long: the pin stands in its middle. Please move it to the right place.")
    if entry.accuracy_m > STREET_ACCURACY_M:
        return _("The pin may be off by about %(metres)s. Please move it to the right place.") % {
            "metres": distance(entry.accuracy_m)
        }
    return _("Please check whether the pin is in the right place.")


def _street(entry: Entry) -> str:
    return "" if entry.kind in ("kelurahan", "kecamatan", "water") else entry.name


def address_json(address: Address, accuracy_m: float | None) -> dict[str, Any]:
    """What is at a point, for a script: a sentence to be read out and the parts it is made of."""
    street = address.street if not accuracy_m or accuracy_m <= STREET_ACCURACY_M else ""
    outside = address.outside
    return {
        "text": sentence(address, accuracy_m),
        "street": street,
        "landmark": address.landmark,
        "street_distance_m": address.street_distance_m if street else None,
        "kelurahan": address.kelurahan_code,
        "kecamatan": address.kecamatan_code,
        "is_outside": outside is not None,
        "regency": outside.regency if outside else None,
        "portal": outside.portal_url if outside else None,
    }


def sentence(address: Address, accuracy_m: float | None = None) -> str:
    """“Near Jalan X, Kelurahan Y, Kecamatan Z”, with the accuracy of a device's position."""
    if address.outside is not None:
        if address.outside.regency:
            return _("This place lies in %(regency)s, outside the city. Please move the pin.") % {
                "regency": address.outside.regency
            }
        return _("This place lies outside the city. Please move the pin.")
    areas = area_names(address.kelurahan_code or "")
    if accuracy_m and accuracy_m > STREET_ACCURACY_M:
        text = _("Somewhere around %(areas)s") % {"areas": areas}
    elif address.street:
        text = _("Near %(street)s, %(areas)s") % {"street": address.street, "areas": areas}
    elif address.landmark:
        text = _("Around %(landmark)s, %(areas)s") % {"landmark": address.landmark, "areas": areas}
    elif address.distance_m:
        text = _("Off %(areas)s") % {"areas": areas}
    else:
        text = areas
    if accuracy_m:
        return _("%(place)s (accurate to about %(metres)s)") % {
            "place": text,
            "metres": distance(accuracy_m),
        }
    return text
