"""Each channel against a server that speaks its protocol: what arrives there, and what its answers mean."""

import base64
import json
from email import message_from_bytes, policy
from urllib.parse import parse_qs, urlsplit

import http_ece
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

from complaints.services import push_keys
from dispatch.services import channels
from dispatch.services.channels import http, webpush
from dispatch.services.channels.base import Action, Message, PermanentError, TemporaryError
from tests.dispatch.channels.servers import HttpServer, SmtpServer

PHONE = "+6281234567890"
LINK = "https://lapor.example.go.id/k/abcdefghijklmnopqrstuvwxyz2345"


def message(**changes) -> Message:
    values = {
        "kind": "event",
        "subject": "Laporan K7QM-4TPX: DPU menyatakan sudah selesai – benarkah?",
        "title": "Jalan berlubang · K7QM-4TPX",
        "body": "DPU menyatakan sudah selesai – benarkah? Sudah ditambal.",
        "short": "Laporan K7QM-4TPX (Jalan berlubang): DPU menyatakan sudah selesai – benarkah?.",
        "short_tail": "Lihat, jawab, berhenti:",
        "short_url": LINK,
        "url": "https://lapor.example.go.id/kabar/news/",
        "language": "id",
        "message_id": "<delivery-1.2@lapor.example.go.id>",
        "tag": "K7QM4TPX",
        "unsubscribe_url": "https://lapor.example.go.id/kabar/stop/",
        "actions": (Action("confirm", "Ya, sudah beres", "https://lapor.example.go.id/kabar/yes/"),),
        "context": {
            "headline": "DPU menyatakan sudah selesai – benarkah?",
            "is_reporter": True,
            "one_tap": {},
        },
    }
    return Message(**values | changes)


@pytest.fixture
def server():
    running = HttpServer()
    yield running
    running.close()


# --- E-mail ------------------------------------------------------------------------------------------


@pytest.fixture
def smtp(settings):
    running = SmtpServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
    settings.EMAIL_TIMEOUT = 5
    yield running
    running.close()


def test_a_mail_arrives_whole_with_one_click_unsubscribing(smtp):
    channels.by_name("email").send("warga@contoh.id", {}, message())
    [mail] = smtp.mails
    assert mail.recipients == ["warga@contoh.id"]
    parsed = message_from_bytes(mail.data, policy=policy.default)
    assert parsed["Subject"].strip() == "Laporan K7QM-4TPX: DPU menyatakan sudah selesai – benarkah?"
    assert parsed["Message-ID"] == "<delivery-1.2@lapor.example.go.id>"
    assert parsed["Auto-Submitted"] == "auto-generated"
    assert parsed["List-Unsubscribe"] == "<https://lapor.example.go.id/kabar/stop/>"
    assert parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert [part.get_content_type() for part in parsed.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [("550 no such user", PermanentError), ("450 come back later", TemporaryError)],
)
def test_what_a_mail_server_says_of_a_recipient(smtp, answer, error):
    smtp.refuse = answer
    with pytest.raises(error):
        channels.by_name("email").send("warga@contoh.id", {}, message())


def test_a_mail_server_that_is_away_is_asked_again(settings, smtp):
    smtp.close()
    with pytest.raises(TemporaryError, match="ConnectionRefusedError"):
        channels.by_name("email").send("warga@contoh.id", {}, message())


# --- Web push ----------------------------------------------------------------------------------------


@pytest.fixture
def push(settings, server, tmp_path):
    settings.PUSH_INSECURE, settings.DATA_DIR = True, tmp_path
    settings.VAPID_PRIVATE_KEY, settings.VAPID_CONTACT = "", "mailto:admin@contoh.id"
    push_keys._kept.cache_clear()
    server.status = 201
    yield server
    push_keys._kept.cache_clear()


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.fixture
def browser():
    """A browser's key pair and secret."""
    key, auth = ec.generate_private_key(ec.SECP256R1()), b"0123456789abcdef"
    form = (serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return key, auth, {"p256dh": b64(key.public_key().public_bytes(*form)), "auth": b64(auth)}


def test_a_notification_can_be_read_by_its_browser_alone(push, browser):
    key, auth, keys = browser
    channels.by_name("webpush").send(f"{push.url}/send/abc", keys, message())
    [got] = push.requests
    assert (got.method, got.path) == ("POST", "/send/abc")
    assert b"berlubang" not in got.body
    plain = http_ece.decrypt(got.body, private_key=key, auth_secret=auth, version="aes128gcm")
    assert json.loads(plain) == {
        "title": "Jalan berlubang · K7QM-4TPX",
        "body": "DPU menyatakan sudah selesai – benarkah? Sudah ditambal.",
        "url": "https://lapor.example.go.id/kabar/news/",
        "tag": "K7QM4TPX",
        "lang": "id",
        "actions": [
            {
                "action": "confirm",
                "title": "Ya, sudah beres",
                "url": "https://lapor.example.go.id/kabar/yes/",
            }
        ],
    }
    headers = {name.lower(): value for name, value in got.headers.items()}
    assert headers["content-encoding"] == "aes128gcm"
    assert (headers["ttl"], headers["urgency"], headers["topic"]) == ("259200", "normal", "K7QM4TPX")


def test_the_push_service_can_tell_that_it_was_us(push, browser):
    channels.by_name("webpush").send(f"{push.url}/send/abc", browser[2], message())
    authorization = push.requests[0].headers["Authorization"]
    assert authorization.startswith("vapid t=")
    token, key = (part.split("=", 1)[1] for part in authorization.removeprefix("vapid ").split(","))
    assert key == push_keys.public_key()
    assert Vapid02.verify(auth=authorization)
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert (claims["aud"], claims["sub"]) == (push.url, "mailto:admin@contoh.id")


@pytest.mark.parametrize(
    ("status", "error", "is_gone"),
    [
        (404, PermanentError, True),
        (410, PermanentError, True),
        (400, PermanentError, False),
        (413, PermanentError, False),
        (403, TemporaryError, None),
        (429, TemporaryError, None),
        (500, TemporaryError, None),
        (302, TemporaryError, None),
    ],
)
def test_what_a_push_service_answers(push, browser, status, error, is_gone):
    push.status, push.location = status, f"{push.url}/elsewhere"
    with pytest.raises(error) as caught:
        channels.by_name("webpush").send(f"{push.url}/send/abc", browser[2], message())
    assert getattr(caught.value, "is_gone", None) is is_gone
    assert [got.path for got in push.requests] == ["/send/abc"]  # a redirect is not followed


@pytest.mark.parametrize(
    "address", ["https://10.0.0.1/x", "http://fcm.googleapis.com/x", "https://evil.example/"]
)
def test_an_address_that_is_no_push_service_gets_nothing(settings, browser, address):
    settings.PUSH_INSECURE = False
    with pytest.raises(PermanentError):
        channels.by_name("webpush").send(address, browser[2], message())


def test_keys_that_are_none_are_refused_and_nothing_is_sent(push):
    off_the_curve = {"p256dh": b64(b"\x04" + b"\x01" * 64), "auth": b64(b"0" * 16)}
    with pytest.raises(PermanentError, match="keys cannot be used"):
        channels.by_name("webpush").send(f"{push.url}/send/abc", off_the_curve, message())
    assert push.requests == []


def test_the_longest_notification_fits():
    long = message(title="t" * 500, body="日" * 5000, url="https://x.example/" + "u" * 200)
    assert len(webpush.payload(long)) <= webpush.PAYLOAD_MAX_BYTES


# --- Where a connection may lead ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "is_public"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:0a00:0001::1", False),
        ("64:ff9b::a00:1", False),
    ],
)
def test_private_networks_are_out_of_reach(monkeypatch, found, is_public):
    family = http.socket.AF_INET6 if ":" in found else http.socket.AF_INET
    monkeypatch.setattr(http.socket, "getaddrinfo", lambda *a, **k: [(family, 1, 6, "", (found, 443))])
    if is_public:
        assert http._looked_up("push.example", 443, False) == found
    else:
        with pytest.raises(PermanentError, match="private network"):
            http._looked_up("push.example", 443, False)


def test_one_private_address_among_public_ones_is_a_trap(monkeypatch):
    found = [(2, 1, 6, "", ("8.8.8.8", 443)), (2, 1, 6, "", ("127.0.0.1", 443))]
    monkeypatch.setattr(http.socket, "getaddrinfo", lambda *a, **k: found)
    with pytest.raises(PermanentError):
        http.send("POST", "https://push.example/x", headers={})


def test_a_server_that_never_answers_is_left(server, monkeypatch):
    monkeypatch.setattr(http, "TIMEOUT_S", 30.0)
    monkeypatch.setattr(http, "TOTAL_S", 0.3)
    server.is_slow = True
    with pytest.raises(TemporaryError):
        http.send("GET", server.url, headers={}, allow_private=True)


# --- WhatsApp ----------------------------------------------------------------------------------------


@pytest.fixture
def whatsapp(settings, server):
    settings.WHATSAPP_API_URL, settings.WHATSAPP_PHONE_ID = f"{server.url}/v23.0", "1060"
    settings.WHATSAPP_TOKEN, settings.MESSAGES_AS_FILES = "secret-token", False
    settings.WHATSAPP_TEMPLATE = settings.WHATSAPP_CODE_TEMPLATE = ""
    server.body = b'{"messaging_product": "whatsapp", "messages": [{"id": "wamid.1"}]}'
    return server


def test_whatsapp_gets_a_plain_text(whatsapp):
    channels.by_name("whatsapp").send(PHONE, {}, message())
    [got] = whatsapp.requests
    assert (got.method, got.path) == ("POST", "/v23.0/1060/messages")
    assert got.headers["Authorization"] == "Bearer secret-token"
    assert json.loads(got.body) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "6281234567890",
        "type": "text",
        "text": {
            "preview_url": False,
            "body": "Laporan K7QM-4TPX (Jalan berlubang): DPU menyatakan sudah selesai – benarkah?.\n"
            f"Lihat, jawab, berhenti: {LINK}",
        },
    }


def test_whatsapp_gets_the_approved_template(whatsapp, settings):
    settings.WHATSAPP_TEMPLATE = "kabar_laporan"
    channels.by_name("whatsapp").send(PHONE, {}, message())
    template = json.loads(whatsapp.requests[0].body)["template"]
    assert (template["name"], template["language"]) == ("kabar_laporan", {"code": "id"})
    assert [item["text"] for item in template["components"][0]["parameters"]] == [
        "Laporan K7QM-4TPX (Jalan berlubang): DPU menyatakan sudah selesai – benarkah?.",
        LINK,
    ]


def test_whatsapp_gets_a_code_by_its_own_template(whatsapp, settings):
    settings.WHATSAPP_CODE_TEMPLATE = "kode"
    channels.by_name("whatsapp").send(PHONE, {}, message(kind="code", code="012345"))
    body, button = json.loads(whatsapp.requests[0].body)["template"]["components"]
    assert body["parameters"] == button["parameters"] == [{"type": "text", "text": "012345"}]


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, 131026, PermanentError),  # not on WhatsApp
        (400, 131050, PermanentError),  # does not want our messages
        (401, 190, TemporaryError),  # our token has run out
        (429, 130429, TemporaryError),
        (400, 132001, TemporaryError),  # our template is not there
        (500, None, TemporaryError),
    ],
)
def test_what_whatsapp_answers(whatsapp, status, code, error):
    whatsapp.status = status
    whatsapp.body = json.dumps({"error": {"code": code}}).encode() if code else b"<html>"
    with pytest.raises(error) as caught:
        channels.by_name("whatsapp").send(PHONE, {}, message())
    assert PHONE[1:] not in str(caught.value)


# --- SMS ---------------------------------------------------------------------------------------------

SMS_TEXT = (
    "Laporan K7QM-4TPX (Jalan berlubang): DPU menyatakan sudah selesai... "
    "Lihat, jawab, berhenti: https://lapor.example.go.id/k/abcdefghijklmnopqrstuvwxyz2345"
)


@pytest.fixture
def sms(settings, server):
    settings.MESSAGES_AS_FILES, settings.SMS_BODY, settings.SMS_HEADERS = False, "", {"X-Key": "k"}
    settings.SMS_URL, settings.SMS_MAX_CHARS = f"{server.url}/send?to={{to}}&text={{text}}&from=LAPOR", 160
    return server


def test_an_sms_goes_out_by_an_address(sms):
    channels.by_name("sms").send(PHONE, {}, message())
    [got] = sms.requests
    assert got.method == "GET"
    assert parse_qs(urlsplit(got.path).query) == {"to": [PHONE], "text": [SMS_TEXT], "from": ["LAPOR"]}
    assert got.headers["X-Key"] == "k"
    assert len(SMS_TEXT) <= 160


def test_an_sms_goes_out_as_json(sms, settings):
    settings.SMS_URL = f"{sms.url}/v1/messages"
    settings.SMS_BODY = '{"to": ["{to}"], "message": {"text": "{text}"}, "priority": 1}'
    channels.by_name("sms").send(
        PHONE, {}, message(short='Isi {to} dan "kutip".', short_tail="", short_url="")
    )
    [got] = sms.requests
    assert got.method == "POST"
    expected = {
        "to": [PHONE],
        "message": {"text": 'Isi (to) dan "kutip".'.replace("(", "{").replace(")", "}")},
    }
    assert json.loads(got.body) == expected | {"priority": 1}
    assert got.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, PermanentError),
        (422, PermanentError),
        (401, TemporaryError),
        (402, TemporaryError),
        (429, TemporaryError),
        (503, TemporaryError),
    ],
)
def test_what_an_sms_gateway_answers(sms, status, error):
    sms.status = status
    with pytest.raises(error):
        channels.by_name("sms").send(PHONE, {}, message())
