"""The queue: whose reports, in which order, found by what."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from city import snapshot as city
from city.models import Category, User
from city.services import versions
from complaints.models import Photo, Report
from complaints.web import site
from dispatch.admin import bounded
from tests.dispatch.admin.conftest import LIST, case_url, codes_in, copies, due


def test_only_open_reports_of_the_own_department_oldest_promise_first(report_at, listed, take, handler):
    late = due(report_at("DPU"), -timedelta(days=2))
    unpromised = due(report_at("DPU"), None)
    soon = due(report_at("DPU"), timedelta(hours=3))
    report_at("DLH")
    report_at(None)
    take(report_at("DPU"), "reject", handler, reason_code="cannot_find", message="Tidak ada.")
    assert listed() == [late.code, soon.code, unpromised.code]


def test_city_wide_roles_see_every_department(report_at, staff, browser):
    wanted = {report_at(code).code for code in ("DPU", "DLH", None)}
    for role in ("admin", "p3m", "operator", "duty_officer", "planner"):
        assert set(codes_in(browser(staff(role)).get(reverse(LIST)))) == wanted


def test_nobody_without_a_role_reaches_the_list(browser, db):
    user = User.objects.create_user("tanpa-peran", password="x", is_staff=True)
    assert browser(user).get(reverse(LIST)).status_code == 403


@pytest.mark.parametrize("shape", ["{0}", "{1}", "  {2} ", "{3}", "{4}"])
def test_a_code_in_any_writing_finds_its_report_in_any_state(shape, report_at, listed, take, handler):
    report = report_at("DPU")
    report_at("DPU")
    take(report, "reject", handler, reason_code="cannot_find", message="Tidak ada.")
    code = report.code
    typed = shape.format(
        code, report.spoken_code, code.lower(), f"{code[:2]} {code[2:4]} {code[4:]}", f"{code[:4]}.{code[4:]}"
    )
    assert listed(q=typed) == [code]


def test_a_code_of_another_department_finds_nothing(report_at, listed):
    assert listed(q=report_at("DLH").code) == []


def test_words_of_street_area_and_description_all_count(report_at, listed):
    one = report_at("DPU", street="Jl. Pandanaran dekat halte", description="Lubang dalam.")
    two = report_at("DPU", street="Jl. Gajahmada", description="Retak di dekat HALTE.")
    assert listed(q="pandanaran") == [one.code]
    assert set(listed(q="halte")) == {one.code, two.code}
    assert listed(q="halte retak") == [two.code]
    assert set(listed(q=one.area.name)) == {one.code, two.code}
    assert listed(q="tidak-ada-kata-ini") == []


def test_filters_by_state(report_at, listed, take, handler):
    new = report_at("DPU")
    accepted = take(report_at("DPU"), "accept", handler)
    started = take(report_at("DPU"), "start", handler)
    ended = take(report_at("DPU"), "reject", handler, reason_code="cannot_find", message="Tidak ada.")
    assert set(listed()) == {new.code, accepted.code, started.code}
    assert set(listed(status="all")) == {new.code, accepted.code, started.code, ended.code}
    assert listed(status="new") == [new.code]
    assert set(listed(status="assigned")) == {new.code, accepted.code}
    assert listed(status="in_progress") == [started.code]
    assert listed(status="rejected") == [ended.code]
    assert set(listed(status="no-such-state")) == {new.code, accepted.code, started.code}


def test_filters_by_due_time(report_at, listed, take, handler):
    now = timezone.now()
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    late = due(report_at("DPU"), -timedelta(minutes=5))
    today = due(report_at("DPU"), (midnight - now) / 2)
    week = due(report_at("DPU"), midnight - now + timedelta(days=3))
    due(report_at("DPU"), timedelta(days=30))
    paused = take(report_at("DPU"), "wait", handler, waiting_reason="Pipa PDAM")
    due(paused, -timedelta(days=1))
    assert listed(tenggat="overdue") == [late.code]
    assert listed(tenggat="today") == [today.code]
    assert listed(tenggat="week") == [today.code, week.code]


def test_filters_by_kind_severity_area_channel_photo_and_handler(report_at, listed, take, handler):
    a = report_at("DPU", category="jalan-lubang", channel="api")
    b = report_at("DPU", category="banjir-saluran", latitude=-7.0600, longitude=110.4100)
    Report.objects.filter(pk=a.pk).update(severity=2)
    Report.objects.filter(pk=b.pk).update(severity=4)
    Photo.objects.create(report=a, sha256="0" * 64, created_at=timezone.now())
    take(a, "take", handler)
    assert listed(kategori="jalan-lubang") == [a.code]
    assert listed(kategori="banjir") == [b.code]
    assert listed(tingkat="4") == [b.code]
    assert listed(wilayah=a.area.code) == [a.code]
    assert listed(wilayah=b.area.parent.code) == [b.code]
    assert listed(kanal="api") == [a.code]
    assert listed(foto="ada") == [a.code]
    assert listed(foto="tanpa") == [b.code]
    assert listed(penangan="saya") == [a.code]
    assert listed(penangan="kosong") == [b.code]
    assert listed(kategori="banjir", tingkat="2") == []
    assert set(listed(kategori="tidak-ada", wilayah="99", tingkat="x")) == {a.code, b.code}


def test_the_department_filter_is_for_city_wide_roles(report_at, staff, browser, handler):
    a, b = report_at("DPU"), report_at("DLH")
    assert codes_in(browser(staff("p3m")).get(reverse(LIST), {"dinas": "DLH"})) == [b.code]
    response = browser(handler).get(reverse(LIST), {"dinas": "DLH"})
    assert codes_in(response) == [a.code]
    assert 'name="dinas"' not in response.content.decode()


def test_orders(report_at, listed):
    now = timezone.now()
    old, new = report_at("DPU"), report_at("DPU")
    for report, days, severity in ((old, 9, 2), (new, 1, 4)):
        Report.objects.filter(pk=report.pk).update(
            created_at=now - timedelta(days=days),
            updated_at=now - timedelta(days=days),
            due_at=now - timedelta(days=days),
            severity=severity,
        )
    assert listed(urut="terbaru") == [new.code, old.code]
    assert listed(urut="terlama") == [old.code, new.code]
    assert listed(urut="tingkat") == [new.code, old.code]
    assert listed(urut="perubahan") == [new.code, old.code]
    assert listed(urut="entah") == [old.code, new.code]


def test_the_filters_go_along_into_a_report(report_at, browser, handler):
    report = report_at("DPU")
    html = browser(handler).get(reverse(LIST), {"status": "new", "urut": "terbaru"}).content.decode()
    assert f'href="{case_url(report)}?_changelist_filters=status%3Dnew%26urut%3Dterbaru"' in html


def test_an_empty_list_says_what_next(browser, handler):
    page = browser(handler)
    assert "Tidak ada yang menunggu Anda" in page.get(reverse(LIST)).content.decode()
    assert "Hapus saringan" in page.get(reverse(LIST), {"tingkat": "5"}).content.decode()


@pytest.mark.parametrize(("role", "department"), [("handler", "DPU"), ("p3m", None)])
def test_a_page_costs_the_same_few_queries_at_any_size(role, department, report_at, staff, browser):
    page = browser(staff(role, department))
    report = report_at("DPU")
    page.get(reverse(LIST))
    costs = []
    for more in (9, 90):
        copies(report, more)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = page.get(reverse(LIST), {"q": "lubang", "tingkat": str(report.severity)})
        assert len(codes_in(response)) == min(100, Report.objects.count())
        costs.append(len(queries))
    assert costs[0] == costs[1]
    assert costs[1] <= 12


def test_the_count_stops_and_says_so(report_at, browser, handler, monkeypatch):
    monkeypatch.setattr(bounded, "COUNT_AT_MOST", 5)
    copies(report_at("DPU"), 6)
    response = browser(handler).get(reverse(LIST))
    assert response.context["cl"].paginator.count == 6
    assert "Lebih dari 5 laporan" in response.content.decode()


def test_pages_keep_the_filters(report_at, browser, handler):
    copies(report_at("DPU"), 150)
    page = browser(handler)
    first = page.get(reverse(LIST), {"urut": "terbaru"})
    assert len(codes_in(first)) == 100
    assert "?p=2&amp;urut=terbaru" in first.content.decode()
    second = page.get(reverse(LIST), {"urut": "terbaru", "p": "2"})
    assert len(codes_in(second)) == 51
    assert not set(codes_in(first)) & set(codes_in(second))


# --- The first page ------------------------------------------------------------------------------------


@pytest.fixture
def varied(report_at, take, handler):
    due(report_at("DPU"), -timedelta(days=1))
    due(take(report_at("DPU"), "accept", handler), timedelta(days=40))
    take(report_at("DPU"), "start", handler)
    take(report_at("DPU"), "wait", handler, waiting_reason="Pipa PDAM")
    take(report_at("DPU"), "reject", handler, reason_code="cannot_find", message="Tidak ada.")
    report_at("DLH")
    report_at(None)


@pytest.mark.parametrize("role", ["handler", "p3m"])
def test_every_card_counts_what_its_list_shows(role, varied, staff, browser):
    page = browser(staff(role, "DPU" if role == "handler" else None))
    cards = page.get(reverse("admin:index")).context["cards"]
    names = [card["name"] for card in cards]
    assert ("triage" in names) == (role == "p3m")
    assert {"overdue", "today", "new", "waiting", "reopened", "resolved"} <= set(names)
    for card in cards:
        assert len(codes_in(page.get(card["url"]))) == card["count"], card["name"]
    counted = {card["name"]: card["count"] for card in cards}
    assert counted["waiting"] == 1
    assert counted["new"] == (2 if role == "p3m" else 1)


def test_the_first_page_costs_few_queries(varied, handler, browser, django_assert_max_num_queries):
    page = browser(handler)
    page.get(reverse("admin:index"))
    with django_assert_max_num_queries(10):
        page.get(reverse("admin:index"))


def test_everything_is_indonesian_by_default_and_english_on_wish(report_at, browser, handler):
    report_at("DPU")
    page = browser(handler)
    html = page.get(reverse(LIST)).content.decode()
    assert "Keadaan" in html
    assert 'lang="id"' in html
    for word in ("All on this page", "Severity", "Promise", "Reset filters", "Show all", "Log out"):
        assert word not in html
    page.cookies["bahasa"] = "en"
    assert "Severity" in page.get(reverse(LIST)).content.decode()


def test_city_departments_are_offered_by_name(browser, staff):
    html = browser(staff("p3m")).get(reverse(LIST)).content.decode()
    department = city.current().departments["DPU"]
    assert (department.short_name or department.name) in html


def test_reports_of_a_kind_that_was_switched_off_stay_readable(report_at, browser, handler):
    copies(report_at("DPU"), 5)
    Category.objects.filter(code="jalan-lubang").update(is_active=False)
    versions.bump(boundaries=False)
    page = browser(handler)
    page.get(reverse(LIST))
    with CaptureQueriesContext(connection) as queries:
        html = page.get(reverse(LIST)).content.decode()
    assert html.count(Category.objects.get(code="jalan-lubang").name) >= 6
    # Two more than a running portal asks: the city's version, and the kinds that the city in memory no
    # longer knows.
    assert len(queries) <= 14


@pytest.mark.parametrize(("channel", "is_shown"), [("demo", True), ("web", False)])
def test_a_demonstration_says_so_on_every_page(channel, is_shown, report_at, browser, handler):
    report_at("DPU", channel=channel)
    site.forget()
    try:
        assert ("Peragaan" in browser(handler).get(reverse("admin:index")).content.decode()) is is_shown
    finally:
        site.forget()
