"""Following by e-mail, phone or browser: asked first, limited, never somebody else's private report."""

import base64
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from complaints import errors, links
from complaints.domain.draft import Contact
from complaints.models import Report, Reporter, Subscription
from complaints.services import outbox, subscriptions
from complaints.web import limits
from dispatch.models import Outbox

pytestmark = pytest.mark.django_db
ENDPOINT = "https://fcm.googleapis.com/fcm/send/abc"
KEYS = {
    "p256dh": base64.urlsafe_b64encode(b"\x04" + b"p" * 64).decode(),
    "auth": base64.urlsafe_b64encode(b"s" * 16).decode(),
}


@pytest.fixture
def report(make_report):
    return make_report(contact=Contact(email="warga@contoh.id"))


@pytest.fixture
def offers_phone(settings):
    settings.CHANNELS, settings.MESSAGES_AS_FILES = ["email", "webpush", "whatsapp", "sms"], True


def follow(client, report, **fields):
    return client.post(f"/laporan/{report.code}/ikuti/", fields)


def asks() -> int:
    return Outbox.objects.filter(topic="subscription.ask").count()


def followers():
    return Subscription.objects.filter(role="supporter")


def test_the_reporters_own_begins_with_the_report(report):
    mine = Subscription.objects.get(report=report)
    assert (mine.role, mine.channel, mine.address) == ("reporter", "email", "warga@contoh.id")
    assert mine.confirmed_at == mine.created_at == report.created_at


@pytest.mark.parametrize(
    ("chosen", "channels"),
    [("", {"whatsapp"}), ("sms", {"sms"}), ("none", set()), ("fax", {"whatsapp"})],
)
def test_a_phone_is_written_to_as_its_owner_chose(make_report, offers_phone, chosen, channels):
    report = make_report(contact=Contact(phone="0812 3456 7890", phone_channel=chosen))
    mine = Subscription.objects.filter(report=report)
    assert set(mine.values_list("channel", flat=True)) == channels
    assert set(mine.values_list("address", flat=True)) <= {"+6281234567890"}


def test_a_phone_is_not_written_to_where_no_channel_is_set_up(make_report, settings):
    settings.CHANNELS = ["email", "webpush", "whatsapp", "sms"]
    assert subscriptions.channels_offered() == ["email", "webpush"]
    make_report(contact=Contact(phone="0812 3456 7890", phone_channel="sms"))
    assert not Subscription.objects.exists()


def test_the_form_keeps_the_choice(client, filled, offers_phone):
    page = client.post(
        "/lapor/", filled(contact_phone="0812", contact_phone_channel="sms", description="", action="preview")
    )
    assert 'value="sms" checked' in page.content.decode()
    fields = filled(contact_phone="081234567890", contact_phone_channel="sms", action="submit")
    client.post("/lapor/", fields)
    assert Subscription.objects.get().channel == "sms"


def test_an_address_is_asked_first(client, report):
    answer = follow(client, report, address=" tetangga@contoh.id ")
    assert answer.status_code == 302
    subscription = followers().get()
    assert (subscription.channel, subscription.confirmed_at, asks()) == ("email", None, 1)
    assert "tetangga@contoh.id" in client.get(answer["Location"]).content.decode()


def test_a_phone_number_in_any_writing(client, report, offers_phone):
    follow(client, report, address="0812-3456-7890", phone_channel="sms")
    assert (followers().get().channel, followers().get().address) == ("sms", "+6281234567890")


@pytest.mark.parametrize("typed", ["", "bukan alamat", "a@", "0812"])
def test_what_is_no_address_is_kept_and_explained(client, report, typed):
    page = follow(client, report, address=typed)
    assert page.status_code == 422
    html = page.content.decode()
    assert f'value="{typed}"' in html
    assert 'aria-describedby="ikuti-alamat-error"' in html
    assert not followers().exists()


def test_following_twice_asks_once_a_day(client, report):
    follow(client, report, address="tetangga@contoh.id")
    assert follow(client, report, address="TETANGGA@contoh.id").status_code == 422
    assert (followers().count(), asks()) == (1, 1)
    followers().update(asked_at=timezone.now() - timedelta(hours=25))
    assert follow(client, report, address="tetangga@contoh.id").status_code == 302
    assert asks() == 2


def test_an_address_is_asked_about_three_reports_a_day(client, make_report):
    for number in range(4):
        answer = follow(client, make_report(), address="tetangga@contoh.id")
        assert answer.status_code == (302 if number < 3 else 422)
    assert asks() == 3


def test_a_browser_may_ask_ten_addresses_in_ten_minutes(client, report):
    client.get(f"/laporan/{report.code}/ikuti/")  # gets its number
    answers = [follow(client, report, address=f"warga{n}@contoh.id").status_code for n in range(12)]
    assert answers == [302] * 10 + [429] * 2
    assert limits.POSTS_PER_DEVICE // 6 == 10


def test_a_stranger_can_neither_end_nor_resume_a_subscription(client, report):
    mine = Subscription.objects.get()
    subscriptions.stop(mine.pk, now=timezone.now())
    assert follow(client, report, address="warga@contoh.id").status_code == 302
    mine.refresh_from_db()
    assert mine.stopped_at is not None
    assert (mine.role, asks()) == ("reporter", 1)


def test_whoever_follows_already_is_not_written_to_and_nobody_learns_it(client, report):
    answer = follow(client, report, address="warga@contoh.id")
    assert (answer.status_code, asks()) == (302, 0)
    assert "Kami sudah menulis ke warga@contoh.id" in client.get(answer["Location"]).content.decode()


def test_a_private_report_is_followed_by_its_reporter_alone(client, make_report):
    report = make_report(is_private=True, contact=Contact(email="warga@contoh.id"))
    for fields in ({"address": "x@contoh.id"}, {"channel": "webpush", "endpoint": ENDPOINT, **KEYS}):
        assert follow(client, report, **fields).status_code == 404
    assert client.get(f"/laporan/{report.code}/ikuti/").status_code == 404
    assert (followers().count(), asks()) == (0, 0)
    answer = follow(client, report, address="baru@contoh.id", kunci=links.secret_of(report))
    assert answer.status_code == 302
    assert Subscription.objects.get(address="baru@contoh.id").role == "reporter"


def test_confirming_after_a_report_became_private_is_refused(report, client):
    follow(client, report, address="tetangga@contoh.id")
    Report.objects.update(is_private=True)
    with pytest.raises(errors.NotPermitted):
        subscriptions.confirm(followers().get().pk, now=timezone.now())
    assert followers().get().confirmed_at is None


def test_the_reporters_new_address_becomes_theirs_once_confirmed(client, report):
    follow(client, report, address="baru@contoh.id", kunci=links.secret_of(report))
    assert Reporter.objects.get().email == "warga@contoh.id"
    subscriptions.confirm(Subscription.objects.get(address="baru@contoh.id").pk, now=timezone.now())
    assert Reporter.objects.get().email == "baru@contoh.id"


def test_the_reporter_stops_and_resumes_on_their_page(client, report):
    mine = Subscription.objects.get()
    key = links.secret_of(report)
    follow(client, report, subscription=mine.pk, action="stop", kunci=key)
    mine.refresh_from_db()
    assert mine.stopped_at is not None
    follow(client, report, subscription=mine.pk, action="resume", kunci=key)
    mine.refresh_from_db()
    assert mine.stopped_at is None


def test_nobody_else_changes_the_reporters_subscriptions(report):
    mine = Subscription.objects.get()
    follow(Client(), report, subscription=mine.pk, action="stop")
    mine.refresh_from_db()
    assert mine.stopped_at is None


# --- This browser ---------------------------------------------------------------------------------------


def push(client, report, action="follow", **changes):
    fields = {"channel": "webpush", "endpoint": ENDPOINT, "action": action, **KEYS}
    return follow(client, report, **fields | changes)


def test_a_browser_follows_tells_its_state_and_stops(client, report):
    assert push(client, report, "state").json() == {"following": False}
    assert push(client, report).json() == {"following": True}
    found = followers().get()
    assert (found.channel, found.address, set(found.keys)) == ("webpush", ENDPOINT, {"p256dh", "auth"})
    assert found.confirmed_at is not None
    assert push(client, report, "state").json() == {"following": True}
    assert push(client, report, "stop").json() == {"following": False}
    assert push(client, report).json() == {"following": True}
    assert followers().count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"endpoint": "https://169.254.169.254/latest"},
        {"endpoint": "http://fcm.googleapis.com/x"},
        {"endpoint": "https://fcm.googleapis.com/" + "a" * 600},
        {"auth": ""},
        {"p256dh": "AAAA"},
    ],
)
def test_what_no_browser_hands_over_is_refused(client, report, changes):
    answer = push(client, report, **changes)
    assert (answer.status_code, followers().count()) == (422, 0)
    assert answer.json()["error"]


def test_following_by_push_needs_the_pages_token(report):
    assert push(Client(enforce_csrf_checks=True), report).status_code == 403
    assert not followers().exists()


def test_a_browser_whose_address_moves_keeps_its_subscriptions(client, report, make_report):
    second = make_report()
    push(client, report)
    push(client, second)
    moved = {"old": ENDPOINT, "endpoint": ENDPOINT + "new", **KEYS}
    assert Client(enforce_csrf_checks=True).post("/ikuti/pindah/", moved).status_code == 204
    assert set(followers().values_list("address", flat=True)) == {ENDPOINT + "new"}
    assert push(client, report, "state", endpoint=ENDPOINT + "new").json() == {"following": True}
    assert Client().post("/ikuti/pindah/", moved | {"endpoint": "https://evil.example/"}).status_code == 422
    assert followers().count() == 2


# --- Forgetting -----------------------------------------------------------------------------------------


def test_what_is_needed_no_more_is_forgotten(make_report):
    now = timezone.now()
    report, ended = make_report(now=now), make_report(now=now)
    old = {"created_at": now - timedelta(days=8)}
    cases = {
        "fresh": (report, {}),
        "never-confirmed": (report, {"confirmed_at": None, **old}),
        "unconfirmed-yet": (report, {"confirmed_at": None}),
        "stopped-lately": (report, {"stopped_at": now - timedelta(days=29)}),
        "stopped-long-ago": (report, {"stopped_at": now - timedelta(days=31)}),
        "of-ended": (ended, {}),
        "reporter-of-ended": (ended, {"role": "reporter"}),
    }
    for name, (of, changes) in cases.items():
        made = subscriptions.subscribe(
            of, role="supporter", channel="email", address=f"{name}@x.id", now=now, is_confirmed=True
        )
        Subscription.objects.filter(pk=made.pk).update(**changes)
    Report.objects.filter(pk=ended.pk).update(
        status="rejected", is_open=False, status_since=now - timedelta(days=61)
    )
    assert subscriptions.sweep(now=now) == 3
    left = {address.partition("@")[0] for address in Subscription.objects.values_list("address", flat=True)}
    assert left == {"fresh", "unconfirmed-yet", "stopped-lately", "reporter-of-ended"}


def test_the_sink_hears_of_an_ask_in_the_same_transaction(report, monkeypatch):
    def fail(**_row):
        raise RuntimeError("the database is gone")

    monkeypatch.setattr(outbox, "_sinks", [fail])
    with pytest.raises(RuntimeError):
        subscriptions.follow(
            report.pk, "email", "a@b.id", role="supporter", language="id", now=timezone.now()
        )
    assert not followers().exists()
