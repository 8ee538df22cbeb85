"""News of the night comes in the morning, in one message; what cannot wait does not."""

from datetime import datetime, timedelta

import pytest
from django.core import mail

from city.models import QuietHours
from city.services import versions
from complaints.domain.draft import Contact
from complaints.models import Event, Report, Subscription
from complaints.services import conversation, one_time_codes, subscriptions
from complaints.services.one_time_codes import Address
from complaints.services.status import change_status
from dispatch.models import Delivery, DeliveryAttempt, Outbox
from dispatch.services import deliveries, worker
from tests.conftest import NOW, WIB
from tests.dispatch.services.following import FOLLOWER, OFFICER, PHONE, REPORTER, follow, to

EVENING = datetime(2026, 9, 15, 22, tzinfo=WIB)
MORNING = datetime(2026, 9, 16, 5, tzinfo=WIB)


@pytest.fixture
def report(make_report, work, sms):
    """A routed report whose reporter is told by SMS; the message about the routing is out of the way."""
    report = make_report(contact=Contact(phone=PHONE, phone_channel="sms"))
    work()
    report.refresh_from_db()
    report.category.needs_repair_photo = False
    report.category.save()
    return report


def drain(now):
    """Work off what is due; a call stops early on a busy machine and asks to be called again."""
    for _again in range(4):
        worker.drain("notify", clock=lambda: now)


def say(report, *steps):
    """Steps of an officer in the evening, a minute apart; each is prepared and tried at once."""
    for minute, step in enumerate(steps):
        at = EVENING + timedelta(minutes=minute)
        if step in ("in_progress", "resolved"):
            change_status(report.pk, step, actor=OFFICER, now=at, message="Sudah.")
        else:
            conversation.add_comment(report.pk, step, actor=OFFICER, now=at)
        drain(at)


def test_the_citys_own_hours_are_those_of_the_pack(db):
    hours = dict(QuietHours.objects.values_list("code", "starts_at"))
    assert hours == {"webpush": "21:00", "whatsapp": "21:00", "sms": "21:00"}
    assert set(QuietHours.objects.values_list("ends_at", flat=True)) == {"05:00"}


def test_at_night_a_message_waits_and_nothing_counts_as_failed(report, sms):
    say(report, "in_progress")
    assert len(sms()) == 1
    delivery = Delivery.objects.latest("id")
    row = Outbox.objects.get(topic="delivery.send", state="pending")
    assert (delivery.state, delivery.postponed_until, delivery.last_error) == ("pending", MORNING, "")
    assert (row.due_at, row.attempts, row.last_error) == (MORNING, 0, "")
    assert list(delivery.attempt_rows.values_list("outcome", "error")) == [("postponed", "")]
    drain(MORNING - timedelta(seconds=1))
    assert len(sms()) == 1
    drain(MORNING)
    assert len(sms()) == 2
    delivery.refresh_from_db()
    assert (delivery.state, delivery.sent_at) == ("sent", MORNING)


def test_a_nights_news_is_one_message_with_the_newest_first(report, sms):
    say(report, "in_progress", "Kami di lokasi.", "resolved")
    drain(MORNING)
    [_routed, (_channel, _to, text)] = sms()
    # The night's steps do not fit into one SMS; with room for two they stand there whole.
    assert "menyatakan sudah selesai - benarkah? Lihat, jawab, berhenti: https" in text
    assert len(text) <= 160
    first, second, last = Delivery.objects.order_by("-id")[:3][::-1]
    assert [row.state for row in (first, second, last)] == ["joined", "joined", "sent"]
    assert (first.told_in_id, second.told_in_id) == (last.pk, last.pk)
    assert not Outbox.objects.exclude(state="done").exists()
    drain(MORNING + timedelta(days=1))
    assert len(sms()) == 2


def test_a_mail_of_the_morning_tells_every_step(make_report, work):
    QuietHours.objects.create(code="email", starts_at="21:00", ends_at="05:00")
    versions.bump()
    report = make_report(contact=Contact(email=REPORTER))
    work()
    mail.outbox.clear()
    say(report, "in_progress", "Kami di lokasi.")
    drain(MORNING)
    [message] = mail.outbox
    assert message.subject.endswith("DPU menulis kepada Anda")
    for text in (message.body, message.alternatives[0][0]):
        assert "Sebelumnya, pada jam ketika kami tidak mengirim pesan" in text
        assert "DPU mulai mengerjakannya." in text


def test_the_mornings_first_step_tells_the_nights(report, sms):
    say(report, "in_progress")
    change_status(report.pk, "resolved", actor=OFFICER, now=MORNING, message="Sudah.")
    deliveries.prepare(Event.objects.latest("id"), now=MORNING)
    drain(MORNING)
    assert len(sms()) == 2
    states = list(Delivery.objects.order_by("id").values_list("state", flat=True))
    assert states == ["sent", "joined", "sent"]


def test_two_people_and_two_reports_are_not_mixed(report, make_report, work, sms):
    other = make_report(contact=Contact(phone=PHONE, phone_channel="sms"))
    work()
    follow(report, "+628999999999", "sms")
    say(report, "in_progress", "resolved")
    say(other, "in_progress")
    before = len(sms())
    drain(MORNING)
    new = [(address, text.split(" (")[0]) for _channel, address, text in sms()[before:]]
    assert sorted(new) == sorted(
        [
            (PHONE, f"Laporan {report.spoken_code}"),
            ("+628999999999", f"Laporan {report.spoken_code}"),
            (PHONE, f"Laporan {other.spoken_code}"),
        ]
    )


def test_mail_goes_out_at_night(report, work):
    follow(report)
    say(report, "in_progress")
    assert len(to(FOLLOWER)) == 1


def test_danger_to_life_never_waits(report, sms):
    Report.objects.filter(pk=report.pk).update(severity=5)
    say(report, "in_progress")
    assert len(sms()) == 2


def test_codes_and_questions_never_wait(report, sms):
    one_time_codes.request_code(Address(PHONE, "sms"), now=EVENING)
    subscriptions.follow(report.pk, "sms", "0812 9999 8888", role="supporter", language="id", now=EVENING)
    drain(EVENING)
    assert [(channel, address) for channel, address, _text in sms()[1:]] == [
        ("sms", PHONE),
        ("sms", "+6281299998888"),
    ]


def test_staff_can_change_the_hours_at_once(report, sms):
    QuietHours.objects.filter(code="sms").update(starts_at="22:30")
    versions.bump()
    say(report, "in_progress")
    assert len(sms()) == 2


def test_who_stops_at_night_hears_nothing_in_the_morning(report, sms):
    say(report, "in_progress", "resolved")
    subscriptions.stop(Subscription.objects.get().pk, now=EVENING)
    drain(MORNING)
    assert len(sms()) == 1
    assert list(Delivery.objects.order_by("id").values_list("state", flat=True)[1:]) == ["failed", "failed"]


def test_night_after_night_leaves_all_tries(report, work, sms):
    """Hours that are made longer postpone again; the row's tries are all left."""
    say(report, "in_progress")
    QuietHours.objects.filter(code="sms").update(ends_at="07:00")
    versions.bump()
    drain(MORNING)
    row = Outbox.objects.get(topic="delivery.send", state="pending")
    assert (row.attempts, row.due_at) == (0, MORNING + timedelta(hours=2))
    assert DeliveryAttempt.objects.filter(outcome="postponed").count() == 2
    drain(MORNING + timedelta(hours=2))
    assert len(sms()) == 2


def test_a_private_reports_night_stays_private(report, sms):
    Report.objects.filter(pk=report.pk).update(is_private=True)
    say(report, "in_progress", "Kami di lokasi.")
    drain(MORNING)
    text = sms()[-1][2]
    assert text.startswith(f"Laporan {report.spoken_code}: ada kabar baru.")
    assert "Sebelumnya" not in text


def test_the_page_says_when_nobody_writes(client, report):
    page = client.get(f"/laporan/{report.code}/").content.decode()
    assert "WhatsApp, SMS: tidak ada kiriman pukul 21:00 sampai 05:00." in page.replace(
        "Notifikasi peramban ini, ", ""
    )


def test_working_by_day_asks_no_more_of_the_database(report, django_assert_num_queries):
    conversation.add_comment(report.pk, "Kabar", actor=OFFICER, now=NOW)
    drain(NOW)
    with django_assert_num_queries(1):  # the city's version, asked anew each time in tests
        assert deliveries._quiet_until("sms", report, EVENING) == MORNING


def test_where_there_is_room_a_short_text_tells_what_was_before(make_report, work, sms):
    report = make_report(contact=Contact(phone=PHONE, phone_channel="whatsapp"))
    work()
    say(report, "in_progress", "Kami di lokasi.", "Besok selesai.")
    drain(MORNING)
    text = sms()[-1][2]
    assert "DPU menulis kepada Anda. Sebelumnya: DPU menulis kepada Anda; DPU mulai mengerjakannya.\n" in text
