""" "Laporan saya": what this browser speaks for, and a code for another device."""

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from complaints import links
from complaints.domain.draft import Contact
from complaints.models import OneTimeCode, Report
from complaints.services.one_time_codes import digits_of
from dispatch.models import Outbox
from tests.complaints.web.test_report_pages import resolve, route

pytestmark = pytest.mark.django_db
SRI = Contact(email="sri@example.org")
LIST, CODE = "/laporan-saya/", "/laporan-saya/kode/"


def codes_on(html: str) -> list[str]:
    return re.findall(r'data-code="(\w+)"', html)


def ask(client, address="sri@example.org"):
    return client.post(CODE, {"address": address})


def the_digits() -> str:
    return digits_of(OneTimeCode.objects.latest("id"))


@pytest.fixture
def filed(make_report):
    now = timezone.now()
    return [make_report(contact=SRI, now=now - timedelta(days=days)) for days in (3, 2, 1)]


def test_a_browser_sees_what_it_filed_without_any_code(client, filled):
    assert client.get(LIST).status_code == 200
    code = client.post("/lapor/", filled(action="submit")).url.split("/")[-2]
    page = client.get(LIST)
    assert codes_on(page.content.decode()) == [code]
    assert "private, no-store" in page["Cache-Control"]
    assert codes_on(Client().get(LIST).content.decode()) == []
    assert not OneTimeCode.objects.exists()


def test_what_waits_for_the_reporter_comes_first(client, filed, make_report, jpeg):
    first, second, third = filed
    resolve(route(first), jpeg)
    done = make_report(now=timezone.now(), contact=SRI)
    Report.objects.filter(pk=done.pk).update(status="rejected", is_open=False)
    for report in (*filed, done):
        client.get(links.private_path(report))
    html = client.get(LIST).content.decode()
    assert codes_on(html) == [first.code, third.code, second.code, done.code]
    assert "1 laporan menunggu jawaban Anda." in html
    assert "Benarkah sudah beres? Keputusan terakhir ada pada Anda." in html
    client.cookies["bahasa"] = "en"
    assert "1 report waits for your answer." in client.get(LIST).content.decode()


def test_a_code_opens_them_on_another_device(client, filed):
    answer = ask(client, " SRI@example.org ")
    assert (answer.status_code, answer.url) == (302, CODE)
    html = client.get(CODE).content.decode()
    assert "SRI@example.org" in html
    assert the_digits() not in html
    answer = client.post(CODE, {"digits": the_digits()}, follow=True)
    html = answer.content.decode()
    assert "Ditemukan 3 laporan." in html
    assert codes_on(html) == [report.code for report in reversed(filed)]
    # … and this browser may act for the reporter now.
    assert b'data-testid="reporter-box"' in client.get(f"/laporan/{filed[0].code}/").content


def test_the_answer_is_the_same_for_unknown_addresses(filed):
    pages, statements = [], []
    for address in ("sri@example.org", "abc@example.org"):
        browser = Client()
        with CaptureQueriesContext(connection) as queries:
            answer = ask(browser, address)
        statements.append(
            [
                q["sql"].split("VALUES")[0].split("WHERE")[0][:80]
                for q in queries
                if "SAVEPOINT" not in q["sql"]
            ]
        )
        shown = browser.get(CODE).content.decode()
        wrong = browser.post(CODE, {"digits": "000000"})
        pages.append(
            (
                answer.status_code,
                answer.url,
                re.sub(r'value="[\w-]{30,}"|nonce="[^"]*"', "", shown).replace(address, ""),
                wrong.status_code,
                re.sub(r'value="[\w-]{30,}"|nonce="[^"]*"', "", wrong.content.decode()).replace(address, ""),
            )
        )
    assert pages[0] == pages[1]
    assert statements[0] == statements[1]


def test_wrong_digits_open_nothing_and_five_use_the_code_up(client, filed):
    ask(client)
    wrong = f"{(int(the_digits()) + 1) % 1_000_000:06d}"
    for _ in range(5):
        assert client.post(CODE, {"digits": wrong}).status_code == 422
    answer = client.post(CODE, {"digits": the_digits()})
    assert answer.status_code == 422
    assert "Kode ini sudah terpakai atau lebih dari 10 menit." in answer.content.decode()
    assert codes_on(client.get(LIST).content.decode()) == []


def test_another_browser_cannot_use_the_digits_without_having_asked(client, filed):
    ask(client)
    stranger = Client()
    assert stranger.post(CODE, {"digits": the_digits()}).url == LIST
    assert stranger.get(CODE).url == LIST
    assert codes_on(stranger.get(LIST).content.decode()) == []
    assert OneTimeCode.objects.get().used_at is None


def test_a_fourth_code_within_the_hour_is_not_sent(client, filed):
    for _ in range(3):
        assert ask(client).status_code == 302
    sent = Outbox.objects.filter(topic="code.requested").count()
    answer = ask(client)
    assert (answer.status_code, sent) == (429, 3)
    assert "Sudah tiga kode diminta" in answer.content.decode()
    assert Outbox.objects.filter(topic="code.requested").count() == 3
    # The last message's digits still count.
    assert client.post(CODE, {"digits": the_digits()}).url == LIST


@pytest.mark.parametrize("typed", ["", "bukan alamat", "sri@", "112"])
def test_what_is_no_address_is_said_and_kept(client, typed):
    answer = ask(client, typed)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="address-error"' in html
    assert f'value="{typed}"' in html
    assert not OneTimeCode.objects.exists()
    assert not Outbox.objects.exists()


def test_the_session_gets_a_new_number_when_it_gets_rights(client, filed):
    ask(client)
    before = client.cookies["sesi"].value
    client.post(CODE, {"digits": the_digits()})
    assert client.cookies["sesi"].value != before
    assert not Session.objects.filter(session_key=before).exists()


def test_a_shared_phone_forgets(client, filed):
    client.get(links.private_path(filed[0]))
    client.post("/laporan-saya/lupakan/")
    assert codes_on(client.get(LIST).content.decode()) == []
    assert b'data-testid="reporter-box"' not in client.get(f"/laporan/{filed[0].code}/").content
    assert Report.objects.count() == 3


def test_a_revoked_link_is_revoked_here_too(client, filed):
    client.get(links.private_path(filed[0]))
    Report.objects.filter(pk=filed[0].pk).update(link_version=2)
    assert codes_on(client.get(LIST).content.decode()) == []


def test_citizens_are_remembered_for_weeks_and_staff_for_a_day(client, filed, staff):
    client.get(links.private_path(filed[0]))
    assert client.session.get_expiry_age() == 30 * 24 * 3600
    user = staff("handler", "DPU")
    client.post(
        "/admin/login/", {"username": user.username, "password": "rahasia-sekali-9", "next": "/admin/"}
    )
    assert client.session.get("_auth_user_id") == str(user.pk)
    assert client.session.get_expiry_age() == 12 * 3600


@pytest.mark.parametrize("count", [3, 25])
def test_the_list_costs_the_same_for_few_and_many(client, make_report, count):
    reports = [make_report(now=timezone.now() - timedelta(hours=number)) for number in range(count)]
    for report in reports:
        client.get(links.private_path(report))
    client.get(LIST)
    with CaptureQueriesContext(connection) as queries:
        html = client.get(LIST).content.decode()
    assert len(codes_on(html)) == min(count, 20)
    assert len(queries) == 2, [query["sql"] for query in queries]  # the session, the reports
    if count > 20:
        assert "Halaman 1 dari 2" in html
        assert len(codes_on(client.get(LIST, {"hal": "2"}).content.decode())) == 5
        assert len(codes_on(client.get(LIST, {"hal": "999"}).content.decode())) == 5


def test_ways_lead_there(client, filled):
    for address in ("/", "/laporan/", "/lapor/"):
        assert 'href="/laporan-saya/"' in client.get(address).content.decode()
    thanks = client.post("/lapor/", filled(action="submit"), follow=True).content.decode()
    assert thanks.count('href="/laporan-saya/"') == 3
