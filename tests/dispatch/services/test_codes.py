"""One-time codes go out by their row's channel, in its language, while they count and are wanted."""

from datetime import timedelta

import pytest
from django.core import mail

from complaints.domain.draft import Contact
from complaints.models import OneTimeCode
from complaints.services import one_time_codes
from complaints.services.one_time_codes import Address
from dispatch.models import Outbox
from dispatch.services import channels
from dispatch.services.channels.base import PermanentError, TemporaryError
from tests.conftest import NOW
from tests.dispatch.services.following import PHONE, REPORTER


@pytest.fixture
def ask(make_report, work):
    """Somebody asks for a code; returns its digits."""

    def make(address=REPORTER, channel="email", language="id", contact=None):
        make_report(contact=contact or Contact(email=REPORTER, phone="0812 3456 7890"))
        work()
        mail.outbox.clear()
        one_time_codes.request_code(Address(address, channel), now=NOW, language=language)
        return one_time_codes.digits_of(OneTimeCode.objects.latest("id"))

    return make


def test_by_mail_in_indonesian(ask, work):
    digits = ask()
    work()
    [message] = mail.outbox
    assert message.to == [REPORTER]
    assert message.subject == f"{digits} adalah kode Anda untuk Lapor Semarang"
    assert message.body == (
        f"Kode Anda: {digits}\n\n"
        "Ketik di halaman tempat Anda memintanya. Kode berlaku 10 menit dan hanya sekali.\n\n"
        "Petugas kota tidak pernah meminta kode ini, baik lewat telepon maupun pesan. "
        "Jangan berikan kepada siapa pun.\n\n"
        "Anda tidak memintanya? Abaikan saja: tanpa kode ini tidak ada yang dapat melihat laporan Anda.\n\n"
        "-- \nLapor Semarang\n"
    )
    assert digits in message.alternatives[0][0]
    assert "List-Unsubscribe" not in message.extra_headers


def test_by_sms_in_english(sms, ask, work):
    digits = ask(PHONE, "sms", "en")
    before = len(sms())
    work()
    [(channel, to, text)] = sms()[before:]
    assert (channel, to) == ("sms", PHONE)
    assert text == (
        f"{digits} is your code for Report it, Semarang, valid for 10 minutes. Nobody from the city ever "
        "asks you for it: give it to nobody."
    )
    assert len(text) <= 160


def test_a_stranger_is_never_written_to(ask, work):
    ask("tidak-pernah-melapor@contoh.id")
    work()
    assert mail.outbox == []
    assert Outbox.objects.get(topic="code.requested").state == "done"


def test_what_counts_no_more_is_not_sent(ask, work):
    ask()
    work(NOW + timedelta(minutes=11))
    assert mail.outbox == []


class Refusing:
    def __init__(self, error):
        self.error = error

    def send(self, address, keys, message):
        raise self.error


@pytest.mark.parametrize(
    ("error", "state"), [(PermanentError("no"), "done"), (TemporaryError("busy"), "pending")]
)
def test_a_channel_that_refuses(ask, work, monkeypatch, error, state):
    ask()
    monkeypatch.setattr(channels, "by_name", lambda name: Refusing(error))
    work()
    assert Outbox.objects.get(topic="code.requested").state == state
