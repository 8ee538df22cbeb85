"""What a reporter decides on a phone: change it, take it back, be forgotten, confirm it, find it again."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import people
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.people import POTHOLE, Filed
from tests.e2e.portal import Portal, wait_for
from tests.e2e.test_accessibility import check

pytestmark = pytest.mark.e2e

EMAIL = "sri.laporan-saya@example.org"
NEW_WORDS = "Lubangnya ada dua, yang besar di depan halte."
FORGOTTEN = "Data pribadi pelapor dihapus atas permintaannya."


@pytest.fixture
def filed(portal: Portal) -> Filed:
    """A report that its office has."""
    report = people.filed_by_app(portal)
    wait_for("it is routed", lambda: portal.report(report.code)["is_routed"])
    return report


def check_all(page: Page) -> None:
    """The rules of accessibility, and no sideways scrolling."""
    assert check(page) == ""
    over_px = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over_px <= 0, f"{page.url}: {over_px} px too wide"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_change_the_words(browse, filed, scheme):
    page = browse(PHONE, color_scheme=scheme)
    page.goto(filed.private_path)
    expect(page.locator("[role=timer]")).to_contain_text(re.compile(r"sisa 1[45] menit"))
    check_all(page)
    page.get_by_test_id("edit-link").click()
    check_all(page)
    page.locator("#id_description").fill("")
    with page.watch.expecting(422):
        page.get_by_test_id("save").click()
        expect(page.get_by_test_id("error-summary")).to_be_visible()
        check_all(page)
    page.locator("#id_description").fill(NEW_WORDS)
    page.get_by_test_id("save").click()
    expect(page.locator(".notice-good")).to_contain_text("Perubahan Anda sudah disimpan.")
    stranger = browse(PHONE)
    stranger.goto(filed.public_path)
    expect(stranger.locator("main")).to_contain_text(NEW_WORDS)
    expect(stranger.locator("main")).not_to_contain_text(people.DESCRIPTION)
    assert people.timeline(stranger)[-1] == "edited"


def test_take_it_back(browse, filed):
    page = browse(PHONE)
    page.goto(filed.private_path)
    page.get_by_test_id("withdraw-link").click()
    check_all(page)
    page.locator("#id_text").fill("Ternyata sudah ditangani.")
    page.get_by_test_id("withdraw").click()
    expect(page.get_by_test_id("withdrawn")).to_be_visible()
    check_all(page)
    stranger = browse(PHONE)
    with stranger.watch.expecting(404):
        assert stranger.goto(filed.public_path).status == 404
    stranger.goto("/laporan/")
    expect(stranger.locator("main")).not_to_contain_text(filed.spoken_code)


def test_the_time_runs_out_on_the_page(browse, filed):
    page = browse(PHONE)
    page.clock.install()
    page.goto(filed.private_path)
    expect(page.get_by_test_id("withdraw-link")).to_be_visible()
    page.clock.run_for(15 * 60 * 1000)
    expect(page.get_by_test_id("withdraw-link")).to_be_hidden()
    expect(page.locator("[data-when-over]")).to_be_visible()
    check_all(page)


def test_be_forgotten(browse, filed):
    page = browse(PHONE)
    page.goto(filed.private_path)
    page.get_by_test_id("erase-link").click()
    check_all(page)
    page.get_by_test_id("with-words").check()
    page.get_by_test_id("sure").check()
    page.get_by_test_id("erase").click()
    expect(page.get_by_test_id("erased")).to_be_visible()
    check_all(page)
    page.goto(filed.private_path)
    expect(page.get_by_test_id("reporter-box")).to_have_count(0)
    expect(page.get_by_test_id("timeline")).to_contain_text(FORGOTTEN)
    expect(page.locator("main")).not_to_contain_text(people.DESCRIPTION)
    page.goto("/laporan-saya/")
    expect(page.locator(f'[data-code="{filed.code}"]')).to_have_count(0)


def test_confirm_with_stars_and_a_photo(browse, portal: Portal, filed, pictures):
    officer = browse(DESKTOP)
    people.sign_in(officer, portal.staff("handler", "DPU"))
    people.handle(officer, filed, people.photo(pictures / "after.jpg", is_after=True))
    page = browse(PHONE)
    page.goto(filed.private_path)
    expect(page.get_by_test_id("reporter-box")).to_contain_text("Benarkah sudah beres?")
    expect(page.get_by_test_id("reporter-box")).to_contain_text(people.REPAIRED)
    check_all(page)
    form = people.open_verdict(page, "confirm-form")
    form.locator("label[for=nilai-5]").click()
    form.locator("#teks-konfirmasi").fill("Rapi sekali.")
    form.locator("[name=photos]").set_input_files(people.photo(pictures / "mine.jpg", place=POTHOLE))
    check_all(page)
    page.get_by_test_id("confirm").click()
    expect(page.locator('.timeline > li[data-kind="confirmed"]')).to_contain_text("Rapi sekali.")
    check_all(page)
    assert portal.report(filed.code)["status"] == "closed"
    page.goto("/laporan-saya/")
    expect(page.locator(f'[data-code="{filed.code}"]')).to_contain_text("Anda membenarkan")
    check_all(page)


def test_my_reports_on_another_device_by_the_code_in_the_mail(browse, portal: Portal):
    phone = browse(PHONE)
    phone.goto("/laporan-saya/")
    check_all(phone)
    phone.goto("/lapor/?kategori=lain-sampah")
    phone.locator("#tanpa-peta").click()
    phone.locator("#id_area").select_option("33.74.04.1006")
    phone.locator("#id_description").fill(people.DESCRIPTION)
    people.write_contact(phone, EMAIL)
    people.look_at_it(phone)
    filed = people.send(phone)
    phone.goto("/laporan-saya/")
    expect(phone.locator(f'[data-code="{filed.code}"]')).to_be_visible()

    other = browse(PHONE)
    other.goto("/laporan-saya/")
    other.locator("#id_address").fill(EMAIL.upper())
    other.get_by_test_id("ask").click()
    expect(other.get_by_test_id("digits-form")).to_be_visible()
    check_all(other)
    with other.watch.expecting(422):
        other.locator("#id_digits").fill("12")
        other.get_by_test_id("use-code").click()
        expect(other.locator("#digits-error")).to_be_visible()
        check_all(other)
    digits = wait_for("the mail with the code", lambda: code_in_mail(portal))
    other.locator("#id_digits").fill(digits)
    other.get_by_test_id("use-code").click()
    expect(other.locator(f'[data-code="{filed.code}"]')).to_be_visible()
    check_all(other)
    other.goto(filed.public_path)
    expect(other.get_by_test_id("reporter-box")).to_be_visible()
    other.goto("/laporan-saya/")
    other.get_by_test_id("forget").click()
    expect(other.locator("[data-code]")).to_have_count(0)


def code_in_mail(portal: Portal) -> str:
    """The six digits of the newest message to EMAIL, or nothing yet."""
    found = [
        match[1]
        for mail in portal.mails()
        if EMAIL in str(mail["To"]).lower()
        and (match := re.search(r"(?<!\d)(\d{6})(?!\d)", mail.get_body(("plain",)).get_content()))
    ]
    return found[-1] if found else ""
