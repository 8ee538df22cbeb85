"""Who follows hears, by their channel, once, and only what they may; many followers cost little."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from complaints import links, message_links
from complaints.domain.actor import THE_REPORTER
from complaints.domain.draft import Contact
from complaints.models import Event, Report, Reporter, Subscription
from complaints.services import conversation, subscriptions
from complaints.services.status import change_status
from dispatch.models import Delivery, Outbox
from dispatch.services import asks, channels, deliveries, messages, worker
from dispatch.services.channels.base import PermanentError, TemporaryError
from tests.conftest import NOW
from tests.dispatch.services.following import FOLLOWER, OFFICER, PHONE, REPORTER, follow, resolve, to


@pytest.fixture
def follower(report):
    return follow(report)


def test_both_hear_what_is_done_each_in_their_own_way(report, follower, work):
    resolve(report)
    work()
    [_started, mine], [_begun, theirs] = to(REPORTER), to(FOLLOWER)
    assert mine.subject.endswith("menyatakan sudah selesai – benarkah?")
    assert theirs.subject.endswith("menyatakan sudah selesai")
    assert "Sudah ditambal." in theirs.body
    secret = links.secret_of(report)
    assert secret in mine.body
    for text in (theirs.body, theirs.alternatives[0][0], str(theirs.extra_headers)):
        assert secret not in text
        assert "kunci=" not in text
    assert links.public_path(report) in theirs.body


def test_a_followers_message_has_no_words_that_the_public_may_not_read(report, follower, work):
    conversation.add_comment(report.pk, "Hubungi 0812-3456-7890 atau a@b.id.", actor=OFFICER, now=NOW)
    work()
    assert "Hubungi ••• atau •••." in to(FOLLOWER)[0].body
    assert "0812-3456-7890" in to(REPORTER)[0].body


def test_followers_do_not_hear_of_every_step_but_of_what_the_reporter_does(report, follower, work):
    resolve(report)
    work()
    mail.outbox.clear()
    conversation.reopen(report.pk, "Masih bolong.", now=NOW)
    work()
    assert to(REPORTER) == []
    [told] = to(FOLLOWER)
    assert told.subject.endswith("dibuka kembali: menurut pelapor belum beres")
    assert "Masih bolong." in told.body


def test_one_address_in_two_roles_is_told_once(report, work):
    again = follow(report, f" {REPORTER.upper()}")
    assert again.role == "reporter"
    change_status(report.pk, "in_progress", actor=OFFICER, now=NOW)
    work()
    assert len(mail.outbox) == 1


def test_the_once_of_a_delivery_holds_against_everybody(report, follower, work):
    change_status(report.pk, "in_progress", actor=OFFICER, now=NOW)
    work()
    row = Delivery.objects.filter(subscription=follower).get()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize("changes", [{"confirmed_at": None}, {"stopped_at": NOW}])
def test_unconfirmed_and_stopped_ones_hear_nothing(report, follower, work, changes):
    Subscription.objects.filter(pk=follower.pk).update(**changes)
    resolve(report)
    work()
    assert to(FOLLOWER) == []
    assert not Delivery.objects.filter(subscription=follower).exists()


def test_who_stops_while_a_message_waits_does_not_get_it(report, follower, work):
    change_status(report.pk, "in_progress", actor=OFFICER, now=NOW)
    event = Event.objects.latest("id")
    deliveries.prepare(event, now=NOW)
    subscriptions.stop(follower.pk, now=NOW)
    work()
    assert to(FOLLOWER) == []
    assert Delivery.objects.get(subscription=follower).state == "failed"


def test_a_report_that_became_private_is_the_reporters_alone(report, follower, work):
    change_status(report.pk, "in_progress", actor=OFFICER, now=NOW)
    event = Event.objects.latest("id")
    deliveries.prepare(event, now=NOW)  # prepared for both …
    Report.objects.filter(pk=report.pk).update(is_private=True)
    work()  # … sent to one
    conversation.add_comment(report.pk, "Kami cek.", actor=OFFICER, now=NOW)
    work()
    assert (len(to(REPORTER)), len(to(FOLLOWER))) == (2, 0)


def test_what_may_show_on_a_locked_screen_keeps_a_private_report_private(make_report, work, sms):
    report = make_report(contact=Contact(phone=PHONE), is_private=True)
    work()
    [(channel, _to, text)] = sms()
    assert channel == "whatsapp"
    assert text.startswith(f"Laporan {report.spoken_code}: ada kabar baru.\n")
    event = Event.objects.get(report=report, kind="routed")
    subscription = Subscription.objects.select_related("report").get()
    message = messages.compose(report, event, "id", subscription)
    shown = f"{message.title} {message.body} {message.short}"
    assert "lubang" not in shown
    assert message.body == "Ada kabar baru. Ketuk untuk membacanya."


# --- Channels that refuse -------------------------------------------------------------------------------


class Failing:
    def __init__(self, error):
        self.error = error

    def send(self, address, keys, message):
        raise self.error


def failing(monkeypatch, error):
    monkeypatch.setattr(channels, "by_name", lambda name: Failing(error))


def test_three_refusals_in_a_row_end_a_subscription(report, follower, work, monkeypatch):
    with monkeypatch.context() as patch:
        failing(patch, PermanentError("no such box"))
        for number in range(1, 4):
            conversation.add_comment(report.pk, f"Kabar {number}", actor=OFFICER, now=NOW)
            work()
            follower.refresh_from_db()
            assert (follower.failures, follower.stopped_at) == (number, NOW if number == 3 else None)
    conversation.add_comment(report.pk, "Kabar 4", actor=OFFICER, now=NOW)
    work()
    assert to(FOLLOWER) == []


def test_a_message_that_arrives_forgets_earlier_refusals(report, follower, work):
    Subscription.objects.filter(pk=follower.pk).update(failures=2)
    conversation.add_comment(report.pk, "Kabar", actor=OFFICER, now=NOW)
    work()
    follower.refresh_from_db()
    assert (follower.failures, len(to(FOLLOWER))) == (0, 1)


def test_a_browser_that_is_gone_is_left_at_once(report, work, monkeypatch):
    browser = follow(
        report, "https://fcm.googleapis.com/fcm/send/x", "webpush", keys={"p256dh": "", "auth": ""}
    )
    failing(monkeypatch, PermanentError("push service: 410", is_gone=True))
    conversation.add_comment(report.pk, "Kabar", actor=OFFICER, now=NOW)
    work()
    browser.refresh_from_db()
    assert browser.stopped_at == NOW


def test_a_channel_that_is_away_delays_and_ends_nothing(report, follower, work, monkeypatch):
    with monkeypatch.context() as patch:
        failing(patch, TemporaryError("busy"))
        conversation.add_comment(report.pk, "Kabar", actor=OFFICER, now=NOW)
        work()
    delivery = Delivery.objects.get(subscription=follower)
    assert (delivery.state, delivery.last_error) == ("pending", "busy")
    work(NOW + timedelta(minutes=5))
    assert len(to(FOLLOWER)) == 1


# --- Many -----------------------------------------------------------------------------------------------


def queries_for(report, followers: int) -> int:
    Subscription.objects.filter(role="supporter").delete()
    for number in range(followers):
        follow(report, f"warga{number}@contoh.id")
    conversation.add_comment(report.pk, f"Kabar untuk {followers}", actor=OFFICER, now=NOW)
    event = Event.objects.latest("id")
    with (
        CaptureQueriesContext(
            connection,
        ) as captured,
        transaction.atomic(),
    ):
        deliveries.prepare(event, now=NOW)
    assert Delivery.objects.filter(event_id=event.pk).count() == followers + 1
    assert Outbox.objects.filter(topic="delivery.send", state="pending").count() >= followers + 1
    return len([query for query in captured if "SAVEPOINT" not in query["sql"]])


def test_two_hundred_followers_cost_a_few_queries_more_than_two(report):
    few, many = queries_for(report, 2), queries_for(report, 200)
    assert few == 5  # held back?, who follows, who was told, deliveries, outbox rows
    per_insert = connection.ops.bulk_batch_size(Delivery._meta.local_concrete_fields[1:], range(1000))
    batches = 1 if per_insert >= 201 else -(-201 // per_insert)
    assert many <= 4 + 2 * batches


def test_the_reporter_is_told_first(report):
    follow(report)
    conversation.add_comment(report.pk, "Kabar", actor=OFFICER, now=NOW)
    deliveries.prepare(Event.objects.latest("id"), now=NOW)
    assert Delivery.objects.order_by("id").last().subscription.role == "supporter"
    assert Delivery.objects.order_by("-id")[1].subscription.role == "reporter"


# --- "Was it you?" and codes ---------------------------------------------------------------------------


def test_the_first_message_only_asks(report, work):
    subscriptions.follow(report.pk, "email", FOLLOWER, role="supporter", language="en", now=NOW)
    work()
    [asked] = to(FOLLOWER)
    assert asked.subject == f"Do you want to follow report {report.spoken_code}?"
    subscription = Subscription.objects.select_related("report").get(role="supporter")
    assert message_links.url(message_links.token_of(subscription, "opt_in")) in asked.body
    assert "List-Unsubscribe" not in asked.extra_headers
    resolve(report)
    work()
    assert len(to(FOLLOWER)) == 1


def test_nobody_is_asked_who_has_answered_meanwhile(report, work):
    subscriptions.follow(report.pk, "email", FOLLOWER, role="supporter", language="id", now=NOW)
    subscription = Subscription.objects.get(role="supporter")
    subscriptions.stop(subscription.pk, now=NOW)
    work()
    assert to(FOLLOWER) == []
    Subscription.objects.filter(pk=subscription.pk).delete()
    assert asks.send_ask(subscription.pk, now=NOW) is None


def test_an_erased_reporter_is_not_written_to_by_phone_either(make_report, work, sms):
    report = make_report(contact=Contact(phone=PHONE, phone_channel="sms"))
    worker.drain("routing", clock=lambda: NOW)
    Reporter.objects.filter(report=report).update(phone="")
    work()
    assert sms() == []


def test_own_words_come_back_to_nobody(report, follower, work):
    conversation.add_comment(report.pk, "Saya tambahkan.", actor=THE_REPORTER, now=NOW)
    work()
    assert mail.outbox == []
