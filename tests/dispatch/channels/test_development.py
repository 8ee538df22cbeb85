"""The version of every channel for development: kept or printed to the letter, and nothing leaves."""

import json

import pytest
from django.core.exceptions import ImproperlyConfigured

from complaints.services import subscriptions
from dispatch.services import channels
from dispatch.services.channels import http, webpush
from lapor import messaging
from tests.dispatch.channels.test_contracts import LINK, PHONE, SMS_TEXT, message


def test_for_development_messages_become_files(settings, tmp_path):
    settings.MESSAGES_AS_FILES, settings.DATA_DIR, settings.SMS_MAX_CHARS = True, tmp_path, 160
    channels.by_name("sms").send(PHONE, {}, message())
    [path] = (tmp_path / "messages").iterdir()
    assert json.loads(path.read_text()) == {"channel": "sms", "to": PHONE, "kind": "event", "text": SMS_TEXT}


ADDRESSES = {
    "email": ("warga@contoh.id", {}),
    "webpush": ("https://fcm.googleapis.com/fcm/send/x", {"p256dh": "", "auth": ""}),
    "whatsapp": (PHONE, {}),
    "sms": (PHONE, {}),
}
KEPT = {
    "email": {"subject", "text", "html", "headers"},
    "webpush": {"notification"},
    "whatsapp": {"text"},
    "sms": {"text"},
}


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("somebody was connected to")

    monkeypatch.setattr(http.socket, "create_connection", refuse)
    monkeypatch.setattr(http.socket, "getaddrinfo", refuse)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_every_channel_can_be_kept_in_a_folder(settings, tmp_path, name):
    settings.MESSAGES_TO, settings.DATA_DIR = "files", tmp_path
    address, keys = ADDRESSES[name]
    kept = channels.by_name(name).send(address, keys, message())
    [path] = (tmp_path / "messages").iterdir()
    assert path.name == kept
    content = json.loads(path.read_text())
    assert (content["channel"], content["to"], content["kind"]) == (name, address, "event")
    assert set(content) - {"channel", "to", "kind"} == KEPT[name]
    if name == "webpush":
        assert content["notification"] == json.loads(webpush.payload(message()))


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("email", "── email → warga@contoh.id (event) "),
        ("email", "Laporan K7QM-4TPX: DPU menyatakan sudah selesai – benarkah?"),
        ("webpush", '"title": "Jalan berlubang · K7QM-4TPX"'),
        ("whatsapp", f"benarkah?.\nLihat, jawab, berhenti: {LINK}"),
        ("sms", SMS_TEXT),
    ],
)
def test_every_channel_can_be_printed(settings, tmp_path, capsys, name, expected):
    settings.MESSAGES_TO, settings.DATA_DIR = "console", tmp_path
    address, keys = ADDRESSES[name]
    assert channels.by_name(name).send(address, keys, message()) == ""
    printed = capsys.readouterr().out
    assert expected in printed
    assert not (tmp_path / "messages").exists()


def test_phone_channels_are_on_offer_where_messages_are_kept(settings):
    settings.CHANNELS, settings.MESSAGES_AS_FILES = ["email", "whatsapp", "sms"], False
    settings.WHATSAPP_TOKEN = settings.SMS_URL = ""
    assert subscriptions.channels_offered() == ["email"]
    for place in ("files", "console"):
        settings.MESSAGES_TO = place
        assert subscriptions.channels_offered() == ["email", "whatsapp", "sms"]


def test_a_place_that_is_none_stops_the_start():
    assert [messaging._place(said) for said in ("", "files", "console")] == ["", "files", "console"]
    with pytest.raises(ImproperlyConfigured, match="files or console"):
        messaging._place("stdout")
