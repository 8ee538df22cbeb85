"""Every attempt is written down before it is made, finished once, and never changed."""

import base64
from datetime import timedelta

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.utils import timezone

from complaints.domain.draft import Contact
from complaints.models import Event
from complaints.services import conversation
from dispatch.domain import retry
from dispatch.models import Delivery, DeliveryAttempt, Outbox
from dispatch.services import attempts, channels, deliveries, outbox, worker
from dispatch.services.channels import sms as sms_channel
from dispatch.services.channels import whatsapp
from dispatch.services.channels.base import PermanentError, TemporaryError
from tests.conftest import NOW
from tests.dispatch.services.following import OFFICER, PHONE, REPORTER


class Answering:
    """A channel that gives these answers, one after another, then accepts."""

    def __init__(self, *answers):
        self.answers, self.sent = list(answers), []

    def send(self, address, keys, message):
        answer = self.answers.pop(0) if self.answers else "ok"
        if isinstance(answer, Exception):
            raise answer
        self.sent.append(message)
        return answer


def answering(monkeypatch, *answers) -> Answering:
    channel = Answering(*answers)
    monkeypatch.setattr(channels, "by_name", lambda name: channel)
    return channel


def rows() -> list[tuple]:
    return list(
        DeliveryAttempt.objects.order_by("number").values_list("number", "outcome", "error", "answer")
    )


@pytest.fixture
def waiting(make_report):
    """A delivery that nobody has tried to send yet."""
    make_report(contact=Contact(email=REPORTER))
    worker.drain("routing", clock=lambda: NOW)
    [row] = outbox.claim("notify", now=NOW)
    worker.process(row, clock=lambda: NOW)
    return Delivery.objects.get()


def test_each_try_has_a_row(waiting, work, monkeypatch):
    answering(monkeypatch, TemporaryError(f"450 <{REPORTER}> later"), TemporaryError("busy"), "id 7")
    later = NOW
    for number in (1, 2, 3):
        work(later)
        later += retry.delay("notify", number, 1.0)
    assert rows() == [
        (1, "temporary", "450 <•••> later", ""),
        (2, "temporary", "busy", ""),
        (3, "sent", "", "id 7"),
    ]
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts) == ("sent", 3)


@pytest.mark.parametrize(
    ("error", "outcome"), [(PermanentError(f"no {PHONE}"), "permanent"), (KeyError("x"), "temporary")]
)
def test_what_ends_it_stands_there_without_the_address(waiting, work, monkeypatch, error, outcome):
    answering(monkeypatch, error)
    work()
    [(_number, found, text, _answer)] = rows()
    assert found == outcome
    assert PHONE not in text
    assert text


def test_one_that_is_not_wanted_any_more_is_skipped(waiting, work):
    waiting.subscription.stopped_at = NOW
    waiting.subscription.save()
    work()
    assert rows() == [(1, "skipped", "no longer wanted, or the address was erased", "")]
    assert mail.outbox == []


def test_a_worker_killed_between_sending_and_commit_leaves_a_beginning_without_an_end(waiting, monkeypatch):
    channel = answering(monkeypatch)
    [row] = outbox.claim("notify", now=NOW)
    worker._handlers[row.topic].run(row, NOW)  # … and dies before what it returns is written down
    assert (len(channel.sent), rows()) == (1, [(1, "", "", "")])
    assert DeliveryAttempt.objects.get().finished_at is None
    # Within the lease nobody else sends it, whatever they think they hold.
    with pytest.raises(outbox.Postponed) as held:
        deliveries.send(waiting.pk, now=NOW + timedelta(seconds=29))
    assert held.value.until == NOW + outbox.lease()
    # After it the next worker does, under the same Message-ID.
    worker.drain("notify", clock=lambda: NOW + outbox.lease())
    assert rows() == [(1, "", "", ""), (2, "sent", "", "ok")]
    assert len({message.message_id for message in channel.sent}) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": "sent"},
        {"error": "never happened"},
        {"answer": "x"},
        {"finished_at": NOW + timedelta(days=1)},
        {"finished_at": None, "outcome": ""},
        {"number": 9},
    ],
)
def test_what_is_written_is_never_changed(waiting, work, monkeypatch, change):
    answering(monkeypatch, PermanentError("no"))
    work()
    before = DeliveryAttempt.objects.values().get()
    with pytest.raises(DatabaseError), transaction.atomic():
        DeliveryAttempt.objects.update(**change)
    assert DeliveryAttempt.objects.values().get() == before


def test_an_attempt_cannot_be_begun_twice_or_moved_while_it_ends(waiting):
    begun = attempts.begin(waiting, now=NOW)
    for change in ({"started_at": NOW + timedelta(days=1)}, {"number": 2}, {"id": begun.row.pk + 7}):
        with pytest.raises(DatabaseError), transaction.atomic():
            DeliveryAttempt.objects.update(finished_at=NOW, outcome="sent", **change)
    with pytest.raises(DatabaseError), transaction.atomic():
        DeliveryAttempt.objects.create(delivery=waiting, number=1, started_at=NOW)
    assert rows() == [(1, "", "", "")]


def test_old_attempts_go_and_young_ones_cannot(waiting):
    today = timezone.now()
    for number, age in enumerate((91, 89, 5), start=1):
        DeliveryAttempt.objects.create(
            delivery=waiting, number=number, started_at=today - timedelta(days=age)
        )
    with pytest.raises(DatabaseError), transaction.atomic():
        DeliveryAttempt.objects.filter(number=3).delete()
    assert attempts.prune(now=today) == 1
    assert list(DeliveryAttempt.objects.values_list("number", flat=True)) == [2, 3]
    assert Delivery.objects.filter(pk=waiting.pk).exists()


def test_the_number_in_a_whatsapp_id_is_not_kept():
    name = (
        "wamid." + base64.b64encode(b"\x1d\x18\x0d6281234567890\x15\x02\x00\x11\x18\x12" + b"A" * 18).decode()
    )
    content = f'{{"messages": [{{"id": "{name}"}}]}}'.encode()
    kept = whatsapp._name_in(content)
    assert kept == f"wamid…{name[-20:]}"
    assert base64.b64encode(b"6281234567890").decode()[:12] not in kept
    assert whatsapp._name_in(b"<html>") == whatsapp._name_in(b'{"messages": []}') == ""


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b'{"message_id": "abc-1", "to": "+6281234567890"}', "message_id abc-1"),
        (b'{"data": {"messages": [{"to": "+62812", "messageId": 71}]}}', "messageId 71"),
        (b'{"status": "ok"}', ""),
        (b"OK", ""),
        (b'"' + b"x" * 300 + b'"', ""),
    ],
)
def test_what_a_gateway_calls_an_sms(content, found):
    assert sms_channel._name_in(content) == found


def test_a_message_costs_the_same_however_many_were_sent(report, django_assert_max_num_queries):
    for number in range(3):
        conversation.add_comment(report.pk, f"Kabar {number}", actor=OFFICER, now=NOW)
    for event in Event.objects.filter(kind="comment"):
        deliveries.prepare(event, now=NOW)
    assert Outbox.objects.filter(topic="delivery.send", state="pending").count() == 3
    for delivery in Delivery.objects.filter(state="pending"):
        with django_assert_max_num_queries(21):
            deliveries.send(delivery.pk, now=NOW)()
