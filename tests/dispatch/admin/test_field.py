"""The page of those who go out, and the steps their phones send: whose, once, never over somebody else."""

import json
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from complaints.domain.actor import THE_REPORTER
from complaints.domain.draft import Contact
from complaints.models import Event, Photo, Report, StagedPhoto
from complaints.services import conversation
from dispatch.models import FieldAction, RepairCheck
from tests.conftest import HERE, NOW, make_proof
from tests.dispatch.admin.conftest import everything_about

pytestmark = pytest.mark.django_db
PAGE, DATA, SEND, PHOTO = (f"admin:field{part}" for part in ("", "_data", "_send", "_photo"))
FAR_AWAY = (-7.05, 110.35)


@pytest.fixture
def mine(report_at, take, handler):
    """A report in the handler's own hands."""

    def make(**more):
        return take(report_at("DPU", now=timezone.now(), **more), "assign", assignee_id=handler.pk)

    return make


@pytest.fixture
def phone(browser, handler):
    return browser(handler)


def data(client, **headers):
    response = client.get(reverse(DATA), **headers)
    assert response.status_code == 200
    return response.json()


def seen(client, report) -> dict:
    """What the page says of a stop: what a phone sends back as version and seen."""
    body = data(client)
    return next(item for item in body["stops"] + body["paused"] if item["id"] == report.pk)


def step(client, user, report, name, *, key=None, stop=None, raw=None, **more):
    stop = stop or seen(client, report)
    body = {
        "key": str(key or uuid.uuid4()),
        "user": user.pk,
        "report": report.pk,
        "step": name,
        "version": stop["version"],
        "seen": stop["seen"],
        "said_at": timezone.now().isoformat(),
        "photos": [],
        "claim": None,
        **more,
        **(raw or {}),
    }
    return client.post(reverse(SEND), json.dumps(body), content_type="application/json")


def photograph(client, key, *, place=HERE, seed=1, **more) -> str:
    """Upload a photo of a repair under a step's key."""
    file = SimpleUploadedFile("sesudah.jpg", make_proof(place, seed=seed, **more), content_type="image/jpeg")
    response = client.post(reverse(PHOTO), {"key": str(key), "photos": file})
    assert response.status_code == 201, response.content
    return response.json()["uuid"]


def problem(response) -> tuple[int, str]:
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == response.status_code
    assert body["detail"]
    return response.status_code, body["code"]


# --- Whose it is -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("admin", 200),
        ("p3m", 200),
        ("department_admin", 200),
        ("handler", 200),
        ("operator", 403),
        ("duty_officer", 403),
        ("planner", 403),
        ("viewer", 403),
    ],
)
def test_the_page_is_for_who_may_start_the_work(role, status, staff, browser):
    page = browser(staff(role, "DPU"))
    assert page.get(reverse(PAGE)).status_code == status
    assert page.get(reverse(DATA)).status_code == status
    assert (reverse(PAGE) in page.get(reverse("admin:index")).content.decode()) == (status == 200)


def test_nobody_without_an_account(client, mine, handler):
    report = mine()
    before = everything_about(report)
    assert client.get(reverse(PAGE)).url.startswith("/admin/login/")
    assert problem(client.get(reverse(DATA))) == (401, "signed_out")
    stop = {"version": report.version, "seen": 0}
    assert problem(step(client, handler, report, "start", stop=stop)) == (401, "signed_out")
    assert everything_about(report) == before


def test_my_own_and_my_crews_open_cases_are_there_and_no_others(
    mine, handler, crew, staff, report_at, take, phone
):
    own = mine()
    our_crew, other_crew = crew("Regu Timur", "DPU", handler), crew("Regu Barat", "DPU")
    ours = take(report_at("DPU"), "assign", crew_id=our_crew.pk)
    take(report_at("DPU"), "assign", crew_id=other_crew.pk)
    take(report_at("DPU"), "assign", assignee_id=staff("handler", "DPU").pk)
    report_at("DPU")
    report_at("DLH")
    waiting = take(mine(), "wait", handler, waiting_reason="PDAM menutup pipa")
    take(mine(), "reject", handler, reason_code="cannot_find", message="Tidak ditemukan.")
    body = data(phone)
    assert {item["id"] for item in body["stops"]} == {own.pk, ours.pk}
    assert [item["id"] for item in body["paused"]] == [waiting.pk]
    shown = phone.get(reverse(PAGE)).content.decode()
    assert own.spoken_code in shown
    assert reverse("admin:complaints_report_change", args=[ours.pk]) in shown  # works without a script


@pytest.mark.parametrize("whose", ["another department's", "another crew's", "nobody's", "unknown"])
def test_what_is_not_theirs_is_denied_and_unchanged(
    whose, staff, report_at, take, crew, phone, handler, browser
):
    report = {
        "another department's": lambda: report_at("DLH"),
        "another crew's": lambda: take(report_at("DPU"), "assign", crew_id=crew("Regu Barat", "DPU").pk),
        "nobody's": lambda: report_at("DPU"),
        "unknown": lambda: report_at("DPU"),
    }[whose]()
    before = everything_about(report)
    target = Report(pk=987654) if whose == "unknown" else report
    for name in ("start", "wait", "not_ours", "resolve", "make_safe"):
        stop = {"version": report.version, "seen": 0}
        sent = step(
            phone, handler, target, name, stop=stop, message="Selesai.", waiting_reason="PDAM menutup pipa"
        )
        assert problem(sent) == (404, "no_longer_yours")
    assert everything_about(report) == before
    assert FieldAction.objects.count() == 0


@pytest.mark.parametrize(
    "name", ["decide", "reject", "schedule", "assign", "severity", "reply", "delete", ""]
)
def test_only_the_steps_of_the_field_are_taken(name, mine, phone, handler):
    report = mine()
    before = everything_about(report)
    assert problem(step(phone, handler, report, name, message="x")) == (403, "not_permitted")
    assert everything_about(report) == before


def test_a_phone_that_changed_hands_sends_nothing_in_the_others_name(mine, staff, phone, handler):
    report, other = mine(), staff("handler", "DPU")
    before = everything_about(report)
    assert problem(step(phone, other, report, "start")) == (409, "other_account")
    assert everything_about(report) == before


def test_a_forged_request_without_the_token_is_refused(mine, handler):
    report = mine()
    before = everything_about(report)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(handler)
    stop = seen(strict, report)
    assert step(strict, handler, report, "start", stop=stop).status_code == 403
    assert everything_about(report) == before


def test_nothing_of_the_reporter_is_kept_on_a_phone(mine, phone):
    mine(contact=Contact(name="Sri Wahyuni", phone="081234567890", email="sri@example.org"))
    kept = json.dumps(data(phone)) + phone.get(reverse(PAGE)).content.decode()
    for secret in ("Sri Wahyuni", "81234567890", "sri@example.org"):
        assert secret not in kept


def test_the_kept_page_and_the_worker_are_the_same_for_everybody(mine, client, phone, handler):
    report = mine()
    shells = [page.get(reverse("admin:field_shell", args=["id"])) for page in (client, phone)]
    assert [shell.status_code for shell in shells] == [200, 200]
    assert shells[0].content == shells[1].content
    for secret in (report.spoken_code, handler.username, "csrfmiddlewaretoken", "data-user"):
        assert secret not in shells[0].content.decode()
    assert client.get("/admin/lapangan/luring/xx/").status_code == 404
    worker = client.get(reverse("admin:field_worker"))
    assert worker.headers["Content-Type"].startswith("text/javascript")
    assert b"/admin/lapangan/luring/id/" in worker.content


# --- Order and cost ----------------------------------------------------------------------------------------


def test_the_way_begins_where_the_phone_is(mine, phone):
    near, middle, far = (mine(latitude=-6.9903 - offset, longitude=110.4229) for offset in (0, 0.005, 0.01))
    from_south = data(phone, HTTP_X_POSISI="-7.0020,110.4229")
    assert (from_south["start"], from_south["route"]) == ("position", [far.pk, middle.pk, near.pk])
    assert 1200 < from_south["route_m"] < 1400
    assert from_south["promise"] == [near.pk, middle.pk, far.pk]
    for nonsense in ("", "x,y", "nan,1", "-7", "-7,110,3", "500,500"):
        assert data(phone, HTTP_X_POSISI=nonsense)["start"] == "promise"


def test_late_and_severe_cases_are_marked(mine, phone):
    late, severe, calm = mine(), mine(), mine()
    Report.objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(hours=2))
    Report.objects.filter(pk=severe.pk).update(severity=4)
    marks = {item["id"]: (item["is_late"], item["is_severe"]) for item in data(phone)["stops"]}
    assert marks == {late.pk: (True, False), severe.pk: (False, True), calm.pk: (False, False)}


@pytest.mark.parametrize("address", [PAGE, DATA])
def test_many_stops_cost_as_many_queries_as_few(
    address, mine, take, crew, handler, report_at, phone, django_assert_max_num_queries
):
    team = crew("Regu Timur", "DPU", handler)
    mine()
    phone.get(reverse(address))
    with django_assert_max_num_queries(14) as few:
        phone.get(reverse(address))
    for number in range(12):
        mine(latitude=-6.99 - number / 2000)
        take(report_at("DPU"), "assign", crew_id=team.pk)
    take(mine(), "wait", handler, waiting_reason="PDAM menutup pipa")
    with django_assert_max_num_queries(len(few)):
        phone.get(reverse(address))


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
