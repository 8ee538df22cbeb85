"""Links in messages: what they show, what a tap does, and everything they must not do."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from complaints import links, message_links
from complaints.domain.actor import Actor
from complaints.domain.draft import Contact
from complaints.models import Event, Feedback, Photo, Report, Subscription
from complaints.services import conversation, status, subscriptions
from complaints.web import limits

pytestmark = pytest.mark.django_db
OFFICER = Actor("staff")
ADDRESS = "warga@contoh.id"


@pytest.fixture
def resolved(make_report, route):
    """A report whose office says that it is done; its reporter gave an address."""
    now = timezone.now()
    report = make_report(now=now, contact=Contact(email=ADDRESS))
    report.category.needs_repair_photo = False
    report.category.save()
    route(report, now)
    for to in ("in_progress", "resolved"):
        status.change_status(report.pk, to, actor=OFFICER, now=now, message="Sudah ditambal.")
    report.refresh_from_db()
    return report


def own(report) -> Subscription:
    return Subscription.objects.select_related("report").get(report=report, role="reporter")


def other(report, **changes) -> Subscription:
    values = {"role": "supporter", "channel": "email", "address": "tetangga@contoh.id", "now": timezone.now()}
    made = subscriptions.subscribe(report, **values | {"is_confirmed": True} | changes)
    return Subscription.objects.select_related("report").get(pk=made.pk)


def path(subscription, purpose, event=None) -> str:
    event = event or Event.objects.filter(report=subscription.report).latest("id")
    return message_links.path(message_links.token_of(subscription, purpose, event.pk))


@pytest.fixture
def mail_app():
    """A program that shows mail: no cookies, no CSRF token, checked like a browser."""
    return Client(enforce_csrf_checks=True)


def state(report) -> tuple:
    report.refresh_from_db()
    return (
        report.status,
        report.version,
        Feedback.objects.count(),
        Event.objects.filter(report=report).count(),
    )


def test_opening_a_link_changes_nothing(resolved, mail_app):
    before = state(resolved)
    for purpose in ("news", "confirm", "reopen", "stop", "opt_in"):
        for _twice in range(2):
            page = mail_app.get(path(own(resolved), purpose))
            assert page.status_code == 200
            assert "no-store" in page["Cache-Control"]
            assert page["Referrer-Policy"] == "same-origin"
            assert page["X-Robots-Tag"] == "noindex"
            assert mail_app.head(path(own(resolved), purpose)).status_code == 200
    assert state(resolved) == before
    assert own(resolved).stopped_at is None


def test_one_tap_confirms_without_cookie_or_token(resolved, mail_app):
    address = path(own(resolved), "confirm")
    page = mail_app.get(address).content.decode()
    assert page.count('data-testid="confirm"') == 1
    assert "Sudah ditambal." in page
    mail_app.cookies.clear()
    answer = mail_app.post(address)
    assert (answer.status_code, answer["Location"]) == (303, address)
    resolved.refresh_from_db()
    assert (resolved.status, resolved.closure) == ("closed", "confirmed")
    assert Feedback.objects.get().verdict == "fixed"
    after = mail_app.get(address).content.decode()
    assert "Laporan telah ditutup" in after or "Terima kasih" in after
    assert 'data-testid="rate-form"' in after


def test_then_stars_and_a_sentence_once(resolved, mail_app):
    address = path(own(resolved), "confirm")
    mail_app.post(address)
    wrong = mail_app.post(address, {"action": "rate", "rating": "9", "text": "Bagus"})
    assert wrong.status_code == 422
    assert "Bagus" in wrong.content.decode()
    assert mail_app.post(address, {"action": "rate"}).status_code == 422
    assert mail_app.post(address, {"action": "rate", "rating": "4", "text": "Cepat."}).status_code == 303
    feedback = Feedback.objects.get()
    assert (feedback.rating, feedback.text) == (4, "Cepat.")
    assert Event.objects.filter(report=resolved, kind="comment", text="Cepat.").count() == 1
    again = mail_app.post(address, {"action": "rate", "rating": "1"})
    assert again.status_code == 422
    feedback.refresh_from_db()
    assert feedback.rating == 4


def test_confirming_twice_closes_once(resolved, mail_app):
    address = path(own(resolved), "confirm")
    mail_app.post(address)
    before = state(resolved)
    assert mail_app.post(address).status_code == 303
    assert state(resolved) == before


def test_reopening_needs_words_and_keeps_photos_meanwhile(resolved, mail_app, jpeg):
    address = path(own(resolved), "reopen")
    photo = SimpleUploadedFile("foto.jpg", jpeg(), "image/jpeg")
    wrong = mail_app.post(address, {"text": " ", "photos": photo})
    assert wrong.status_code == 422
    html = wrong.content.decode()
    assert "1 foto" in html
    key = html.split('name="key" value="')[1].split('"')[0]
    answer = mail_app.post(address, {"text": "Masih bolong.", "key": key})
    assert answer.status_code == 303
    resolved.refresh_from_db()
    assert (resolved.status, resolved.reopen_count) == ("reopened", 1)
    assert Event.objects.get(report=resolved, kind="reopened").text == "Masih bolong."
    assert Photo.objects.filter(report=resolved, kind="comment").count() == 1
    page = mail_app.get(address)
    assert page.status_code == 200
    assert 'data-testid="reopen"' not in page.content.decode()


def test_too_many_taps_are_told_to_wait_and_lose_no_words(resolved, mail_app, monkeypatch):
    monkeypatch.setattr(limits, "too_many", lambda *a, **k: True)
    before = state(resolved)
    page = mail_app.post(path(own(resolved), "reopen"), {"text": "Masih bolong."})
    assert (page.status_code, page["Retry-After"]) == (429, "600")
    assert "Masih bolong." in page.content.decode()
    assert mail_app.post(path(own(resolved), "confirm")).status_code == 429
    assert state(resolved) == before
    assert mail_app.post(path(own(resolved), "stop")).status_code == 200  # to stop is never refused


def test_too_late_to_reopen_says_what_to_do(resolved, mail_app):
    address = path(own(resolved), "reopen")
    Report.objects.filter(pk=resolved.pk).update(status_since=timezone.now() - timedelta(days=31))
    page = mail_app.get(address).content.decode()
    assert 'data-testid="reopen"' not in page
    assert f"/lapor/?kategori={resolved.category.code}" in page
    before = state(resolved)
    assert mail_app.post(address, {"text": "Masih bolong."}).status_code == 422
    assert state(resolved) == before


def test_an_old_link_explains_itself_and_does_nothing(resolved, mail_app):
    event = Event.objects.create(
        report=resolved,
        kind="status",
        to_status="resolved",
        at=timezone.now() - timedelta(days=91),
        actor_kind="staff",
    )
    for purpose in ("news", "confirm", "reopen"):
        before = state(resolved)
        page = mail_app.post(path(own(resolved), purpose, event), {"text": "Masih bolong."})
        assert page.status_code == 410
        assert 'data-testid="link-expired"' in page.content.decode()
        assert "kunci=" not in page.content.decode()
        assert state(resolved) == before


def test_a_later_message_is_pointed_out(resolved, mail_app):
    first = Event.objects.filter(report=resolved, to_status="in_progress").get()
    page = mail_app.get(path(own(resolved), "news", first)).content.decode()
    assert "Ada perkembangan sejak pesan ini" in page
    assert "Ada perkembangan" not in mail_app.get(path(own(resolved), "news")).content.decode()


# --- Stopping -------------------------------------------------------------------------------------------


def test_stop_and_messages_again(resolved, mail_app):
    address = path(own(resolved), "stop")
    assert "wa•••@contoh.id" in mail_app.get(address).content.decode()
    assert mail_app.post(address).status_code == 200
    assert own(resolved).stopped_at is not None
    assert 'data-testid="resume"' in mail_app.get(address).content.decode()
    mail_app.post(address, {"resume": "1"})
    assert own(resolved).stopped_at is None


def test_a_mail_program_unsubscribes_with_one_post(resolved, mail_app):
    """RFC 8058: no cookies, no session, no redirect."""
    answer = mail_app.post(
        path(own(resolved), "stop"),
        "List-Unsubscribe=One-Click",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 200
    assert own(resolved).stopped_at is not None


def test_a_stop_link_still_works_after_the_private_link_was_revoked(resolved, mail_app):
    stop, confirm = path(own(resolved), "stop"), path(own(resolved), "confirm")
    Report.objects.filter(pk=resolved.pk).update(link_version=2)
    before = state(resolved)
    assert mail_app.post(confirm).status_code == 404
    assert state(resolved) == before
    assert mail_app.post(stop).status_code == 200
    assert own(resolved).stopped_at is not None


# --- What a link must not do ----------------------------------------------------------------------------


def test_a_changed_link_does_nothing(resolved, mail_app):
    token = message_links.token_of(own(resolved), "confirm", Event.objects.latest("id").pk)
    before = state(resolved)
    for index in range(len(token)):
        changed = token[:index] + ("b" if token[index] != "b" else "c") + token[index + 1 :]
        assert mail_app.post(message_links.path(changed)).status_code == 404
    assert mail_app.post("/kabar/tidakada/").status_code == 404
    assert state(resolved) == before


def test_one_persons_link_is_not_anothers(resolved, mail_app):
    """A follower's links of every kind neither confirm nor open again, nor show the private link."""
    theirs = other(resolved)
    before = state(resolved)
    for purpose in ("news", "confirm", "reopen"):
        page = mail_app.post(path(theirs, purpose), {"text": "Masih bolong."})
        html = page.content.decode()
        assert links.secret_of(resolved) not in html
        assert 'data-testid="reopen"' not in html
        assert 'data-testid="confirm"' not in html
    assert state(resolved) == before


def test_a_link_made_for_another_role_or_purpose_does_not_count(resolved, mail_app):
    mine, theirs = own(resolved), other(resolved)
    mine.pk, theirs.pk = theirs.pk, mine.pk  # as if one could write another's number into it
    before = state(resolved)
    for forged in (mine, theirs):
        assert mail_app.post(path(forged, "confirm")).status_code == 404
    assert state(resolved) == before


def test_a_followers_link_of_a_report_that_became_private_shows_nothing(resolved, mail_app):
    theirs = other(resolved)
    address, stop = path(theirs, "news"), path(theirs, "stop")
    assert mail_app.get(address).status_code == 200
    Report.objects.filter(pk=resolved.pk).update(is_private=True)
    page = mail_app.get(address)
    assert page.status_code == 404
    assert resolved.spoken_code not in page.content.decode()
    page = mail_app.post(stop)
    theirs.refresh_from_db()
    assert (page.status_code, theirs.stopped_at is not None) == (200, True)


def test_a_foreign_event_does_not_open_under_a_genuine_link(resolved, make_report, mail_app):
    foreign = Event.objects.filter(report=make_report(contact=Contact(email="x@contoh.id"))).latest("id")
    page = mail_app.get(path(own(resolved), "news", foreign))
    assert page.status_code == 410


def test_links_are_in_the_language_of_the_message(resolved, mail_app):
    Subscription.objects.filter(report=resolved).update(language="en")
    page = mail_app.get(path(own(resolved), "confirm"))
    assert "Is it really fixed?" in page.content.decode()
    assert page["Content-Language"] == "en"
    mail_app.cookies["bahasa"] = "id"
    assert "Benarkah sudah beres?" in mail_app.get(path(own(resolved), "confirm")).content.decode()


def test_the_short_form_leads_to_the_same(resolved, mail_app):
    token = message_links.token_of(own(resolved), "news", Event.objects.latest("id").pk)
    assert mail_app.get(f"/k/{token}").status_code == 200
    assert mail_app.get(f"/k/{token.upper()}").status_code == 200


def test_news_shows_the_three_ways_when_it_is_done(resolved, mail_app):
    page = mail_app.get(path(own(resolved), "news")).content.decode()
    for purpose in ("confirm", "reopen", "stop"):
        assert path(own(resolved), purpose) in page
    conversation.confirm_fixed(resolved.pk, now=timezone.now())
    page = mail_app.get(path(own(resolved), "news", Event.objects.get(to_status="resolved"))).content.decode()
    assert 'data-testid="confirm"' not in page


# --- "Was it you?" --------------------------------------------------------------------------------------


@pytest.fixture
def asked(resolved):
    subscriptions.follow(
        resolved.pk, "email", "baru@contoh.id", role="supporter", language="id", now=timezone.now()
    )
    return Subscription.objects.select_related("report").get(role="supporter")


def test_yes_it_was_me(asked, mail_app):
    address = path(asked, "opt_in")
    assert mail_app.get(address).status_code == 200
    asked.refresh_from_db()
    assert asked.confirmed_at is None
    assert mail_app.post(address, {"action": "yes"}).status_code == 200
    asked.refresh_from_db()
    assert asked.confirmed_at is not None


def test_it_was_not_me(asked, mail_app, resolved):
    mail_app.post(path(asked, "opt_in"), {"action": "no"})
    asked.refresh_from_db()
    assert (asked.confirmed_at, asked.stopped_at is not None) == (None, True)
    # … and a stranger cannot have the address asked again.
    page = Client().post(f"/laporan/{resolved.code}/ikuti/", {"address": "baru@contoh.id"})
    assert page.status_code == 422
