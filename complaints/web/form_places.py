"""The search for a place inside the form, for who has no JavaScript: results are radio buttons."""

from typing import Any

from django.utils.translation import gettext as _

from city import snapshot as city
from city.services import geocoding
from complaints.domain import place
from complaints.services import place_words
from complaints.web import form_state
from complaints.web.form_state import FormState

FIND = "find_place"  # the button's action
CLEAR = "clear"
_MOST_RESULTS = 8


def apply_choice(state: FormState) -> FormState:
    """The form after a radio button of the results was chosen; the choice itself is not kept.

    A point becomes the place, a kelurahan the kelurahan. Of a street only its name is known, so the kelurahan
    is still to be chosen. A street field that was filled in stays as it is.
    """
    key = state.get("place_choice")
    if not key:
        return state
    state = state.with_values(place_choice="")
    if key == CLEAR:
        return _without_point(state).with_values(place_query="")
    entry = geocoding.by_key(key)
    if entry is None:
        return state
    if entry.kind == "kelurahan":
        return _without_point(state).with_values(
            area=entry.area_code or "", place_mode="area", place_query=""
        )
    if entry.kind == "kecamatan":
        return state
    street = state.get("street") or place_words.found(entry).street
    if entry.kind == "street":
        return _without_point(state).with_values(street=street)
    return state.with_values(
        area="",
        latitude=f"{entry.latitude:.6f}",
        longitude=f"{entry.longitude:.6f}",
        accuracy_m=f"{entry.accuracy_m:.0f}",
        place_mode="map",
        place_source="map",
        place_query="",
        street=street,
    )


def _without_point(state: FormState) -> FormState:
    return state.with_values(latitude="", longitude="", accuracy_m="", place_source="", place_mode="")


def context(state: FormState) -> dict[str, Any]:
    """For the template: the results of the query in the form, and what is at the place it holds."""
    query = state.get("place_query")
    draft = form_state.to_draft(state, frozenset())
    chosen = ""
    if not draft.area and place.fault(draft.latitude, draft.longitude) is None:
        chosen = place_words.sentence(
            city.current().address(draft.latitude, draft.longitude), draft.accuracy_m
        )
    return {
        "place_results": place_words.search(query, _MOST_RESULTS) if query else [],
        "place_chosen": chosen,
    }


def script_texts() -> dict[str, str]:
    """What the scripts of the place say."""
    return {
        "placesFound": _("{count} places found. Choose with the arrow keys and Enter."),
        "noPlace": _("Nothing found. Try a shorter name, put the pin on the map, or choose the kelurahan."),
        "placesFailed": _(
            "The search does not answer just now. Put the pin on the map or choose the kelurahan."
        ),
        "useStreet": _("Use “{street}”"),
        "useArea": _("{area} is enough, without a pin"),
        "toMap": _("Next comes the map: arrow keys move the pin."),
    }
