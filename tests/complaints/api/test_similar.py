"""Before filing by the API: which kind is meant, and what is there already; and supporting with words."""

import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from complaints.models import Photo, Report, StagedPhoto, Supporter
from tests.conftest import HERE

pytestmark = pytest.mark.django_db
SUGGEST, NEARBY = "/api/v1/categories/suggest/", "/api/v1/reports/nearby/"
PLACE = {"category": "jalan-lubang", "latitude": HERE[0] + 0.0001, "longitude": HERE[1]}
TOKEN = "perangkat-0123456789"


@pytest.fixture(autouse=True)
def _the_city_does_not_change(settings):
    """Asking for its version would be counted as a query."""
    settings.CITY_VERSION_MAX_AGE_S = 60.0


def test_suggestions(api, django_assert_num_queries):
    api.get(SUGGEST, {"q": "x"})
    with django_assert_num_queries(0):
        answer = api.get(SUGGEST, {"q": "dalane bolong", "limit": 1}).json()
    assert answer["results"] == [
        {
            "code": "jalan-lubang",
            "name": "Jalan berlubang",
            "hint": "Lubang pada badan jalan",
            "icon": "pothole",
            "score": answer["results"][0]["score"],
        }
    ]
    assert 0.5 < answer["results"][0]["score"] <= 1
    english = api.get(SUGGEST, {"q": "pothole"}, language="en").json()["results"][0]
    assert english["name"] == "Pothole"
    assert api.get(SUGGEST, {"q": "zzxxqq"}).json()["results"] == []


@pytest.mark.parametrize(
    ("params", "field", "code"),
    [
        ({}, "q", "missing"),
        ({"q": " "}, "q", "missing"),
        ({"q": "got", "limit": "0"}, "limit", "limit_invalid"),
        ({"q": "got", "limit": "11"}, "limit", "limit_invalid"),
        ({"q": "got", "limit": "²"}, "limit", "limit_invalid"),
        ({"q": "got", "querry": "x"}, "querry", "parameter_unknown"),
    ],
)
def test_faulty_questions_for_suggestions(api, params, field, code):
    answer = api.get(SUGGEST, params)
    assert answer.status_code == 400
    assert answer.json()["errors"][field]["code"] == code


def test_open_reports_nearby(api, make_report, django_assert_num_queries):
    report = make_report(now=timezone.now(), description="Telepon 0812 3456 7890")
    make_report(now=timezone.now(), is_private=True)
    api.get(NEARBY, PLACE)
    with django_assert_num_queries(3):
        answer = api.get(NEARBY, PLACE).json()
    assert answer["radius_m"] == 50
    assert [(item["code"], item["distance_m"]) for item in answer["results"]] == [(report.code, 11.1)]
    assert answer["results"][0]["description"] == "Telepon •••"


def test_more_reports_nearby_cost_no_more_queries(api, make_report, django_assert_num_queries):
    for _number in range(6):
        make_report(now=timezone.now())
    with django_assert_num_queries(3):
        assert len(api.get(NEARBY, PLACE | {"limit": 20}).json()["results"]) == 6
    assert len(api.get(NEARBY, PLACE | {"limit": 2}).json()["results"]) == 2


def test_reports_of_long_ago_are_not_nearby(api, make_report):
    make_report(now=timezone.now() - timedelta(days=366))
    assert api.get(NEARBY, PLACE).json()["results"] == []


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"category": "jalan"}, "category", "category_unknown"),
        ({"category": ""}, "category", "missing"),
        ({"latitude": "abc"}, "latitude", "place_invalid"),
        ({"latitude": "nan"}, "latitude", "place_invalid"),
        ({"latitude": 110.4, "longitude": -6.99}, "latitude", "place_invalid"),
        ({"limit": 21}, "limit", "limit_invalid"),
        ({"radius": 5}, "radius", "parameter_unknown"),
    ],
)
def test_faulty_questions_for_reports_nearby(api, changes, field, code):
    answer = api.get(NEARBY, PLACE | changes)
    assert answer.status_code == 400
    assert answer.json()["errors"][field]["code"] == code


def test_nearby_is_no_reports_code(api):
    assert api.get("/api/v1/reports/nearby").status_code == 400  # asks for its parameters, not "not found"


def support(api, report, **fields):
    return api.form(f"/api/v1/reports/{report.code}/support/", {"token": TOKEN} | fields)


def test_support_with_words_and_a_photo(api, make_report, jpeg):
    report = make_report()
    photo = SimpleUploadedFile("a.jpg", jpeg(), "image/jpeg")
    first = support(api, report, text="Di gang kami juga.", photos=photo)
    assert (first.status_code, first.json()) == (201, {"counted": True, "supporter_count": 1})
    said = report.events.get(kind="comment")
    assert (said.actor_kind, said.text, said.data) == ("citizen", "Di gang kami juga.", {"photos": 1})
    assert Photo.objects.get(report=report).kind == Photo.Kind.COMMENT


def test_words_of_somebody_counted_before_are_not_added_again(api, make_report, jpeg):
    report = make_report()
    support(api, report, text="Sekali.")
    photo = SimpleUploadedFile("a.jpg", jpeg(), "image/jpeg")
    again = support(api, report, text="Dua kali.", photos=photo)
    assert (again.status_code, again.json()) == (200, {"counted": False, "supporter_count": 1})
    assert [event.text for event in report.events.filter(kind="comment")] == ["Sekali."]
    assert (Photo.objects.count(), StagedPhoto.objects.count()) == (0, 0)


def test_words_that_are_too_long_count_nobody(api, make_report, jpeg):
    report = make_report()
    photo = SimpleUploadedFile("a.jpg", jpeg(), "image/jpeg")
    answer = support(api, report, text="a" * 2001, photos=photo)
    assert answer.status_code == 422
    assert answer.json()["errors"]["text"]["code"] == "text_too_long"
    assert (Supporter.objects.count(), StagedPhoto.objects.count()) == (0, 0)
    assert Report.objects.get().supporter_count == 0


def test_a_photo_of_somebody_elses_draft_cannot_be_taken(api, make_report, jpeg):
    from complaints.services.photos import stage_photo

    report = make_report()
    stage_photo(jpeg(), uuid.uuid4(), now=timezone.now())
    support(api, report, text="Tanpa foto.")
    assert (Photo.objects.count(), StagedPhoto.objects.count()) == (0, 1)
