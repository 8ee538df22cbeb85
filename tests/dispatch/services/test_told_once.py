"""One person is never told the same thing twice: every way we could think of to make it happen."""

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection

from complaints.domain.draft import Contact
from complaints.models import Event, Report, Subscription
from complaints.services import conversation, subscriptions
from complaints.services.status import change_status
from dispatch.models import Delivery, DeliveryAttempt, Outbox
from dispatch.services import channels, deliveries, outbox, worker
from tests.conftest import NOW
from tests.dispatch.services.following import FOLLOWER, OFFICER, PHONE, REPORTER, follow, to


def tell(report, text="Kabar"):
    conversation.add_comment(report.pk, text, actor=OFFICER, now=NOW)


@pytest.mark.parametrize("typed", [REPORTER, REPORTER.upper(), f"  {REPORTER} ", "Warga@Contoh.id"])
def test_the_reporter_who_follows_as_somebody_else(report, work, typed):
    subscriptions.follow(report.pk, "email", typed, role="supporter", language="id", now=NOW)
    tell(report)
    work()
    assert Subscription.objects.count() == 1
    assert [message.subject[-23:] for message in mail.outbox] == ["DPU menulis kepada Anda"]


def test_a_follower_whose_address_becomes_the_reporters(report, work):
    """The same address asked for in both roles is one subscription, whichever came first."""
    first = follow(report)
    subscriptions.follow(report.pk, "email", FOLLOWER, role="reporter", language="id", now=NOW)
    work()
    mail.outbox.clear()
    subscriptions.confirm(first.pk, now=NOW)
    tell(report)
    work()
    assert Subscription.objects.filter(address=FOLLOWER).count() == 1
    assert len(to(FOLLOWER)) == 1


def test_dots_and_tags_are_other_addresses(report, work):
    """Whether two mailboxes are one is their server's business: only the case of letters is not looked at."""
    for address in ("a.b@contoh.id", "ab@contoh.id", "ab+lapor@contoh.id", "AB@contoh.id"):
        follow(report, address)
    tell(report)
    work()
    told = sorted(message.to[0] for message in mail.outbox if message.to != [REPORTER])
    assert told == ["AB@contoh.id", "a.b@contoh.id", "ab+lapor@contoh.id"]


@pytest.mark.parametrize("typed", ["081234567890", "0812-3456-7890", "+62 812 3456 7890", "62812 34567890"])
def test_a_phone_number_in_another_writing(make_report, work, sms, typed):
    report = make_report(contact=Contact(phone=PHONE, phone_channel="sms"))
    work()
    subscriptions.follow(report.pk, "sms", typed, role="supporter", language="id", now=NOW)
    tell(report)
    work()
    assert Subscription.objects.count() == 1
    assert [address for _channel, address, _text in sms()] == [PHONE, PHONE]  # routed, then the news


def test_two_channels_of_one_person_are_what_they_chose(make_report, work, sms):
    report = make_report(contact=Contact(phone=PHONE, phone_channel="sms", email=REPORTER))
    work()
    follow(report, PHONE, "whatsapp", role="reporter")
    before = len(sms())
    tell(report)
    work()
    assert sorted(channel for channel, _to, _text in sms()[before:]) == ["sms", "whatsapp"]
    assert len(mail.outbox) == 2
    assert sorted(Delivery.objects.filter(event_id=Event.objects.latest("id").pk).values_list("channel")) == [
        ("email",),
        ("sms",),
        ("whatsapp",),
    ]


def test_who_stops_and_begins_again_is_not_told_again(report, work):
    mine = follow(report)
    tell(report)
    work()
    subscriptions.stop(mine.pk, now=NOW)
    follow(report, FOLLOWER.upper())
    deliveries.prepare(Event.objects.latest("id"), now=NOW)
    work()
    assert len(to(FOLLOWER)) == 1
    assert to(FOLLOWER.upper()) == []


def test_replaying_everything_from_the_staff_pages(report, work):
    follow(report)
    tell(report)
    work()
    before = len(mail.outbox)
    assert before == 2
    Outbox.objects.update(state="dead")
    count = Outbox.objects.count()
    assert outbox.replay(Outbox.objects.values_list("pk", flat=True), now=NOW) == count
    work()
    work()
    assert len(mail.outbox) == before
    assert not Outbox.objects.exclude(state="done").exists()


def test_what_was_told_in_a_later_message_is_not_replayed(make_report, work, sms):
    report = make_report(contact=Contact(phone=PHONE, phone_channel="sms"))
    work()
    night = NOW + timedelta(hours=13)
    for status in ("in_progress", "waiting"):
        change_status(
            report.pk,
            status,
            actor=OFFICER,
            now=night,
            **({"waiting_on": "other", "waiting_reason": "hujan"} if status == "waiting" else {}),
        )
        worker.drain("notify", clock=lambda: night)
    worker.drain("notify", clock=lambda: night + timedelta(hours=8))
    assert len(sms()) == 2
    Outbox.objects.update(state="dead")
    outbox.replay(Outbox.objects.values_list("pk", flat=True), now=night + timedelta(hours=8))
    worker.drain("notify", clock=lambda: night + timedelta(hours=9))
    assert len(sms()) == 2


# --- Several workers at once -----------------------------------------------------------------------------


class Slow:
    """A channel on which two workers can meet."""

    def __init__(self):
        self.sent, self.lock, self.gate = [], threading.Lock(), threading.Event()

    def send(self, address, keys, message):
        self.gate.wait(1.0)
        with self.lock:
            self.sent.append(message)
        return ""


def at_once(*jobs):
    """Run jobs in threads that begin together; what they raise, in order."""
    barrier, raised = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(index, job):
        barrier.wait(10)
        try:
            job()
        except Exception as exc:
            raised[index] = exc
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return raised


@pytest.fixture
def slow(monkeypatch):
    channel = Slow()
    monkeypatch.setattr(channels, "by_name", lambda name: channel)
    return channel


def send(delivery, now=NOW):
    effect = deliveries.send(delivery.pk, now=now)
    if effect:
        effect()


@pytest.mark.usefixtures("committed_city")
def test_workers_that_hold_the_same_message_send_it_once(make_report, slow):
    """Two outbox rows for one delivery, as two replays at once would make them, and a stale lease as well."""
    make_report(contact=Contact(email=REPORTER))
    worker.drain("routing", clock=lambda: NOW)
    deliveries.prepare(Event.objects.get(kind="routed"), now=NOW)
    delivery = Delivery.objects.get()
    raised = at_once(*[lambda: send(delivery)] * 4)
    assert len(slow.sent) == 1
    held = [error for error in raised if error is not None]
    assert all(isinstance(error, outbox.Postponed) for error in held), held
    delivery.refresh_from_db()
    assert (delivery.state, DeliveryAttempt.objects.count()) == ("sent", 1)
    send(delivery)
    assert len(slow.sent) == 1


@pytest.mark.usefixtures("committed_city")
def test_workers_that_prepare_the_same_event_make_one_message(make_report):
    make_report(contact=Contact(email=REPORTER))
    worker.drain("routing", clock=lambda: NOW)
    event = Event.objects.get(kind="routed")
    row = Outbox.objects.get(topic="report.changed", payload__event_id=event.pk)
    handler = worker._handlers["report.changed"]
    from django.db import transaction

    def prepare():
        with transaction.atomic():
            handler.run(row, NOW)

    assert at_once(*[prepare] * 4) == [None] * 4
    assert Delivery.objects.count() == 1
    assert Outbox.objects.filter(topic="delivery.send").count() == 1


@pytest.mark.usefixtures("committed_city")
def test_workers_that_meet_in_the_morning_tell_the_night_once(make_report, slow):
    report = make_report(contact=Contact(email=REPORTER))
    worker.drain("routing", clock=lambda: NOW)
    tell(report, "Satu")
    tell(report, "Dua")
    for event in Event.objects.filter(kind__in=("routed", "comment")).order_by("id"):
        deliveries.prepare(event, now=NOW)
    assert Delivery.objects.count() == 3
    Delivery.objects.update(postponed_until=NOW)
    waiting = list(Delivery.objects.order_by("id"))
    raised = at_once(*[lambda delivery=delivery: send(delivery) for delivery in waiting])
    for delivery in waiting:  # those that were in another's way come again
        send(delivery, NOW + outbox.lease())
    assert all(error is None or isinstance(error, outbox.Postponed) for error in raised)
    told = [
        pk
        for sent in Delivery.objects.filter(state="sent")
        for pk in [sent.pk, *sent.tells_also.values_list("pk", flat=True)]
    ]
    assert sorted(told) == [row.pk for row in waiting]  # each once
    assert len(slow.sent) == Delivery.objects.filter(state="sent").count()
    assert Report.objects.count() == 1
