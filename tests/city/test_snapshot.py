"""The city in memory: places, lines, names, calendars, and how it notices changes."""

import threading
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from city import snapshot
from city.models import Area, Category, CityVersion, Department, Question, Road, WorkCalendar
from city.services import versions
from city.snapshot import NEAREST_AREA_WITHIN_M, Located, Outside

pytestmark = pytest.mark.django_db
NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("latitude", "longitude", "code"),
    [
        (-6.98308, 110.41854, "33.74.01.1001"),  # Miroto
        (-6.95236, 110.42951, "33.74.02.1008"),  # Tanjung Mas
        (-7.06777, 110.48545, "33.74.10.1002"),  # Rowosari
        (-7.01206, 110.31784, "33.74.15.1010"),  # Wates
        (-7.04272, 110.45909, "33.74.10.1003"),  # Mangunharjo in Tembalang …
        (-6.95602, 110.30956, "33.74.16.1007"),  # … and the one in Tugu
        (-6.97083, 110.4167, "33.74.02.1004"),  # Purwosari in Semarang Utara …
        (-7.07719, 110.33447, "33.74.14.1005"),  # … and the one in Mijen
    ],
)
def test_points_lie_in_their_kelurahan(city, latitude, longitude, code):
    assert city.locate(latitude, longitude) == Located(code, 0.0)


def test_names_that_occur_twice_are_two_areas(city):
    for name in ("Mangunharjo", "Purwosari"):
        codes = [area.code for area in city.areas.values() if area.name == name]
        assert len(codes) == 2
        assert codes[0][:8] != codes[1][:8]


def test_a_point_in_the_gap_takes_the_nearest_area(city):
    located = city.locate(-6.98886, 110.28487)  # between three kelurahan
    assert isinstance(located, Located)
    assert 0 < located.distance_m < 30


@pytest.mark.parametrize(("step", "inside"), [(0.0005, True), (0.0026, True), (0.0035, False)])
def test_off_the_coast_the_nearest_area_counts_within_300_m(city, step, inside):
    shore = -6.9448  # where the meridian 110.4° E leaves the land
    found = city.locate(shore + step, 110.4)
    assert isinstance(found, Located if inside else Outside)
    assert found.distance_m == pytest.approx(step * 110_600, rel=0.1)
    if not inside:
        assert (found.regency, found.distance_m > NEAREST_AREA_WITHIN_M) == (None, True)


@pytest.mark.parametrize(
    ("latitude", "longitude", "regency", "kecamatan"),
    [
        (-6.95, 110.53, "Kabupaten Demak", "Sayung"),
        (-7.05, 110.53, "Kabupaten Demak", "Mranggen"),
        (-7.13, 110.40, "Kabupaten Semarang", "Ungaran Barat"),
        (-6.98, 110.25, "Kabupaten Kendal", "Kaliwungu Selatan"),
    ],
)
def test_neighbours_are_named(city, latitude, longitude, regency, kecamatan):
    found = city.locate(latitude, longitude)
    assert (found.regency, found.kecamatan) == (regency, kecamatan)
    assert found.portal_url.startswith("https://")
    assert found.distance_m > 0


def test_a_step_over_the_border_is_the_neighbour_not_the_nearest_area(city):
    """Demak's side of the Babon, closer than 300 m to the city."""
    for longitude in range(110_490, 110_540):
        found = city.locate(-6.97, longitude / 1000)
        if isinstance(found, Outside):
            assert found.regency == "Kabupaten Demak"
            assert found.distance_m < NEAREST_AREA_WITHIN_M
            return
    pytest.fail("the border was not crossed")


@pytest.mark.parametrize(
    ("latitude", "longitude", "distance_km"),
    [
        (0, 0, 12_260),
        (90, 0, 10_785),
        (-90, 0, 9_230),
        (0, 180, 7_750),
        (0, -180, 7_750),
        (-6.99, -69.58, 20_000),
    ],
)
def test_far_away_points_are_outside_and_say_how_far(city, latitude, longitude, distance_km):
    found = city.locate(latitude, longitude)
    assert (found.regency, found.portal_url) == (None, None)
    assert found.distance_m / 1000 == pytest.approx(distance_km, rel=0.08)


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [(NAN, 110.4), (-7, NAN), (INF, 110.4), (-7, -INF), (110.42, -6.99), (-91, 110)],
)
def test_impossible_coordinates_are_outside_and_never_crash(city, latitude, longitude):
    assert city.locate(latitude, longitude) == Outside()
    assert city.lines_near("road", latitude, longitude, 100) == []


def test_lines_near_are_nearest_first_with_their_owner(city):
    near = city.lines_near("road", -6.9573, 110.4478, 150)
    assert [(hit.code, hit.owner_code) for hit in near] == [
        ("jalan-kaligawe-raya-2", "BBPJN"),
        ("jalan-raden-patah", "DPU"),
    ]
    assert near[0].distance_m == pytest.approx(66, abs=2)
    assert (near[0].quality, near[0].accuracy_m, near[0].line_class) == ("junction", 40, "trunk")
    assert near[0].owner_basis
    assert city.lines_near("road", -6.9573, 110.4478, 50) == []
    assert city.lines_near("rail", -6.9573, 110.4478, 500) == []


def test_a_toll_road_beside_another_road_is_listed_with_it(city):
    """Where both lie within the tolerance, the caller must see both to know that it is not clear."""
    for toll in Road.objects.filter(line_class="motorway"):
        coordinates = toll.geometry["coordinates"]
        lines = coordinates if toll.geometry["type"] == "MultiLineString" else [coordinates]
        for longitude, latitude in (point for points in lines for point in points):
            near = city.lines_near("road", latitude, longitude, 30)
            assert near[0].distance_m == pytest.approx(0, abs=0.01)
            owners = {hit.owner_code for hit in near}
            if len(owners) > 1:
                assert "JASAMARGA" in owners
                return
    pytest.fail("no such place in the pack")


def test_an_unknown_owner_is_none(city):
    road = Road.objects.get(code="jalan-merak")
    longitude, latitude = road.geometry["coordinates"][0]
    [hit] = [hit for hit in city.lines_near("road", latitude, longitude, 5) if hit.code == "jalan-merak"]
    assert hit.owner_code is None
    assert hit.owner_basis


@pytest.mark.parametrize(
    ("name", "latitude", "longitude"),
    [
        ("Sungai Banjir Kanal Timur", -6.9746, 110.4424),
        ("Banjir Kanal Barat", -6.9776, 110.3986),
        ("Sungai Babon", -7.0132, 110.4955),
    ],
)
def test_the_national_river_office_owns_the_flood_canals(city, name, latitude, longitude):
    hits = [hit for hit in city.lines_near("water", latitude, longitude, 1500) if hit.name == name]
    assert {hit.owner_code for hit in hits} == {"BBWS"}


def test_ownership_is_dated(city):
    road = Road.objects.get(code="jalan-merak")
    longitude, latitude = road.geometry["coordinates"][0]
    old = Road.objects.get(code="jalan-merak")
    Road.objects.filter(pk=road.pk).update(valid_to=date(2026, 6, 30))
    old.pk, old.code, old.valid_from = None, "jalan-merak-new", date(2026, 7, 1)
    old.owner = Department.objects.get(code="DPU")
    old.save()
    versions.bump(boundaries=True)
    fresh = snapshot.current()

    def owners(day):
        hits = fresh.lines_near("road", latitude, longitude, 5, on=day)
        return [hit.owner_code for hit in hits if hit.code.startswith("jalan-merak")]

    assert owners(date(2026, 6, 30)) == [None]
    assert owners(date(2026, 7, 1)) == ["DPU"]


@pytest.mark.parametrize(
    ("written", "kecamatan", "found"),
    [
        ("Jl. Gaharu Utara", "33.74.11", ["Jl. Gaharu Utara"]),
        ("jalan gaharu utara no. 3, depan balai RW", "33.74.11", ["Jl. Gaharu Utara"]),
        ("Jl. Gaharu Utara", "33.74.01", []),
        ("Jl. Gaharu Utara", None, ["Jl. Gaharu Utara"]),
        ("", "33.74.11", []),
        ("depan pasar", "33.74.11", []),
    ],
)
def test_roads_by_name(city, written, kecamatan, found):
    roads = city.roads_named(written, kecamatan)
    assert [road.name for road in roads] == found
    assert all((road.owner_code, road.kecamatan_code) == ("DPU", "33.74.11") for road in roads)


def test_calendars_by_code_and_the_default(city):
    friday = datetime(2026, 9, 18, 14, 30, tzinfo=ZoneInfo("Asia/Jakarta"))
    assert not city.calendar(None).is_working(friday)
    assert city.calendar("siaga").is_working(friday)
    assert city.calendar("unknown") is city.calendar("kantor") is city.calendar()


def test_a_picture_never_changes(city):
    with pytest.raises(TypeError):
        city.categories["x"] = None
    with pytest.raises(AttributeError):
        city.categories["jalan-lubang"].severity = 5


def test_questions_of_a_group_reach_its_kinds_unless_overridden():
    group = Category.objects.get(code="jalan")
    for code, text in (("since", "Sejak?"), ("size", "Ukuran kelompok?")):
        Question.objects.create(category=group, code=code, text=text, text_en=text, kind="text")
    versions.bump()
    questions = {item.code: item for item in snapshot.current().categories["jalan-lubang"].questions}
    assert questions["since"].text == "Sejak?"
    assert questions["size"].kind == "choice"
    assert "since" not in {item.code for item in snapshot.current().categories["lain-pju"].questions}


def test_switched_off_kinds_and_departments_disappear_but_keep_their_names():
    Category.objects.filter(code="lain-bus").update(is_active=False)
    Category.objects.filter(code="banjir").update(is_active=False)
    Department.objects.filter(code="DISKAN").update(is_active=False)
    versions.bump()
    city = snapshot.current()
    assert "lain-bus" not in city.categories
    assert not [code for code in city.categories if code.startswith("banjir")]
    assert "DISKAN" not in city.departments
    closed = Department.objects.get(code="DISKAN")
    assert city.departments_by_id[closed.pk].name == closed.name


def test_a_bump_makes_every_look_new(settings):
    settings.CITY_VERSION_MAX_AGE_S = 3600
    snapshot.invalidate()
    old = snapshot.current()
    Department.objects.filter(code="DPU").update(name="Dinas Baru")
    assert snapshot.current() is old, "nobody said that something changed"
    versions.bump()
    new = snapshot.current()
    assert (old.departments["DPU"].name, new.departments["DPU"].name) == (
        "Dinas Pekerjaan Umum",
        "Dinas Baru",
    )
    assert (new.version, new.boundaries_version) == (old.version + 1, old.boundaries_version)
    versions.bump(boundaries=True)
    assert snapshot.current().boundaries_version == old.boundaries_version + 1


def test_another_process_notices_by_the_version_alone(settings):
    settings.CITY_VERSION_MAX_AGE_S = 0
    old = snapshot.current()
    assert snapshot.current() is old
    Department.objects.filter(code="DPU").update(name="Dinas Baru")
    CityVersion.objects.update(version=old.version + 5)
    assert snapshot.current().departments["DPU"].name == "Dinas Baru"


def test_between_two_looks_there_is_no_query(settings, city):
    settings.CITY_VERSION_MAX_AGE_S = 3600
    with CaptureQueriesContext(
        connection,
    ) as queries:
        snapshot.current().locate(-6.99, 110.42)
        snapshot.current().calendar(None)
    assert len(queries) == 0
    snapshot.recheck()
    with CaptureQueriesContext(connection) as queries:
        snapshot.current()
        snapshot.current()
    assert len(queries) == 1


def test_while_one_thread_builds_the_others_keep_the_old_picture(monkeypatch, settings):
    from city import snapshot_build

    settings.CITY_VERSION_MAX_AGE_S = 0
    old = snapshot.current()
    seen = []

    def slow_versions():
        thread = threading.Thread(target=lambda: seen.append(snapshot.current()))
        thread.start()
        thread.join(5)
        return old.version, old.boundaries_version

    monkeypatch.setattr(snapshot_build, "versions", slow_versions)
    assert snapshot.current() is old
    assert seen == [old]


def test_without_any_city_nothing_is_found_and_nothing_crashes(monkeypatch):
    from city import snapshot_build

    for model in (Area, Road, Category, WorkCalendar):
        monkeypatch.setattr(model, "objects", model.objects.none())
    nothing = {"road": [], "water": []}
    empty = snapshot_build._places(snapshot.CityInfo(), [], {}, nothing, [])
    assert empty.locate(-6.99, 110.42) == Outside()
    assert snapshot_build._gazetteer(snapshot.CityInfo(), [], {}, nothing, [], []).search("johar") == []
