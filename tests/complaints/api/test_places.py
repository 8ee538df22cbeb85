"""Places for apps and the call centre."""

import pytest

pytestmark = pytest.mark.django_db


def test_a_place_by_its_name(api):
    answer = api.get("/api/v1/places/", {"q": "psr johar"})
    assert answer.json()["results"] == [
        {
            "key": "landmark:pasar-johar",
            "kind": "landmark",
            "title": "Pasar Johar",
            "where": "Pasar · Kelurahan Kauman, Kecamatan Semarang Tengah",
            "note": "Pin bisa meleset sekitar 150 m. Silakan geser ke tempat yang tepat.",
            "street": "Pasar Johar",
            "latitude": -6.9718,
            "longitude": 110.425,
            "accuracy_m": 150.0,
            "is_point": True,
            "bbox": None,
            "area": "33.74.01.1010",
        }
    ]
    assert answer["Cache-Control"] == "public, max-age=300"
    english = api.get("/api/v1/places/", {"q": "psr johar"}, language="en").json()["results"][0]
    assert english["where"].startswith("Market · ")


def test_the_limit(api):
    assert len(api.get("/api/v1/places/", {"q": "tlogo", "limit": "2"}).json()["results"]) == 2
    assert len(api.get("/api/v1/places/", {"q": "pas", "limit": "20"}).json()["results"]) == 20
    assert len(api.get("/api/v1/places/", {"q": "tlogo"}).json()["results"]) == 8


@pytest.mark.parametrize(
    ("path", "params", "field", "code"),
    [
        ("places", {}, "q", "query_missing"),
        ("places", {"q": "x", "limit": "0"}, "limit", "limit_invalid"),
        ("places", {"q": "x", "limit": "21"}, "limit", "limit_invalid"),
        ("places", {"q": "x", "limit": "²"}, "limit", "limit_invalid"),
        ("places", {"q": "x", "near": "1"}, "near", "parameter_unknown"),
        ("address", {}, "latitude", "missing"),
        ("address", {"latitude": "-7"}, "longitude", "missing"),
        ("address", {"latitude": "-7", "longitude": "x"}, "latitude", "not_a_number"),
        ("address", {"latitude": "110", "longitude": "-7"}, "latitude", "swapped"),
        ("address", {"latitude": "-7", "longitude": "500"}, "latitude", "out_of_range"),
        (
            "address",
            {"latitude": "-7", "longitude": "110.4", "accuracy_m": "-1"},
            "accuracy_m",
            "accuracy_invalid",
        ),
        ("address", {"lat": "-7"}, "lat", "parameter_unknown"),
    ],
)
def test_bad_parameters_are_named(api, path, params, field, code):
    refused = api.get(f"/api/v1/{path}/", params)
    assert (refused.status_code, refused["Content-Type"]) == (400, "application/problem+json")
    assert refused.json()["errors"][field]["code"] == code


def test_what_is_at_a_point(api):
    found = api.get("/api/v1/address/", {"latitude": "-6.99267", "longitude": "110.44717"}).json()
    assert found["text"] == "Dekat Jalan Gajah Raya, Kelurahan Pandean Lamper, Kecamatan Gayamsari"
    assert (found["kelurahan"], found["is_outside"], found["portal"]) == ("33.74.04.1006", False, None)


def test_outside_the_city(api):
    found = api.get("/api/v1/address/", {"latitude": "-7.14", "longitude": "110.41"}).json()
    assert (found["is_outside"], found["regency"], found["kelurahan"]) == (True, "Kabupaten Semarang", None)


def test_no_query_at_all(api, settings, django_assert_num_queries):
    settings.CITY_VERSION_MAX_AGE_S = 60.0
    api.get("/api/v1/places/", {"q": "johar"})
    for path, params in (
        ("places", {"q": "tlogosari"}),
        ("address", {"latitude": "-7", "longitude": "110.4"}),
    ):
        with django_assert_num_queries(0):
            api.get(f"/api/v1/{path}/", params)
