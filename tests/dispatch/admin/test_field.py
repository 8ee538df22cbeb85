"""The page of those who go out: whose cases it shows, in which order, and at what cost."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from complaints.domain.draft import Contact
from complaints.models import Report
from dispatch.models import FieldAction
from tests.dispatch.admin.conftest import everything_about
from tests.dispatch.admin.field_phone import DATA, PAGE, data, problem, seen, step

pytestmark = pytest.mark.django_db


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
