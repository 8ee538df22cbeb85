"""Messages to citizens as staff see them: every attempt, no address, and sending again."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from city import roles
from complaints.domain.draft import Contact
from complaints.services import conversation, subscriptions
from dispatch.domain import retry
from dispatch.models import Delivery, DeliveryAttempt, Outbox
from dispatch.services import deliveries, outbox, resend, worker
from tests.conftest import NOW
from tests.dispatch.admin.conftest import case_url
from tests.dispatch.services.following import FOLLOWER, OFFICER, REPORTER, follow

LIST = "admin:dispatch_delivery_changelist"
SEES = {"admin", "p3m"}


def work(now=NOW):
    for queue in ("routing", "notify", "notify"):
        worker.drain(queue, clock=lambda: now)


@pytest.fixture
def told(make_report):
    """A report whose reporter and a follower were told."""
    report = make_report(contact=Contact(email=REPORTER, name="Siti Aminah"))
    work()
    follow(report)
    conversation.add_comment(report.pk, "Besok kami datang.", actor=OFFICER, now=NOW)
    work()
    return report


def url(row, name="change"):
    return reverse(f"admin:dispatch_delivery_{name}", args=[row.pk])


def failed(report, error="no such user"):
    row = Delivery.objects.filter(report=report).latest("id")
    Delivery.objects.filter(pk=row.pk).update(state="failed", last_error=error)
    row.refresh_from_db()
    return row


def everything():
    return (
        list(Delivery.objects.order_by("id").values_list()),
        list(DeliveryAttempt.objects.order_by("id").values_list()),
        list(Outbox.objects.order_by("id").values_list("id", "state")),
        LogEntry.objects.count(),
        len(mail.outbox),
    )


# --- Who sees, and how little --------------------------------------------------------------------------


@pytest.mark.parametrize("role", roles.ROLES)
def test_who_may_look_and_send_again(role, staff, browser, told):
    user = staff(role, None if role in roles.CITY_WIDE else "DPU")
    page, row = browser(user), failed(told)
    expected = 200 if role in SEES else 403
    assert page.get(reverse(LIST)).status_code == expected
    assert page.get(url(row)).status_code == expected
    before = everything()
    again = page.post(url(row, "again"))
    if role in SEES:
        assert again.status_code == 302
        assert everything() != before
    else:
        assert again.status_code == 403
        assert everything() == before


def test_no_page_says_an_address(staff, browser, told):
    page = browser(staff("p3m"))
    rows = Delivery.objects.order_by("id")
    for address in (reverse(LIST), *map(url, rows), case_url(told)):
        html = page.get(address).content.decode()
        assert REPORTER not in html
        assert FOLLOWER not in html
        assert "Siti" not in html
    html = page.get(url(rows.first())).content.decode()
    assert f"Pelapor · {rows.first().recipient_hash[:8]}" in html
    assert "(wa•••@contoh.id)" in html  # who may see identities recognises it, and no more


def test_whoever_may_not_see_identities_gets_no_part_of_the_address(staff, browser, told):
    from django.contrib.auth.models import Permission

    user = staff("planner")
    user.user_permissions.add(Permission.objects.get(codename="view_delivery"))
    html = browser(user).get(url(Delivery.objects.first())).content.decode()
    assert "@contoh.id" not in html
    assert "Kirim lagi" not in html


def test_the_case_says_who_was_told_what_and_to_handlers_no_more(staff, browser, told):
    page = browser(staff("handler", "DPU")).get(case_url(told))
    shown = page.context["told"]
    assert [item["people"][0]["who"] for item in shown] == ["Pelapor", "Pelapor"]
    assert [(p["who"], p["number"], p["channel"]) for p in shown[0]["people"]] == [
        ("Pelapor", 1, "Surel (email)"),
        ("Pengikut", 1, "Surel (email)"),
    ]
    html = page.content.decode()
    assert "@contoh.id" not in html
    assert "Setiap pesan dan percobaan" not in html


def test_many_followers_are_one_line(staff, browser, told):
    for number in range(30):
        follow(told, f"w{number}@contoh.id")
    conversation.add_comment(told.pk, "Selesai.", actor=OFFICER, now=NOW)
    work()
    page = browser(staff("p3m"))
    people = page.get(case_url(told)).context["told"][0]["people"]
    assert [(item["who"], item["number"]) for item in people] == [("Pelapor", 1), ("Pengikut", 31)]


def test_a_person_who_is_forgotten_is_said_to_be(staff, browser, told):
    row = Delivery.objects.filter(subscription__role="supporter").get()
    row.subscription.delete()
    row.refresh_from_db()
    html = browser(staff("p3m")).get(url(row)).content.decode()
    assert "Alamat sudah dilupakan" in html


# --- The list ------------------------------------------------------------------------------------------


def listed(page, **params):
    response = page.get(reverse(LIST), params)
    assert response.status_code == 200
    return {row.pk for row in response.context["cl"].result_list}


def test_filters_and_search(staff, browser, told, make_report):
    page = browser(staff("p3m"))
    first, second, third = Delivery.objects.order_by("id")
    today = timezone.now()
    for row, age in ((first, 0), (second, 1), (third, 8)):
        Delivery.objects.filter(pk=row.pk).update(created_at=today - timedelta(days=age))
    Delivery.objects.filter(pk=first.pk).update(state="failed", channel="sms")
    assert listed(page) == {first.pk, second.pk, third.pk}
    assert listed(page, hari="0") == {first.pk}
    assert listed(page, hari="1") == {second.pk}
    assert listed(page, hari="7") == {first.pk, second.pk}
    assert listed(page, state__exact="failed") == {first.pk}
    assert listed(page, channel="sms") == {first.pk}
    other = make_report()
    assert listed(page, q=told.spoken_code.lower()) == {first.pk, second.pk, third.pk}
    assert listed(page, q=other.code) == listed(page, q="warga") == set()


def test_the_list_costs_the_same_at_two_sizes_and_counts_no_table(staff, browser, told):
    page = browser(staff("p3m"))
    page.get(reverse(LIST))  # what a process reads once
    costs = []
    for more in (0, 200):
        row = Delivery.objects.latest("id")
        Delivery.objects.bulk_create(
            Delivery(
                report_id=row.report_id,
                event_id=row.event_id,
                channel=row.channel,
                recipient_hash=f"{number:064d}",
                subscription_id=row.subscription_id,
                created_at=NOW,
            )
            for number in range(more)
        )
        with CaptureQueriesContext(connection) as captured:
            page.get(reverse(LIST))
        costs.append(len(captured))
        counts = [query["sql"] for query in captured if "COUNT(*)" in query["sql"]]
        assert all("LIMIT" in sql for sql in counts), counts
    assert costs[0] == costs[1]
    assert costs[1] <= 12


def test_the_case_costs_one_query_more_however_many_were_told(told, settings, django_assert_num_queries):
    from complaints import selectors
    from dispatch.admin import told as panel

    events = selectors.timeline(told, public=False)
    for number in range(40):
        follow(told, f"x{number}@contoh.id")
    conversation.add_comment(told.pk, "Lagi.", actor=OFFICER, now=NOW)
    work()
    settings.CITY_VERSION_MAX_AGE_S = 60.0
    panel.panel(told, events)
    with django_assert_num_queries(1):
        panel.panel(told, events)


# --- One message with its attempts ---------------------------------------------------------------------


def test_the_attempts_stand_there_one_by_one(staff, browser, make_report, monkeypatch):
    works = []

    def send(self, messages):
        if not works:
            raise OSError(f"cannot reach {REPORTER}")
        return len(messages)

    monkeypatch.setattr(EmailBackend, "send_messages", send)
    make_report(contact=Contact(email=REPORTER))
    work()
    works.append(True)
    work(NOW + retry.delay("notify", 1, 1.0))
    row = Delivery.objects.get()
    page = browser(staff("p3m")).get(url(row))
    assert [item["row"].outcome for item in page.context["attempts"]] == ["temporary", "sent"]
    html = page.content.decode()
    assert "OSError: cannot reach •••" in html
    assert "belum berhasil, dicoba lagi" in html
    assert f"&lt;delivery-{row.pk}.{row.event_id}@" in html  # what the mail server knows it by
    assert not page.context["has_lost"]


def test_a_lost_worker_is_said_honestly(staff, browser, make_report):
    make_report(contact=Contact(email=REPORTER))
    worker.drain("routing", clock=lambda: NOW)
    [row] = outbox.claim("notify", now=NOW)
    worker.process(row, clock=lambda: NOW)
    delivery = Delivery.objects.get()
    deliveries.send(delivery.pk, now=NOW)  # sent, and never written down
    html = browser(staff("p3m")).get(url(delivery)).content.decode()
    assert "tidak tercatat selesai" in html
    assert "Tidak diketahui apakah pesan itu sampai" in html


@pytest.mark.parametrize("address", ["999999/change/", "abc/change/", "999999999999999999999999/change/"])
def test_what_is_not_there_is_not_found(staff, browser, told, address):
    assert browser(staff("p3m")).get(f"/admin/dispatch/delivery/{address}").status_code == 404


# --- Sending again -------------------------------------------------------------------------------------


def test_what_failed_is_sent_again_through_the_queue_and_recorded(staff, browser, told):
    user, row = staff("p3m"), failed(told)
    before = len(mail.outbox)
    page = browser(user)
    page.post(url(row, "again"))
    row.refresh_from_db()
    assert (row.state, len(mail.outbox)) == ("pending", before)
    work(timezone.now())
    row.refresh_from_db()
    assert (row.state, len(mail.outbox)) == ("sent", before + 1)
    [entry] = LogEntry.objects.filter(change_message=resend.SENT_AGAIN)
    assert (entry.user, entry.object_id) == (user, str(row.pk))
    assert FOLLOWER not in entry.object_repr
    record = browser(staff("admin")).get(reverse("admin:audit")).content.decode()
    assert "mengirim ulang sebuah pesan" in record


def test_twice_pressed_is_sent_once(staff, browser, told):
    page, row = browser(staff("p3m")), failed(told)
    before = len(mail.outbox)
    for _time in range(3):
        page.post(url(row, "again"))
    work(timezone.now())
    page.post(url(row, "again"))
    work(timezone.now())
    assert len(mail.outbox) == before + 1
    assert LogEntry.objects.filter(change_message=resend.SENT_AGAIN).count() == 1


def test_a_row_that_was_given_up_is_used_again_and_not_doubled(staff, browser, told):
    row = failed(told)
    given_up = Outbox.objects.filter(topic="delivery.send", payload__delivery_id=row.pk)
    given_up.update(state="dead")
    rows = Outbox.objects.count()
    browser(staff("p3m")).post(url(row, "again"))
    assert (given_up.get().state, Outbox.objects.count()) == ("pending", rows)
    work(timezone.now())
    outbox.replay([given_up.get().pk], now=NOW)
    work(timezone.now())
    assert Delivery.objects.get(pk=row.pk).state == "sent"
    assert DeliveryAttempt.objects.filter(delivery=row, outcome="sent").count() == 2  # then, and now


@pytest.mark.parametrize("state", ["sent", "pending", "joined"])
def test_nothing_else_can_be_sent_again(staff, browser, told, state):
    row = Delivery.objects.latest("id")
    Delivery.objects.filter(pk=row.pk).update(state=state)
    before = everything()
    page = browser(staff("p3m"))
    answer = page.post(url(row, "again"), follow=True)
    assert "Hanya yang tidak sampai dapat dikirim lagi" in answer.content.decode()
    assert "Kirim lagi" not in answer.content.decode()
    assert everything() == before


def test_several_at_once_from_the_list(staff, browser, told):
    Delivery.objects.update(state="failed")
    before = len(mail.outbox)
    ids = list(Delivery.objects.values_list("pk", flat=True))
    data = {"action": "send_again", "_selected_action": ids}
    answer = browser(staff("p3m")).post(reverse(LIST), data, follow=True)
    assert "3 pesan dikirim lagi." in answer.content.decode()
    work(timezone.now())
    assert len(mail.outbox) == before + 3


def test_who_does_not_want_to_hear_is_not_reached_by_sending_again(staff, browser, told):
    row = failed(told)
    subscriptions.stop(row.subscription_id, now=NOW)
    before = len(mail.outbox)
    browser(staff("p3m")).post(url(row, "again"))
    work(timezone.now())
    row.refresh_from_db()
    assert (row.state, len(mail.outbox)) == ("failed", before)
    assert row.attempt_rows.latest("number").outcome == "skipped"


@pytest.mark.parametrize("path", ["add/", "{pk}/delete/"])
def test_messages_are_neither_added_nor_deleted_here(staff, browser, told, path):
    row = Delivery.objects.first()
    before = everything()
    page = browser(staff("admin"))
    address = "/admin/dispatch/delivery/" + path.format(pk=row.pk)
    assert page.get(address).status_code == page.post(address, {"post": "yes"}).status_code == 403
    assert page.post(url(row), {"state": "sent"}).status_code == 405
    assert page.get(url(row, "again")).status_code == 405
    assert everything() == before
