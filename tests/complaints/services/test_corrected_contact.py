"""A reporter corrects a phone number or how it is written to: messages follow."""

from dataclasses import replace

import pytest

from complaints.domain.draft import Contact
from complaints.models import Subscription
from complaints.services import changes
from tests.complaints.services.test_changes import SOON, SRI, as_it_is, everything

pytestmark = pytest.mark.django_db


@pytest.fixture
def phones(settings):
    """A portal that writes to phones by WhatsApp and SMS."""
    settings.CHANNELS, settings.MESSAGES_AS_FILES = ["email", "whatsapp", "sms"], True


def reached(report) -> list[tuple[str, str]]:
    return sorted(Subscription.objects.filter(report=report).values_list("channel", "address"))


@pytest.mark.parametrize(
    ("way", "phone", "new_way", "expected"),
    [
        ("sms", "+6281234567899", "sms", [("sms", "+6281234567899")]),
        ("sms", "+6281234567899", "", [("sms", "+6281234567899")]),  # a form that does not ask keeps the way
        ("sms", "+6281234567890", "whatsapp", [("whatsapp", "+6281234567890")]),
        ("sms", "+6281234567890", "none", []),
        ("sms", "", "", []),
        ("none", "+6281234567899", "", []),
        ("none", "+6281234567899", "whatsapp", [("whatsapp", "+6281234567899")]),
    ],
)
def test_messages_follow_the_phone_that_was_corrected(make_report, phones, way, phone, new_way, expected):
    first = Contact(name="Sri Contoh", phone="+6281234567890", phone_channel=way)
    report = make_report(contact=first)
    new = Contact(name="Sri Contoh", phone=phone, phone_channel=new_way)
    changes.edit_report(report.pk, as_it_is(report, contact=new), now=SOON)
    assert reached(report) == expected
    assert report.events.last().data == {"fields": ["contact"]}
    assert changes.contact_of(report).phone == phone


def test_a_phone_that_is_added_later_is_written_to(make_report, phones):
    report = make_report(contact=Contact(email="sri@example.org"))
    new = Contact(email="sri@example.org", phone="+6281234567890", phone_channel="sms")
    changes.edit_report(report.pk, as_it_is(report, contact=new), now=SOON)
    assert reached(report) == [("email", "sri@example.org"), ("sms", "+6281234567890")]


def test_a_form_sent_back_as_it_was_changes_nothing(make_report, phones):
    report = make_report(contact=replace(SRI, phone_channel="sms"))
    before = everything(report)
    changes.edit_report(report.pk, as_it_is(report, contact=changes.contact_of(report)), now=SOON)
    assert everything(report) == before
