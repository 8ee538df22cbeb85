"""The complaints desk's pages for owners outside the city."""

import pytest
from django.urls import reverse

from dispatch.models import Referral
from dispatch.services import worker
from tests.conftest import NOW
from tests.dispatch.admin.conftest import case_url

pytestmark = pytest.mark.django_db


@pytest.fixture
def referral(report_at):
    report_at("BBPJN", description="Lubang besar, telepon 0812-3456-7890.", street="Jalan Kaligawe")
    worker.drain("notify", clock=lambda: NOW)
    return Referral.objects.select_related("report").get()


def address(name, referral):
    return reverse(f"admin:dispatch_referral_{name}", args=[referral.pk])


def test_the_case_offers_letter_and_sending(referral, browser, desk):
    page = browser(desk)
    html = page.get(case_url(referral.report)).content.decode()
    assert 'data-testid="referral"' in html
    assert address("letter", referral) in html
    sent = page.post(address("sent", referral), {"reference": "620/BB/9"})
    assert (sent.status_code, sent.url) == (302, case_url(referral.report) + "#rujukan")
    html = page.get(case_url(referral.report)).content.decode()
    assert "620/BB/9" in html
    assert address("ask", referral) in html
    wrong = page.post(address("ask", referral), {"check_back_on": "besok"}, follow=True)
    assert "2026-12-31" in wrong.content.decode()
    page.post(address("ask", referral), {"message": "Ditelepon, akan ditambal Senin.", "check_back_on": ""})
    referral.refresh_from_db()
    assert referral.asked_count == 1


def test_the_letter_says_all_but_who_reported(referral, browser, desk):
    html = browser(desk).get(address("letter", referral)).content.decode()
    for text in (referral.report.spoken_code, "Jalan Kaligawe", f"/laporan/{referral.report.code}/", "<svg"):
        assert text in html
    assert "0812" not in html
    assert "kunci=" not in html


@pytest.mark.parametrize("role", ["operator", "planner", "viewer"])
def test_others_neither_read_the_letter_nor_mark_it(referral, browser, staff, role):
    page = browser(staff(role))
    assert page.get(address("letter", referral)).status_code == 403
    assert page.post(address("sent", referral)).status_code in (403, 404)
    referral.refresh_from_db()
    assert referral.sent_at is None


def test_another_departments_handler_finds_nothing(referral, browser, handler):
    page = browser(handler)
    assert page.get(address("letter", referral)).status_code == 403
    assert page.post(address("sent", referral)).status_code == 404


def test_the_desks_first_page_lists_what_is_to_be_done(referral, browser, desk, handler):
    assert 'data-testid="referrals"' in browser(desk).get(reverse("admin:index")).content.decode()
    assert 'data-testid="referrals"' not in browser(handler).get(reverse("admin:index")).content.decode()
