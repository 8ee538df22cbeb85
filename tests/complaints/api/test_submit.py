import json
import threading
import uuid

import pytest
from django.db import connection
from django.test import Client

from complaints.models import Event, Report, Reporter, StagedPhoto
from dispatch.models import Outbox
from tests.complaints.api.conftest import REPORTS, headers

pytestmark = pytest.mark.django_db


def counts():
    return (
        Report.objects.count(),
        Event.objects.count(),
        Outbox.objects.count(),
        StagedPhoto.objects.count(),
    )


def test_the_minimal_body_files_a_report(api, body):
    key = uuid.uuid4()
    response = api.post(REPORTS, body(), key=key)
    report = Report.objects.get()
    assert response.status_code == 201
    said = response.json()
    assert said == {
        "code": report.code,
        "secret": said["secret"],
        "status": "received",
        "promise": None,
        "links": {
            "public": f"http://localhost:8000/laporan/{report.code}/",
            "private": f"http://localhost:8000/laporan/{report.code}/?kunci={said['secret']}",
            "self": f"http://localhost:8000/api/v1/reports/{report.code}/",
        },
        "created_at": report.created_at.isoformat().replace("+00:00", "Z"),
    }
    assert len(said["secret"]) == 25
    assert (report.channel, report.idempotency_key, report.description) == (
        "api",
        key,
        "Ada lubang di depan halte, motor sering oleng.",
    )
    assert response["Location"] == said["links"]["self"]
    assert response["Cache-Control"] == "no-store"
    assert counts() == (1, 1, 1, 0)


def test_everything_a_report_can_say(api, body):
    full = body(
        answers={"size": "over_60"},
        street="Jalan  Contoh",
        place_source="device",
        accuracy_m=12,
        is_anonymous=False,
        is_private=True,
        contact={"name": "Warga Contoh", "email": "warga@contoh.example", "phone": "0812 3456 7890"},
    )
    assert api.post(REPORTS, full, language="en").status_code == 201
    report = Report.objects.get()
    assert (report.answers, report.street, report.place_source, report.accuracy_m) == (
        {"size": "over_60"},
        "Jalan Contoh",
        "device",
        12.0,
    )
    assert (report.is_anonymous, report.is_private, report.severity) == (False, True, 4)
    reporter = Reporter.objects.get()
    assert (reporter.name, reporter.phone, reporter.language) == ("Warga Contoh", "+6281234567890", "en")


def test_nulls_say_nothing(api, body):
    nulls = dict.fromkeys(
        ("answers", "area", "street", "place_source", "accuracy_m", "is_private", "contact")
    )
    assert api.post(REPORTS, body(**nulls)).status_code == 201


def test_sending_again_answers_the_same_bytes_even_after_routing(api, body, route):
    key = uuid.uuid4()
    first = api.post(REPORTS, body(), key=key)
    report = route(Report.objects.get())
    assert report.status != "received"
    again = api.post(REPORTS, body(), key=key, language="en")
    assert (again.status_code, again.content) == (201, first.content)
    assert (first.get("Idempotent-Replayed"), again["Idempotent-Replayed"]) == (None, "true")
    assert Report.objects.count() == 1


def test_the_same_key_with_another_body_is_a_conflict(api, body):
    key = uuid.uuid4()
    api.post(REPORTS, body(), key=key)
    refused = api.post(REPORTS, body(description="Sesuatu yang lain."), key=key, language="en")
    assert refused.status_code == 409
    assert refused.json() == {
        "type": "/api/docs/#problem-idempotency_key_reused",
        "title": "The key was used for something else",
        "status": 409,
        "detail": "Another report was already sent with this key. Make a new key for a new report.",
        "code": "idempotency_key_reused",
    }
    assert Report.objects.get().description == "Ada lubang di depan halte, motor sering oleng."


def test_without_a_key_the_server_makes_one(api, body):
    first, second = api.post(REPORTS, body()), api.post(REPORTS, body())
    assert uuid.UUID(first["Idempotency-Key"]) != uuid.UUID(second["Idempotency-Key"])
    assert Report.objects.count() == 2


@pytest.mark.parametrize("key", ["satu", "{00000000-0000-4000-8000-000000000000}", "1" * 500, "0" * 31])
def test_a_broken_key_is_refused(api, body, key):
    refused = api.post(REPORTS, body(), key=key)
    assert (refused.status_code, refused.json()["code"]) == (400, "idempotency_key_invalid")
    assert counts() == (0, 0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_the_same_key_at_the_same_instant_files_once_and_answers_alike(committed_city, body):
    key, start, answers = uuid.uuid4(), threading.Barrier(4), []

    def send():
        start.wait()
        try:
            response = Client().post(
                REPORTS, json.dumps(body()), content_type="application/json", headers=headers(key=key)
            )
            answers.append((response.status_code, response.content))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    assert {status for status, _content in answers} == {201}
    assert len({content for _status, content in answers}) == 1
    assert counts() == (1, 1, 1, 0)


@pytest.mark.parametrize(
    "raw",
    [
        b" ",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b'{"category": "jalan-lubang"} x',
        b'{"latitude": NaN}',
        b'{"latitude": Infinity}',
        b'{"description": "\xff\xfe"}',
        b'{"description": "\\ud800"}',
        '{"category": "jalan-lubang"}'.encode("utf-16"),
        b"[" * 50_000,
        b'{"answers": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    ],
)
def test_what_is_not_a_json_object_is_malformed(api, raw):
    refused = api.post(REPORTS, raw=raw, language="en")
    assert refused.status_code in (400, 422)
    assert refused.json()["code"] == ("malformed" if refused.status_code == 400 else "invalid")
    assert counts() == (0, 0, 0, 0)


def test_malformed_says_what_is_expected(api):
    assert api.post(REPORTS, raw=b"{", language="en").json() == {
        "type": "/api/docs/#problem-malformed",
        "title": "The request cannot be read",
        "status": 400,
        "detail": "The body is not a JSON object in UTF-8, or the multipart form is broken.",
        "code": "malformed",
    }


def test_a_byte_order_mark_does_not_matter(api, body):
    raw = b"\xef\xbb\xbf" + json.dumps(body()).encode()
    assert api.post(REPORTS, raw=raw).status_code == 201


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"latitude": "-6.99"}, "latitude", "wrong_type"),
        ({"latitude": True}, "latitude", "wrong_type"),
        ({"latitude": [1, 2]}, "latitude", "wrong_type"),
        ({"latitude": 10**400}, "latitude", "out_of_range"),
        ({"category": 7}, "category", "wrong_type"),
        ({"category": {"code": "jalan-lubang"}}, "category", "wrong_type"),
        ({"description": ["a"]}, "description", "wrong_type"),
        ({"is_private": "yes"}, "is_private", "wrong_type"),
        ({"is_privat": True}, "is_privat", "unknown_field"),
        ({"answers": {"size": ["a"]}}, "answers", "wrong_type"),
        ({"answers": [["size", "over_60"]]}, "answers", "wrong_type"),
        ({"answers": {"size": "sebesar bulan"}}, "answers.size", "unknown_choice"),
        ({"answers": {"warna": "biru"}}, "answers.warna", "unknown_question"),
        ({"contact": {"email": 1}}, "contact.email", "wrong_type"),
        ({"contact": {"nik": "1"}}, "contact.nik", "unknown_field"),
        ({"contact": {"email": "bukan surel"}}, "contact.email", "email_invalid"),
        ({"contact": {"phone": "halo"}}, "contact.phone", "phone_invalid"),
        ({"contact": {"name": "n" * 121}}, "contact.name", "line_too_long"),
        ({"place_source": "peta"}, "place_source", "unknown_choice"),
        ({"category": "jalan-terbang"}, "category", "category_unknown"),
        ({"category": "jalan"}, "category", "category_unknown"),
        ({"category": None}, "category", "category_missing"),
        ({"description": ""}, "description", "description_missing"),
        ({"description": "a" * 10_000}, "description", "description_too_long"),
        ({"accuracy_m": -1}, "accuracy_m", "accuracy_invalid"),
        ({"street": "b" * 201}, "street", "line_too_long"),
    ],
)
def test_bad_fields_are_named_and_nothing_is_written(api, body, changes, field, code):
    refused = api.post(REPORTS, body(**changes), language="en")
    assert refused.status_code == 422
    problem = refused.json()
    assert problem["code"] == "invalid"
    assert {name: error["code"] for name, error in problem["errors"].items()} == {field: code}
    assert problem["errors"][field]["message"]
    assert counts() == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ({"latitude": None, "longitude": None}, "place_missing"),
        ({"latitude": 110.4229, "longitude": -6.9903}, "swapped"),
        ({"latitude": 91, "longitude": 200}, "out_of_range"),
    ],
)
def test_a_bad_place_is_named_at_both_coordinates(api, body, place, code):
    problem = api.post(REPORTS, body(**place)).json()
    assert {name: error["code"] for name, error in problem["errors"].items()} == {
        "latitude": code,
        "longitude": code,
    }


def test_every_fault_is_told_at_once(api):
    junk = {"latitude": "x", "foo": 1, "is_private": 3, "contact": {"email": "bukan"}}
    problem = api.post(REPORTS, junk, language="en").json()
    assert {name: error["code"] for name, error in problem["errors"].items()} == {
        "category": "category_missing",
        "description": "description_missing",
        "latitude": "wrong_type",
        "foo": "unknown_field",
        "is_private": "wrong_type",
        "contact.email": "email_invalid",
    }
    assert problem["errors"]["foo"]["message"] == "This field is not known; is it misspelled?"


def test_a_body_full_of_junk_gets_a_short_answer(api):
    refused = api.post(REPORTS, {f"field{number}" * 20: number for number in range(2_000)})
    assert refused.status_code == 422
    assert len(refused.content) < 4_000


def test_more_answers_than_any_report_has_are_one_fault(api, body):
    answers = {f"jawaban{number}": "x" for number in range(20_000)}
    refused = api.post(REPORTS, body(category="banjir-genangan", answers=answers))
    assert refused.status_code == 422
    assert {name: error["code"] for name, error in refused.json()["errors"].items()} == {
        "answers": "too_many_answers"
    }
    assert counts() == (0, 0, 0, 0)


def test_names_of_answers_are_sent_back_shortened(api, body):
    refused = api.post(REPORTS, body(answers={"a" * 100_000: "x"}))
    assert list(refused.json()["errors"]) == ["answers." + "a" * 60]


def test_refusals_speak_the_readers_language(api, body):
    def title(language):
        return api.post(REPORTS, body(category="x"), language=language).json()["title"]

    assert title("en") == "Some details need your attention"
    assert title("id") == title(None) == "Beberapa isian perlu diperiksa"


def test_a_place_outside_names_the_neighbour(api, body):
    refused = api.post(REPORTS, body(latitude=-7.03, longitude=110.52))
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (422, "outside_city")
    assert "Demak" in problem["regency"]
    assert "portal" in problem
    assert counts() == (0, 0, 0, 0)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""]
)
def test_other_kinds_of_bodies_are_refused(api, content_type):
    refused = api.post(REPORTS, raw=b"category=jalan-lubang", content_type=content_type)
    assert (refused.status_code, refused.json()["code"]) == (415, "media_type")
    assert refused["Accept"] == "application/json, multipart/form-data"


def test_a_megabyte_is_too_much(api, body):
    refused = api.post(REPORTS, body(description="a" * 1_100_000))
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
