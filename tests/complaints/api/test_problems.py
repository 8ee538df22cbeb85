"""Whatever goes wrong under /api/ is told as a problem, never as a page."""

import pytest
from django.db import OperationalError
from django.test import Client

from complaints.api import problems
from complaints.services import submit
from tests.complaints.api.conftest import REPORTS

pytestmark = pytest.mark.django_db


def test_an_unknown_address(api):
    refused = api.get("/api/v1/laporan/", language="en")
    assert refused.json() == {
        "type": "/api/docs/#problem-not_found",
        "title": "Nothing is here",
        "status": 404,
        "detail": "There is no such report or address, or what is needed to see it is missing.",
        "code": "not_found",
    }


@pytest.mark.parametrize("debug", [True, False])
def test_an_unknown_address_in_either_mode(client: Client, settings, debug):
    settings.DEBUG = debug
    answer = client.get("/api/nothing/here")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", REPORTS, "GET, POST, OPTIONS"),
        ("PUT", f"{REPORTS}22222222/", "GET, OPTIONS"),
        ("GET", f"{REPORTS}22222222/photos/", "POST, OPTIONS"),
        ("POST", "/api/v1/categories/", "GET, OPTIONS"),
        ("BREW", REPORTS, "GET, POST, OPTIONS"),
    ],
)
def test_another_method(client: Client, method, path, allowed):
    answer = client.generic(method, path)
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
    assert sorted(answer["Allow"].replace("HEAD, ", "").split(", ")) == sorted(allowed.split(", "))


def test_options_and_head(client: Client):
    assert client.options(REPORTS).status_code == 204
    head = client.head(REPORTS)
    assert (head.status_code, head.content) == (200, b"")


def test_the_slash_at_the_end_is_optional(api, body):
    assert api.post(REPORTS.rstrip("/"), body()).status_code == 201
    assert api.get("/api/v1/departments").status_code == 200


def test_a_fault_of_ours(body, monkeypatch):
    def broken(*_arguments):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(submit, "_insert", broken)
    client = Client(raise_request_exception=False)
    answer = client.post(REPORTS, body(), content_type="application/json", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert answer.json()["code"] == "server_error"
    assert b"secret detail" not in answer.content


def test_a_database_that_is_away(api, body, monkeypatch):
    def away(*_arguments):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(submit, "_insert", away)
    refused = api.post(REPORTS, body())
    assert (refused.status_code, refused.json()["code"], refused["Retry-After"]) == (503, "unavailable", "5")


def test_a_host_that_is_not_ours(client: Client, settings):
    settings.ALLOWED_HOSTS = ["portal.example"]
    answer = client.get(REPORTS, headers={"Host": "evil.example"})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["code"] == "bad_request"


def test_no_cross_site_token_is_asked_of_programmes(body):
    client = Client(enforce_csrf_checks=True)
    assert client.post(REPORTS, body(), content_type="application/json").status_code == 201


def test_every_problem_has_its_words_in_both_languages():
    from django.utils import translation

    for code, (status, title, detail) in problems.CATALOGUE.items():
        assert 400 <= status <= 599
        with translation.override("id"):
            indonesian = (str(title), str(detail))
        with translation.override("en"):
            english = (str(title), str(detail))
        assert all(indonesian), code
        assert all(mine != theirs for mine, theirs in zip(indonesian, english, strict=True)), code
