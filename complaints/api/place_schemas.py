"""The shapes of places: what a search finds, and what is at a point."""

from typing import Annotated

from django.utils.translation import gettext_noop
from msgspec import Struct

from complaints.api.schemas import _text


class PlaceItem(Struct):
    """A named place. `is_point` false: the point is only the middle, and a person must still put the pin."""

    key: Annotated[str, _text(gettext_noop("Stable while the city's data is"), "landmark:pasar-johar")]
    kind: Annotated[
        str,
        _text(
            gettext_noop(
                "kelurahan, kecamatan, landmark, road, crossing, street, water, or geocoded "
                "(found by a server outside)"
            ),
            "landmark",
        ),
    ]
    title: Annotated[str, _text(gettext_noop("Its name"), "Pasar Johar")]
    where: Annotated[str, _text(gettext_noop("What it is, and its kelurahan and kecamatan, in words"))]
    note: Annotated[str, _text(gettext_noop("What is left to do, in words"))]
    street: Annotated[str, _text(gettext_noop("May be offered for a report's street; never send it unasked"))]
    latitude: float
    longitude: float
    accuracy_m: Annotated[
        float, _text(gettext_noop("How far the real place may be from the point, metres"), 150)
    ]
    is_point: Annotated[bool, _text(gettext_noop("False: only the middle of an area or of a long line"))]
    bbox: Annotated[
        list[float] | None,
        _text(gettext_noop("West, south, east, north: what to show on a map")),
    ]
    area: Annotated[str | None, _text(gettext_noop("Code of the kelurahan or kecamatan"), "33.74.01.1010")]


class PlaceList(Struct):
    results: Annotated[list[PlaceItem], _text(gettext_noop("Best first"))]


class AddressItem(Struct):
    """What is at a point."""

    text: Annotated[
        str,
        _text(
            gettext_noop("In words, to be shown or read out"),
            "Dekat Jalan Gajah Raya, Kelurahan Pandean Lamper, Kecamatan Gayamsari",
        ),
    ]
    street: Annotated[str, _text(gettext_noop("The nearest named main road, if one is near"))]
    street_distance_m: Annotated[float | None, _text(gettext_noop("Metres to that road"))]
    landmark: Annotated[str, _text(gettext_noop("A well-known place at hand"))]
    kelurahan: Annotated[str | None, _text(gettext_noop("Code; null outside the city"))]
    kecamatan: Annotated[str | None, _text(gettext_noop("Code; null outside the city"))]
    is_outside: Annotated[bool, _text(gettext_noop("Reports from there are refused as outside_city"))]
    regency: Annotated[str | None, _text(gettext_noop("Outside: whose it is, if known"))]
    portal: Annotated[str | None, _text(gettext_noop("Outside: where to report it, if known"))]
