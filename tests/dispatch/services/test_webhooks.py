"""Webhooks against a receiver on this machine: what it gets, in which order, what happens when it fails."""

import json
import os
import re
import socket
import ssl
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core import mail
from django.utils import timezone

from complaints.domain.actor import PORTAL, Actor
from complaints.models import Event, Report
from complaints.services import conversation, status
from dispatch.domain import signature
from dispatch.models import Outbox, WebhookAttempt, WebhookDelivery, WebhookSubscriber
from dispatch.services import outbox, webhook_send, webhooks, worker
from tests.conftest import NOW
from tests.dispatch.channels.servers import HttpServer

pytestmark = pytest.mark.django_db
ALL = [kind.value for kind in webhooks.KINDS]
HOUR = timedelta(hours=1)


@pytest.fixture
def receiver(settings):
    server = HttpServer()
    settings.OUTBOUND_PRIVATE_HOSTS = ["127.0.0.1"]
    yield server
    server.close()


@pytest.fixture
def subscribe(receiver):
    """`subscribe(kinds=[…])` → the subscriber and its secret."""

    def make(**changes):
        values = {"name": "Dasbor", "url": f"{receiver.url}/terima", "kinds": ALL, "created_at": NOW}
        made = WebhookSubscriber(**(values | changes))
        secret = webhooks.new_secret(made, now=NOW)
        made.save()
        return made, secret

    return make


@pytest.fixture
def work():
    def run(now=NOW):
        for queue in ("routing", "notify"):
            worker.drain(queue, clock=lambda: now)

    return run


def bodies(receiver) -> list[dict]:
    return [json.loads(got.body) for got in receiver.requests]


def kinds(receiver) -> list[str]:
    return [body["kind"] for body in bodies(receiver)]


def states() -> list[str]:
    return list(WebhookDelivery.objects.order_by("event_id").values_list("state", flat=True))


def test_an_event_comes_signed_and_says_what_the_public_may_read(make_report, subscribe, receiver, work):
    _subscriber, secret = subscribe(kinds=["submitted", "routed", "comment"])
    report = make_report(description="Lubang, hubungi 0812-3456-7890")
    work()
    conversation.add_comment(report.pk, "Telepon 0812-3456-7890 ya", actor=Actor("reporter"), now=NOW + HOUR)
    work(NOW + HOUR)
    assert kinds(receiver) == ["submitted", "routed", "comment"]
    got, body = receiver.requests[2], bodies(receiver)[2]
    event = Event.objects.get(report=report, kind="comment")
    report.refresh_from_db()
    delivery = WebhookDelivery.objects.get(event_id=event.pk)
    assert body == {
        "id": str(event.pk),
        "kind": "comment",
        "time": event.at.isoformat(),
        "code": report.code,
        "category": "jalan-lubang",
        "status": report.status,
        "version": report.version,
        "department": report.department.code,
        "area": report.area.code,
        "link": f"http://localhost:8000/laporan/{report.code}/",
        "data": {"by": "reporter", "text": "Telepon ••• ya"},
    }
    headers = {name.lower(): value for name, value in got.headers.items()}
    stamp = str(int((NOW + HOUR).timestamp()))
    assert headers["x-lapor-timestamp"] == stamp
    assert headers["x-lapor-signature"] == f"v1={signature.sign(secret, stamp, got.body)}"
    assert (headers["x-lapor-event"], headers["x-lapor-delivery"]) == ("comment", str(delivery.uuid))
    assert "0812" not in str([item.body for item in receiver.requests])
    assert (delivery.state, delivery.sent_at, delivery.last_status) == ("sent", NOW + HOUR, 200)
    [attempt] = delivery.tries.all()
    assert (attempt.number, attempt.status, attempt.error, attempt.at) == (1, 200, "", NOW + HOUR)


def test_private_reports_notes_and_handlers_are_never_told(make_report, subscribe, receiver, work, staff):
    subscribe(kinds=[kind.value for kind in Event.Kind])
    private = make_report(is_private=True)
    work()
    conversation.add_comment(private.pk, "Rahasia", actor=Actor("reporter"), now=NOW)
    work()
    assert (receiver.requests, WebhookDelivery.objects.count()) == ([], 0)
    public = make_report()
    work()
    officer = staff("p3m")
    conversation.add_comment(public.pk, "Catatan", actor=Actor("staff", officer.pk), now=NOW, is_public=False)
    status.set_assignee(public.pk, officer.pk, actor=Actor("staff", officer.pk), now=NOW)
    work()
    assert set(kinds(receiver)) == {"submitted", "routed"}
    assert "Catatan" not in str([item.body for item in receiver.requests])


def test_what_becomes_private_meanwhile_does_not_leave(make_report, subscribe, receiver, work):
    subscribe(kinds=["submitted"])
    receiver.status = 500
    report = make_report()
    work()
    Report.objects.filter(pk=report.pk).update(is_private=True)
    receiver.status = 200
    work(NOW + HOUR)
    assert (len(receiver.requests), states()) == (1, ["failed"])


def test_a_department_hears_of_its_own_reports_only(make_report, subscribe, receiver, work):
    from city.models import Department

    subscribe(department=Department.objects.get(code="BBPJN"))
    make_report()
    elsewhere = make_report(latitude=-6.95427, longitude=110.47319)
    work()
    assert {body["code"] for body in bodies(receiver)} == {elsewhere.code}
    assert "routed" in kinds(receiver)


def test_nothing_is_told_of_what_was_rolled_back(make_report, subscribe, receiver, work):
    from django.db import transaction

    subscribe()
    report = make_report()
    work()
    before = len(receiver.requests)
    with transaction.atomic():
        conversation.add_comment(report.pk, "Halo", actor=PORTAL, now=NOW)
        transaction.set_rollback(True)
    work()
    assert len(receiver.requests) == before


def test_handling_an_event_twice_sends_it_once(make_report, subscribe, receiver, work):
    subscribe(kinds=["submitted"])
    report = make_report()
    work()
    webhooks.submitted(report.pk, now=NOW)
    work()
    assert (kinds(receiver), WebhookDelivery.objects.count()) == (["submitted"], 1)
    assert webhook_send.send(WebhookDelivery.objects.get().pk, now=NOW) is None


def test_events_of_a_report_keep_their_order_others_go_ahead(make_report, subscribe, receiver, work):
    subscribe(kinds=["submitted", "comment"])
    receiver.status = 500
    first = make_report()
    work()
    conversation.add_comment(first.pk, "Dua", actor=PORTAL, now=NOW)
    work()
    receiver.status = 200
    receiver.requests.clear()
    second = make_report()
    work(NOW + timedelta(seconds=1))  # the first one's turn has not come yet; a success lets it try at once
    told = [(body["code"], body["kind"]) for body in bodies(receiver)]
    assert told == [(second.code, "submitted"), (first.code, "submitted"), (first.code, "comment")]
    waited = WebhookDelivery.objects.get(report=first, kind="comment")
    assert waited.attempts == 1  # waiting is no attempt


def test_one_that_was_given_up_holds_up_no_later_one(make_report, subscribe, receiver, work):
    subscribe(kinds=["submitted", "comment"])
    receiver.status = 500
    report = make_report()
    work()
    webhook_send.give_up(WebhookDelivery.objects.get().pk)
    receiver.status = 200
    conversation.add_comment(report.pk, "Dua", actor=PORTAL, now=NOW)
    work()
    assert (kinds(receiver)[-1], states()) == ("comment", ["failed", "sent"])


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


def test_a_changed_secret_signs_beside_the_old_one_for_a_day(make_report, subscribe, receiver, work):
    subscriber, old = subscribe(kinds=["submitted"])
    new = webhooks.rotate(subscriber.pk, now=NOW)
    for at, expected in [(NOW, [new, old]), (NOW + 25 * HOUR, [new])]:
        make_report(now=at)
        work(at)
        got = receiver.requests[-1]
        stamp = got.headers["X-Lapor-Timestamp"]
        assert got.headers["X-Lapor-Signature"] == signature.header(expected, stamp, got.body)
    subscriber.refresh_from_db()
    assert (old in subscriber.old_secret_sealed, new in subscriber.secret_sealed) == (False, False)


def test_secrets_outlive_a_change_of_the_key(subscribe, settings):
    subscriber, secret = subscribe()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-secret-key-after-the-change"
    assert (webhooks.reseal(), webhooks.reseal()) == (1, 0)
    settings.SECRET_KEY_FALLBACKS = []
    subscriber.refresh_from_db()
    assert webhooks.secrets_of(subscriber, NOW) == [secret]


def test_one_is_sent_again_with_the_same_id(make_report, subscribe, receiver, work):
    subscribe(kinds=["submitted"])
    make_report()
    work()
    delivery = WebhookDelivery.objects.get()
    assert webhooks.replay([delivery.pk], now=NOW + HOUR) == 1
    assert webhooks.replay([delivery.pk], now=NOW + HOUR) == 0  # it is on its way already
    work(NOW + HOUR)
    assert len({body["id"] for body in bodies(receiver)}) == 1
    delivery.refresh_from_db()
    assert (len(receiver.requests), delivery.replays, delivery.state) == (2, 1, "sent")


def test_everything_since_a_time_is_sent_again_also_what_was_never_sent(
    make_report, subscribe, receiver, work, monkeypatch
):
    monkeypatch.setattr(webhooks, "_CHUNK", 3)
    subscriber, _secret = subscribe(kinds=["submitted"])
    for day in range(3):
        make_report(now=NOW + timedelta(days=day))
        work(NOW + timedelta(days=day))
    WebhookSubscriber.objects.update(is_active=False)
    for day in range(3, 5):
        make_report(now=NOW + timedelta(days=day))
        work(NOW + timedelta(days=day))
    make_report(now=NOW + timedelta(days=5), is_private=True)
    work(NOW + timedelta(days=5))
    assert len(receiver.requests) == 3
    WebhookSubscriber.objects.update(is_active=True)
    receiver.requests.clear()
    at = NOW + timedelta(days=6)
    webhooks.replay_since(subscriber.pk, NOW + timedelta(days=2), now=at)
    for _chunk in range(20):
        work(at)
    days = [body["time"][:10] for body in bodies(receiver)]
    assert days == ["2026-09-17", "2026-09-18", "2026-09-19"]
    assert set(states()) == {"sent"}


def test_old_deliveries_are_forgotten_with_their_attempts(make_report, subscribe, receiver, work):
    subscribe(kinds=["submitted"])
    make_report()
    work()
    assert webhooks.prune(now=NOW + timedelta(days=29)) == 0
    assert webhooks.prune(now=NOW + timedelta(days=31)) == 1
    assert not WebhookAttempt.objects.exists()


def test_without_receivers_an_event_costs_one_read(make_report, django_assert_num_queries):
    event = Event.objects.get(report=make_report(), kind="submitted")
    with django_assert_num_queries(1):
        webhooks.prepare(event, now=NOW)


def test_the_receiver_of_the_documentation_takes_what_is_genuine_and_nothing_else(
    make_report, subscribe, settings, work
):
    page = (Path(settings.BASE_DIR) / "docs" / "api.md").read_text(encoding="utf-8")
    [code] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(code.splitlines()) <= 30
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    subscriber, secret = subscribe(kinds=["submitted"], url=f"http://127.0.0.1:{port}/")
    program = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "LAPOR_SECRET": secret, "PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        _wait_for(port)
        report, at = make_report(), timezone.now()
        work(at)
        delivery = WebhookDelivery.objects.get()
        webhooks.replay([delivery.pk], now=at)
        work(at)  # a second time: taken, and not worked on again
        stale = timezone.now() - timedelta(minutes=6)
        webhooks.replay([delivery.pk], now=stale)
        work(stale)
        WebhookSubscriber.objects.filter(pk=subscriber.pk).update(old_secret_sealed="", secret_sealed="")
        webhooks.rotate(subscriber.pk, now=at)
        _send_once_more(delivery, at)
    finally:
        program.terminate()
        printed = program.communicate(timeout=10)[0]
    report.refresh_from_db()
    assert printed.splitlines() == [f"submitted {report.code} {report.status}"]
    answers = list(WebhookAttempt.objects.order_by("id").values_list("status", flat=True))
    assert answers == [204, 204, 403, 403]


def _send_once_more(delivery, at) -> None:
    WebhookDelivery.objects.filter(pk=delivery.pk).update(state="pending")
    WebhookSubscriber.objects.update(paused_until=None)
    with pytest.raises(webhook_send.TemporaryError, match="HTTP 403"):
        webhook_send.send(delivery.pk, now=at)


def _wait_for(port: int) -> None:
    for _try in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the example does not listen")
