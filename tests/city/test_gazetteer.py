"""The gazetteer of the city that ships, and what is said of a point in it."""

import pytest

from city import snapshot
from city.domain.gazetteer import KINDS
from city.domain.info import Outside

pytestmark = pytest.mark.django_db


def first(city, query):
    return city.gazetteer.search(query)[0].entry


def test_every_kind_is_there(city):
    counts = {kind: sum(entry.kind == kind for entry in city.gazetteer.entries) for kind in KINDS}
    assert (counts["kelurahan"], counts["kecamatan"]) == (177, 16)
    assert counts["landmark"] == len(city.landmarks) >= 120
    assert counts["road"] >= 85
    assert counts["crossing"] >= 50
    assert counts["street"] >= 850
    assert counts["water"] >= 30
    assert len({entry.key for entry in city.gazetteer.entries}) == len(city.gazetteer)


def test_every_point_lies_in_the_area_it_names(city):
    wrong = []
    for entry in city.gazetteer.entries:
        located = city.locate(entry.latitude, entry.longitude)
        if isinstance(located, Outside):
            wrong.append(entry.key)
            continue
        around = {located.area_code, city.areas[located.area_code].parent_code}
        if located.distance_m == 0 and entry.area_code not in around:
            wrong.append(f"{entry.key}: {entry.area_code}, but {located.area_code}")
    assert wrong == []


@pytest.mark.parametrize(
    ("typed", "kind", "name", "area"),
    [
        ("psr johar", "landmark", "Pasar Johar", "33.74.01.1010"),
        ("jln pandanaran", "road", "Jalan Pandanaran", "33.74.07"),
        (
            "sudiarto soekarno hatta",
            "crossing",
            "Jalan Brigadir Jenderal Sudiarto – Jalan Soekarno-Hatta",
            None,
        ),
        ("gaharu utara", "street", "Jl. Gaharu Utara", "33.74.11"),
        ("kali babon", "water", "Sungai Babon", None),
        ("mangunharjo tugu", "kelurahan", "Mangunharjo", "33.74.16.1007"),
        ("mangunharjo tembalang", "kelurahan", "Mangunharjo", "33.74.10.1003"),
        ("kecamatan mijen", "kecamatan", "Mijen", "33.74.14"),
    ],
)
def test_finding(city, typed, kind, name, area):
    entry = first(city, typed)
    assert (entry.kind, entry.name) == (kind, name)
    assert area in (None, entry.area_code)


def test_a_long_road_is_there_once_for_each_kecamatan(city):
    parts = [found.entry for found in city.gazetteer.search("soekarno hatta") if found.entry.kind == "road"]
    assert {part.area_code for part in parts} == {"33.74.04", "33.74.06"}
    assert not any(part.is_point for part in parts)


def test_what_is_known_by_its_kecamatan_only_says_so(city):
    entry = first(city, "gaharu utara")
    assert not entry.is_point
    assert entry.accuracy_m > 2_000
    west, south, east, north = entry.bbox
    assert west < entry.longitude < east
    assert south < entry.latitude < north


def test_roads_are_where_they_are_drawn(city):
    for found in city.gazetteer.search("jalan pandanaran"):
        if found.entry.kind == "road":
            hits = city.lines_near("road", found.entry.latitude, found.entry.longitude, 5)
            assert found.entry.name in {hit.name for hit in hits}


def test_the_gazetteer_is_made_once_and_without_a_query(city, django_assert_num_queries):
    with django_assert_num_queries(0):
        made = city.gazetteer
        made.search("tlogosari")
    assert city.gazetteer is made


@pytest.mark.parametrize(
    ("latitude", "longitude", "street", "kelurahan"),
    [
        (-6.99267, 110.44717, "Jalan Gajah Raya", "33.74.04.1006"),
        (-7.0600, 110.3236, "", "33.74.14.1008"),
    ],
)
def test_addresses(city, latitude, longitude, street, kelurahan):
    address = city.address(latitude, longitude)
    assert (address.street, address.kelurahan_code, address.outside) == (street, kelurahan, None)
    assert address.kecamatan_code == kelurahan[:8]


def test_an_address_at_a_landmark(city):
    assert city.address(-6.9903, 110.4229).landmark == "Simpang Lima"


def test_an_address_outside_names_the_neighbour(city):
    address = city.address(-7.14, 110.41)
    assert address.outside.regency == "Kabupaten Semarang"
    assert (address.street, address.kelurahan_code) == ("", None)


@pytest.mark.parametrize("point", [(float("nan"), 110.4), (200.0, 110.4), (0.0, 0.0)])
def test_an_address_nowhere(city, point):
    assert city.address(*point).outside is not None


def test_landmarks_say_how_we_know(city):
    assert all(item.basis and 1 <= item.accuracy_m <= 500 for item in snapshot.current().landmarks)
