"""What browsers hand over to be notified: only real push services, only real keys."""

import base64

import pytest

from complaints.domain import push
from lapor.messaging import PUSH_SERVICES

FCM = "https://fcm.googleapis.com/fcm/send/abc:DEF-123"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (FCM, True),
        ("https://updates.push.services.mozilla.com/wpush/v2/gAAAA", True),
        ("https://web.push.apple.com/QGx", True),
        ("https://wns2-sg2p.notify.windows.com/w/?token=BQ", True),
        ("https://fcm.googleapis.com:443/fcm/send/x", True),
        ("http://fcm.googleapis.com/fcm/send/x", False),
        ("https://fcm.googleapis.com:8443/x", False),
        ("https://fcm.googleapis.com@evil.example/x", False),
        ("https://user:pw@fcm.googleapis.com/x", False),
        ("https://fcm.googleapis.com.evil.example/x", False),
        ("https://evil.example/fcm.googleapis.com", False),
        ("https://push.apple.com.evil.example/x", False),
        ("https://xpush.apple.com/x", False),
        ("https://127.0.0.1/x", False),
        ("https://[::1]/x", False),
        ("https://169.254.169.254/latest/meta-data", False),
        ("file:///etc/passwd", False),
        ("https://fcm.googleapis.com/" + "a" * 600, False),
        ("https://fcm.googleapis.com/a b", False),
        ("https://fcm.googleapis.com/a\r\nHost: evil", False),
        ("https://fcm.googleapis.com:port/", False),
        ("https://[fcm/", False),
        ("", False),
    ],
)
def test_only_push_services_are_endpoints(address, expected):
    assert push.is_endpoint(address, PUSH_SERVICES) is expected


def test_any_service_by_setting_but_never_without_tls():
    assert push.is_endpoint("https://push.example.org/x", ["*"])
    assert not push.is_endpoint("http://push.example.org/x", ["*"])
    assert push.is_endpoint("http://127.0.0.1:9/x", [], is_insecure=True)


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()


PUBLIC, SECRET = b"\x04" + b"p" * 64, b"s" * 16


def test_keys_are_kept_in_one_spelling():
    expected = {"p256dh": encoded(PUBLIC).rstrip("="), "auth": encoded(SECRET).rstrip("=")}
    assert push.read_keys(encoded(PUBLIC), encoded(SECRET)) == expected
    plain = base64.b64encode(PUBLIC).decode(), base64.b64encode(SECRET).decode()
    assert push.read_keys(*plain) == expected


@pytest.mark.parametrize(
    ("public", "secret"),
    [
        ("", ""),
        (encoded(PUBLIC), encoded(b"short")),
        (encoded(b"\x02" + b"p" * 64), encoded(SECRET)),
        (encoded(PUBLIC[:-1]), encoded(SECRET)),
        ("é", encoded(SECRET)),
        ("a" * 1000, encoded(SECRET)),
    ],
)
def test_what_cannot_be_a_key_is_none(public, secret):
    assert push.read_keys(public, secret) is None
