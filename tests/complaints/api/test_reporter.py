import io

import pytest
from django.utils import timezone

from complaints import links
from complaints.domain.actor import PORTAL
from complaints.models import Event, Feedback, Photo, StagedPhoto, Supporter
from complaints.services.status import change_status
from tests.complaints.api.conftest import REPORTS
from tests.conftest import make_jpeg

pytestmark = pytest.mark.django_db
TOKEN = "5f0c7f6e-3a0b-4a1e-9a51-0d3a6f1c2b7e"


def path(report, tail=""):
    return f"{REPORTS}{report.code}/{tail}"


def upload(content: bytes):
    file = io.BytesIO(content)
    file.name = "foto.jpg"
    return file


@pytest.fixture
def report(make_report):
    return make_report()


@pytest.fixture
def secret(report):
    return links.secret_of(report)


@pytest.fixture
def resolved(make_report, route):
    now = timezone.now()  # the API's own clock: a report can be reopened for 30 days
    report = route(make_report(category="banjir-genangan", now=now), now)
    change_status(report.pk, "in_progress", actor=PORTAL, now=now)
    return change_status(report.pk, "resolved", actor=PORTAL, now=now, message="Sudah surut.")


def test_photos_of_the_reporter(api, report, secret):
    content = make_jpeg()
    added = api.form(path(report, "photos/"), {"photos": [upload(content)]}, secret=secret)
    assert (added.status_code, added.json()) == (201, {"accepted": 1, "already_there": 0})
    again = api.form(path(report, "photos/"), {"photos": [upload(content)]}, secret=secret)
    assert (again.status_code, again.json()) == (201, {"accepted": 0, "already_there": 1})
    assert (Photo.objects.count(), StagedPhoto.objects.count()) == (1, 0)
    assert Event.objects.filter(kind="photo").count() == 1


def test_a_bad_photo_changes_nothing(api, report, secret):
    refused = api.form(path(report, "photos/"), {"photos": [upload(b"<svg/>")]}, secret=secret)
    assert refused.json()["errors"]["photos.0"]["code"] == "not_an_image"
    empty = api.post(path(report, "photos/"), {}, secret=secret)
    assert empty.json()["errors"]["photos"]["code"] == "missing"
    assert (Photo.objects.count(), StagedPhoto.objects.count(), Event.objects.count()) == (0, 0, 1)


def test_a_comment(api, report, secret):
    said = api.post(
        path(report, "comments/"), {"text": "Makin lebar, hubungi 0812 3456 7890."}, secret=secret
    )
    assert said.status_code == 201
    assert said.json()["event"]["text"] == "Makin lebar, hubungi 0812 3456 7890."
    public = api.get(path(report)).json()["timeline"][-1]
    assert (public["kind"], public["by"], public["text"]) == (
        "comment",
        "reporter",
        "Makin lebar, hubungi •••.",
    )


def test_a_comment_with_a_photo_needs_no_words(api, report, secret):
    said = api.form(path(report, "comments/"), {"photos": [upload(make_jpeg())]}, secret=secret)
    assert (said.status_code, said.json()["photos"], Photo.objects.get().kind) == (201, 1, "comment")


@pytest.mark.parametrize(
    ("text", "code"), [("", "text_missing"), (" \u202e ", "text_missing"), ("a" * 2001, "text_too_long")]
)
def test_a_bad_comment_is_refused(api, report, secret, text, code):
    refused = api.post(path(report, "comments/"), {"text": text}, secret=secret)
    assert (refused.status_code, refused.json()["errors"]["text"]["code"]) == (422, code)
    assert Event.objects.count() == 1


def test_fixed_closes_the_report(api, resolved):
    said = api.post(
        path(resolved, "feedback/"), {"verdict": "fixed", "rating": 5}, secret=links.secret_of(resolved)
    )
    assert (said.status_code, said.json()["status"]) == (201, "closed")
    assert Feedback.objects.get().rating == 5
    again = api.post(
        path(resolved, "feedback/"), {"verdict": "fixed", "rating": 5}, secret=links.secret_of(resolved)
    )
    assert (again.status_code, again.json()["version"]) == (
        201,
        said.json()["version"],
    )  # sent twice, done once
    assert Feedback.objects.count() == 1
    again = api.post(
        path(resolved, "feedback/"),
        {"verdict": "fixed", "rating": 5, "text": "Terima kasih."},
        secret=links.secret_of(resolved),
        language="en",
    )
    assert again.status_code == 409
    assert again.json() == {
        "type": "/api/docs/#problem-transition_not_allowed",
        "title": "The report is in another state",
        "status": 409,
        "detail": "A report in this state cannot be changed that way.",
        "code": "transition_not_allowed",
        "report": {"status": "closed", "version": said.json()["version"]},
    }


def test_not_fixed_reopens_it(api, resolved):
    secret = links.secret_of(resolved)
    refused = api.post(path(resolved, "feedback/"), {"verdict": "not_fixed"}, secret=secret)
    assert refused.json()["errors"]["text"]["code"] == "text_missing"
    said = api.post(
        path(resolved, "feedback/"), {"verdict": "not_fixed", "text": "Masih menumpuk."}, secret=secret
    )
    assert (said.status_code, said.json()["status"], said.json()["reopen_count"]) == (201, "reopened", 1)


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "verdict", "missing"),
        ({"verdict": "maybe"}, "verdict", "unknown_choice"),
        ({"verdict": "fixed", "rating": 6}, "rating", "rating_invalid"),
        ({"verdict": "fixed", "rating": "5"}, "rating", "wrong_type"),
        ({"verdict": "fixed", "rating": 4.5}, "rating", "wrong_type"),
    ],
)
def test_bad_feedback_changes_nothing(api, resolved, body, field, code):
    refused = api.post(path(resolved, "feedback/"), body, secret=links.secret_of(resolved))
    assert (refused.status_code, refused.json()["errors"][field]["code"]) == (422, code)
    resolved.refresh_from_db()
    assert (resolved.status, Feedback.objects.count()) == ("resolved", 0)


def test_support_counts_once_per_device(api, report):
    first = api.post(path(report, "support/"), {"token": TOKEN})
    again = api.post(path(report, "support/"), {"token": TOKEN})
    assert (first.status_code, first.json()) == (201, {"counted": True, "supporter_count": 1})
    assert (again.status_code, again.json()) == (200, {"counted": False, "supporter_count": 1})
    assert Supporter.objects.count() == 1


@pytest.mark.parametrize("token", [None, "", "short", "x" * 201])
def test_support_needs_a_usable_token(api, report, token):
    refused = api.post(path(report, "support/"), {"token": token})
    assert (refused.status_code, refused.json()["errors"]["token"]["code"]) == (422, "token_invalid")
    assert Supporter.objects.count() == 0


@pytest.mark.parametrize("tail", ["photos/", "comments/", "feedback/"])
@pytest.mark.parametrize("wrong", [None, "", "a" * 25])
def test_only_the_reporter_may_add(api, report, make_report, tail, wrong):
    other = links.secret_of(make_report())
    bodies = {"photos/": {}, "comments/": {"text": "x"}, "feedback/": {"verdict": "fixed"}}
    answers = [
        api.post(path(report, tail), bodies[tail], secret=wrong),
        api.post(path(report, tail), bodies[tail], secret=other),
        api.post(f"{REPORTS}22222222/{tail}", bodies[tail], secret=other),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    report.refresh_from_db()
    assert (report.version, Event.objects.filter(report=report).count()) == (1, 1)


def test_nobody_supports_a_private_report_without_its_secret(api, make_report):
    private = make_report(is_private=True)
    assert api.post(path(private, "support/"), {"token": TOKEN}).status_code == 404
    assert Supporter.objects.count() == 0
    assert (
        api.post(path(private, "support/"), {"token": TOKEN}, secret=links.secret_of(private)).status_code
        == 201
    )
