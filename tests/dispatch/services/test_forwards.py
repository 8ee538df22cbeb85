"""Referrals into an owner's own Open311 system, against a server that speaks it."""

from datetime import date, timedelta

import pytest
from django.core import mail

from complaints.domain.draft import Contact
from complaints.models import Event, Report
from dispatch.models import Forward, Outbox, OwnerEndpoint, Referral
from dispatch.services import forwards, outbox, owners, referrals, vault
from tests.conftest import NOW
from tests.dispatch.channels.open311_server import KEY
from tests.dispatch.services.outward import *  # noqa: F403 - fixtures
from tests.dispatch.services.outward import HOUR, forward_of, notes, referral_of, told

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("format", ["xml", "json"])
def test_the_owner_gets_the_problem_and_the_place_and_no_person(forwarded, server, endpoint, format):
    OwnerEndpoint.objects.update(
        format=format, attributes={"KODE": "code", "LAMPU": "answer.lampu", "ASAL": "=Kota Semarang"}
    )
    report = forwarded(
        description="Lubang besar, hubungi 0812-3456-7890 atau budi@example.org.",
        contact=Contact(name="Budi Santoso", email="budi@example.org"),
    )
    [post] = server.posts()
    assert post.path == f"/v2/requests.{format}"
    assert post.fields == {
        "jurisdiction_id": "bbpjn.example",
        "api_key": KEY,
        "service_code": "rusak",
        "lat": "-6.954270",
        "long": "110.473190",
        "address_string": post.fields["address_string"],
        "description": f"{report.category.name}\n\nLubang besar, hubungi ••• atau •••.\n\n"
        f"Nomor kami: {report.spoken_code}\nhttp://localhost:8000/laporan/{report.code}/",
        "attribute[KODE]": report.code,
        "attribute[ASAL]": "Kota Semarang",
    }
    assert "Budi" not in str(post.fields)
    referral = referral_of(report)
    assert (referral.channel, referral.sent_at, referral.reference) == ("open311", NOW, "BB-1")
    assert referral.check_back_on == date(2026, 9, 24)
    assert (referral.forward.state, referral.forward.service_request_id) == ("open", "BB-1")
    assert told(report) == [("sent", "")]
    assert {address for message in mail.outbox for address in message.to} == {"budi@example.org"}
    report.refresh_from_db()
    assert report.status == "referred"


def test_a_private_report_never_goes_into_another_system(forwarded, server):
    report = forwarded(is_private=True)
    assert (server.asked, referral_of(report).channel) == ([], "letter")
    assert not Forward.objects.exists()


def test_a_report_that_becomes_private_meanwhile_does_not_leave(forwarded, server, work, endpoint):
    server.fail["POST"] = 503
    report = forwarded(email="bbpjn@example.org")
    Report.objects.filter(pk=report.pk).update(is_private=True)
    server.fail.clear()
    work(NOW + HOUR)
    assert len(server.posts()) == 1
    assert (forward_of(report).state, forward_of(report).failed_why) == ("failed", "private")
    work(NOW + HOUR)
    assert [message.to for message in mail.outbox] == [["bbpjn@example.org"]]


def test_a_token_is_a_promise_of_a_number(forwarded, server):
    server.gives_tokens = True
    report = forwarded()
    forward = forward_of(report)
    assert (forward.state, forward.token, forward.service_request_id) == ("token", "tBB-1", "")
    assert (referral_of(report).sent_at, referral_of(report).reference) == (NOW, "")
    assert told(report) == [("sent", "")]


@pytest.mark.parametrize(
    ("status", "email", "channel", "messages"),
    [
        (400, "", "letter", 0),
        (403, "bbpjn@example.org", "email", 1),
        (404, "", "letter", 0),
        (422, "", "letter", 0),
        (302, "", "letter", 0),
    ],
)
def test_a_refusal_is_told_to_the_desk_and_the_owner_hears_otherwise(
    forwarded, server, work, staff, status, email, channel, messages
):
    server.fail["POST"] = status
    report = forwarded(email=email)
    work()
    assert (len(server.posts()), len(mail.outbox)) == (1, messages)
    referral = referral_of(report)
    assert (referral.channel, referral.forward.state) == (channel, "failed")
    assert (referral.forward.failed_why, referral.forward.begun_at) == ("refused", None)
    assert f"HTTP {status}" in referral.last_error
    [note] = notes(report)
    assert note == referral.last_error
    waiting = referrals.waiting_for(staff("p3m"), today=NOW.date())
    assert list(waiting) == ([referral] if channel == "letter" else [])
    assert not Outbox.objects.filter(state="dead").exists()


@pytest.mark.parametrize("status", [503, 429])
def test_a_server_that_says_not_now_is_simply_asked_again(forwarded, server, work, status):
    server.fail["POST"] = status
    report = forwarded()
    forward = forward_of(report)
    assert (forward.state, forward.begun_at, referral_of(report).sent_at) == ("pending", None, None)
    server.fail.clear()
    work(NOW + timedelta(seconds=10))
    assert (forward_of(report).state, len(server.posts()), len(server.requests)) == ("open", 2, 1)
    assert server.paths() == ["POST /v2/requests.xml"] * 2  # nothing to look up: it was not taken


@pytest.mark.parametrize("status", [0, 500, 504])
def test_an_answer_that_never_came_is_looked_for_before_anything_is_sent_again(
    forwarded, server, work, status
):
    """0: they took it and the connection broke; 500 and 504: they did not take it, and nobody can know."""
    server.fail["POST"] = status
    report = forwarded()
    assert forward_of(report).begun_at == NOW
    server.fail.clear()
    work(NOW + timedelta(seconds=10))
    look = server.asked[1]
    assert (look.method, look.path, look.query["service_code"]) == ("GET", "/v2/requests.xml", "rusak")
    assert (look.query["start_date"], look.query["end_date"]) == (
        "2026-09-15T01:00:00Z",
        "2026-09-15T03:00:10Z",
    )
    forward = forward_of(report)
    assert (forward.state, forward.service_request_id, len(server.requests)) == ("open", "BB-1", 1)
    assert forward.unsure_count == (0 if status == 0 else 1)
    assert len(notes(report)) == (0 if status == 0 else 1)


def test_a_worker_that_dies_after_their_yes_files_nothing_twice(forwarded, server, work, monkeypatch):
    def die(*args, **kwargs):
        raise KeyboardInterrupt  # nothing of the worker's own runs after it

    monkeypatch.setattr(forwards, "_filed", die)
    with pytest.raises(KeyboardInterrupt):
        forwarded()
    report = Report.objects.get()
    assert (len(server.requests), forward_of(report).state) == (1, "pending")
    monkeypatch.undo()
    work(NOW + timedelta(seconds=31))  # the lease has run out
    assert (len(server.requests), forward_of(report).service_request_id) == (1, "BB-1")
    assert told(report) == [("sent", "")]


def test_where_their_list_cannot_be_read_nothing_is_filed_blindly(forwarded, server, work):
    server.fail["POST"], server.lists = 500, False
    report = forwarded()
    server.fail.clear()
    work(NOW + timedelta(seconds=10))
    assert (len(server.posts()), len(server.requests)) == (1, 0)
    referral = referral_of(report)
    assert (referral.channel, referral.forward.failed_why) == ("letter", "unsure")
    assert "HTTP 404" in notes(report)[0]


@pytest.mark.parametrize(
    "raw", [b"<html>maintenance", b"[]", b"", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"[" * 100_000]
)
def test_an_answer_that_nobody_can_read_counts_as_unsure(forwarded, server, work, raw):
    server.raw = raw
    report = forwarded()
    assert (forward_of(report).state, forward_of(report).begun_at) == ("pending", NOW)
    server.raw = None
    work(NOW + timedelta(seconds=10))
    assert (forward_of(report).service_request_id, len(server.requests)) == ("BB-1", 1)


def test_a_server_that_is_away_for_hours_is_given_up_visibly(forwarded, server, work, endpoint):
    server.close()
    report = forwarded(email="bbpjn@example.org")
    at = NOW
    for _attempt in range(25):
        row = Outbox.objects.filter(topic="owner.forward", state="pending").first()
        if row is None:
            break
        at = max(at, row.due_at)
        work(at)
    assert (Outbox.objects.get(topic="owner.forward").state, at - NOW > 6 * HOUR) == ("dead", True)
    referral = referral_of(report)
    assert (referral.channel, referral.forward.failed_why) == ("email", "unreached")
    work(at)
    assert [message.to for message in mail.outbox] == [["bbpjn@example.org"]]
    assert told(report) == [("sent", "")]


def test_the_desk_sends_it_otherwise_or_tries_again(forwarded, server, work, staff):
    server.fail["POST"] = 503
    report, desk = forwarded(), staff("p3m")
    referral = referral_of(report)
    for user in (staff("operator"), staff("planner")):
        with pytest.raises(referrals.errors.NotPermitted):
            referrals.send_otherwise(user, referral.pk, now=NOW)
    with pytest.raises(Referral.DoesNotExist):
        referrals.send_otherwise(staff("handler", "DPU"), referral.pk, now=NOW)
    assert forward_of(report).state == "pending"
    referrals.send_otherwise(desk, referral.pk, now=NOW)
    assert (referral_of(report).channel, forward_of(report).failed_why) == ("letter", "by_hand")
    server.fail.clear()
    referrals.forward_again(desk, referral.pk, now=NOW + HOUR)
    work(NOW + HOUR)
    assert (referral_of(report).channel, referral_of(report).reference) == ("open311", "BB-1")
    with pytest.raises(referrals.errors.InvalidReport):
        referrals.forward_again(desk, referral.pk, now=NOW + HOUR)
    with pytest.raises(referrals.errors.InvalidReport):
        referrals.send_otherwise(desk, referral.pk, now=NOW + HOUR)


def test_asking_again_goes_by_mail_with_their_number(forwarded, server, work, staff):
    report = forwarded(email="bbpjn@example.org")
    referrals.ask_again(staff("p3m"), referral_of(report).pk, now=NOW + HOUR)
    work(NOW + HOUR)
    [message] = mail.outbox
    assert "BB-1" in message.body
    assert told(report) == [("sent", ""), ("asked", "")]
    assert len(server.posts()) == 1


def test_without_a_service_of_theirs_it_goes_by_letter(forwarded, server, endpoint):
    OwnerEndpoint.objects.update(default_service_code="", service_codes={})
    report = forwarded()
    assert (server.asked, referral_of(report).forward.failed_why) == ([], "no_service")


def test_handling_the_row_twice_files_once(forwarded, server):
    report = forwarded()
    assert forwards.send(forward_of(report).pk, now=NOW) is None
    assert len(server.posts()) == 1


def test_photos_that_are_being_prepared_are_waited_for(forwarded, server, work, monkeypatch):
    monkeypatch.setattr(forwards, "_waits_for_photos", lambda forward, report, now: now < NOW + HOUR)
    report = forwarded()
    assert server.asked == []
    work(NOW + HOUR)
    assert (len(server.posts()), forward_of(report).state) == (1, "open")


def test_the_first_photo_that_is_ready_goes_along(forwarded, server, work):
    server.fail["POST"] = 503
    report = forwarded()
    first = report.photos.create(
        kind="report", state="ready", large="photos/a.webp", sha256="a", created_at=NOW
    )
    report.photos.create(kind="report", state="ready", large="photos/b.webp", sha256="b", created_at=NOW)
    report.photos.create(kind="report", state="refused", sha256="c", created_at=NOW)
    server.fail.clear()
    work(NOW + timedelta(seconds=10))
    assert server.posts()[-1].fields["media_url"] == f"http://localhost:8000/foto/{first.uuid}-large.webp"


def test_their_key_is_sealed_and_bound_to_its_place(endpoint, settings):
    assert KEY not in endpoint.api_key_sealed
    assert vault.unseal(endpoint.api_key_sealed, purpose=owners.PURPOSE) == KEY
    with pytest.raises(vault.LostKeyError):
        vault.unseal(endpoint.api_key_sealed, purpose="something else")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-secret-key-after-the-change"
    assert owners.client_of(endpoint).api_key == KEY
    assert (owners.reseal(), owners.reseal()) == (1, 0)
    settings.SECRET_KEY_FALLBACKS = []
    endpoint.refresh_from_db()
    assert owners.client_of(endpoint).api_key == KEY


def test_a_lost_key_is_said_and_the_report_goes_another_way(forwarded, server, settings, endpoint):
    OwnerEndpoint.objects.update(api_key_sealed="AAAA")
    report = forwarded()
    assert (server.asked, referral_of(report).channel) == ([], "letter")
    assert "enter it again" in notes(report)[0]


def test_no_address_inside_the_house_unless_the_operator_allows_it(forwarded, server, settings):
    settings.OUTBOUND_PRIVATE_HOSTS = []
    report = forwarded()
    assert (server.asked, referral_of(report).channel) == ([], "letter")
    OwnerEndpoint.objects.update(base_url=server.url.replace("http:", "https:"))
    again = forwarded()
    assert (server.asked, referral_of(again).channel) == ([], "letter")
    assert "private network" in notes(again)[0]


def test_outbox_rows_hold_no_secret(forwarded, server):
    forwarded()
    assert KEY not in str(list(Outbox.objects.values()))
    assert KEY not in str(list(Event.objects.values()))
    assert outbox.has_work("notify", now=NOW) is False
