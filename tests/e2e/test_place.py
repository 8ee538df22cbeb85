"""Saying where it is: by name, by keyboard, by position, with the place read out; and without a script."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import people
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.test_accessibility import check, tab_to
from tests.e2e.test_budget import Scales

pytestmark = pytest.mark.e2e
NARROW = {"viewport": {"width": 360, "height": 740}}
GAJAH_RAYA = (-6.99267, 110.44717)
HERE = {"latitude": GAJAH_RAYA[0], "longitude": GAJAH_RAYA[1], "accuracy": 20}
READING_MS = 2_500  # whoever sends faster than a person can read is asked to press again
NEAR_LAYERS = ("kelurahan", "landmarks")


def search(page: Page, typed: str) -> None:
    """Type into the search and wait for its list."""
    page.locator("#cari-tempat").fill(typed)
    expect(page.locator('#tempat-ditemukan [role="option"]').first).to_be_visible()


def pin(page: Page) -> tuple[str, str]:
    return page.locator("#id_latitude").input_value(), page.locator("#id_longitude").input_value()


def open_form(page: Page) -> None:
    page.goto("/lapor/?kategori=jalan-lubang", wait_until="networkidle")
    page.locator("#peta-pilih").scroll_into_view_if_needed()
    expect(page.locator("#peta-pilih .leaflet-map-pane")).to_be_attached()


def choose_by_keyboard(page: Page) -> None:
    """Type a name, walk into the list, close and open it, take the first place."""
    box, listbox = page.locator("#cari-tempat"), page.locator("#tempat-ditemukan")
    tab_to(page, "#cari-tempat")
    page.keyboard.type("jln gajah raya")
    expect(listbox.locator('[role="option"]').first).to_contain_text("Jalan Gajah Raya")
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    active = box.get_attribute("aria-activedescendant")
    expect(page.locator(f"#{active}")).to_have_attribute("aria-selected", "true")
    assert not check(page)
    page.keyboard.press("Escape")
    expect(listbox).to_be_hidden()
    page.keyboard.press("ArrowDown")  # the list again, its first place marked
    page.keyboard.press("Enter")
    expect(listbox).to_be_hidden()
    expect(box).to_be_focused()
    expect(box).to_have_value("Jalan Gajah Raya")


def move_by_keyboard(page: Page) -> None:
    """Come closer and walk with the pin; every place where it rests is said."""
    started = pin(page)
    tab_to(page, "#peta-pilih", limit=1)
    for key in ("+", "+", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
    address = page.get_by_test_id("pin-address")
    expect(address).to_contain_text("Dekat Jalan Gajah Raya, Kelurahan Pandean Lamper, Kecamatan Gayamsari")
    small = pin(page)
    assert small != started
    page.keyboard.press("Shift+ArrowLeft")
    assert float(small[1]) - float(pin(page)[1]) > 3 * (float(started[1]) - float(small[1]))
    page.keyboard.press("Shift+ArrowRight")


def test_search_move_hear_and_file_with_the_keyboard_alone(browse):
    page = browse(NARROW)
    open_form(page)
    people.answer_first(page)
    choose_by_keyboard(page)
    expect(page.get_by_test_id("pin-address")).to_contain_text("Gayamsari")
    move_by_keyboard(page)
    street = page.locator("#id_street")
    expect(street).to_have_value("")  # nothing is written there unasked
    tab_to(page, "#tawaran-jalan button")
    page.keyboard.press("Enter")
    expect(street).to_be_focused()
    expect(street).to_have_value("Jalan Gajah Raya")
    tab_to(page, "#id_description")
    page.keyboard.type(people.DESCRIPTION)
    tab_to(page, '[data-testid="preview"]')
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("preview-card")).to_contain_text("Pandean Lamper")
    page.get_by_test_id("submit").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/lapor/terima-kasih/*/")
    people.thanks(page)


def test_a_kelurahan_shows_its_area_and_leaves_the_pin_to_the_person(browse):
    page = browse(PHONE)
    open_form(page)
    search(page, "mangunharjo tugu")
    page.locator('#tempat-ditemukan [role="option"]').first.tap()
    expect(page.locator("#cari-tempat-status")).to_contain_text("letakkan pin")
    assert pin(page) == ("", "")
    page.get_by_role("button", name="Cukup Kelurahan Mangunharjo, tanpa pin").tap()
    expect(page.locator("#id_area")).to_have_value("33.74.16.1007")
    expect(page.locator("#id_street")).to_be_focused()


def test_the_own_position_is_read_out_with_its_accuracy(browse):
    page = browse(PHONE, geolocation=HERE, permissions=["geolocation"])
    open_form(page)
    page.locator("#posisi-saya").tap()
    expect(page.get_by_test_id("pin-address")).to_have_text(
        "Dekat Jalan Gajah Raya, Kelurahan Pandean Lamper, Kecamatan Gayamsari (ketelitian sekitar 20 m)"
    )
    expect(page.locator("#peta-pilih path.accuracy")).to_have_count(1)
    assert page.locator("#id_place_source").input_value() == "device"


def test_whoever_knows_a_place_can_set_it(browse):
    page = browse(PHONE)
    open_form(page)
    page.evaluate(
        "document.dispatchEvent(new CustomEvent('lapor:setplace', {detail: "
        "{latitude: -6.99267, longitude: 110.44717, source: 'photo', accuracy_m: null}}))"
    )
    expect(page.get_by_test_id("pin-address")).to_contain_text("Jalan Gajah Raya")
    assert page.locator("#id_place_source").input_value() == "photo"


def test_outside_the_city_is_said_at_once(browse):
    page = browse(PHONE, geolocation={"latitude": -7.14, "longitude": 110.41}, permissions=["geolocation"])
    open_form(page)
    page.locator("#posisi-saya").tap()
    expect(page.get_by_test_id("pin-address")).to_contain_text("Kabupaten Semarang, di luar kota")


def test_my_street_is_not_on_the_map(browse):
    page = browse(PHONE)
    open_form(page)
    page.locator("#jalan-tak-ada summary").tap()
    expect(page.locator("#id_street")).to_be_focused()
    expect(page.locator("#street-help")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_near_there_are_borders_names_and_landmarks_that_a_first_look_does_not_pay_for(browse, scheme):
    page = browse(PHONE if scheme == "light" else DESKTOP, color_scheme=scheme)
    scales = Scales(page)
    open_form(page)
    expect(page.locator("#peta-pilih .area-label").first).to_be_visible()
    assert not any(
        f"/{name}.json" in address for name in NEAR_LAYERS for address in scales.addresses.values()
    )
    search(page, "simpang lima")
    page.locator('#tempat-ditemukan [role="option"]').first.click()
    expect(page.locator("#peta-pilih .landmark-label").filter(has_text="Simpang Lima")).to_be_visible()
    page.locator("#peta-pilih").focus()
    page.keyboard.press("-")
    page.keyboard.press("-")
    expect(page.locator("#peta-pilih .quarter-label").first).to_be_attached()
    assert not check(page)


def test_a_search_without_a_script(browse):
    page = browse(PHONE, java_script_enabled=False)
    page.goto("/lapor/?kategori=jalan-lubang")
    page.locator("#id_description").fill(people.DESCRIPTION)
    people.answer_first(page)
    page.locator("#cari-tempat").fill("psr johar")
    page.get_by_test_id("find-place").click()
    results = page.get_by_test_id("place-results")
    results.locator("label", has_text="Pasar Johar").click()
    page.get_by_test_id("use-place").click()
    expect(page.get_by_test_id("place-chosen")).to_contain_text("Kauman")
    expect(page.locator("#id_description")).to_have_value(people.DESCRIPTION)
    expect(people.look_at_it(page)).to_contain_text("Kauman")
    page.wait_for_timeout(READING_MS)
    people.send(page)
