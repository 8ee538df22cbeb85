"""Receivers that fail, and addresses that must not be: how webhooks bear it."""

import ssl
import time
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core import mail
from django.utils import timezone

from dispatch.models import Outbox, WebhookAttempt, WebhookDelivery
from dispatch.services import outbox, webhook_send
from tests.conftest import NOW
from tests.dispatch.services.hooks import *  # noqa: F403 - fixtures
from tests.dispatch.services.hooks import HOUR, bodies, states

pytestmark = pytest.mark.django_db


def _until_quiet(work, at, most=60):
    """Let the workers try until nothing is due any more; the time of the last try."""
    for _try in range(most):
        row = Outbox.objects.filter(state="pending").order_by("due_at").first()
        if row is None:
            break
        at = max(at, row.due_at)
        work(at)
    return at


def test_failures_are_retried_given_up_listed_and_replayed(make_report, subscribe, receiver, work):
    subscribe(kinds=["submitted"])
    receiver.status = 500
    make_report()
    work()
    at = _until_quiet(work, NOW)
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.last_error) == ("failed", 20, "HTTP 500")
    assert at - NOW > 6 * HOUR
    assert WebhookAttempt.objects.filter(status=500).count() == 20
    row = Outbox.objects.get(topic="webhook.send")
    assert row.state == "dead"
    receiver.status = 200
    assert outbox.replay([row.pk], now=at + 2 * HOUR) == 1
    work(at + 2 * HOUR)
    assert states() == ["sent"]
    assert len({body["id"] for body in bodies(receiver)}) == 1


def test_a_failing_receiver_is_left_alone_and_costs_no_attempts(make_report, subscribe, receiver, work):
    subscriber, _secret = subscribe(kinds=["submitted"])
    receiver.status = 503
    for _number in range(6):
        make_report()
    work()
    subscriber.refresh_from_db()
    assert (len(receiver.requests), subscriber.failed_count) == (3, 3)
    assert timedelta(seconds=22) <= subscriber.paused_until - NOW <= timedelta(seconds=38)
    assert WebhookDelivery.objects.filter(attempts=0).count() == 3
    receiver.status = 200
    work(subscriber.paused_until)
    work(subscriber.paused_until + timedelta(seconds=1))
    assert states() == ["sent"] * 6
    subscriber.refresh_from_db()
    assert (subscriber.failed_count, subscriber.failing_since, subscriber.paused_until) == (0, None, None)


def test_gone_switches_off_at_once_and_tells_the_administrators(
    make_report, subscribe, receiver, work, staff
):
    boss = staff("admin")
    boss.email = "admin@example.org"
    boss.save()
    subscriber, _secret = subscribe(kinds=["submitted"])
    receiver.status = 410
    make_report()
    work()
    subscriber.refresh_from_db()
    assert (subscriber.is_active, subscriber.disabled_why) == (False, "gone")
    assert (states(), len(receiver.requests)) == (["failed"], 1)
    [message] = mail.outbox
    assert (message.to, "Dasbor" in message.subject) == (["admin@example.org"], True)
    make_report()
    work()
    assert len(receiver.requests) == 1


def test_days_without_a_success_switch_off(make_report, subscribe, receiver, work, settings):
    settings.WEBHOOK_DISABLE_AFTER_H = 5
    subscriber, _secret = subscribe(kinds=["submitted"])
    receiver.status = 500
    make_report()
    work()
    _until_quiet(work, NOW)
    subscriber.refresh_from_db()
    assert (subscriber.is_active, subscriber.disabled_why) == (False, "failing")
    assert subscriber.disabled_at - subscriber.failing_since >= 5 * HOUR
    assert states() == ["failed"]


def test_a_redirect_is_refused(make_report, subscribe, receiver, work):
    subscribe(kinds=["submitted"])
    receiver.status, receiver.location = 302, "http://169.254.169.254/latest/"
    make_report()
    work()
    assert len(receiver.requests) == 1
    assert "redirects are not followed" in WebhookDelivery.objects.get().last_error


def test_a_slow_receiver_is_hung_up_on(make_report, subscribe, receiver, work, monkeypatch):
    monkeypatch.setattr(webhook_send, "TOTAL_S", 0.5)
    subscribe(kinds=["submitted"])
    receiver.is_slow = True
    make_report()
    began = time.monotonic()
    work()
    assert time.monotonic() - began < 5
    attempt = WebhookAttempt.objects.get()
    assert (attempt.status, attempt.error != "", 400 <= attempt.duration_ms < 4000) == (None, True, True)
    assert states() == ["pending"]


def test_a_huge_answer_is_not_read(make_report, subscribe, receiver, work):
    subscribe(kinds=["submitted"])
    receiver.body = b"x" * 20_000_000
    make_report()
    work()
    assert states() == ["sent"]


def test_a_certificate_that_nobody_vouches_for_is_refused(make_report, subscribe, receiver, work, tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    today = timezone.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    receiver.server.socket = context.wrap_socket(receiver.server.socket, server_side=True)
    subscribe(kinds=["submitted"], url=receiver.url.replace("http:", "https:"))
    make_report()
    work()
    assert (receiver.requests, states()) == ([], ["pending"])
    assert "CERTIFICATE_VERIFY_FAILED" in WebhookDelivery.objects.get().last_error


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("https://127.0.0.1:1/", "private network"),
        ("https://localhost/", "private network"),
        ("https://169.254.169.254/", "private network"),
        ("http://example.org/", "not_https"),
        ("https://user:pw@example.org/", "has_password"),
    ],
)
def test_no_address_that_a_receiver_must_not_have(make_report, subscribe, work, settings, url, error):
    settings.OUTBOUND_PRIVATE_HOSTS = []
    subscribe(kinds=["submitted"], url=url)
    make_report()
    work()
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, error in delivery.last_error) == ("failed", True)
