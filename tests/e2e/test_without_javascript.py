"""Filing and following with scripts switched off, on a phone: kelurahan and street instead of a map."""

import pytest
from playwright.sync_api import expect

from tests.e2e import people
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.portal import wait_for

pytestmark = pytest.mark.e2e

PANDEAN_LAMPER = "33.74.04.1006"


def test_file_and_follow_without_scripts(browse, portal, pictures):
    page = browse(PHONE, java_script_enabled=False)
    page.goto("/")
    expect(page.get_by_test_id("report-button")).to_be_visible()
    filed = people.file_by_area(
        page,
        kind="jalan-lubang",
        area=PANDEAN_LAMPER,
        street="Jalan Gajah Raya",
        photo=people.photo(pictures / "before.jpg"),
    )
    # The page looks again by itself, without a script.
    expect(page.get_by_test_id("promise").locator("dl, p.with-icon")).to_have_count(1, timeout=30_000)

    page.goto(filed.private_path)
    expect(page.get_by_test_id("reporter-box")).to_be_visible()
    form = people.open_verdict(page, "comment-form")
    form.locator("textarea").fill("Masih berlubang pagi ini.")
    page.get_by_test_id("comment").click()
    expect(page.get_by_test_id("timeline")).to_contain_text("Masih berlubang pagi ini.")

    page.goto("/laporan/")
    expect(page.get_by_test_id("report-list")).to_contain_text(filed.spoken_code)
    page.goto("/peta/")
    expect(page.locator("noscript a, .map-side .notice a").first).to_be_visible()


def test_a_forgotten_answer_loses_nothing(browse, pictures):
    page = browse(PHONE, java_script_enabled=False)
    page.goto("/lapor/?kategori=jalan-lubang")
    page.locator("#id_description").fill(people.DESCRIPTION)
    page.locator("#id_photos").set_input_files(people.photo(pictures / "before.jpg"))
    with page.watch.expecting(422):
        page.get_by_test_id("preview").click()
        summary = page.get_by_test_id("error-summary")
        expect(summary).to_be_visible()
    summary.locator("a").first.click()  # leads to the field
    expect(page.locator("#id_description")).to_have_value(people.DESCRIPTION)
    expect(page.locator("#foto-tersimpan img")).to_have_count(1)
    page.locator("#id_area").select_option(PANDEAN_LAMPER)
    people.look_at_it(page)


def test_staff_sign_in_and_take_a_step_without_scripts(browse, portal):
    filed = people.filed_by_app(portal)
    wait_for("it is routed", lambda: portal.report(filed.code)["is_routed"])
    page = browse(DESKTOP, java_script_enabled=False)
    page.goto("/admin/")
    expect(page.locator("#id_username")).to_be_visible()
    people.sign_in(page, portal.staff("handler", "DPU"))
    people.open_case(page, filed)
    page.locator('form[data-step="accept"] button').first.click()
    expect(page.locator('form[data-step="accept"]')).to_have_count(0)
    expect(page.locator('[data-step="start"]').first).to_be_visible()
