"""The brakes on automated filing: none of them may stand in a person's way."""

import time

import pytest
from django.test import Client

from complaints.models import Report
from complaints.web import limits

from .conftest import hidden_fields

pytestmark = pytest.mark.django_db
URL = "/lapor/"


def test_the_field_nobody_sees_stops_a_bot(client, filled):
    page = client.post(URL, filled(action="submit", website="http://spam.example"))
    assert page.status_code == 422
    assert Report.objects.count() == 0


def test_a_form_that_comes_back_at_once_is_asked_once_more(client, filled, monkeypatch):
    monkeypatch.setattr(limits, "FASTEST_S", 60.0)  # however busy the machine
    opened = limits.opened()
    page = client.post(URL, filled(action="submit", opened=opened))
    assert page.status_code == 422
    assert str(limits.TOO_FAST) in page.content.decode()
    assert "motor sering oleng" in page.content.decode()
    assert hidden_fields(page.content.decode())["opened"] == [opened]
    assert Report.objects.count() == 0
    later = time.time() + limits.FASTEST_S + 0.2
    monkeypatch.setattr(limits.time, "time", lambda: later)
    assert client.post(URL, filled(action="submit", opened=opened)).status_code == 302


@pytest.mark.parametrize(
    "opened", ["", "12345", "1:abc:def", "InVuc2lnbmVkIg:1xVqVs:NjbcORpTufPLdOj9KLsKMsUEttO4Z7V-vsz1EHZv6m"]
)
def test_a_form_without_its_time_is_believed(client, filled, opened):
    assert client.post(URL, filled(action="submit", opened=opened)).status_code == 302


def test_a_browser_that_sends_without_end_does_not_use_up_its_neighbours_share(client, filled, monkeypatch):
    monkeypatch.setattr(limits, "POSTS_PER_DEVICE", 2)
    client.get(URL)
    for _ in range(2):
        assert client.post(URL, filled(action="submit")).status_code == 302
    page = client.post(URL, filled(action="submit"))
    assert (page.status_code, page["Retry-After"]) == (429, "600")
    assert Report.objects.count() == 2
    neighbour = Client()
    neighbour.get(URL)
    assert neighbour.post(URL, filled(action="submit")).status_code == 302


def test_all_browsers_of_one_address_together_have_a_share_as_well(client, filled, monkeypatch):
    monkeypatch.setattr(limits, "POSTS_PER_ADDRESS", 2)
    answers = []
    for _ in range(3):
        browser = Client()
        browser.get(URL)
        answers.append(browser.post(URL, filled(action="submit")).status_code)
    assert answers == [302, 302, 429]


def test_a_number_that_we_did_not_sign_is_none(client, filled, monkeypatch):
    monkeypatch.setattr(limits, "POSTS_PER_WINDOW", 1)
    answers = []
    for number in ("1", "invented:signature"):
        client.cookies["perangkat"] = number
        answers.append(client.post(URL, filled(action="submit")).status_code)
    assert answers == [302, 429]


def test_too_many_strangers_at_one_address_wait_and_keep_their_text(filled, monkeypatch):
    monkeypatch.setattr(limits, "POSTS_PER_WINDOW", 2)
    for _ in range(2):
        Client().post(URL, filled(action="submit"))
    page = Client().post(URL, filled(action="submit"))
    assert page.status_code == 429
    assert Report.objects.count() == 2
    assert "motor sering oleng" in page.content.decode()
