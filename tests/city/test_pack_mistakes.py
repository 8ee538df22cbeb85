# ruff: noqa: E501 - a table with one mistake a line reads best
"""Every kind of mistake names its file and line, and a pack with a mistake changes nothing."""

import pytest

from city.errors import BadPack
from city.models import CityVersion, Department, PackRecord
from city.services.load import check_pack, load_pack
from tests.city.tiny import FILES, edit, features, line, square

pytestmark = pytest.mark.django_db


def found(folder) -> list[tuple[str, str]]:
    return [(str(mistake.where), mistake.code) for mistake in check_pack("mini", folder)]


@pytest.mark.parametrize(
    ("name", "old", "new", "where", "code"),
    [
        ("pack.yaml", "default_calendar: mini-kantor", "default_calendar: nix", "pack.yaml:6", "unknown_code"),
        ("pack.yaml", "Asia/Jakarta", "Asia/Nowhere", "pack.yaml:5", "bad_time_zone"),
        ("pack.yaml", "[1.01, 100.01]", "[100.01, 1.01]", "pack.yaml:7", "bad_numbers"),
        ("pack.yaml", "centre: [1.01, 100.01]\n", "", "pack.yaml:1", "bad_numbers"),
        ("pack.yaml", "[100.0, 1.0, 100.02, 1.02]", "[100.02, 1.0, 100.0, 1.02]", "pack.yaml:8", "bad_bounds"),
        ("pack.yaml", "name: Kota Mini\n", "name: Kota Mini\ncolour: red\n", "pack.yaml:2", "unknown_key"),
        ("pack.yaml", "title: Lapor Mini\n", "", "pack.yaml:1", "missing"),
        ("pack.yaml", "title: Lapor Mini", "title: [a", "pack.yaml:4", "yaml"),
        ("pack.yaml", "name_en: Mini City", "name: Mini City", "pack.yaml:2", "doubled_key"),
        ("calendars.yaml", "08:00-12:00", "08:00-25:00", "calendars.yaml:6", "bad_hours"),
        ("calendars.yaml", "08:00-12:00", "08:00-13:30", "calendars.yaml:6", "bad_hours"),
        ("calendars.yaml", "friday: [07", "jumat: [07", "calendars.yaml:7", "unknown_key"),
        ("calendars.yaml", "holidays_of: ID", "holidays_of: XX", "calendars.yaml:4", "unknown_country"),
        ("calendars.yaml", "from: 2026-02-19", "from: 19-02-2026", "calendars.yaml:10", "bad_date"),
        ("calendars.yaml", "to: 2026-03-20", "to: 2026-01-20", "calendars.yaml:11", "bad_period"),
        ("calendars.yaml", "closed: true", "name: x", "calendars.yaml:16", "doubled_key"),
        ("calendars.yaml", "        closed: true\n", "", "calendars.yaml:14", "bad_period"),
        ("departments.yaml", "code: MINI-SUNGAI", "code: MINI-PU", "departments.yaml:7", "doubled_code"),
        ("departments.yaml", "code: MINI-PU", "code: MINI PU", "departments.yaml:2", "bad_code"),
        ("departments.yaml", "kind: external", "kind: foreign", "departments.yaml:10", "not_allowed"),
        ("departments.yaml", "area: M.1", "area: M.9", "departments.yaml:15", "unknown_code"),
        ("departments.yaml", "    area: M.1\n", "", "departments.yaml:11", "missing"),
        ("departments.yaml", "    name_en: Mini Works\n", "", "departments.yaml:2", "missing"),
        ("departments.yaml", "https://mini.example", "javascript:x", "departments.yaml:5", "bad_url"),
        ("departments.yaml", "pu@mini.example", "pu at mini", "departments.yaml:6", "bad_email"),
        ("departments.yaml", "name: Dinas Mini", "name: " + "x" * 161, "departments.yaml:3", "too_long"),
        ("departments.yaml", "name: Dinas Mini", "name: [Dinas]", "departments.yaml:3", "not_text"),
        ("departments.yaml", "name: Balai Sungai", "calendar: nix\n    name: B", "departments.yaml:8", "unknown_code"),
        ("departments.yaml", "departments:", "dinas:", "departments.yaml:1", "unknown_key"),
        ("categories.yaml", "code: mini-lampu", "code: mini-banjir", "categories.yaml:28", "doubled_code"),
        ("categories.yaml", "code: mini-lampu", "code: lampu", "categories.yaml:28", "bad_code"),
        ("categories.yaml", "code: mini-lampu", "code: mini-Lampu", "categories.yaml:28", "bad_code"),
        ("categories.yaml", "        severity: 2\n", "        severity: 2\n        similar: [mini-kucing]\n", "categories.yaml:28", "unknown_code"),
        ("categories.yaml", "        severity: 2\n", "        severity: 2\n        similar: [mini-lampu]\n", "categories.yaml:28", "unknown_code"),
        ("categories.yaml", "        severity: 2\n", "        severity: 2\n        similar_within_days: -1\n", "categories.yaml:33", "not_in_range"),
        ("categories.yaml", "severity: 3", "severity: 6", "categories.yaml:25", "not_in_range"),
        ("categories.yaml", "severity: 3", "severity: 2.5", "categories.yaml:25", "not_whole"),
        ("categories.yaml", "        severity: 2\n", "", "categories.yaml:28", "missing"),
        ("categories.yaml", "severity: 5", "severity: 9", "categories.yaml:7", "not_in_range"),
        ("categories.yaml", "danger: true", "danger: maybe", "categories.yaml:7", "not_flag"),
        ("categories.yaml", "value: high", "value: low", "categories.yaml:7", "doubled_choice"),
        ("categories.yaml", "label_en: Deep, ", "", "categories.yaml:7", "missing"),
        ("categories.yaml", "ask: [how_deep]", "ask: [how_wide]", "categories.yaml:27", "unknown_code"),
        ("categories.yaml", "ask: [how_deep]", "ask: [how_deep, how_deep]", "categories.yaml:27", "doubled_code"),
        ("categories.yaml", "network: water", "network: rail", "categories.yaml:26", "not_allowed"),
        ("categories.yaml", "name_en: Flood", "nama_en: Flood", "categories.yaml:22", "unknown_key"),
        ("areas/statistics.csv", "M.1,Satu", "M.7,Satu", "areas/statistics.csv:2", "unknown_code"),
        ("areas/statistics.csv", ",1000,", ",banyak,", "areas/statistics.csv:2", "not_in_range"),
        ("areas/statistics.csv", "M.1.1,Barat", "M.1,Barat", "areas/statistics.csv:3", "doubled_code"),
        ("areas/statistics.csv", "population", "people", "areas/statistics.csv:1", "missing_column"),
        ("areas/statistics.csv", "M.1,Satu,1000,", "M.1,Satu,1000", "areas/statistics.csv:2", "cell_count"),
        ("areas/statistics.csv", "M.1,Satu", '"M.1,Satu', "areas/statistics.csv:3", "csv"),
        ("city_roads.csv", "mini-melati", "mini-mawar", "city_roads.csv:3", "doubled_code"),
        ("city_roads.csv", "mini-mawar", "mini-raya", "city_roads.csv:2", "doubled_code"),
        ("city_roads.csv", "Jl. Melati,M.1", "Jl. Melati,M.1.1", "city_roads.csv:3", "unknown_code"),
        ("city_roads.csv", "MINI-PU", "NIX", "city_roads.csv:2", "unknown_code"),
        ("city_roads.csv", "120", "-1", "city_roads.csv:2", "not_in_range"),
        ("roads.geojson", '"owner": "MINI-PU"', '"owner": "NIX"', "roads.geojson:2", "unknown_code"),
        ("roads.geojson", '"basis": "SK"', '"basis": ""', "roads.geojson:2", "missing"),
        ("roads.geojson", '"accuracy_m": 30', '"accuracy_m": "near"', "roads.geojson:2", "not_in_range"),
        ("roads.geojson", "LineString", "Point", "roads.geojson:2", "bad_geometry"),
        ("roads.geojson", "[100.02, 1.01]", "[1.01, 100.02]", "roads.geojson:2", "bad_coordinates"),
        ("roads.geojson", "[100.02, 1.01]", "[NaN, 1.01]", "roads.geojson:1", "json"),
        ("roads.geojson", "[100.02, 1.01]", '["x", 1.01]', "roads.geojson:2", "bad_geometry"),
        ("roads.geojson", "{", "", "roads.geojson:1", "json"),
        ("areas/kelurahan.geojson", '"M.1.2"', '"M.1.1"', "areas/kelurahan.geojson:3", "doubled_code"),
        ("areas/kelurahan.geojson", '"parent": "M.1"}', '"parent": "M.8"}', "areas/kelurahan.geojson:2", "unknown_code"),
        ("areas/kelurahan.geojson", '"name": "Timur", ', "", "areas/kelurahan.geojson:3", "missing"),
        ("areas/kelurahan.geojson", "Polygon", "LineString", "areas/kelurahan.geojson:2", "bad_geometry"),
        ("areas/neighbours.geojson", '"regency": "Kabupaten Lain"', '"note": "x"', "areas/neighbours.geojson:2", "missing"),
        ("areas/city.geojson.source.yaml", "licence: bebas", "", "areas/city.geojson.source.yaml:1", "missing"),
    ],
)  # fmt: skip
def test_a_mistake_is_found_where_it_stands(tiny, name, old, new, where, code):
    edit(tiny, name, old, new)
    assert (where, code) in found(tiny)


@pytest.mark.parametrize(
    "name", [name for name in FILES if name not in ("areas/statistics.csv", "city_roads.csv")]
)
def test_a_missing_file(tiny, name):
    (tiny / name).unlink()
    assert (name, "missing_file") in found(tiny)


@pytest.mark.parametrize("name", ["areas/statistics.csv", "city_roads.csv"])
def test_files_that_a_city_may_lack(tiny, name):
    (tiny / name).unlink()
    assert found(tiny) == []


def test_a_file_without_its_source(tiny):
    (tiny / "roads.geojson.source.yaml").unlink()
    assert found(tiny) == [("roads.geojson", "no_source")]


def test_text_that_is_not_utf8(tiny):
    text = (tiny / "departments.yaml").read_bytes()
    (tiny / "departments.yaml").write_bytes(text.replace(b"Balai Sungai", b"Balai \xff"))
    assert ("departments.yaml:8", "not_utf8") in found(tiny)


def test_a_spreadsheet_s_byte_order_mark_does_no_harm(tiny):
    path = tiny / "city_roads.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert found(tiny) == []


def test_a_quoted_cell_may_hold_line_breaks_and_lines_stay_right(tiny):
    edit(tiny, "city_roads.csv", "Jl. Mawar", '"Jl.\nMawar"')
    edit(tiny, "city_roads.csv", "80,Rusak", "x,Rusak")
    assert found(tiny) == [("city_roads.csv:4", "not_in_range")]


def test_a_boundary_that_crosses_itself(tiny):
    bow_tie = {
        "type": "Polygon",
        "coordinates": [[[100, 1], [100.02, 1.02], [100.02, 1], [100, 1.02], [100, 1]]],
    }
    (tiny / "areas/city.geojson").write_text(features(({"code": "M", "name": "Kota"}, bow_tie)))
    assert ("areas/city.geojson:2", "invalid_geometry") in found(tiny)


def test_areas_that_overlap(tiny):
    text = features(
        ({"code": "M.1.1", "name": "Barat", "parent": "M.1"}, square(100, 1, 100.015, 1.02)),
        ({"code": "M.1.2", "name": "Timur", "parent": "M.1"}, square(100.01, 1, 100.02, 1.02)),
    )
    (tiny / "areas/kelurahan.geojson").write_text(text)
    assert found(tiny) == [("areas/kelurahan.geojson:3", "overlap")]


def test_an_owner_whose_time_ends_before_it_begins(tiny):
    properties = {
        "code": "r",
        "owner": "",
        "basis": "x",
        "accuracy_m": 1,
        "from": "2026-01-02",
        "to": "2026-01-01",
    }
    (tiny / "roads.geojson").write_text(features((properties, line((100, 1), (100.01, 1)))))
    assert ("roads.geojson:2", "bad_period") in found(tiny)


def test_all_mistakes_at_once_in_order_and_nothing_changes(tiny):
    edit(tiny, "departments.yaml", "kind: external", "kind: foreign")
    edit(tiny, "categories.yaml", "severity: 3", "severity: 6")
    edit(tiny, "roads.geojson", '"owner": "MINI-PU"', '"owner": "NIX"')
    version, records = CityVersion.objects.get().version, PackRecord.objects.count()
    with pytest.raises(BadPack) as caught:
        load_pack("mini", folder=tiny)
    assert [str(mistake.where) for mistake in caught.value.mistakes] == [
        "categories.yaml:25",
        "departments.yaml:10",
        "roads.geojson:2",
    ]
    assert not Department.objects.filter(code__startswith="MINI").exists()
    assert (CityVersion.objects.get().version, PackRecord.objects.count()) == (version, records)


def test_words_that_yaml_would_turn_into_something_else_stay_text(tiny):
    edit(tiny, "departments.yaml", "name: Balai Sungai", "name: no")
    edit(tiny, "departments.yaml", "name_en: River Office", "name_en: 2026-01-01")
    load_pack("mini", folder=tiny)
    department = Department.objects.get(code="MINI-SUNGAI")
    assert (department.name, department.name_en) == ("no", "2026-01-01")
