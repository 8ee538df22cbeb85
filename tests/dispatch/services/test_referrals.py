"""Reports that belong to owners outside the city: told, asked about again, seen by the citizen."""

from datetime import date, timedelta

import pytest
from django.core import mail

from city.models import Department
from complaints import errors
from complaints.models import Event
from dispatch.models import Outbox, Referral
from dispatch.services import casework, referrals, worker
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
KALIGAWE = {"latitude": -6.95427, "longitude": 110.47319}  # a national road: BBPJN
CHECK_BACK = date(2026, 9, 24)  # seven working days after Tuesday, 15 September


@pytest.fixture
def desk(staff):
    return staff("p3m")


@pytest.fixture
def work():
    def run(now=NOW):
        for queue in ("routing", "notify"):
            worker.drain(queue, clock=lambda: now)

    return run


@pytest.fixture
def referred(make_report, work):
    def make(email="", **changes):
        Department.objects.filter(code="BBPJN").update(email=email)
        report = make_report(**(KALIGAWE | changes))
        work()
        report.refresh_from_db()
        assert (report.status, report.department.code) == ("referred", "BBPJN")
        return report

    return make


def told(report):
    events = Event.objects.filter(report=report, kind="referral").order_by("id")
    return [(event.data["what"], event.data["channel"], event.data["check_back_on"]) for event in events]


def test_an_owner_with_an_address_is_written_to_without_the_reporters_name(referred):
    report = referred("bbpjn@example.org", description="Lubang besar, hubungi 0812-3456-7890.")
    [message] = mail.outbox
    assert message.to == ["bbpjn@example.org"]
    assert report.spoken_code in message.subject
    assert f"/laporan/{report.code}/" in message.body
    assert "kunci=" not in message.body + str(message.alternatives)
    assert "0812" not in message.body + str(message.alternatives)
    referral = Referral.objects.get()
    assert (referral.channel, referral.sent_at, referral.check_back_on) == ("email", NOW, CHECK_BACK)
    assert told(report) == [("sent", "email", "2026-09-24")]


def test_an_owner_without_an_address_gets_a_letter(referred, desk):
    report = referred()
    referral = Referral.objects.get()
    assert (referral.channel, referral.sent_at, mail.outbox) == ("letter", None, [])
    assert list(referrals.waiting_for(desk, today=NOW.date())) == [referral]
    later = NOW + timedelta(days=1)
    referrals.mark_sent(desk, referral.pk, now=later, reference=" 620/BB ")
    referral.refresh_from_db()
    assert (referral.sent_at, referral.reference, referral.check_back_on) == (
        later,
        "620/BB",
        date(2026, 9, 25),
    )
    assert told(report) == [("sent", "letter", "2026-09-25")]
    assert list(referrals.waiting_for(desk, today=later.date())) == []
    assert list(referrals.waiting_for(desk, today=date(2026, 9, 25))) == [referral]


def test_asking_again_by_mail_is_one_more_message_and_a_new_date(referred, desk, work):
    report = referred("bbpjn@example.org")
    referral = Referral.objects.get()
    at = NOW + timedelta(days=9)
    referrals.ask_again(desk, referral.pk, now=at, check_back_on=date(2026, 10, 1))
    work(at)
    work(at)
    assert [message.to for message in mail.outbox] == [["bbpjn@example.org"]] * 2
    assert told(report) == [("sent", "email", "2026-09-24"), ("asked", "email", "2026-10-01")]
    referral.refresh_from_db()
    assert referral.asked_count == 1


@pytest.mark.parametrize("to", ["DPU", "BBWS", None])
def test_a_report_that_goes_elsewhere_ends_its_referral(referred, desk, work, to):
    report = referred()
    target = Department.objects.get(code=to).pk if to else None
    details = casework.Details(message="Bukan ruas ini.", department_id=target)
    casework.take_step(desk, report.pk, "not_ours", details, now=NOW)
    work()
    rows = {row.department.code: row.ended_at for row in Referral.objects.select_related("department")}
    assert rows == {"BBPJN": NOW} | ({"BBWS": None} if to == "BBWS" else {})


def test_handling_the_same_row_twice_writes_once(referred):
    report = referred("bbpjn@example.org")
    assert referrals.follow(report.pk, now=NOW) is None
    row = Outbox.objects.get(topic="referral.send")
    assert referrals.send(row.payload["referral_id"], number=0, now=NOW) is None
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("action", "details", "field"),
    [
        ("ask_again", {}, "referral"),
        ("mark_sent", {"reference": "9" * 81}, "reference"),
    ],
)
def test_what_cannot_be_done_says_why_and_changes_nothing(referred, desk, action, details, field):
    report = referred()
    referral = Referral.objects.get()
    before = Referral.objects.values().get()
    with pytest.raises(errors.InvalidReport) as caught:
        getattr(referrals, action)(desk, referral.pk, now=NOW, **details)
    assert list(caught.value.errors) == [field]
    assert Referral.objects.values().get() == before
    assert told(report) == []


def test_a_date_in_the_past_is_refused(referred, desk):
    referred()
    referral = Referral.objects.get()
    referrals.mark_sent(desk, referral.pk, now=NOW)
    with pytest.raises(errors.InvalidReport) as caught:
        referrals.ask_again(desk, referral.pk, now=NOW, check_back_on=NOW.date())
    assert list(caught.value.errors) == ["check_back_on"]


@pytest.mark.parametrize("role", ["operator", "planner"])
def test_only_the_desk_looks_after_owners_outside(referred, staff, role):
    referred()
    referral, user = Referral.objects.get(), staff(role)
    assert list(referrals.waiting_for(user, today=CHECK_BACK)) == []
    with pytest.raises(errors.NotPermitted):
        referrals.mark_sent(user, referral.pk, now=NOW)
    with pytest.raises(Referral.DoesNotExist):
        referrals.mark_sent(staff("handler", "DPU"), referral.pk, now=NOW)
    referral.refresh_from_db()
    assert referral.sent_at is None
