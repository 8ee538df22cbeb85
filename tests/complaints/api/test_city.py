import pytest

from city.models import Category
from city.services import versions

pytestmark = pytest.mark.django_db


def test_the_category_tree(api):
    tree = api.get("/api/v1/categories/", language="en").json()
    assert {group["code"] for group in tree["groups"]} == {"jalan", "banjir", "lain"}
    roads = next(group for group in tree["groups"] if group["code"] == "jalan")
    hole = next(item for item in roads["categories"] if item["code"] == "jalan-lubang")
    database = Category.objects.get(code="jalan-lubang")
    assert (hole["name"], hole["severity"]) == (database.name_en, database.severity)
    size = next(question for question in hole["questions"] if question["code"] == "size")
    assert (size["kind"], "over_60" in [choice["value"] for choice in size["choices"]]) == ("choice", True)
    indonesian = api.get("/api/v1/categories/").json()
    assert indonesian["groups"] != tree["groups"]
    kinds = [item["code"] for group in tree["groups"] for item in group["categories"]]
    assert sorted(kinds) == sorted(
        Category.objects.filter(parent__isnull=False, is_active=True).values_list("code", flat=True)
    )


def test_the_tree_is_sent_again_only_when_the_city_changed(api):
    first = api.get("/api/v1/categories/")
    assert api.get("/api/v1/categories/", etag=first["ETag"]).status_code == 304
    assert api.get("/api/v1/categories/", etag=first["ETag"], language="en").status_code == 200
    assert "Accept-Language" in first["Vary"]
    versions.bump(boundaries=False)
    assert api.get("/api/v1/categories/", etag=first["ETag"]).status_code == 200


def test_areas_by_level_and_parent(api):
    kecamatan = api.get("/api/v1/areas/", {"level": "kecamatan"}).json()["results"]
    assert len(kecamatan) == 16
    assert len(api.get("/api/v1/areas/", {"level": "kelurahan"}).json()["results"]) == 177
    first = kecamatan[0]
    west, south, east, north = first["bbox"]
    assert west <= first["longitude"] <= east
    assert south <= first["latitude"] <= north
    parts = api.get("/api/v1/areas/", {"parent": first["code"]}).json()["results"]
    assert parts
    assert {part["parent"] for part in parts} == {first["code"]}
    assert all("geometry" not in part for part in parts)


def test_neighbours_are_not_the_citys_areas(api):
    levels = {area["level"] for area in api.get("/api/v1/areas/").json()["results"]}
    assert levels <= {"city", "kecamatan", "kelurahan"}


def test_geometry_on_request_costs_one_query(api, django_assert_num_queries):
    with django_assert_num_queries(2):  # the city's version, the boundaries
        areas = api.get("/api/v1/areas/", {"level": "kecamatan", "geometry": "1"}).json()["results"]
    assert {area["geometry"]["type"] for area in areas} <= {"Polygon", "MultiPolygon"}


@pytest.mark.parametrize(
    ("params", "field", "code"),
    [
        ({"level": "rt"}, "level", "level_unknown"),
        ({"parent": "99"}, "parent", "area_unknown"),
        ({"tingkat": "x"}, "tingkat", "parameter_unknown"),
    ],
)
def test_bad_parameters_are_named(api, params, field, code):
    refused = api.get("/api/v1/areas/", params)
    assert (refused.status_code, refused.json()["errors"][field]["code"]) == (400, code)


def test_departments(api):
    items = {item["code"]: item for item in api.get("/api/v1/departments/").json()["results"]}
    assert (items["DPU"]["kind"], items["DPU"]["is_external"]) == ("city", False)
    assert (items["BBWS"]["kind"], items["BBWS"]["is_external"]) == ("external", True)
    assert items["KEC-33.74.01"]["area"] == "33.74.01"
