"""The page of an area's boundary: what a change would mean, saving it, keeping what it was."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse
from shapely.geometry import box, mapping, shape

from city import snapshot
from city.models import Area, AreaBoundary, AuditEvent, CityVersion
from city.services import boundary_log, history
from city.services.load import load_pack
from tests.conftest import HERE

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(browser, staff):
    return browser(staff("admin"))


@pytest.fixture
def area():
    located = snapshot.current().locate(*HERE)
    return Area.objects.get(code=located.area_code)


def url(area) -> str:
    return reverse("admin:area_boundary", args=[area.code])


def without_here(area):
    """The area without a piece of 100 m around HERE: the report there moves to a neighbour."""
    latitude, longitude = HERE
    piece = box(longitude - 0.0005, latitude - 0.0005, longitude + 0.5, latitude + 0.0005)
    left = shape(area.geometry).difference(piece)
    return json.loads(json.dumps(mapping(left)))


def look(page, area, geometry, **values):
    return page.post(url(area), {"geometry": json.dumps(geometry), "neighbours": "on", **values})


def save(page, area, looked, **values):
    context = looked.context
    typed = {"geometry": context["typed"], "neighbours": "on", "action": "save", "why": "Perda 1/2026"}
    typed |= {"seen": context["seen"], "looked_at": context["looked_at"]}
    return page.post(url(area), typed | values)


def boundaries_now() -> dict:
    return dict(Area.objects.values_list("code", "geometry"))


def test_looking_says_which_open_reports_move_and_saves_nothing(page, area, make_report):
    report, before = make_report(), boundaries_now()
    found = look(page, area, without_here(area)).context
    assert found["moves"].total == 1
    [(now, then, count)] = found["counts"]
    assert (area.code in now, area.code in then, count) == (True, False, 1)
    assert [row[1] for row in found["listed"]] == [report.code]
    assert (found["overlaps"], found["gaps"]) == ([], ())
    assert found["after_km2"] < found["before_km2"]
    assert boundaries_now() == before
    assert not AuditEvent.objects.filter(object_kind="city.area").exists()


def test_a_closed_report_moves_nowhere(page, area, make_report):
    report = make_report()
    type(report).objects.filter(pk=report.pk).update(is_open=False, status="rejected")
    assert look(page, area, without_here(area)).context["moves"].total == 0


def test_saving_puts_it_in_force_keeps_the_old_and_says_who(page, area, make_report):
    make_report()
    old, version = boundaries_now(), CityVersion.objects.get().boundaries_version
    assert save(page, area, look(page, area, without_here(area))).status_code == 302
    assert CityVersion.objects.get().boundaries_version == version + 1
    now = boundaries_now()
    changed = {code for code in now if now[code] != old[code]}
    assert area.code in changed
    located = snapshot.current().locate(*HERE)
    assert located.area_code in changed - {area.code}
    for code in changed:
        assert boundary_log.shape_at(code, version) == old[code]
        assert boundary_log.shape_at(code, version + 1) == now[code]
    line = history.lines_of(Area, area.pk).get()
    assert (line.actor.role, line.detail["why"]) == ("admin", "Perda 1/2026")
    assert {entry[0][0] for entry in history.values_of(line)} >= {"geometry", "area_km2"}
    assert "Perda 1/2026" in page.get(reverse("admin:city_area_history", args=[area.pk])).content.decode()
    kelurahan = Area.objects.filter(level="kelurahan")
    shapes = [shape(geometry) for geometry in kelurahan.values_list("geometry", flat=True)]
    assert all(item.is_valid for item in shapes)


def test_the_kecamatan_follows(page, area):
    upper = area.parent
    before = shape(upper.geometry).area
    grown = shape(area.geometry).buffer(0.001)
    looked = look(page, area, json.loads(json.dumps(mapping(grown))))
    assert save(page, area, looked).status_code == 302
    upper.refresh_from_db()
    children = Area.objects.filter(parent=upper).values_list("geometry", flat=True)
    assert abs(shape(upper.geometry).area - sum(shape(item).area for item in children)) < 1e-9
    assert shape(upper.geometry).area != before


def test_an_edited_boundary_stays_when_the_pack_is_loaded_again(page, area):
    save(page, area, look(page, area, without_here(area)))
    edited = boundaries_now()
    load_pack("semarang")
    assert boundaries_now() == edited


def test_what_was_not_looked_at_is_not_saved(page, area):
    before, looked = boundaries_now(), look(page, area, without_here(area))
    other = json.loads(json.dumps(mapping(shape(area.geometry).buffer(-0.0005))))
    answer = save(page, area, looked, geometry=json.dumps(other))
    assert answer.status_code == 200
    assert answer.context["looked_at"] != looked.context["looked_at"]
    assert save(page, area, looked, why=" ").status_code == 422
    assert boundaries_now() == before


def test_of_two_editors_the_second_is_told(page, area):
    looked = look(page, area, without_here(area))
    Area.objects.filter(pk=area.pk).update(geometry=mapping(shape(area.geometry).buffer(-0.00001)))
    before = boundaries_now()
    late = save(page, area, looked, looked_at=look(page, area, without_here(area)).context["looked_at"])
    assert (late.status_code, boundaries_now()) == (409, before)
    assert json.loads(late.context["typed"]) == json.loads(looked.context["typed"])


@pytest.mark.parametrize(
    ("geometry", "said"),
    [
        ("{", "GeoJSON"),
        ('{"type": "Point", "coordinates": [110, -7]}', "MultiPolygon"),
        (
            '{"type": "Polygon", "coordinates": [[[110,-7],[110.2,-6.8],[110.2,-7],[110,-6.8]]]}',
            "-6,900000",
        ),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(page, area, geometry, said):
    before = boundaries_now()
    answer = page.post(url(area), {"geometry": geometry})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert answer.context["typed"] == geometry
    assert boundaries_now() == before


def test_a_file_is_looked_at_first(page, area):
    text = json.dumps({"type": "Feature", "properties": {}, "geometry": without_here(area)}).encode()
    before = boundaries_now()
    file = SimpleUploadedFile("batas.geojson", text)
    answer = page.post(url(area), {"action": "save", "why": "x", "file": file, "neighbours": "on"})
    assert answer.status_code == 200
    assert answer.context["found"]
    big = SimpleUploadedFile("batas.geojson", b" " * 2_000_001)
    assert page.post(url(area), {"file": big}).status_code == 422
    assert boundaries_now() == before


def test_download_and_an_older_version_to_begin_from(page, area):
    feature = json.loads(page.get(url(area), {"unduh": "1"}).content)
    assert feature["geometry"] == area.geometry
    assert feature["properties"]["code"] == area.code
    version = CityVersion.objects.get().boundaries_version
    save(page, area, look(page, area, without_here(area)))
    started = page.get(url(area), {"versi": str(version)}).context["typed"]
    assert json.loads(started) == area.geometry


def test_a_kecamatan_is_shown_and_not_edited(page, area):
    upper = Area.objects.get(code="33.74.01")
    assert 'id="batas"' not in page.get(url(upper)).content.decode()
    assert look(page, upper, upper.geometry).status_code == 403


@pytest.mark.parametrize("role", ["p3m", "department_admin", "handler", "duty_officer", "planner", "viewer"])
def test_only_administrators(browser, staff, area, role):
    person = browser(staff(role, "DPU" if role in ("department_admin", "handler") else None))
    before = boundaries_now()
    assert person.get(url(area)).status_code == 403
    assert look(person, area, without_here(area)).status_code == 403
    assert boundaries_now() == before


def test_versions_are_append_only(area):
    for change in (
        lambda: AreaBoundary.objects.filter(code=area.code).update(area_km2=1),
        lambda: AreaBoundary.objects.filter(code=area.code).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
