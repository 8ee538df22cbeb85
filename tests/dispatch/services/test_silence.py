"""A resolved report and a silent reporter: asked once more, then closed as unconfirmed."""

import uuid
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from city.models import Department
from complaints.domain.actor import PORTAL, THE_REPORTER, Actor
from complaints.domain.draft import Contact
from complaints.domain.promise import Promise
from complaints.models import Feedback, Photo, Report
from complaints.services import conversation, photos, routing, status
from complaints.web import words
from dispatch.services import clocks
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SRI = Contact(email="sri@example.org")


@pytest.fixture
def resolved(make_report):
    """Resolved at NOW."""

    def make(**changes):
        report = make_report(**({"category": "lain-parkir", "contact": SRI} | changes), now=NOW - DAY)
        dpu = Department.objects.get(code="DPU").pk
        officer = Actor("staff", department_id=dpu)
        promise = Promise(NOW, None, NOW + 3 * DAY)
        routing.assign(
            report.pk,
            status="assigned",
            department_id=dpu,
            severity=2,
            promise=promise,
            actor=PORTAL,
            now=NOW - DAY,
            event_data={},
        )
        status.change_status(report.pk, "resolved", actor=officer, now=NOW, message="Sudah ditertibkan.")
        report.refresh_from_db()
        return report

    return make


def run(at) -> tuple[int, int]:
    """What the hourly task does: closed, reminded."""
    return clocks.close_silent(now=at), clocks.remind_silent(now=at)


def test_asked_after_seven_days_and_closed_after_ten(resolved):
    report = resolved()
    assert run(NOW + 7 * DAY - timedelta(seconds=1)) == (0, 0)
    assert run(NOW + 7 * DAY) == (0, 1)
    event = report.events.last()
    assert (event.kind, event.actor_kind, event.is_public) == ("reminded", "system", True)
    assert datetime.fromisoformat(event.data["closes_at"]) == NOW + 10 * DAY
    for hours in range(1, 72):
        assert run(NOW + 7 * DAY + timedelta(hours=hours)) == (0, 0)
    assert run(NOW + 10 * DAY) == (1, 0)
    report.refresh_from_db()
    assert (report.status, report.closure, report.closed_at) == ("closed", "unconfirmed", NOW + 10 * DAY)
    assert run(NOW + 30 * DAY) == (0, 0)


def test_a_word_of_the_reporter_starts_the_days_anew(resolved):
    report = resolved()
    run(NOW + 7 * DAY)
    conversation.add_comment(report.pk, "Saya cek besok.", actor=THE_REPORTER, now=NOW + 8 * DAY)
    assert [run(NOW + days * DAY) for days in (10, 14)] == [(0, 0), (0, 0)]
    assert run(NOW + 15 * DAY) == (0, 1)
    assert datetime.fromisoformat(report.events.last().data["closes_at"]) == NOW + 18 * DAY
    assert run(NOW + 18 * DAY) == (1, 0)


def test_nobody_is_asked_whom_nothing_reaches(resolved):
    for contact in (Contact(), Contact(name="Sri Contoh")):
        report = resolved(contact=contact)
        assert run(NOW + 8 * DAY) == (0, 0)
        assert not report.events.filter(kind="reminded").exists()


def test_a_run_that_comes_late_closes_and_does_not_ask(resolved):
    report = resolved()
    assert run(NOW + 12 * DAY) == (1, 0)
    assert not report.events.filter(kind="reminded").exists()


def test_how_it_was_closed_is_worded_differently(resolved, client):
    silent, confirmed = resolved(), resolved()
    conversation.confirm_fixed(confirmed.pk, now=NOW + DAY, rating=5)
    run(NOW + 10 * DAY)
    for report, closure in ((silent, "unconfirmed"), (confirmed, "confirmed")):
        report.refresh_from_db()
        assert report.closure == closure
        assert client.get(f"/api/v1/reports/{report.code}/").json()["closure"] == closure
    texts = {}
    for language in ("id", "en"):
        client.cookies["bahasa"] = language
        texts[language] = [client.get(f"/laporan/{r.code}/").content.decode() for r in (silent, confirmed)]
    assert ["tanpa konfirmasi" in text for text in texts["id"]] == [True, False]
    assert ["as unconfirmed" in text for text in texts["en"]] == [True, False]
    assert "Done, and the reporter confirmed it." in texts["en"][1]
    assert words.event(silent.events.last()) != words.event(confirmed.events.last())


def test_the_database_refuses_a_closed_report_without_a_how(resolved):
    report = resolved()
    for changes in ({"status": "closed", "closure": ""}, {"closure": "confirmed"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Report.objects.filter(pk=report.pk).update(**changes)
    report.refresh_from_db()
    assert (report.status, report.closure) == ("resolved", "")


def test_confirming_takes_stars_words_and_photos(resolved, jpeg):
    report, key = resolved(), uuid.uuid4()
    staged = photos.stage_photo(jpeg(), key, now=NOW)
    conversation.confirm_fixed(
        report.pk, now=NOW + DAY, rating=4, message="Rapi.", photos=(staged.uuid,), photos_key=key
    )
    event = report.events.last()
    assert (event.kind, event.text, event.data) == ("confirmed", "Rapi.", {"rating": 4, "photos": 1})
    assert Feedback.objects.values_list("verdict", "rating", "text").get() == ("fixed", 4, "Rapi.")
    assert Photo.objects.get(report=report).kind == "comment"
