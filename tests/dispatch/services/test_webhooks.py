"""Webhooks against a receiver on this machine: what it gets, in which order, what happens when it fails."""

import os
import re
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from complaints.domain.actor import PORTAL, Actor
from complaints.models import Event, Report
from complaints.services import conversation, status
from dispatch.domain import signature
from dispatch.models import WebhookAttempt, WebhookDelivery, WebhookSubscriber
from dispatch.services import webhook_send, webhooks
from tests.conftest import NOW
from tests.dispatch.services.hooks import *  # noqa: F403 - fixtures
from tests.dispatch.services.hooks import HOUR, bodies, kinds, states

pytestmark = pytest.mark.django_db


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
