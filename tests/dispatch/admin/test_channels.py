"""The page of the channels: what is set up, what works, what waits, and a test mail to oneself."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dispatch.models import Delivery, DeliveryAttempt
from dispatch.services import channel_states
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
Outcome = DeliveryAttempt.Outcome


@pytest.fixture(autouse=True)
def quiet(settings):
    settings.CHANNELS, settings.MESSAGES_TO, settings.MESSAGES_AS_FILES = ["email", "sms"], "", False
    settings.EMAIL_URL, settings.SMS_URL = "smtp://mail", ""


def state(name: str) -> channel_states.State:
    return next(item for item in channel_states.states(now=NOW) if item.name == name)


def attempt(report, outcome, minutes_ago: int, *, error="", channel="email", number=1):
    """An attempt of a delivery of its own."""
    at = NOW - timedelta(minutes=minutes_ago)
    delivery = Delivery.objects.create(
        report=report, event_id=1, channel=channel, recipient_hash=f"{outcome}{minutes_ago}", created_at=at
    )
    DeliveryAttempt.objects.create(
        delivery=delivery, number=number, started_at=at, finished_at=at, outcome=outcome, error=error
    )
    return delivery


def test_what_is_set_up_and_what_is_not():
    assert [state(name).tone for name in ("email", "sms", "whatsapp")] == ["unused", "broken", "off"]
    assert state("sms").missing == ("SMS_URL",)


def test_the_newest_of_success_and_failure_counts(make_report):
    report = make_report()
    attempt(report, Outcome.SENT, 50)
    assert state("email").tone == "fine"
    attempt(report, Outcome.TEMPORARY, 20, error="SMTP: no answer")
    found = state("email")
    assert (found.tone, found.last_error) == ("failing", "SMTP: no answer")
    assert found.last_sent_at == NOW - timedelta(minutes=50)
    attempt(report, Outcome.SENT, 5)
    assert state("email").tone == "fine"


def test_what_waits_is_counted_since_when(make_report):
    report = make_report()
    before = state("email").waiting
    for minutes in (9, 30):
        attempt(report, Outcome.TEMPORARY, minutes)
    assert state("email").waiting == before + 2
    assert state("email").oldest_waiting_at == NOW - timedelta(minutes=30)


def test_a_test_mail_goes_to_oneself_alone(browser, staff):
    person = staff("admin")
    page = browser(person)
    page.post(reverse("admin:channels"))
    assert mail.outbox == []  # no address, and the page says so
    person.email = "petugas@example.org"
    person.save()
    assert page.post(reverse("admin:channels")).status_code == 302
    assert [message.to for message in mail.outbox] == [["petugas@example.org"]]


def test_nobody_else_sends_one(browser, staff):
    assert browser(staff("handler", "DPU")).post(reverse("admin:channels")).status_code == 403
    assert mail.outbox == []


def test_the_page_asks_no_more_for_more_rows(browser, staff, make_report):
    page, report, counts = browser(staff("p3m")), make_report(), []
    page.get(reverse("admin:channels"))
    for minutes in ((1,), tuple(range(2, 30))):
        for each in minutes:
            attempt(report, Outcome.TEMPORARY, each)
        with CaptureQueriesContext(connection) as queries:
            page.get(reverse("admin:channels"))
        counts.append(len(queries))
    assert counts[1] == counts[0]
