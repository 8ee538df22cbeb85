"""Looking at reports on a phone: filters, a link to a view, back, around me, the list beside the map."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import people
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.people import Filed
from tests.e2e.portal import Portal, wait_for
from tests.e2e.test_accessibility import check

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def portal(own_portal: Portal) -> Portal:
    return own_portal


PLACE = (-6.99267, 110.44717)  # Jalan Gajah Raya
NEAR = f"#17/{PLACE[0]}/{PLACE[1]}"
HERE = {"latitude": PLACE[0] + 0.00042, "longitude": PLACE[1] - 0.00042, "accuracy": 20}


@pytest.fixture(scope="module")
def filed(portal: Portal) -> Filed:
    """A routed report to look at, and the places' figures counted."""
    report = people.filed_by_app(portal, PLACE)
    people.filed_by_app(portal, (-7.05, 110.39), "lain-sampah")
    wait_for("it is routed", lambda: portal.report(report.code)["is_routed"])
    portal.manage("count_places")
    return report


def total(page: Page) -> int:
    """What the map says is in view."""
    expect(page.locator("#peta-jumlah")).to_contain_text("laporan terlihat")
    return int(re.sub(r"\D", "", page.locator("#peta-jumlah").inner_text()))


def unfold(page: Page, selector: str) -> None:
    if not page.locator(selector).evaluate("item => item.open"):
        page.locator(f"{selector} > summary").click()


def test_a_filter_stands_in_the_address_and_keeps_the_view(browse, filed):
    page = browse(PHONE)
    page.goto(f"/peta/{NEAR}", wait_until="networkidle")
    assert total(page) >= 1
    unfold(page, "#saringan")
    with page.expect_navigation():
        page.locator('#saringan label:has([name="status"][value="new"])').click()
    expect(page).to_have_url(re.compile(r"/peta/\?status=new#17(\.0)?/-6\.99\d+/110\.44\d+$"))
    page.wait_for_load_state("networkidle")
    shown = total(page)
    # The link alone gives the same on another phone.
    other = browse(PHONE)
    other.goto(page.url, wait_until="networkidle")
    assert total(other) == shown
    chip = other.locator(".chip", has_text="Baru")
    with other.expect_navigation():
        chip.click()
    expect(other).to_have_url(re.compile(r"/peta/#17"))


def test_a_sign_opens_a_card_and_back_returns_to_the_view(browse, filed):
    page = browse(PHONE)
    page.goto(f"/peta/{NEAR}", wait_until="networkidle")
    page.locator(f'[data-code="{filed.code}"].leaflet-marker-icon').click()
    card = page.locator("#peta-kartu")
    expect(card).to_be_visible()
    expect(card.locator("article")).to_have_attribute("data-code", filed.code)
    expect(card.locator("a").first).to_be_focused()
    view = page.url
    with page.expect_navigation():
        card.locator("a").first.click()
    expect(page.get_by_test_id("code")).to_have_text(filed.spoken_code)
    page.go_back(wait_until="networkidle")
    assert page.url == view
    expect(page.locator(f'[data-code="{filed.code}"].leaflet-marker-icon')).to_be_visible()


def test_the_keyboard_opens_and_closes_a_card(browse, filed):
    page = browse(DESKTOP)
    page.goto(f"/peta/{NEAR}", wait_until="networkidle")
    sign = page.locator(f'[data-code="{filed.code}"].leaflet-marker-icon')
    sign.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#peta-kartu a").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#peta-kartu")).to_be_hidden()
    expect(sign).to_be_focused()


def test_the_list_shows_what_the_map_shows(browse, filed):
    page = browse(PHONE)
    page.goto(f"/peta/{NEAR}", wait_until="networkidle")
    shown = total(page)
    unfold(page, "#peta-daftar")
    expect(page.locator("#peta-daftar article")).to_have_count(min(shown, 12))
    with page.expect_navigation():
        page.locator(".map-tools [data-list-link]").click()
    expect(page).to_have_url(re.compile(r"/laporan/\?bbox="))
    assert int(page.get_by_test_id("total").get_attribute("data-total")) == shown
    expect(page.locator(".chip")).to_contain_text("Hanya yang tampak di peta")


def test_around_me_on_the_list_sends_a_coarse_position(browse, filed):
    page = browse(PHONE, geolocation=HERE, permissions=["geolocation"])
    page.goto("/laporan/")
    with page.expect_navigation():
        page.locator("#dekat-saya").click()
    expect(page).to_have_url(re.compile(r"/laporan/\?dekat=-6\.992,110\.447$"))
    expect(page.locator("article").first).to_have_attribute("data-code", re.compile("."))
    expect(page.locator("article strong").first).to_contain_text(" m")
    assert check(page) == ""


def test_around_me_on_the_map_goes_there_and_sends_nothing_exact(browse, filed):
    page = browse(PHONE, geolocation=HERE, permissions=["geolocation"])
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/peta/", wait_until="networkidle")
    page.locator("#dekat-saya").click()
    expect(page.locator(".here-label")).to_be_visible()
    expect(page).to_have_url(re.compile(r"#16/-6\.992\d*/110\.447\d*$"))
    page.wait_for_load_state("networkidle")
    exact = (f"{HERE['latitude']:.5f}", f"{HERE['longitude']:.5f}")
    assert not [url for url in asked if any(value in url for value in exact)]


def test_without_a_position_the_kelurahan_can_be_chosen(browse, filed):
    page = browse(PHONE, permissions=[])
    page.goto("/laporan/")
    page.locator("#dekat-saya").click()
    expect(page.locator("#f-wilayah")).to_be_focused()
    expect(page.locator("#dekat-kata")).to_contain_text("pilih kelurahan")


def test_the_page_of_a_kelurahan_leads_to_its_reports(browse, filed):
    page = browse(PHONE)
    page.goto("/wilayah/")
    page.get_by_role("link", name="Sambirejo", exact=True).first.click()
    expect(page.locator("h1")).to_have_text("Kelurahan Sambirejo")
    expect(page.get_by_test_id("figures")).to_be_visible()
    open_ones = page.locator('[data-figure="open"]')
    number = int(open_ones.inner_text())
    open_ones.click()
    assert int(page.get_by_test_id("total").get_attribute("data-total")) == number


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen_name", ["phone", "desktop"])
def test_looking_keeps_every_rule(browse, filed, scheme, screen_name):
    page = browse(PHONE if screen_name == "phone" else DESKTOP, color_scheme=scheme)
    troubles = []
    for path in (
        "/laporan/?status=new&hanya=telat&umur=7-hari&dinas=DPU",
        "/peta/?status=new&kategori=jalan",
        "/wilayah/",
        "/wilayah/33.74.04/",
        "/dinas/",
        "/dinas/DPU/",
        "/dinas/BBWS/",
        "/utang/",
    ):
        page.goto(path, wait_until="networkidle")
        troubles.append(check(page))
        over_px = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over_px > 0:
            troubles.append(f"{path} scrolls sideways by {over_px} px")
    page.goto(f"/peta/{NEAR}", wait_until="networkidle")
    page.locator(f'[data-code="{filed.code}"].leaflet-marker-icon').click()
    expect(page.locator("#peta-kartu")).to_be_visible()
    unfold(page, "#saringan")
    unfold(page, "#peta-daftar")
    expect(page.locator("#peta-daftar article").first).to_be_visible()
    troubles.append(check(page))
    assert not any(troubles), "\n".join(filter(None, troubles))
