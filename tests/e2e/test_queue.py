"""The officers' queue in a browser: by keyboard alone, saved views, and the map beside the list."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import people
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.people import Filed
from tests.e2e.portal import Portal, wait_for
from tests.e2e.test_accessibility import told, violations

pytestmark = pytest.mark.e2e

KIND = "lain-parkir"  # needs no photo of a repair: a file cannot be chosen by keys alone
CASES = 10
LIST = f"/admin/complaints/report/?kategori={KIND}"


@pytest.fixture(scope="module")
def parked(portal: Portal) -> list[Filed]:
    """Ten reports of one kind with the traffic office."""
    filed = [
        people.filed_by_app(portal, (people.POTHOLE[0] + number / 500, people.POTHOLE[1]), KIND)
        for number in range(CASES)
    ]
    for item in filed:
        wait_for("an office has it", lambda item=item: portal.report(item.code)["status"] == "assigned", 30.0)
    return filed


@pytest.fixture
def officer(portal: Portal, parked, browse) -> Page:
    page = browse(DESKTOP)
    people.sign_in(page, portal.staff("department_admin", "DISHUB"))
    return page


def rows(page: Page):
    return page.locator(".queue-table tbody tr")


def resolve_by_keys(page: Page) -> None:
    """On a case: the most sensible step again and again, until its end."""
    here = page.url.split("#")[0]
    for _step in range(6):
        page.wait_for_selector("html[data-keys=ready]")
        first = page.locator("#langkah [data-step]").first.get_attribute("data-step")
        page.keyboard.press("n")
        if first in ("accept", "take"):
            expect(page.locator(f'#langkah [data-step="{first}"]')).to_have_count(0)
            continue
        form = page.locator(f'[data-step="{first}"] form')
        expect(form.locator("textarea").first).to_be_focused()
        if first == "resolve":
            finish_by_keys(page)
            return
        with page.expect_navigation():
            page.keyboard.press("Control+Enter")
    raise AssertionError(f"{here} is not resolved after six steps")


def finish_by_keys(page: Page) -> None:
    page.keyboard.type("Petugas sudah menertibkan kendaraan yang parkir di sini.")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")


def test_help_tells_the_keys_and_nothing_is_wrong_with_it(officer: Page):
    officer.goto(LIST)
    expect(rows(officer)).to_have_count(CASES)
    found = violations(officer)
    assert not found, told(officer, found)
    officer.keyboard.press("?")
    expect(officer.locator("#bantuan-tombol")).to_be_visible()
    found = violations(officer)
    assert not found, told(officer, found)
    officer.keyboard.press("j")  # behind the dialog nothing moves
    expect(officer.locator("tr.is-current")).to_have_count(0)
    officer.keyboard.press("Escape")
    expect(officer.locator("#bantuan-tombol")).to_be_hidden()


def test_keys_do_nothing_while_one_types_or_when_they_are_off(officer: Page):
    officer.goto(LIST)
    officer.keyboard.press("/")
    expect(officer.locator("#cari")).to_be_focused()
    officer.keyboard.type("jkx")
    expect(officer.locator("#cari")).to_have_value("jkx")
    expect(officer.locator("tr.is-current")).to_have_count(0)
    officer.locator("button[data-help]").click()
    with officer.expect_navigation():
        officer.get_by_label("Tombol tunggal berfungsi").uncheck()
    officer.keyboard.press("j")
    expect(officer.locator("tr.is-current")).to_have_count(0)
    officer.locator("button[data-help]").click()
    with officer.expect_navigation():
        officer.get_by_label("Tombol tunggal berfungsi").check()
    officer.keyboard.press("j")
    expect(officer.locator("tr.is-current")).to_have_count(1)


def test_a_view_is_saved_shared_and_found_by_a_colleague(portal: Portal, officer: Page, browse):
    officer.goto(LIST)
    officer.locator(".view-save summary").click()
    officer.get_by_label("Nama tampilan").fill("Parkir liar")
    officer.get_by_label("Bagikan kepada dinas saya").check()
    officer.locator(".view-save button").click()
    expect(officer.locator(".views [aria-current]")).to_contain_text("Parkir liar")
    colleague = browse(DESKTOP)
    people.sign_in(colleague, portal.staff("handler", "DISHUB"))
    colleague.goto("/admin/complaints/report/")
    colleague.locator(".views a", has_text="Parkir liar").click()
    expect(rows(colleague)).to_have_count(CASES)
    colleague.goto("/admin/complaints/report/saringan/")
    found = violations(colleague)
    assert not found, told(colleague, found)


def test_list_and_map_show_the_same(officer: Page, browse, portal: Portal):
    officer.goto(LIST)
    officer.keyboard.press("m")
    pins = officer.locator("#peta-antrean .leaflet-marker-icon[data-id]")
    expect(pins).to_have_count(CASES)
    expect(officer.locator("#peta-jumlah")).to_contain_text(str(CASES))
    officer.keyboard.press("j")
    expect(officer.locator(".pin-light")).to_have_count(1)
    row = rows(officer).nth(1)
    officer.locator(f'#peta-antrean [data-id="{row.get_attribute("data-id")}"]').focus()
    expect(row).to_have_class(re.compile("is-lit"))
    found = violations(officer)
    assert not found, told(officer, found)
    phone = browse(PHONE)
    people.sign_in(phone, portal.staff("department_admin", "DISHUB"))
    phone.goto(LIST)
    expect(rows(phone).first).to_be_visible()
    phone.locator(".queue-tabs [data-show=map]").click()
    expect(phone.locator("#peta-antrean")).to_be_visible()
    expect(rows(phone).first).to_be_hidden()
    officer.locator("#peta-saklar button").click()
    expect(officer.locator("#peta-antrean")).to_have_count(0)


def test_ten_cases_from_the_queue_to_resolved_by_keyboard_alone(portal: Portal, parked, officer: Page):
    officer.goto(LIST)
    expect(rows(officer)).to_have_count(CASES)
    officer.keyboard.press("j")
    first = officer.locator("tr.is-current")
    expect(first).to_have_count(1)
    said = officer.locator("#queue-said")
    officer.keyboard.press("n")
    expect(said).to_contain_text("Diterima")
    officer.keyboard.press("n")
    expect(said).to_contain_text("Pekerjaan")
    with officer.expect_navigation():
        officer.keyboard.press("Enter")
    for _case in range(CASES):
        resolve_by_keys(officer)
    officer.wait_for_url(re.compile(r"/admin/complaints/report/\?"))
    expect(rows(officer)).to_have_count(0)
    assert {portal.report(item.code)["status"] for item in parked} == {"resolved"}
