"""Role × step × report: what is allowed works, what is denied changes nothing."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from city import roles
from city import snapshot as city
from city.models import Area
from dispatch.domain import casework
from dispatch.services import casework as casework_service
from tests.dispatch.admin.conftest import LIST, case_url, everything_about, upload

EVERY = {
    *("accept", "start", "wait", "schedule", "resolve", "reject", "not_ours", "decide"),
    *("take", "assign", "reply", "note", "make_safe", "severity", "recategorise", "relocate"),
}
WORK = EVERY - {"decide", "assign"}
ALLOWED = {
    "admin": EVERY,
    "p3m": EVERY,
    "department_admin": WORK | {"assign"},
    "handler": WORK,
    "operator": {"reply", "note"},
    "duty_officer": {"decide", "severity", "reply", "note"},
    "planner": set(),
    "viewer": set(),
}
CITY_WIDE = {"admin", "p3m", "operator", "duty_officer", "planner"}
DETAILS = {
    "wait": {"waiting_on": "other", "waiting_reason": "PDAM menutup pipa"},
    "schedule": {"scheduled_for": "2099-05-01", "budget_line": "APBD 2099"},
    "reject": {"reason_code": "cannot_find", "message": "Tidak ditemukan di lokasi."},
    "not_ours": {"message": "Ini saluran provinsi."},
    "decide": {"department": "DPU", "message": "Jalan kota."},
    "recategorise": {"category": "jalan-ambles"},
    "relocate": {"point": "-6.9905, 110.4225", "message": "Titiknya di seberang jalan."},
    "severity": {"severity": 4, "message": "Sudah ada yang jatuh."},
    "reply": {"message": "Tim kami berangkat besok."},
    "note": {"message": "Bawa aspal dingin."},
}


def details(name, user):
    if name == "resolve":
        return {"message": "Sudah ditambal.", "photos_key": str(uuid.uuid4()), "photos": upload()}
    if name == "assign":
        return {"assignee": user.pk}
    return DETAILS.get(name, {})


def test_the_table_covers_every_role_and_step():
    assert set(ALLOWED) == set(roles.ROLES)
    assert set(casework.STEPS) == EVERY


def whose(role):
    return None if role in CITY_WIDE else "DPU"


@pytest.mark.parametrize(
    ("role", "name"), [(role, name) for role in sorted(ALLOWED) for name in sorted(ALLOWED[role])]
)
def test_an_allowed_step_changes_the_report(role, name, staff, report_at, browser, step):
    report = report_at(None if name == "decide" else "DPU")
    response = step(browser(staff(role, whose(role))), report, name, **details(name, staff("handler", "DPU")))
    assert response.status_code == 302, response.context["attempt"].faults
    before = report.version
    report.refresh_from_db()
    assert report.version == before + (2 if name == "severity" else 1)  # the promise moves as well


@pytest.mark.parametrize("role", sorted(ALLOWED))
def test_a_denied_step_changes_nothing(role, staff, report_at, browser, step):
    signed_in, handler = browser(staff(role, whose(role))), staff("handler", "DPU")
    given, undecided = report_at("DPU"), report_at(None)
    for name in sorted(EVERY - ALLOWED[role]):
        report = undecided if name == "decide" else given
        before = everything_about(report)
        response = step(signed_in, report, name, **details(name, handler))
        assert response.status_code == (404 if name == "decide" and role not in CITY_WIDE else 403), name
        assert everything_about(report) == before


@pytest.mark.parametrize("role", sorted(set(ALLOWED) - CITY_WIDE))
def test_another_departments_report_is_not_there(role, staff, report_at, browser, step):
    user = staff(role, "DPU")
    signed_in, report = browser(user), report_at("DLH")
    before = everything_about(report)
    for name in sorted(EVERY):
        assert step(signed_in, report, name, **details(name, user)).status_code == 404, name
    assert signed_in.get(case_url(report)).status_code == 404
    assert everything_about(report) == before


def test_a_report_that_leaves_while_its_page_is_sent_is_told_so(
    staff, report_at, browser, step, take, monkeypatch
):
    report = report_at("DPU")
    department = city.current().departments["DISPERKIM"].id
    real = casework_service.take_step

    def handed_over_first(*arguments, **options):
        monkeypatch.setattr(casework_service, "take_step", real)
        take(report, "not_ours", message="Bukan ruas kami.", department_id=department)
        return real(*arguments, **options)

    monkeypatch.setattr(casework_service, "take_step", handed_over_first)
    response = step(browser(staff("handler", "DPU")), report, "accept")
    assert (response.status_code, response.url) == (302, reverse(LIST))
    report.refresh_from_db()
    assert (report.department_id, report.acknowledged_at) == (department, None)


def test_nobody_without_an_account(report_at, client, step):
    report = report_at("DPU")
    before = everything_about(report)
    for name in sorted(EVERY):
        response = step(client, report, name, **DETAILS.get(name, {}))
        assert response.status_code == 302
        assert response.url.startswith("/admin/login/")
    assert everything_about(report) == before


def test_a_switched_off_account_sees_nothing(staff, report_at, browser):
    user, report = staff("handler", "DPU"), report_at("DPU")
    signed_in = browser(user)
    user.is_active = False
    user.save()
    assert signed_in.get(case_url(report)).status_code == 302


def test_an_unknown_step_is_refused(staff, report_at, browser, step):
    report = report_at("DPU")
    before = everything_about(report)
    assert step(browser(staff("handler", "DPU")), report, "delete").status_code == 403
    assert everything_about(report) == before


def test_a_forged_request_without_the_token_is_refused(staff, report_at):
    report = report_at("DPU")
    before = everything_about(report)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(staff("handler", "DPU"))
    url = reverse("admin:complaints_report_step", args=[report.pk, "accept"])
    assert strict.post(url, {"version": report.version}).status_code == 403
    assert everything_about(report) == before


@pytest.mark.parametrize("path", ["add/", "{pk}/delete/"])
def test_reports_are_neither_added_nor_deleted_here(path, staff, report_at, browser):
    report = report_at("DPU")
    before = everything_about(report)
    signed_in = browser(staff("admin"))
    url = "/admin/complaints/report/" + path.format(pk=report.pk)
    assert signed_in.get(url).status_code == 403
    assert signed_in.post(url, {"post": "yes"}).status_code == 403
    assert everything_about(report) == before


def test_the_raw_change_form_is_gone(staff, report_at, browser):
    report = report_at("DPU")
    before = everything_about(report)
    response = browser(staff("admin")).post(case_url(report), {"description": "diubah", "_save": "1"})
    assert response.status_code == 405
    assert everything_about(report) == before


@pytest.mark.parametrize("model", ["photo", "event", "reporter", "feedback", "supporter", "stagedphoto"])
def test_what_citizens_gave_has_no_form(model, staff, browser):
    assert browser(staff("admin")).get(f"/admin/complaints/{model}/").status_code == 404


@pytest.mark.parametrize("role", ["viewer", "planner"])
def test_readers_are_offered_no_step(role, staff, report_at, browser):
    user = staff(role, "DPU" if role == "viewer" else None)
    response = browser(user).get(case_url(report_at("DPU")))
    assert response.status_code == 200
    assert response.context["steps"] == []


def test_a_handler_named_for_an_area_sees_only_that_area(staff, report_at, browser):
    user = staff("handler", "DPU")
    here, there = report_at("DPU"), report_at("DPU", latitude=-7.0600, longitude=110.4100)
    assert here.area.parent_id != there.area.parent_id
    user.areas.add(Area.objects.get(pk=here.area.parent_id))
    assert browser(user).get(case_url(here)).status_code == 200
    assert browser(user).get(case_url(there)).status_code == 404
