"""Steps that a crew's phone sends: taken once, and never over somebody else."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from complaints.domain.actor import THE_REPORTER
from complaints.models import Event, Photo, Report, StagedPhoto
from complaints.services import conversation
from dispatch.models import FieldAction, RepairCheck
from tests.conftest import HERE, NOW
from tests.dispatch.admin.conftest import everything_about
from tests.dispatch.admin.field_phone import PHOTO, SEND, photograph, problem, seen, step

pytestmark = pytest.mark.django_db
FAR_AWAY = (-7.05, 110.35)


# --- Steps -------------------------------------------------------------------------------------------------


def test_start_then_done_with_a_photo_on_the_spot(mine, phone, handler):
    report, key = mine(), uuid.uuid4()
    answer = step(phone, handler, report, "start")
    assert (answer.status_code, answer.json()["status"]) == (201, "in_progress")
    picture = photograph(phone, key)
    done = step(phone, handler, report, "resolve", key=key, photos=[picture], message="Sudah ditambal.")
    assert (done.status_code, done.json()["status"]) == (201, "resolved")
    report.refresh_from_db()
    assert (report.status, report.photos.get().kind) == ("resolved", Photo.Kind.REPAIR)
    assert RepairCheck.objects.get(report=report).findings == []
    assert list(FieldAction.objects.values_list("step", "user")) == [
        ("resolve", handler.pk),
        ("start", handler.pk),
    ]


def test_a_photo_from_elsewhere_is_asked_about_and_goes_to_a_second_person(mine, phone, handler):
    report, key = mine(), uuid.uuid4()
    sent = {"key": key, "photos": [photograph(phone, key, place=FAR_AWAY)], "message": "Sudah ditambal."}
    before = everything_about(report)
    refused = step(phone, handler, report, "resolve", **sent)
    assert problem(refused) == (422, "proof_doubtful")
    assert "km" in refused.json()["findings"][0]
    assert everything_about(report) == before
    assert StagedPhoto.objects.filter(draft_key=key).count() == 1  # nothing to upload again
    done = step(phone, handler, report, "resolve", **sent, proof_reason="GPS mati di bawah jembatan.")
    assert (done.status_code, done.json()["is_checked"]) == (201, True)
    check = RepairCheck.objects.get(report=report)
    assert (check.state, check.reason) == ("pending", "GPS mati di bawah jembatan.")


def test_what_the_phones_page_claims_is_kept_as_a_claim(mine, phone, handler):
    report, key = mine(), uuid.uuid4()
    picture = photograph(phone, key, place=None, taken=False)
    at = timezone.now().isoformat()
    claim = {"latitude": HERE[0], "longitude": HERE[1], "accuracy_m": 8.5, "at": at}
    done = step(
        phone, handler, report, "resolve", key=key, photos=[picture], message="Ditambal.", claim=claim
    )
    assert done.status_code == 201, done.content
    check = RepairCheck.objects.get(report=report)
    assert (check.claimed_latitude, check.claimed_accuracy_m) == (HERE[0], 8.5)
    assert {item["code"] for item in check.findings} == {"place_claimed", "time_claimed"}


def test_a_repair_without_its_photo_or_sentence_is_refused(mine, phone, handler):
    report, key = mine(), uuid.uuid4()
    before = everything_about(report)
    refused = step(phone, handler, report, "resolve", message="Sudah.")
    assert problem(refused) == (422, "invalid")
    assert set(refused.json()["errors"]) == {"photos"}
    refused = step(phone, handler, report, "resolve", key=key, photos=[photograph(phone, key)])
    assert set(refused.json()["errors"]) == {"message"}
    assert everything_about(report) == before
    assert FieldAction.objects.count() == 0


def test_a_photo_that_is_not_there_any_more_is_asked_for(mine, phone, handler):
    report, gone = mine(), str(uuid.uuid4())
    before = everything_about(report)
    refused = step(phone, handler, report, "resolve", photos=[gone], message="Sudah.")
    assert problem(refused) == (409, "photos_missing")
    assert refused.json()["missing"] == [gone]
    assert everything_about(report) == before


def test_what_is_no_photo_is_refused(phone):
    file = SimpleUploadedFile("foto.jpg", b"bukan foto", content_type="image/jpeg")
    response = phone.post(reverse(PHOTO), {"key": str(uuid.uuid4()), "photos": file})
    assert problem(response) == (422, "photo_refused")
    assert problem(phone.post(reverse(PHOTO), {"key": "x", "photos": file})) == (400, "malformed")
    assert StagedPhoto.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "sent", "status"),
    [
        ("wait", {"waiting_on": "other", "waiting_reason": "Menunggu aspal."}, "waiting"),
        ("not_ours", {"message": "Ini saluran provinsi."}, "triage"),
    ],
)
def test_what_cannot_be_done_is_a_step_like_any_other(name, sent, status, mine, phone, handler):
    report = mine()
    assert step(phone, handler, report, name, **sent).status_code == 201
    report.refresh_from_db()
    assert report.status == status
    assert Event.objects.filter(report=report).last().actor == handler


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"\xff", b'{"user": 1', b'"x"'],
)
def test_a_body_that_cannot_be_read(body, phone):
    response = phone.post(reverse(SEND), body, content_type="application/json")
    assert problem(response) == (400, "malformed")


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "x"},
        {"key": None},
        {"report": "1"},
        {"version": 0},
        {"version": "x"},
        {"photos": ["x"]},
        {"photos": ["00000000-0000-0000-0000-000000000000"] * 6},
        {"claim": {"latitude": 999, "longitude": 1}},
        {"report": True},
    ],
)
def test_a_body_of_the_wrong_shape_changes_nothing(wrong, mine, phone, handler):
    report = mine()
    before = everything_about(report)
    assert problem(step(phone, handler, report, "start", raw=wrong)) == (422, "invalid")
    assert everything_about(report) == before


# --- Once, and never over somebody else --------------------------------------------------------------------


def test_the_same_step_again_is_told_the_same_and_taken_once(mine, phone, handler):
    report, key = mine(), uuid.uuid4()
    stop = seen(phone, report)
    sent = {"key": key, "stop": stop, "photos": [photograph(phone, key)], "message": "Sudah.", "said_at": "x"}
    first = step(phone, handler, report, "resolve", **sent)
    before = everything_about(report)
    again = step(phone, handler, report, "resolve", **sent)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    # With what the phone has seen since, it is still the same step.
    later = step(phone, handler, report, "resolve", **sent | {"stop": {"version": 99, "seen": 10**6}})
    assert (later.status_code, later.json()) == (200, first.json())
    assert everything_about(report) == before
    assert FieldAction.objects.count() == RepairCheck.objects.count() == 1


def test_a_hand_over_sent_again_is_told_the_same_although_it_is_no_longer_theirs(mine, phone, handler):
    report, key = mine(), uuid.uuid4()
    sent = {"key": key, "stop": seen(phone, report), "message": "Ini saluran provinsi.", "said_at": "x"}
    first = step(phone, handler, report, "not_ours", **sent)
    again = step(phone, handler, report, "not_ours", **sent)
    assert (first.status_code, again.status_code, first.json()) == (201, 200, again.json())
    assert Event.objects.filter(report=report, kind="handed_over").count() == 2  # from the desk, and back


@pytest.mark.parametrize("change", ["words", "step", "account"])
def test_a_key_stands_for_one_step_only(change, mine, phone, handler, staff, browser, take):
    report, key = mine(), uuid.uuid4()
    stop = seen(phone, report)
    step(phone, handler, report, "wait", key=key, stop=stop, waiting_reason="Menunggu aspal.", said_at="x")
    before = everything_about(report)
    user, client, name, sent = handler, phone, "wait", {"waiting_reason": "Menunggu aspal."}
    if change == "words":
        sent = {"waiting_reason": "Menunggu pompa."}
    elif change == "step":
        name, sent = "start", {}
    else:
        user = staff("handler", "DPU")
        client = browser(user)
    response = step(client, user, report, name, key=key, stop=stop, said_at="x", **sent)
    assert problem(response) == (409, "idempotency_key_reused")
    assert everything_about(report) == before


def test_somebody_who_was_faster_is_told_and_nothing_is_overwritten(mine, phone, handler, staff, take):
    report, colleague = mine(), staff("handler", "DPU")
    stop = seen(phone, report)
    take(report, "wait", colleague, waiting_reason="PDAM menutup pipa", now=timezone.now())
    before = everything_about(report)
    key = uuid.uuid4()
    refused = step(phone, handler, report, "start", key=key, stop=stop)
    assert problem(refused) == (409, "conflict")
    told = refused.json()
    assert [item["who"] for item in told["meanwhile"]] == [f"{colleague.username}, DPU"]
    assert told["version"] == report.version
    assert everything_about(report) == before
    # Having read it, they send the same again.
    again = step(phone, handler, report, "start", key=key, stop=told)
    assert again.status_code == 201
    report.refresh_from_db()
    assert report.status == "in_progress"


def test_a_word_of_the_reporter_is_news(mine, phone, handler):
    report = mine()
    stop = seen(phone, report)
    conversation.add_comment(report.pk, "Lubangnya sekarang dua.", actor=THE_REPORTER, now=timezone.now())
    before = everything_about(report)
    refused = step(phone, handler, report, "start", stop=stop)
    assert problem(refused) == (409, "conflict")
    assert refused.json()["meanwhile"][0]["text"] == "Lubangnya sekarang dua."
    assert everything_about(report) == before


def test_the_portals_own_housekeeping_is_no_conflict(mine, phone, handler):
    report = mine()
    stop = seen(phone, report)
    Report.objects.filter(pk=report.pk).update(version=report.version + 1)
    Event.objects.create(report=report, kind="promise", at=NOW, actor_kind="system")
    assert step(phone, handler, report, "start", stop=stop).status_code == 201


def test_two_steps_done_without_network_go_one_after_the_other(mine, phone, handler):
    report, key = mine(), uuid.uuid4()
    stop = seen(phone, report)
    picture = photograph(phone, key)
    first = step(phone, handler, report, "start", stop=stop).json()
    sent = {"photos": [picture], "message": "Sudah ditambal."}
    # The second with what the first was answered; with the old sight of things it would be a conflict.
    assert problem(step(phone, handler, report, "resolve", key=key, stop=stop, **sent)) == (409, "conflict")
    assert step(phone, handler, report, "resolve", key=key, stop=first, **sent).status_code == 201
    report.refresh_from_db()
    assert report.status == "resolved"


def test_a_case_that_was_given_to_somebody_else_is_said_so(mine, phone, handler, staff, take):
    report = mine()
    stop = seen(phone, report)
    take(report, "assign", assignee_id=staff("handler", "DPU").pk)
    before = everything_about(report)
    assert problem(step(phone, handler, report, "start", stop=stop)) == (404, "no_longer_yours")
    assert everything_about(report) == before
