"""One's own words, danger first, and "this is it" instead of a second report; on a phone of 360 px."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import people
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.portal import Portal, wait_for
from tests.e2e.test_accessibility import check

pytestmark = pytest.mark.e2e

# Far from one another and from the other tests' places, so that nothing else lies near.
GAJAH_RAYA = (-6.99890, 110.44710)
WITHOUT_SCRIPTS = (-7.05900, 110.41800)
ANOTHER_ONE = (-7.00200, 110.35200)
PANDEAN_LAMPER = "33.74.04.1006"
CASES = json.loads((Path(__file__).parents[1] / "privacy_cases.json").read_text())
SUPPORTERS_WORDS = "Di depan rumah saya juga, hubungi 0812 3456 7890."


def put_pin(page: Page, place: tuple[float, float]) -> None:
    """Where the map's pin would put it, without tapping the map."""
    page.evaluate(
        """([latitude, longitude]) => {
            document.getElementById("id_latitude").value = latitude;
            document.getElementById("id_longitude").value = longitude;
            document.getElementById("peta-pilih").dispatchEvent(new Event("placechange", { bubbles: true }));
        }""",
        [str(place[0]), str(place[1])],
    )


def public_reports(page: Page) -> int:
    answer = page.request.get("/api/v1/reports/?category=jalan-lubang&limit=200").json()
    return len(answer["results"])


def test_this_is_it_instead_of_a_second_report(browse, portal: Portal, pictures):
    filed = people.filed_by_app(portal, GAJAH_RAYA)
    wait_for("it is routed", lambda: portal.report(filed.code)["is_routed"])
    page = browse(PHONE)
    before = public_reports(page)
    page.goto("/lapor/", wait_until="networkidle")
    people.choose_kind(page, "dalan growong", "jalan-lubang")
    put_pin(page, (GAJAH_RAYA[0] + 0.0001, GAJAH_RAYA[1]))
    shown = page.locator("#serupa")
    expect(shown).to_be_visible()
    expect(shown.get_by_test_id("similar").locator("> li")).to_have_count(1)
    expect(shown).to_contain_text("11 m dari sini")
    expect(page.locator("#serupa-status")).to_contain_text("laporan serupa")
    troubles = [check(page)]
    page.locator("#id_description").fill(SUPPORTERS_WORDS)
    people.add_photo(page, people.photo(pictures / "mine.jpg", GAJAH_RAYA))
    shown.get_by_test_id("this-is-it").click()
    form = page.get_by_test_id("support-form")
    expect(form.locator("#teks-dukung")).to_have_value(SUPPORTERS_WORDS)
    expect(form.locator(".photo-item img")).to_have_count(1)
    expect(form.locator(".privacy-hint")).to_contain_text("0812 3456 7890")
    troubles.append(check(page))
    page.get_by_test_id("send-support").click()
    page.wait_for_url(f"**/laporan/{filed.code}/#dukung")
    story = page.get_by_test_id("timeline")
    expect(story).to_contain_text("Di depan rumah saya juga, hubungi •••.")
    expect(page.locator("#dukung")).to_contain_text("1 warga lain")
    expect(page.locator("#dukung .support-done")).to_be_visible()
    troubles.append(check(page))
    wait_for("its photo is ready", lambda: _photos(page, filed.code) == ["comment"])
    assert public_reports(page) == before
    page.goto("/lapor/", wait_until="networkidle")
    expect(page.locator("#draf-lama")).to_be_hidden()  # that draft is done with
    assert not any(troubles), "\n".join(filter(None, troubles))


def _photos(page: Page, code: str) -> list[str]:
    return [photo["kind"] for photo in page.request.get(f"/api/v1/reports/{code}/").json()["photos"]]


def test_this_is_it_without_scripts(browse, portal: Portal, pictures):
    filed = people.filed_by_app(portal, WITHOUT_SCRIPTS)
    page = browse(PHONE, java_script_enabled=False)
    before = public_reports(page)
    page.goto("/lapor/")
    page.locator("#cari-kategori").fill("jeglongan jero")
    page.locator("#id_street").fill("Jalan Gajah Raya")
    page.get_by_test_id("suggest").click()
    offered = page.get_by_test_id("suggested")
    expect(offered).to_be_visible()
    expect(page.locator("#id_street")).to_have_value("Jalan Gajah Raya")
    expect(page.locator("#id_description")).to_have_value("jeglongan jero")
    offered.locator('label:has(input[value="jalan-lubang"])').click()
    area = page.request.get(f"/api/v1/reports/{filed.code}/").json()["area"]["code"]
    page.locator("#id_area").select_option(area)
    page.locator("#id_photos").set_input_files(people.photo(pictures / "mine.jpg"))
    people.look_at_it(page)
    code = f'button[value="support:{filed.code}"]'
    page.locator(code).click()
    expect(page.locator("#teks-dukung")).to_have_value("jeglongan jero")
    page.get_by_test_id("send-support").click()
    expect(page.get_by_test_id("timeline")).to_contain_text("jeglongan jero")
    assert public_reports(page) == before


def test_no_mine_is_another_one(browse, portal: Portal):
    filed = people.filed_by_app(portal, ANOTHER_ONE)
    page = browse(PHONE)
    page.goto("/lapor/?kategori=jalan-lubang", wait_until="networkidle")
    put_pin(page, ANOTHER_ONE)
    expect(page.locator(f'#serupa button[value="support:{filed.code}"]')).to_be_visible()
    page.locator("#id_description").fill(people.DESCRIPTION)
    page.locator(f'#serupa button[value="support:{filed.code}"]').click()
    page.get_by_test_id("not-this").click()
    expect(page.locator("#id_description")).to_have_value(people.DESCRIPTION)
    expect(page.locator("#serupa")).to_be_visible()
    page.locator("#serupa-bukan").click()
    expect(page.locator("#serupa")).to_be_hidden()
    page.locator("#id_is_private").check()
    page.locator("#id_is_private").uncheck()
    people.look_at_it(page)
    expect(page.get_by_test_id("similar")).to_have_count(0)  # said once is enough
    filed_anew = people.send(page)
    assert filed_anew.code != filed.code


def test_one_finds_the_kind_in_javanese_by_keyboard(browse):
    page = browse(DESKTOP)
    page.goto("/lapor/", wait_until="networkidle")
    page.locator("#cari-kategori").focus()
    page.keyboard.type("lampune dalan ora urip")
    buttons = page.locator("#kategori-usulan button")
    expect(buttons.first).to_contain_text("Lampu jalan mati")
    expect(page.locator("#cari-hasil")).to_contain_text("jenis masalah")
    assert check(page) == ""
    page.keyboard.press("ArrowDown")
    expect(buttons.first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#cari-kategori")).to_be_focused()
    page.keyboard.press("Enter")
    expect(buttons.first).to_be_focused()
    assert page.locator("#kategori-daftar input:checked").count() == 0  # nothing is chosen for anybody
    page.keyboard.press("Enter")
    expect(page.locator("#kategori-ganti")).to_be_focused()
    expect(page.locator("#kategori-daftar input:checked")).to_have_value("lain-pju")
    expect(page.locator("#q-lamp_count")).to_be_visible()
    expect(page.locator("#id_description")).to_have_value("lampune dalan ora urip")
    expect(page.locator("#cerita-dari-cari")).to_be_visible()


def test_own_words_do_not_overwrite_a_story(browse):
    page = browse(PHONE)
    page.goto("/lapor/", wait_until="networkidle")
    page.locator("#id_description").fill("Sudah saya tulis.")
    people.choose_kind(page, "wit ambruk", "lain-pohon")
    expect(page.locator("#id_description")).to_have_value("Sudah saya tulis.")


def test_danger_shows_112_first_and_still_files(browse):
    page = browse(PHONE)
    page.goto("/lapor/?kategori=banjir-banjir", wait_until="networkidle")
    pictures = page.locator("#q-depth svg.pic")
    expect(pictures).to_have_count(5)
    drawn = "images => images.every(image => image.getBoundingClientRect().height > 60)"
    assert pictures.evaluate_all(drawn)
    people.answer(page, "depth", "ankle")
    expect(page.get_by_test_id("danger")).to_have_count(0)
    people.answer(page, "depth", "waist")
    danger = page.get_by_test_id("danger")
    expect(danger).to_be_in_viewport()
    expect(danger).to_have_attribute("role", "alert")
    call = danger.locator('a[href="tel:112"]')
    assert call.bounding_box()["height"] >= 64
    assert check(page) == ""
    people.answer(page, "depth", "knee")
    expect(page.get_by_test_id("danger")).to_have_count(0)
    people.answer(page, "depth", "chest")
    page.locator("#tanpa-peta").click()
    page.locator("#id_area").select_option(PANDEAN_LAMPER)
    page.locator("#id_description").fill("Air setinggi dada.")
    people.look_at_it(page)
    expect(page.get_by_test_id("danger")).to_be_visible()
    people.send(page)


def test_the_browser_knows_the_same_personal_data_as_the_server(browse):
    page = browse(PHONE)
    page.goto("/lapor/", wait_until="networkidle")
    told = page.evaluate(
        """async (texts) => {
            const { find, mask } = await import("/static/js/form-privacy.js");
            return texts.map((text) => ({ public: mask(text), found: find(text) }));
        }""",
        [case["typed"] for case in CASES],
    )
    expected = [{"public": case["public"], "found": case["found"]} for case in CASES]
    assert told == expected


def test_personal_data_is_pointed_out_while_typing(browse):
    page = browse(PHONE)
    page.goto("/lapor/", wait_until="networkidle")
    hint = page.locator("#id_description-privasi")
    page.locator("#id_description").press_sequentially("Hubungi budi@contoh.id")
    expect(hint).to_have_text("budi@contoh.id akan disamarkan menjadi ••• bagi publik.")
    expect(hint).to_have_attribute("role", "status")
    assert check(page) == ""
    page.locator("#id_description").fill("Tidak ada apa-apa.")
    expect(hint).to_be_empty()
    page.locator("#id_street").fill("depan 3374 0101 0190 0001")
    expect(page.locator("#id_street-privasi")).to_contain_text("3374 0101 0190 0001")


def test_without_an_answer_the_list_itself_is_searched(browse):
    page = browse(PHONE)
    page.goto("/lapor/", wait_until="networkidle")
    page.route("**/lapor/jenis.json*", lambda route: route.fulfill(status=503, body=""))
    with page.watch.expecting(503):
        page.locator("#cari-kategori").fill("trotoar")
        expect(page.locator('#kategori-usulan button[data-code="jalan-trotoar"]')).to_be_visible()


def test_pictures_are_seen_in_forced_colours(browse):
    page = browse(PHONE, forced_colors="active")
    page.goto("/lapor/?kategori=banjir-banjir", wait_until="networkidle")
    picture = page.locator("#q-depth svg.pic").first
    expect(picture).to_be_visible()
    colours = page.evaluate(
        """() => {
            const style = getComputedStyle(document.querySelector("#q-depth svg.pic"));
            return ["--pic-body", "--pic-water"].map((name) => style.getPropertyValue(name).trim());
        }"""
    )
    assert colours == ["CanvasText", "Highlight"]
