"""The mail server of `make chaos` refuses in the ways it says, and remembers what it kept."""

import smtplib

import pytest

from benchmarks.chaos import mail

MESSAGE = "From: a@contoh.id\r\nTo: b@contoh.id\r\nMessage-ID: <one@localhost>\r\n\r\nIsi.\r\n"


@pytest.fixture
def server():
    server = mail.MailServer()
    yield server
    server.close()


def send(server) -> None:
    with smtplib.SMTP("127.0.0.1", server.port, timeout=5) as client:
        client.sendmail("a@contoh.id", ["b@contoh.id"], MESSAGE)


@pytest.mark.parametrize(
    ("mode", "error", "kept"),
    [
        (mail.CLOSED, ConnectionRefusedError, []),
        (mail.BUSY, smtplib.SMTPRecipientsRefused, []),
        (mail.NOBODY, smtplib.SMTPRecipientsRefused, []),
        (mail.LOST_THEN_GONE, smtplib.SMTPServerDisconnected, []),
        (mail.KEPT_THEN_GONE, smtplib.SMTPServerDisconnected, [False]),
    ],
)
def test_each_way_of_refusing_and_back(server, mode, error, kept):
    server.switch(mode)
    with pytest.raises(error):
        send(server)
    assert [item["answered"] for item in server.record()] == kept
    server.switch(mail.OK)
    send(server)
    assert [item["answered"] for item in server.record()] == [*kept, True]
    assert {(item["message_id"], item["to"]) for item in server.record()} == {
        ("<one@localhost>", "b@contoh.id")
    }
