"""Two officers on one case, in two browsers; prepared texts, and a preview that is what the citizen reads."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e import people
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.portal import Portal, wait_for
from tests.e2e.test_accessibility import check

pytestmark = pytest.mark.e2e

WRITTEN = "Kami datang besok pagi dengan aspal panas."


@pytest.fixture
def filed(portal: Portal):
    """A pothole that the department has."""
    report = people.filed_by_app(portal)
    wait_for("it is routed", lambda: portal.report(report.code)["is_routed"])
    return report


@pytest.fixture
def officer(portal: Portal, browse):
    """A signed-in officer in a browser of their own: `officer("handler", "DPU")`."""

    def come(role: str, department: str = "", screen=DESKTOP, **options):
        page = browse(screen, **options)
        people.sign_in(page, portal.staff(role, department))
        return page

    return come


def test_the_slower_of_two_officers_loses_nothing(filed, officer, portal):
    first, second = officer("handler", "DPU"), officer("department_admin", "DPU")
    people.open_case(first, filed)
    people.open_case(second, filed)
    name = portal.staff("handler", "DPU")
    there = second.get_by_test_id("presence").locator("li")
    expect(there).to_have_text(f"{name} juga sedang membuka kasus ini.")
    form = people.open_step(second, "reply")
    form.locator('[name="message"]').fill(WRITTEN)
    people.take_step(first, "start", "Tim berangkat.")
    with second.watch.expecting(409), second.expect_navigation():
        form.locator("button.btn-primary").click()
    conflict = second.get_by_test_id("conflict")
    expect(conflict).to_contain_text(WRITTEN)
    changed = conflict.locator("tr.is-changed").first
    expect(changed).to_contain_text("Sudah di dinas")
    expect(changed).to_contain_text("Dikerjakan")
    assert check(second) == ""
    again = second.locator('details[data-step="reply"] form')
    expect(again.locator('[name="message"]')).to_have_value(WRITTEN)
    with second.expect_navigation():
        again.locator("button.btn-primary").click()
    expect(second.get_by_test_id("timeline")).to_contain_text(WRITTEN)
    expect(second.get_by_test_id("timeline")).to_contain_text("Tim berangkat.")
    first.goto("/admin/")  # who leaves is no longer there
    second.reload()
    expect(second.get_by_test_id("presence").locator("li")).to_have_count(0)


def test_what_the_preview_shows_is_what_the_citizen_reads(filed, officer, browse):
    page = officer("handler", "DPU")
    people.open_case(page, filed)
    form = people.open_step(page, "reply")
    form.locator('[name="template"]').select_option(label="Terima kasih, laporan kami tangani")
    field = form.locator('[name="message"]')
    expect(field).to_have_value(re.compile("Terima kasih atas laporan Anda"))
    text = field.input_value()
    form.locator("[data-preview-button]").click()
    shown = form.get_by_test_id("preview-entries").locator("blockquote")
    expect(shown).to_be_visible()
    assert check(page) == ""
    previewed = shown.inner_text()
    citizen = browse(PHONE)
    citizen.goto(filed.public_path)
    expect(citizen.get_by_test_id("timeline")).not_to_contain_text("Terima kasih atas laporan")
    with page.expect_navigation():
        form.locator("button.btn-primary").click()
    citizen.reload()
    read = citizen.get_by_test_id("timeline").locator("blockquote").last
    expect(read).to_be_visible()
    assert read.inner_text() == previewed == text


def test_a_colleague_who_is_named_finds_it_on_the_list(filed, officer, portal):
    page = officer("handler", "DPU")
    people.open_case(page, filed)
    form = people.open_step(page, "note")
    name = portal.staff("p3m")
    field = form.locator('[name="message"]')
    field.press_sequentially(f"Tolong dicek @{name[:2]}")
    option = page.locator("#note-kolega li", has_text=f"@{name}")
    expect(option).to_be_visible()
    option.click()
    expect(field).to_have_value(f"Tolong dicek @{name} ")
    with page.expect_navigation():
        form.locator("button.btn-primary").click()
    colleague = officer("p3m", screen=PHONE, color_scheme="dark")
    bell = colleague.get_by_test_id("for-me")
    expect(bell).to_have_attribute("data-unread", re.compile(r"\d+"))
    bell.click()
    assert check(colleague) == ""
    colleague.get_by_test_id("mentions").locator("li.is-unread a").first.click()
    expect(colleague.get_by_test_id("code")).to_have_text(filed.spoken_code)
    expect(colleague.get_by_test_id("timeline")).to_contain_text(f"Tolong dicek @{name}")


def test_a_place_put_right_on_the_map(filed, officer):
    page = officer("handler", "DPU", screen=PHONE)
    people.open_case(page, filed)
    form = people.open_step(page, "relocate")
    pick = form.locator("#peta-langkah")
    expect(pick.locator(".leaflet-marker-draggable")).to_be_visible()
    pick.click(position={"x": 200, "y": 60})
    expect(form.locator('[name="point"]')).to_have_value(re.compile(r"^-6\.99\d+, 110\.44\d+$"))
    expect(page.locator("#relocate-alamat")).to_contain_text("Kelurahan")
    assert check(page) == ""
    form.locator('[name="message"]').fill("Lubangnya di seberang jalan.")
    with page.expect_navigation():
        form.locator("button.btn-primary").click()
    expect(page.get_by_test_id("timeline")).to_contain_text("Tempatnya dibetulkan.")
