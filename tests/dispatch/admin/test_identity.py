"""Handlers never learn who a reporter is; whoever may look leaves a record (invariant 6)."""

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from city.models import AuditEvent
from complaints.domain.draft import Contact
from complaints.models import Reporter
from tests.dispatch.admin.conftest import LIST, case_url, everything_about

SRI = Contact(name="Sri Wulandari Contoh", email="sri.contoh@example.org", phone="0812 3456 7890")
TRACES = ("Sri Wulandari", "Contoh", "sri.contoh", "example.org", "3456", "7890")


@pytest.fixture
def report(report_at):
    return report_at("DPU", contact=SRI, is_anonymous=False)


def looks():
    return AuditEvent.objects.filter(kind="identity_look")


def identity_url(report) -> str:
    return reverse("admin:complaints_report_identity", args=[report.pk])


def pages_of(report):
    yield reverse(LIST)
    yield f"{reverse(LIST)}?q=Wulandari"
    yield f"{reverse(LIST)}?q=081234567890"
    yield f"{reverse(LIST)}?q={report.code}&status=all"
    yield reverse("admin:index")
    yield case_url(report)
    yield reverse("admin:complaints_report_history", args=[report.pk])
    yield f"{reverse('admin:search')}?s=sri"


@pytest.mark.parametrize(
    "role", ["handler", "department_admin", "viewer", "operator", "duty_officer", "planner"]
)
def test_no_page_of_theirs_names_the_reporter(role, report, staff, browser):
    user = staff(role, "DPU")
    signed_in = browser(user)
    for url in pages_of(report):
        response = signed_in.get(url, follow=True)
        assert response.status_code == 200
        # What the page echoes of the search itself is no leak.
        html = response.content.decode()
        if "?q=" in url:  # in the field, in chips, in links that keep the search
            html = html.replace(url.partition("?q=")[2].partition("&")[0], "")
        assert [trace for trace in TRACES if trace in html] == [], url


def test_searching_a_name_or_number_finds_nothing(report, staff, browser):
    signed_in = browser(staff("handler", "DPU"))
    for words in ("Wulandari", "081234567890", "sri.contoh@example.org"):
        assert list(signed_in.get(reverse(LIST), {"q": words}).context["cl"].result_list) == []


@pytest.mark.parametrize(
    "role", ["handler", "department_admin", "viewer", "operator", "duty_officer", "planner"]
)
def test_asking_for_the_identity_is_refused_and_shows_nothing(role, report, staff, browser):
    before = everything_about(report)
    response = browser(staff(role, "DPU")).post(identity_url(report))
    assert response.status_code == 403
    assert "Wulandari" not in response.content.decode()
    assert everything_about(report) == before
    assert not looks().exists()


@pytest.mark.parametrize("role", ["p3m", "admin"])
def test_the_desk_asks_first_and_each_look_is_recorded(role, report, staff, browser):
    user = staff(role)
    signed_in = browser(user)
    first = signed_in.get(case_url(report)).content.decode()
    assert [trace for trace in TRACES if trace in first] == []
    assert not looks().exists()
    for number in (1, 2):
        shown = signed_in.post(identity_url(report))
        html = shown.content.decode()
        assert "Sri Wulandari Contoh" in html
        assert "+6281234567890" in html
        assert "sri.contoh@example.org" in html
        assert "no-store" in shown["Cache-Control"]
        assert looks().count() == number
    entry = looks().latest("id")
    assert (entry.actor, entry.object_key, entry.object_name) == (user, str(report.pk), report.spoken_code)


def test_a_reporter_without_contact(report_at, staff, browser):
    report = report_at("DPU")
    response = browser(staff("p3m")).post(identity_url(report))
    assert response.status_code == 200
    assert response.context["contact"] is None
    assert not Reporter.objects.exists()
    assert looks().count() == 1


def test_a_link_to_the_identity_page_shows_nothing(report, staff, browser):
    response = browser(staff("p3m")).get(identity_url(report))
    assert (response.status_code, response.url) == (302, case_url(report))
    assert not looks().exists()


def test_the_record_is_for_administrators_and_cannot_be_changed(report, staff, browser):
    browser(staff("p3m")).post(identity_url(report))
    entry = looks().get()
    record = reverse("admin:audit")
    assert browser(staff("p3m")).get(record).status_code == 403
    assert "melihat identitas pelapor" in browser(staff("admin")).get(record).content.decode()
    for change in (lambda: looks().update(object_name="X"), lambda: looks().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert looks().get() == entry
