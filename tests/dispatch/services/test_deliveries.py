"""Messages to reporters: who hears what, once, in their language, and what happens when mail is down."""

import hashlib
import smtplib

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from complaints import links
from complaints.domain.actor import PORTAL, THE_REPORTER, Actor
from complaints.domain.draft import Contact
from complaints.models import Event
from complaints.services import conversation
from complaints.services.status import change_status
from dispatch.domain import retry
from dispatch.models import Delivery, Outbox
from dispatch.services import deliveries, outbox, worker
from tests.conftest import NOW

OFFICER = Actor("staff")
ADDRESS = "warga@contoh.id"


@pytest.fixture
def work():
    """Work off the queues as the workers do."""

    def run(now=NOW):
        for queue in ("routing", "notify", "notify"):
            worker.drain(queue, clock=lambda: now)

    return run


@pytest.fixture
def report(make_report, work):
    """A routed report whose reporter left an address; the message about the routing is out of the way."""
    report = make_report(contact=Contact(email=ADDRESS))
    work()
    report.refresh_from_db()
    return report


def test_the_reporter_hears_who_has_the_report_and_why(report):
    [message] = mail.outbox
    assert message.to == [ADDRESS]
    assert message.subject.startswith(f"Laporan {report.spoken_code}: ")
    assert message.subject.endswith("diteruskan ke DPU")
    assert links.private_path(report) in message.body
    html = message.alternatives[0][0]
    assert 'lang="id"' in html
    assert Delivery.objects.get().state == "sent"


def test_in_the_reporters_language(make_report, work):
    make_report(contact=Contact(email=ADDRESS), language="en")
    work()
    assert mail.outbox[0].subject.startswith("Report ")


def test_without_an_address_nothing_is_sent(make_report, work):
    make_report()
    work()
    assert mail.outbox == []
    assert not Delivery.objects.exists()


def test_handling_an_event_again_sends_nothing_again(report, work):
    done = Outbox.objects.filter(queue="notify")
    done.update(state="pending")
    work()
    assert len(mail.outbox) == 1
    assert Delivery.objects.count() == 1


def test_resolved_asks_for_confirmation(report, work):
    mail.outbox.clear()
    change_status(report.pk, "in_progress", actor=OFFICER, now=NOW)
    report.category.needs_repair_photo = False
    report.category.save()
    change_status(report.pk, "resolved", actor=OFFICER, now=NOW, message="Lubang sudah ditambal.")
    work()
    resolved = mail.outbox[-1]
    assert "Lubang sudah ditambal." in resolved.body
    assert f"{links.private_path(report)}#anda" in resolved.body


def test_a_departments_words_are_told_the_reporters_own_and_notes_are_not(report, work):
    mail.outbox.clear()
    conversation.add_comment(report.pk, "Saya tambahkan keterangan.", actor=THE_REPORTER, now=NOW)
    conversation.add_comment(report.pk, "Rapat Senin.", actor=OFFICER, now=NOW, is_public=False)
    conversation.add_comment(report.pk, "<b>Besok</b> dikerjakan.", actor=OFFICER, now=NOW)
    work()
    [message] = mail.outbox
    assert "<b>Besok</b> dikerjakan." in message.body
    assert "&lt;b&gt;Besok&lt;/b&gt;" in message.alternatives[0][0]


def test_a_mail_outage_delays_and_loses_nothing(make_report, work, monkeypatch):
    works = []

    def send(self, messages):
        if not works:
            raise smtplib.SMTPServerDisconnected("gone")
        return real(self, messages)

    real = EmailBackend.send_messages
    monkeypatch.setattr(EmailBackend, "send_messages", send)
    make_report(contact=Contact(email=ADDRESS))
    work()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("pending", 1)
    assert delivery.last_error == "SMTPServerDisconnected: gone"
    works.append(True)
    work(NOW + retry.delay("notify", 1, 1.0))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.last_error) == ("sent", 2, "")
    assert len(mail.outbox) == 1


def test_a_refused_address_is_written_down_and_not_tried_again(make_report, work, monkeypatch):
    def refuse(self, messages):
        raise smtplib.SMTPRecipientsRefused({ADDRESS: (550, b"no such user")})

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    make_report(contact=Contact(email=ADDRESS))
    work()
    delivery = Delivery.objects.get()
    assert delivery.state == "failed"
    assert ADDRESS not in delivery.last_error
    assert Outbox.objects.get(topic="delivery.send").state == "done"


def test_a_server_that_asks_to_come_back_later_is_asked_later(make_report, work, monkeypatch, caplog):
    def keep_waiting(self, messages):
        raise smtplib.SMTPRecipientsRefused({ADDRESS: (450, b"greylisted, come back in five minutes")})

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", keep_waiting)
        make_report(contact=Contact(email=ADDRESS))
        work()
    assert Delivery.objects.get().state == "pending"
    assert "greylisted" in caplog.text
    assert ADDRESS not in caplog.text
    work(NOW + retry.delay("notify", 1, 1.0))
    assert Delivery.objects.get().state == "sent"
    assert len(mail.outbox) == 1


def test_an_erased_address_is_not_written_to(make_report, work):
    report = make_report(contact=Contact(email=ADDRESS))
    worker.drain("routing", clock=lambda: NOW)
    [row] = outbox.claim("notify", now=NOW)
    worker.process(row, clock=lambda: NOW)
    report.reporter.email = ""
    report.reporter.save()
    work()
    assert mail.outbox == []
    assert Delivery.objects.get().state == "failed"


def test_given_up_mail_is_replayed(make_report, work, monkeypatch):
    def down(self, messages):
        raise OSError("down")

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", down)
        make_report(contact=Contact(email=ADDRESS))
        work()
        row = Outbox.objects.get(topic="delivery.send")
        Outbox.objects.filter(pk=row.pk).update(attempts=retry.MAX_ATTEMPTS["notify"] - 1)
        work(NOW + retry.delay("notify", 1, 1.0))
    row.refresh_from_db()
    assert (row.state, Delivery.objects.get().state) == ("dead", "failed")
    assert outbox.replay([row.pk], now=NOW) == 1
    work()
    assert len(mail.outbox) == 1
    assert Delivery.objects.get().state == "sent"


def test_every_event_kind_that_is_told_can_be_put_into_words(report):
    from dispatch.services import messages

    for kind in Event.Kind.values:
        event = Event(
            report=report, kind=kind, at=NOW, actor_kind=PORTAL.kind, data={"reason_code": "severity"}
        )
        if messages.concerns_reporter(event):
            assert messages.compose(report, event, "id").subject


def test_the_hash_of_an_address_needs_the_key(settings):
    plain = hashlib.sha256(ADDRESS.encode()).hexdigest()
    [keyed] = deliveries.recipient_hashes(f" {ADDRESS.upper()}")
    assert deliveries.recipient_hashes(ADDRESS) == [keyed] != [plain]
    settings.SECRET_KEY = "another key"
    assert deliveries.recipient_hashes(ADDRESS) != [keyed]


def test_a_new_secret_key_sends_what_waits_once(make_report, work, settings):
    report = make_report(contact=Contact(email=ADDRESS))
    worker.drain("routing", clock=lambda: NOW)
    event = Event.objects.get(report=report, kind="routed")
    deliveries.prepare(event, now=NOW)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]
    work()
    assert len(mail.outbox) == 1
    assert Delivery.objects.get().state == "sent"
