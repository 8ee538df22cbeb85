"""A phone with a patchy network: the form opens without it, nothing is lost, each report arrives once."""

import hashlib
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pillow_heif
import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e import people
from tests.e2e.conftest import PATIENCE_MS, PHONE
from tests.e2e.portal import Portal, wait_for
from tests.e2e.test_accessibility import check, tab_to
from tests.e2e.wire import Wire

pytestmark = pytest.mark.e2e
KEPT = """async () => {
  const kept = [];
  for (const name of await caches.keys()) {
    for (const request of await (await caches.open(name)).keys()) kept.push(request.url);
  }
  return kept;
}"""
# The page's script may still be on its way.
DRAFTS = """async () => {
  while (!self.LaporKotak) await new Promise((done) => setTimeout(done, 50));
  return (await self.LaporKotak.drafts()).map(({ key, state }) => ({ key, state }));
}"""
OUTSIDE = (-6.98, 110.52)  # in Demak


class Phone:
    """One person's phone behind a wire that can be cut. It stays the same phone when a page is closed."""

    def __init__(self, context: BrowserContext, wire: Wire):
        self.context, self.wire = context, wire
        self.page = context.new_page()

    def open(self, path: str = "/lapor/") -> Page:
        self.page.goto(path)
        return self.page

    def visit_once(self) -> Page:
        """The first visit, until the phone has kept what it needs."""
        page = self.open()
        page.wait_for_function("() => navigator.serviceWorker.controller")
        assert len(page.evaluate(KEPT)) > 15
        return page

    def reopen(self, path: str = "/lapor/") -> Page:
        """Close the page and come back."""
        self.page.close()
        self.page = self.context.new_page()
        return self.open(path)


@pytest.fixture
def wire(portal: Portal) -> Iterator[Wire]:
    made = Wire(portal.port)
    yield made
    made.close()


@pytest.fixture
def phone(browser, wire: Wire) -> Iterator[Phone]:
    context = browser.new_context(
        base_url=wire.url, locale="en-US", timezone_id="Asia/Jakarta", reduced_motion="reduce", **PHONE
    )
    context.set_default_timeout(PATIENCE_MS)
    troubles = []
    context.on("weberror", lambda event: troubles.append(str(event.error.stack or event.error)))
    yield Phone(context, wire)
    context.close()
    assert not troubles, troubles


def rows(portal: Portal, sql: str, *values) -> list[tuple]:
    """What the portal's database says."""
    with sqlite3.connect(f"file:{portal.data_dir}/lapor.sqlite3?mode=ro", uri=True) as database:
        return database.execute(sql, values).fetchall()


def reports(portal: Portal, words: str) -> list[tuple]:
    """(code, how many photos, photo hashes) of every report with these words."""
    found = rows(portal, "SELECT id, code FROM complaints_report WHERE description = ? ORDER BY id", words)
    photos = "SELECT sha256 FROM complaints_photo WHERE report_id = ? ORDER BY id"
    return [(code, [sha for (sha,) in rows(portal, photos, number)]) for number, code in found]


def kept_photo_hashes(page: Page) -> list[str]:
    """SHA-256 of the photos as this phone keeps them."""
    script = """async () => {
      const two = (byte) => byte.toString(16).padStart(2, "0");
      const hex = (bytes) => [...new Uint8Array(bytes)].map(two).join("");
      const kept = [];
      for (const draft of await self.LaporKotak.drafts()) for (const photo of draft.photos)
        kept.push(hex(await crypto.subtle.digest("SHA-256", await photo.blob.arrayBuffer())));
      return kept;
    }"""
    return page.evaluate(script)


def fill_in(page: Page, words: str, photo: Path | None = None, place=people.POTHOLE) -> None:
    people.choose_kind(page, "bolong", "jalan-lubang")
    people.answer_first(page)
    if photo:
        people.add_photo(page, photo)
    else:
        page.evaluate(
            "([latitude, longitude]) => document.dispatchEvent(new CustomEvent('lapor:setplace', "
            "{detail: {latitude, longitude, source: 'map'}}))",
            list(place),
        )
    expect(page.locator("#id_latitude")).not_to_have_value("")
    page.locator("#id_description").fill(words)


def send_now(page: Page) -> None:
    """Press the queue's button, unless the queue was quicker."""
    page.evaluate("() => document.querySelector('#antrean [data-queue] button')?.click()")


def queue_it(page: Page) -> None:
    """Through the review on the phone into the queue."""
    page.get_by_test_id("preview").click()
    expect(page.get_by_test_id("local-preview-card")).to_be_visible()
    page.get_by_test_id("local-submit").click()
    expect(page.locator("#tersimpan")).to_be_visible()


def test_filed_without_network_with_a_photo_it_arrives_once(phone: Phone, portal: Portal, pictures):
    words = "Tanpa jaringan: lubang di depan pasar, sudah dua minggu."
    phone.visit_once()
    with phone.wire.cut():
        page = phone.reopen()
        expect(page.locator("#jaringan")).to_be_visible()
        assert page.locator("html").get_attribute("lang") == "id"
        fill_in(page, words, people.photo(pictures / "a.jpg", people.POTHOLE))
        assert page.locator("#id_place_source").input_value() == "photo"
        assert check(page) == ""
        page.get_by_test_id("preview").click()
        expect(page.get_by_test_id("local-preview-card")).to_contain_text(words)
        assert check(page) == ""
        page.get_by_test_id("local-submit").click()
        expect(page.locator("#antrean [data-queue] li")).to_have_count(1)
        hashes = kept_photo_hashes(page)
        assert check(page) == ""
        page = phone.reopen("/laporan/")  # another page, still without network
        expect(page.locator("h1")).to_contain_text("tidak ada jaringan")
        expect(page.locator("#antrean [data-queue] li")).to_have_count(1)
        assert check(page) == ""
        assert reports(portal, words) == []
    page = phone.reopen("/")  # the network is back
    sent = page.locator("#antrean li[data-state=sent]")
    expect(sent).to_have_count(1, timeout=20_000)
    [(code, photos)] = reports(portal, words)
    assert photos == hashes
    expect(sent).to_contain_text(f"{code[:4]}-{code[4:]}")
    expect(sent).to_contain_text("Dinas Pekerjaan Umum", timeout=30_000)
    sent.locator("a").click()
    expect(page.get_by_test_id("reporter-box")).to_be_visible()
    assert page.evaluate(DRAFTS) == []


def test_the_network_cut_in_the_middle_of_a_photo(phone: Phone, portal: Portal, pictures):
    words = "Putus di tengah foto: lubang di jembatan."
    page = phone.visit_once()
    phone.wire.cut_after = (b"POST /lapor/foto/ ", 40_000)
    fill_in(page, words, people.photo(pictures / "a.jpg", people.POTHOLE))
    wait_for("the wire was cut inside the photo", lambda: page.wait_for_timeout(50) or phone.wire.cuts >= 1)
    expect(page.locator(".photo-item .photo-note")).to_contain_text("belum terkirim")
    assert rows(portal, "SELECT count(*) FROM complaints_stagedphoto")[0][0] == 0
    with phone.wire.cut():
        queue_it(page)
        hashes = kept_photo_hashes(page)
        page = phone.reopen()
        expect(page.locator("#antrean [data-queue] li")).to_have_count(1)
    phone.wire.cut_after = None
    send_now(page)
    expect(page.locator("#antrean li[data-state=sent]")).to_have_count(1, timeout=20_000)
    assert [photos for _code, photos in reports(portal, words)] == [hashes]
    assert rows(portal, "SELECT count(*) FROM complaints_stagedphoto")[0][0] == 0


def test_the_answer_lost_after_filing_makes_no_second_report(phone: Phone, portal: Portal):
    words = "Jawaban hilang di jalan: lubang dekat sekolah."
    page = phone.visit_once()
    fill_in(page, words)
    people.look_at_it(page)
    phone.wire.lose_answer_to = b"POST /lapor/ "
    page.wait_for_timeout(2000)  # nobody reads a preview faster
    page.get_by_test_id("submit").click()
    page.wait_for_url("**/lapor/?antre=*")
    expect(page.locator("#antrean [data-queue] li")).to_have_count(1)
    assert len(reports(portal, words)) == 1  # it has arrived; the phone does not know
    phone.wire.lose_answer_to, phone.wire.is_cut = None, False
    send_now(page)
    sent = page.locator("#antrean li[data-state=sent]")
    expect(sent).to_have_count(1, timeout=20_000)
    [(code, _photos)] = reports(portal, words)
    expect(sent).to_contain_text(f"{code[:4]}-{code[4:]}")


def test_what_the_server_refuses_leads_back_into_the_form(phone: Phone, portal: Portal):
    words = "Di luar kota: lubang di perbatasan Demak."
    phone.visit_once()
    with phone.wire.cut():
        page = phone.reopen()
        fill_in(page, words, place=OUTSIDE)
        queue_it(page)
    page = phone.reopen("/")
    refused = page.locator("#antrean li[data-state=refused]")
    expect(refused).to_contain_text("di luar")
    assert check(page) == ""
    refused.locator("button").first.click()
    expect(page.get_by_test_id("error-summary")).to_contain_text("di luar")
    expect(page.locator("#place-error")).to_be_visible()
    expect(page.locator("#id_description")).to_have_value(words)
    expect(page.locator("#q-size input:checked")).to_have_count(1)
    assert check(page) == ""
    page.evaluate(
        "([latitude, longitude]) => document.dispatchEvent(new CustomEvent('lapor:setplace', "
        "{detail: {latitude, longitude, source: 'map'}}))",
        list(people.POTHOLE),
    )
    people.look_at_it(page)
    page.wait_for_timeout(2000)
    people.send(page)
    assert len(reports(portal, words)) == 1
    page.goto("/")
    expect(page.locator("#antrean [data-sent-part]")).to_be_visible()
    expect(page.locator("#antrean [data-queue] li")).to_have_count(0)


def test_a_draft_survives_closing_the_page(phone: Phone, pictures):
    words = "Setengah jadi: lubang di gang."
    page = phone.visit_once()
    fill_in(page, words, people.photo(pictures / "a.jpg", people.POTHOLE))
    expect(page.locator(".photo-item[data-state=sent]")).to_have_count(1)
    expect(page.locator("#draf-status")).not_to_be_empty()
    page.wait_for_timeout(500)  # kept a moment after the last letter
    page = phone.reopen()
    offer = page.locator("#draf-lama")
    expect(offer).to_contain_text(words[:20])
    assert check(page) == ""
    offer.locator("[data-continue]").click()
    expect(page.locator("#id_description")).to_have_value(words)
    expect(page.locator("#kategori-terpilih")).to_be_visible()
    expect(page.locator("#q-size input:checked")).to_have_count(1)
    expect(page.locator("#foto-tersimpan li")).to_have_count(1)
    expect(page.locator("#id_latitude")).to_have_value("-6.992670")
    people.look_at_it(page)
    page = phone.reopen()
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("#draf-lama [data-discard]").click()
    expect(page.locator("#draf-lama")).to_be_hidden()
    assert page.evaluate(DRAFTS) == []


def test_two_tabs_and_the_worker_send_once(phone: Phone, portal: Portal, pictures):
    words = "Dua tab: lubang di tikungan."
    phone.visit_once()
    with phone.wire.cut():
        page = phone.reopen()
        fill_in(page, words, people.photo(pictures / "a.jpg", people.POTHOLE))
        queue_it(page)
    other = phone.context.new_page()
    other.goto("/")
    for tab in (page, other):
        tab.evaluate(
            "() => { self.LaporKotak.sendAll({ force: true }); self.LaporKotak.sendAll({ force: true }); }"
        )
    for tab in (page, other):
        expect(tab.locator("#antrean li[data-state=sent]")).to_have_count(1, timeout=20_000)
    assert len(reports(portal, words)) == 1


def test_online_photos_are_sent_one_by_one_and_removed_for_good(phone: Phone, portal: Portal, pictures):
    words = "Dua foto, satu dihapus: lubang di pasar."
    page = phone.open()
    fill_in(page, words, people.photo(pictures / "a.jpg", people.POTHOLE))
    people.add_photo(page, people.photo(pictures / "b.jpg", is_after=True))
    expect(page.locator(".photo-item[data-state=sent]")).to_have_count(2)
    page.locator("#foto-tersimpan .photo-remove").first.click()
    expect(page.locator("#foto-tersimpan li")).to_have_count(1)
    people.look_at_it(page)
    expect(page.locator(".photos img")).to_have_count(1)
    page.wait_for_timeout(2000)
    people.send(page)
    [(_code, photos)] = reports(portal, words)
    assert len(photos) == 1


def test_a_shrunk_photo_is_light_and_keeps_its_place_for_the_server(phone: Phone, portal: Portal, pictures):
    page = phone.open()
    people.add_photo(page, people.photo(pictures / "a.jpg", people.POTHOLE))
    expect(page.locator(".photo-item[data-state=sent]")).to_have_count(1)
    expect(page.locator("#draf-status")).not_to_be_empty()
    size = page.evaluate("async () => (await self.LaporKotak.drafts())[0].photos[0].blob.size")
    assert size <= 300_000
    [sha] = kept_photo_hashes(page)
    [(latitude, longitude)] = rows(
        portal, "SELECT gps_latitude, gps_longitude FROM complaints_stagedphoto WHERE sha256 = ?", sha
    )
    assert (latitude, longitude) == pytest.approx(people.POTHOLE, abs=1e-5)


def test_a_place_set_by_hand_is_not_moved_by_a_photo(phone: Phone, pictures):
    page = phone.open()
    fill_in(page, "Ditandai sendiri dulu.", place=(-6.99, 110.42))
    people.add_photo(page, people.photo(pictures / "a.jpg", people.POTHOLE))
    expect(page.locator(".photo-item[data-state=sent]")).to_have_count(1)
    expect(page.locator("#id_latitude")).to_have_value("-6.990000")
    page.get_by_test_id("preview").click()
    expect(page.get_by_test_id("photo-place")).to_be_visible()


def test_by_keyboard_alone_with_a_photo(phone: Phone, portal: Portal, pictures):
    words = "Dengan papan ketik saja."
    page = phone.open()
    photo = people.photo(pictures / "a.jpg", people.POTHOLE)
    page.wait_for_load_state("networkidle")
    page.bring_to_front()  # files may be asked for in front only
    tab_to(page, "#id_photos")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(photo)
    expect(page.locator(".photo-item[data-state=sent]")).to_have_count(1)
    tab_to(page, "#cari-kategori")
    page.keyboard.type("bolong")
    page.keyboard.press("Enter")
    expect(page.locator("#kategori-usulan button").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#q-size")).to_be_visible()
    tab_to(page, "#q-size input")
    page.keyboard.press("Space")
    tab_to(page, "#id_description")
    page.keyboard.press("Control+A")  # the search's words stand there as a beginning
    page.keyboard.type(words)
    tab_to(page, '[data-testid="preview"]')
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("preview-card")).to_be_visible()
    page.wait_for_timeout(2000)
    tab_to(page, '[data-testid="submit"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/lapor/terima-kasih/*/")
    [(_code, photos)] = reports(portal, words)
    assert len(photos) == 1
    assert hashlib.sha256(photo.read_bytes()).hexdigest() not in photos  # made smaller on the way


def test_without_a_place_to_keep_things_the_form_still_works(browse, portal: Portal):
    """A private window: no IndexedDB, no service worker."""
    page = browse(PHONE, service_workers="block")
    page.add_init_script(
        "Object.defineProperty(self, 'indexedDB', { get() { throw new Error('denied'); } });"
    )
    page.goto("/lapor/")
    words = "Jendela pribadi: lubang."
    fill_in(page, words)
    people.look_at_it(page)
    page.wait_for_timeout(2000)
    people.send(page)
    assert len(reports(portal, words)) == 1


def test_a_browser_that_forbids_keeping_keeps_nothing_of_the_staffs_rooms(phone: Phone):
    page = phone.visit_once()
    page.goto("/admin/login/")
    kept = page.evaluate(KEPT)
    assert not [address for address in kept if "/admin/" in address or "/api/" in address]
    with phone.wire.cut(), pytest.raises(Exception, match="ERR_"):
        page.goto("/admin/login/")  # the browser's own page: nothing of ours stands in


@pytest.mark.parametrize("kind", ["JPEG", "HEIF"])
def test_a_photo_fills_in_place_and_time(phone: Phone, pictures, kind):
    """As cameras and iPhones write it, read before anything is sent; what is typed stands above it."""
    taken = datetime.now(ZoneInfo("Asia/Jakarta")) - timedelta(days=2)
    path = pictures / f"photo.{kind.lower()}"
    pillow_heif.register_heif_opener()
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "S", 2: (6, 59, 33.612), 3: "E", 4: (110, 26, 49.812)})
    exif.get_ifd(0x8769)[0x9003] = f"{taken:%Y:%m:%d %H:%M:%S}"
    Image.effect_noise((400, 300), 60).convert("RGB").save(path, kind, exif=exif.tobytes())
    page = phone.open()
    people.add_photo(page, path)
    expect(page.locator("#id_latitude")).to_have_value("-6.992670")
    expect(page.locator("#id_longitude")).to_have_value("110.447170")
    expect(page.locator("#id_observed_at")).to_have_value(f"{taken:%Y-%m-%dT%H:%M}")
    expect(page.locator("#waktu-sumber")).to_contain_text("foto")
    expect(page.locator("#foto-fakta")).to_contain_text("Tempat dan waktu")
    page.locator("#id_observed_at").fill("")
    people.add_photo(page, people.photo(pictures / "other.jpg", people.POTHOLE))
    expect(page.locator("#waktu-sumber")).to_be_empty()
    assert check(page) == ""
