"""Resolving with a doubtful proof, the lot, and what the second person's word does."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from complaints import errors
from complaints.domain.actor import PORTAL
from complaints.models import Event, Photo, PhotoTrace, Report
from complaints.services import conversation, photos, status
from dispatch.domain.proof import Claim
from dispatch.errors import ProofDoubtful
from dispatch.models import RepairCheck, ReviewShare
from dispatch.services import casework, clocks, second_look
from tests.conftest import HERE, NOW, make_proof
from tests.dispatch.admin.conftest import desk, everything_about, report_at  # noqa: F401 - fixtures

LATER = NOW + timedelta(hours=5)
FAR = (HERE[0] + 0.01, HERE[1])


@pytest.fixture
def handler(staff):
    return staff("handler", "DPU")


@pytest.fixture
def head(staff):
    return staff("department_admin", "DPU")


@pytest.fixture
def report(report_at):  # noqa: F811
    return report_at("DPU")


def resolve(user, report, *, now=LATER, reason="", claim=None, **proof):
    """Resolve with one photo; `proof` as for make_proof, by default taken on the spot a moment ago."""
    key = uuid4()
    content = make_proof(**{"taken": now - timedelta(minutes=3), **proof})
    staged = photos.stage_photo(content, key, now=now)
    details = casework.Details(
        message="Sudah ditambal.", photos=(staged.uuid,), photos_key=key, proof_reason=reason, claim=claim
    )
    casework.take_step(user, report.pk, "resolve", details, now=now)
    report.refresh_from_db()
    return RepairCheck.objects.filter(report=report).order_by("-id").first()


def codes(check) -> list[str]:
    return [item["code"] for item in check.findings]


def test_a_clean_proof_resolves_at_once(report, handler):
    check = resolve(handler, report)
    assert (report.status, report.checking_since) == ("resolved", None)
    assert (check.state, check.findings, check.resolved_by, check.is_drawn) == ("clean", [], handler, False)
    photo = Photo.objects.get(report=report)
    assert check.photos == [photo.uuid.hex]
    assert PhotoTrace.objects.get(photo=photo).marks["camera"] == "Kamera K-1"


def test_a_doubtful_proof_without_a_reason_changes_nothing(report, handler):
    before = everything_about(report)
    with pytest.raises(ProofDoubtful) as caught:
        resolve(handler, report, place=FAR)
    assert [item["code"] for item in caught.value.data["findings"]] == ["far"]
    assert everything_about(report) == before
    assert not RepairCheck.objects.exists()


def test_with_a_reason_it_waits_for_a_second_person(report, handler):
    check = resolve(handler, report, place=FAR, reason="GPS ponsel meleset.")
    assert (report.status, report.checking_since) == ("resolved", LATER)
    assert (check.state, codes(check), check.reason) == ("pending", ["far"], "GPS ponsel meleset.")
    event = Event.objects.filter(report=report, to_status="resolved").get()
    assert event.data["checking"] is True
    assert "far" not in str(event.data)  # what was found is the staff's business


def test_the_phones_claim_is_kept_apart_from_the_photos_word(report, handler):
    claim = Claim(*HERE, 12.0, LATER - timedelta(minutes=2))
    check = resolve(handler, report, place=None, taken=False, claim=claim)
    assert (check.state, codes(check)) == ("clean", ["place_claimed", "time_claimed"])
    assert (check.claimed_latitude, check.claimed_longitude, check.claimed_accuracy_m) == (*HERE, 12.0)
    assert check.claimed_at == LATER - timedelta(minutes=2)
    assert Photo.objects.get(report=report).gps_latitude is None


def test_a_reason_too_long_is_refused(report, handler):
    with pytest.raises(errors.InvalidReport):
        resolve(handler, report, place=FAR, reason="x" * 501)


# --- Copies ------------------------------------------------------------------------------------------------


def file_with_photo(make_report, seed, **changes) -> Report:
    key = uuid4()
    taken = {"taken": NOW - timedelta(hours=1)}
    staged = photos.stage_photo(make_proof(seed=seed, **taken), key, now=NOW)
    return make_report(photos=(staged.uuid,), idempotency_key=key, **changes)


def test_the_photo_of_the_problem_is_no_proof_of_its_repair(report_at, handler):  # noqa: F811
    key = uuid4()
    staged = photos.stage_photo(make_proof(seed=8, taken=NOW), key, now=NOW)
    report = report_at("DPU", photos=(staged.uuid,), idempotency_key=key)
    with pytest.raises(ProofDoubtful) as caught:
        resolve(handler, report, seed=8, size=(512, 384))  # smaller, and written anew
    assert [item["code"] for item in caught.value.data["findings"]] == ["same_as_before"]


def test_an_officers_own_earlier_proof_is_recognised(report_at, handler):  # noqa: F811
    first, second = report_at("DPU"), report_at("DPU")
    resolve(handler, first, seed=4)
    with pytest.raises(ProofDoubtful) as caught:
        resolve(handler, second, seed=4)
    (found,) = caught.value.data["findings"]
    assert (found["code"], found["data"]["code"]) == ("same_as_own", first.spoken_code)


def test_a_photo_from_anywhere_is_recognised(report, handler, make_report):
    other = file_with_photo(make_report, 6)
    with pytest.raises(ProofDoubtful) as caught:
        resolve(handler, report, seed=6, size=(800, 600))
    (found,) = caught.value.data["findings"]
    assert (found["code"], found["data"]["code"]) == ("same_as_other", other.spoken_code)


def test_two_photos_of_one_resolution_may_be_alike(report, handler):
    key = uuid4()
    pair = [make_proof(taken=LATER, seed=3), make_proof(taken=LATER, seed=3, size=(600, 450))]
    uuids = tuple(photos.stage_photo(content, key, now=LATER).uuid for content in pair)
    details = casework.Details(message="Ditambal.", photos=uuids, photos_key=key)
    casework.take_step(handler, report.pk, "resolve", details, now=LATER)
    assert RepairCheck.objects.get(report=report).findings == []


def test_looking_for_copies_costs_the_same_with_many_photos(report_at, handler, make_report):  # noqa: F811
    def cost(number):
        report = report_at("DPU")
        with CaptureQueriesContext(connection) as queries:
            resolve(handler, report, seed=500 + number)
        return len(queries)

    cost(1)  # warms what a process keeps
    few = cost(3)
    for seed in range(20, 32):
        file_with_photo(make_report, seed)
    assert cost(2) == few


# --- The lot ---------------------------------------------------------------------------------------------


def test_the_lot_sends_a_clean_proof_to_a_second_person(report, handler):
    ReviewShare.objects.create(department=report.department, percent=100)
    check = resolve(handler, report)
    assert (check.state, check.is_drawn, check.share_percent, check.findings) == ("pending", True, 100.0, [])
    assert report.checking_since == LATER


def test_resolving_again_gets_nobody_past_the_second_person(report, handler):
    resolve(handler, report, place=FAR, reason="Meleset.")
    casework.take_step(handler, report.pk, "start", casework.Details(), now=LATER + timedelta(minutes=5))
    report.refresh_from_db()
    assert (report.status, report.checking_since) == ("in_progress", None)
    check = resolve(handler, report, now=LATER + timedelta(hours=1), seed=77)
    assert (check.findings, check.state, check.is_drawn) == ([], "pending", False)
    assert list(RepairCheck.objects.order_by("id").values_list("state", flat=True)) == [
        "overtaken",
        "pending",
    ]


# --- The second person -----------------------------------------------------------------------------------


@pytest.fixture
def pending(report, handler):
    return resolve(handler, report, place=FAR, reason="Meleset.")


def test_approved_the_reporters_days_begin(pending, report, head):
    at = LATER + timedelta(days=2)
    second_look.approve(head, pending.pk, now=at)
    report.refresh_from_db()
    pending.refresh_from_db()
    assert (report.status, report.checking_since, report.status_since) == ("resolved", None, at)
    assert report.resolved_at == LATER  # the promise is measured by the day of the work
    assert (pending.state, pending.reviewed_by, pending.reviewed_at) == ("approved", head, at)
    assert Event.objects.filter(report=report, kind="checked", actor=head, is_public=True).count() == 1


def test_silence_counts_from_the_approval(pending, report, head):
    ten = timedelta(days=10)
    assert clocks.close_silent(now=LATER + ten * 3) == 0  # nobody is silent about what is being checked
    assert clocks.remind_silent(now=LATER + timedelta(days=8)) == 0
    at = LATER + timedelta(days=4)
    second_look.approve(head, pending.pk, now=at)
    assert clocks.close_silent(now=at + ten - timedelta(hours=1)) == 0
    assert clocks.close_silent(now=at + ten) == 1


def test_the_portal_cannot_close_what_is_being_checked(pending, report):
    with pytest.raises(errors.TransitionNotAllowed):
        status.change_status(report.pk, "closed", actor=PORTAL, now=LATER, reason_code="silent")
    report.refresh_from_db()
    assert report.status == "resolved"


def test_sent_back_the_work_goes_on(pending, report, head):
    at = LATER + timedelta(days=1)
    second_look.reject(head, pending.pk, "Fotonya bukan lokasi ini.", now=at)
    report.refresh_from_db()
    pending.refresh_from_db()
    assert (report.status, report.checking_since, report.resolved_at) == ("in_progress", None, None)
    assert (pending.state, pending.comment) == ("rejected", "Fotonya bukan lokasi ini.")
    event = Event.objects.filter(report=report).latest("id")
    assert (event.from_status, event.to_status, event.text) == (
        *("resolved", "in_progress"),
        "Fotonya bukan lokasi ini.",
    )
    assert event.data["reason_code"] == "check_failed"


def test_sent_back_without_a_word_is_refused(pending, report, head):
    before = everything_about(report)
    with pytest.raises(errors.InvalidReport):
        second_look.reject(head, pending.pk, "  ", now=LATER)
    assert everything_about(report) == before
    pending.refresh_from_db()
    assert pending.state == "pending"


@pytest.mark.parametrize(
    ("role", "department", "expected"),
    [
        ("handler", "DPU", errors.NotPermitted),
        ("department_admin", "DLH", RepairCheck.DoesNotExist),
        ("operator", None, errors.NotPermitted),
        ("planner", None, errors.NotPermitted),
        ("duty_officer", None, errors.NotPermitted),
    ],
)
def test_others_cannot_judge(pending, report, staff, role, department, expected):
    before = everything_about(report)
    user = staff(role, department)
    assert list(second_look.waiting_for(user)) == []
    with pytest.raises(expected):
        second_look.approve(user, pending.pk, now=LATER)
    assert everything_about(report) == before


@pytest.mark.parametrize("role", ["p3m", "department_admin", "admin"])
def test_nobody_judges_their_own_work(report, staff, role):
    officer = staff(role, "DPU" if role == "department_admin" else None)
    check = resolve(officer, report, place=FAR, reason="Meleset.")
    assert list(second_look.waiting_for(officer)) == []
    with pytest.raises(errors.NotPermitted):
        second_look.approve(officer, check.pk, now=LATER)
    with pytest.raises(IntegrityError), transaction.atomic():  # nor does the database let them
        RepairCheck.objects.filter(pk=check.pk).update(state="approved", reviewed_by=officer)
    check.refresh_from_db()
    assert check.state == "pending"


def test_who_sees_what_waits(pending, head, desk, staff):  # noqa: F811
    assert list(second_look.waiting_for(head)) == [pending]
    assert list(second_look.waiting_for(desk)) == [pending]
    assert list(second_look.waiting_for(staff("department_admin", "DLH"))) == []


def test_a_verdict_is_given_once(pending, head, desk):  # noqa: F811
    second_look.approve(head, pending.pk, now=LATER)
    with pytest.raises(errors.Conflict):
        second_look.reject(desk, pending.pk, "Tidak.", now=LATER)
    pending.refresh_from_db()
    assert (pending.state, pending.reviewed_by) == ("approved", head)


def test_the_reporter_may_answer_first(pending, report, head):
    conversation.confirm_fixed(report.pk, now=LATER + timedelta(hours=1))
    report.refresh_from_db()
    assert (report.status, report.closure, report.checking_since) == ("closed", "confirmed", None)
    assert list(second_look.waiting_for(head)) == []
    with pytest.raises(errors.TransitionNotAllowed):
        second_look.approve(head, pending.pk, now=LATER + timedelta(hours=2))


def test_the_database_knows_what_can_be_checked(report):
    with pytest.raises(IntegrityError), transaction.atomic():
        Report.objects.filter(pk=report.pk).update(checking_since=NOW)


def test_the_workflow_trigger_still_stands(report):
    with pytest.raises(IntegrityError), transaction.atomic():
        Report.objects.filter(pk=report.pk).update(status="closed", closure="confirmed", is_open=False)


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_share_is_a_share(report, percent):
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewShare.objects.create(percent=percent)


def test_one_share_for_each_department_and_kind(report):
    ReviewShare.objects.create(percent=5)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewShare.objects.create(percent=6)
