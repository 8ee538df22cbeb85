"""The queue's search: words within one's own reports, and a reporter's contact for the two roles that may."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from city.models import AuditEvent
from complaints.domain.draft import Contact
from complaints.models import Report
from dispatch.models import SavedFilter
from tests.dispatch.admin.conftest import LIST, codes_in, copies

SRI = Contact(name="Sri Wulandari Contoh", email="Sri.Contoh@example.org", phone="0812 3456 7890")
HASHED = 8


@pytest.fixture
def report(report_at):
    return report_at("DPU", contact=SRI, street="Jl. Melati Raya")


def searches():
    return AuditEvent.objects.filter(kind="contact_search")


@pytest.mark.parametrize(
    ("text", "is_found"),
    [("melati", True), ("mela", True), ("MELATI lubang", True), ("melati kenanga", False), ("%", False)],
)
def test_words(text, is_found, report, listed):
    assert listed(q=text) == ([report.code] if is_found else [])


def test_words_find_open_reports_only_unless_asked(report, listed, take, handler):
    take(report, "reject", handler, reason_code="cannot_find", message="Tidak ada.")
    assert listed(q="melati") == []
    assert listed(q="melati", status="rejected") == listed(q="melati", status="all") == [report.code]
    assert listed(q="melati", status="in_progress") == []
    assert listed(q="melati", status="no-such-state") == []


def test_words_find_nothing_of_another_department(report_at, report, listed, staff, browser):
    other = report_at("DLH", street="Jl. Melati Kecil")
    assert listed(q="melati") == [report.code]
    page = browser(staff("p3m"))
    assert set(codes_in(page.get(reverse(LIST), {"q": "melati"}))) == {report.code, other.code}
    assert codes_in(page.get(reverse(LIST), {"q": "melati", "dinas": "DLH"})) == [other.code]


def test_words_together_with_filters_and_orders(report_at, report, listed):
    drain = report_at("DPU", category="banjir-saluran", street="Jl. Melati Raya")
    assert listed(q="melati", kategori="banjir") == [drain.code]
    assert listed(q="melati", urut="terbaru") == [drain.code, report.code]
    assert listed(q="melati", urut="terlama") == [report.code, drain.code]


@pytest.mark.parametrize("role", ["p3m", "admin"])
@pytest.mark.parametrize(
    "text",
    [
        *("081234567890", "0812 3456 7890", "0812-3456-7890", "+62 812 3456 7890", "6281234567890"),
        *("(0812) 3456.7890", " 0062 812 3456 7890 ", "sri.contoh@example.org", " SRI.CONTOH@EXAMPLE.ORG"),
    ],
)
def test_the_desk_finds_by_contact_in_any_writing_and_it_is_recorded(role, text, report, staff, browser):
    user = staff(role)
    response = browser(user).get(reverse(LIST), {"q": text})
    assert codes_in(response) == [report.code]
    assert "Pencarian Anda dicatat" in response.content.decode()
    line = searches().get()
    by_what = "email" if "@" in text else "phone"
    assert (line.actor, line.detail["by_what"], line.detail["found"]) == (user, by_what, 1)
    assert len(line.detail["hash"]) == HASHED
    # The number itself stands nowhere in the record.
    said = str(list(AuditEvent.objects.values_list())).casefold()
    assert not any(trace in said for trace in ("3456", "7890", "sri.contoh", "example"))


def test_by_contact_in_any_state_and_a_miss_is_recorded_too(report, staff, browser, take, handler):
    take(report, "reject", handler, reason_code="cannot_find", message="Tidak ada.")
    page = browser(staff("p3m"))
    assert codes_in(page.get(reverse(LIST), {"q": "081234567890"})) == [report.code]
    assert codes_in(page.get(reverse(LIST), {"q": "081234567890", "status": "new"})) == []
    assert codes_in(page.get(reverse(LIST), {"q": "089999999999"})) == []
    assert [line.detail["found"] for line in searches().order_by("id")] == [1, 0, 0]
    hashes = [line.detail["hash"] for line in searches().order_by("id")]
    assert hashes[0] == hashes[1] != hashes[2]


def test_no_view_keeps_a_contact(report, staff, browser):
    page, url = browser(staff("p3m")), reverse("admin:complaints_report_views")
    refused = page.post(url, {"name": "Penelepon", "query": "q=0812+3456+7890&status=all"})
    assert refused.status_code == 422
    assert "tidak menyimpan nomor telepon" in refused.content.decode()
    assert not SavedFilter.objects.exists()
    assert page.post(url, {"name": "Melati", "query": "q=melati"}).status_code == 302
    assert SavedFilter.objects.get().query == "q=melati"


def test_the_record_says_it_in_words(report, staff, browser):
    browser(staff("p3m")).get(reverse(LIST), {"q": "081234567890"})
    html = browser(staff("admin")).get(reverse("admin:audit")).content.decode()
    assert "mencari menurut kontak" in html
    assert f"nomor telepon {searches().get().detail['hash']}: 1 laporan" in html


CHANGES_EACH_TIME = re.compile(r'(nonce|name="csrfmiddlewaretoken" value|"token":) ?=?"[^"]*"')


@pytest.mark.parametrize(
    "role", ["handler", "department_admin", "viewer", "operator", "duty_officer", "planner"]
)
@pytest.mark.parametrize(
    ("filed", "unknown"),
    [
        ("081234567890", "081234567891"),
        ("+62 812 3456 7890", "+62 812 3456 7891"),
        ("sri.contoh@example.org", "sri.contox@example.org"),
    ],
)
def test_for_everybody_else_a_contact_looks_exactly_like_no_hit(role, filed, unknown, report, staff, browser):
    page = browser(staff(role, "DPU"))
    page.get(reverse(LIST), {"q": unknown})  # warm
    told = []
    for text in (filed, unknown):
        with CaptureQueriesContext(connection) as captured:
            response = page.get(reverse(LIST), {"q": text})
        assert codes_in(response) == []
        html = re.sub(
            r'(nonce|name="csrfmiddlewaretoken" value|"token":) ?=?"[^"]*"', "", response.content.decode()
        )
        told.append((_without(html), [re.sub(r"'[^']*'", "?", query["sql"]) for query in captured]))
    assert told[0] == told[1]
    assert not searches().exists()


def _without(text: str) -> str:
    """The text without what tells the two contacts apart."""
    for letters in ("7890", "7891", "contoh", "contox"):
        text = text.replace(letters, "#")
    return text


def test_queries_of_a_search_do_not_grow(report, handler, browser):
    page = browser(handler)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            response = page.get(reverse(LIST), {"q": "melati"})
        return len(captured), len(response.context["cl"].result_list)

    queries()
    few, shown = queries()
    assert shown == 1
    copies(report, 30)
    more, shown = queries()
    assert (more, shown) == (few, 31)
    assert few <= 12
    assert Report.objects.count() == 31
