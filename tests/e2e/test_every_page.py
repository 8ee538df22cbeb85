"""Every public page keeps every rule, on a phone and a desktop, in light and dark; none is forgotten."""

import re

import pytest
from playwright.sync_api import expect

from complaints.web.urls import urlpatterns
from tests.e2e import people
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.portal import Portal, wait_for
from tests.e2e.test_accessibility import check

pytestmark = pytest.mark.e2e

AREA, DEPARTMENT = "33.74.04.1006", "DPU"
# Page → its address; {code} and {secret} are a routed report's.
PAGES = {
    "home": "/",
    "report_new": "/lapor/",
    "report_thanks": "/lapor/terima-kasih/{code}/",
    "report_list": "/laporan/",
    "report_detail": "/laporan/{code}/",
    "report_print": "/laporan/{code}/cetak/",
    "follow": "/laporan/{code}/ikuti/",
    "report_edit": "/laporan/{code}/ubah/?kunci={secret}",
    "report_withdraw": "/laporan/{code}/tarik/?kunci={secret}",
    "report_erase": "/laporan/{code}/hapus-data/?kunci={secret}",
    "my_reports": "/laporan-saya/",
    "my_reports_code": "/laporan-saya/kode/",
    "map": "/peta/",
    "area_index": "/wilayah/",
    "area_page": f"/wilayah/{AREA}/",
    "department_index": "/dinas/",
    "department_page": f"/dinas/{DEPARTMENT}/",
    "debt_register": "/utang/",
    "offline_page": "/luring/id/",
    "offline_form": "/luring/id/lapor/",
}
# Looked at where people come to them: links in messages (test_following), what only takes a POST
# (test_rights, test_similar, test_whole_way), and answers that are no pages of their own.
ELSEWHERE = {
    *("message_link", "message_link_short", "push_moved", "report_support"),
    *("report_comment", "report_confirm", "report_reopen", "my_reports_forget"),
    *("find_place", "place_address", "report_questions", "suggest_kinds", "similar_reports"),
    *("photo_upload", "photo_drop", "report_send", "staged_photo", "photo"),
    *("feed_report", "feed_area", "feed_category", "report_card", "report_map", "report_status"),
    *("map_data", "map_cards", "map_card", "map_base", "debt_csv"),
    *("robots", "manifest", "service_worker", "offline_questions", "offline_texts"),
}


def test_no_page_is_forgotten():
    names = {pattern.name for pattern in urlpatterns}
    assert names == PAGES.keys() | ELSEWHERE
    assert not PAGES.keys() & ELSEWHERE


@pytest.fixture(scope="module")
def filed(portal: Portal):
    report = people.filed_by_app(portal)
    wait_for("it is routed", lambda: portal.report(report.code)["is_routed"])
    return report


@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("phone", "dark"), ("desktop", "light")])
def test_every_page_keeps_every_rule(browse, filed, size, scheme):
    page = browse(PHONE if size == "phone" else DESKTOP, color_scheme=scheme)
    secret = filed.private_path.partition("kunci=")[2]
    page.goto(filed.private_path)  # from here on this browser speaks for the reporter
    troubles = []
    for name, address in PAGES.items():
        page.goto(address.format(code=filed.code, secret=secret), wait_until="load")
        expect(page.locator("h1")).to_have_count(1)
        troubles.append(check(page))
        troubles.append(too_wide(page, name))
    assert not any(troubles), "\n".join(filter(None, troubles))


def too_wide(page, name: str) -> str:
    """A sentence if the page must be scrolled sideways."""
    excess = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return f"{name} is {excess} px too wide" if excess > 0 else ""


def test_no_page_shows_english_to_a_reader_of_indonesian(browse, filed):
    """Words that only an untranslated sentence would bring."""
    page = browse(PHONE)
    secret = filed.private_path.partition("kunci=")[2]
    page.goto(filed.private_path)
    english = re.compile(r"\b(the|your|please|reports?|of|with|and|until)\b", re.IGNORECASE)
    found = []
    for name, address in PAGES.items():
        page.goto(address.format(code=filed.code, secret=secret), wait_until="load")
        page.evaluate("for (const part of document.querySelectorAll('[lang=en]')) part.remove()")
        text = page.locator("body").inner_text()
        words = sorted({match.group().lower() for match in english.finditer(text)})
        if words:
            found.append(f"{name}: {words}")
    assert found == []
