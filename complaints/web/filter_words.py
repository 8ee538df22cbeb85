"""The filters in words: what the form offers, and the chips that say what is filtered."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from city import snapshot as city
from complaints.domain import workflow
from complaints.web import filters as web_filters
from complaints.web import words
from complaints.web.filters import Filters

AGE_NAME = {
    web_filters.TODAY: gettext_lazy("Reported today"),
    "7-hari": gettext_lazy("Reported in the last 7 days"),
    "30-hari": gettext_lazy("Reported in the last 30 days"),
    "terbuka-30": gettext_lazy("Open for more than 30 days"),
    "terbuka-90": gettext_lazy("Open for more than 90 days"),
}
ONLY_NAME = {
    web_filters.LATE: gettext_lazy("Past its promise"),
    web_filters.REOPENED: gettext_lazy("Was opened again"),
}
ONLY_ICON = {web_filters.LATE: "warning", web_filters.REOPENED: "reopen"}


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that is filtered, and the query string without it."""

    label: str
    query: str
    icon: str = ""


def offered(filters: Filters) -> dict:
    """What the filter form shows."""
    return {
        "states": [
            {
                "code": state,
                "name": words.STATE_NAME[state],
                "icon": words.STATE_ICON[state],
                "is_chosen": state in filters.states,
            }
            for state in workflow.MAP_STATES
        ],
        "onlys": [
            {
                "code": code,
                "name": ONLY_NAME[code],
                "icon": ONLY_ICON[code],
                "is_chosen": code in filters.only,
            }
            for code in web_filters.ONLY
        ],
        "ages": [
            {"code": code, "name": AGE_NAME[code], "is_chosen": code == filters.age}
            for code in web_filters.AGES
        ],
    }


def chips(filters: Filters, *, is_list: bool) -> list[Chip]:
    """What is filtered, in the order of the form."""
    found = []

    def add(label, name: str, value: str = "", icon: str = "") -> None:
        less = filters.without(name, value)
        found.append(Chip(str(label), less.list_query() if is_list else less.query(), icon))

    for state in filters.states:
        add(words.STATE_NAME[state], "states", state, words.STATE_ICON[state])
    for value in filters.only:
        add(ONLY_NAME[value], "only", value, ONLY_ICON[value])
    snap = city.current()
    if filters.age:
        add(AGE_NAME[filters.age], "age", icon="clock")
    if filters.category:
        add(_category(filters.category), "category", icon=snap.categories[filters.category].icon)
    if filters.area:
        add(area_name(filters.area), "area", icon="map")
    if filters.department:
        add(words.local(snap.departments[filters.department]), "department", icon="building")
    if is_list and filters.box:
        add(_("Only what the map showed"), "box", icon="map")
    if is_list and filters.near:
        label = _("Up to %(distance)s around you") % {"distance": radius(filters.radius_m)}
        add(label, "near", icon="locate")
    return found


def _category(code: str) -> str:
    category = city.current().categories[code]
    name = words.local(category)
    return name if category.parent_code else _("%(group)s: all") % {"group": name}


def area_name(code: str) -> str:
    """`Kelurahan Pleburan`, `Kecamatan Tugu`."""
    area = city.current().areas[code]
    if area.level == "kecamatan":
        return _("Kecamatan %(name)s") % {"name": area.name}
    return _("Kelurahan %(name)s") % {"name": area.name}


def radius(metres: int) -> str:
    """`500 m`, `2 km`: radii are round numbers."""
    return f"{metres} m" if metres < 1000 else f"{metres // 1000} km"


def radii(filters: Filters) -> list[dict]:
    """Links to the same list with another radius."""
    return [
        {
            "label": radius(metres),
            "query": replace(filters, radius_m=metres).list_query(),
            "is_chosen": metres == filters.radius_m,
        }
        for metres in web_filters.RADII_M
    ]
