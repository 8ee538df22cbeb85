"""A crew on the road: its cases on a phone, a photo from the wrong place, work done where no network is."""

import json
import sqlite3
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e import people
from tests.e2e.conftest import PATIENCE_MS, PHONE
from tests.e2e.people import POTHOLE
from tests.e2e.portal import Portal, wait_for
from tests.e2e.test_accessibility import check
from tests.e2e.wire import Wire

pytestmark = pytest.mark.e2e
PAGE = "/admin/lapangan/"
FAR_AWAY = (-7.05, 110.35)
HERE = {"latitude": POTHOLE[0], "longitude": POTHOLE[1]}
REPAIRED = people.REPAIRED


@pytest.fixture
def wire(portal: Portal) -> Iterator[Wire]:
    made = Wire(portal.port)
    yield made
    made.close()


@pytest.fixture
def phone(browser, wire: Wire) -> Iterator[BrowserContext]:
    """A crew's phone on the spot, behind a wire that can be cut."""
    context = browser.new_context(
        base_url=wire.url,
        locale="en-US",
        timezone_id="Asia/Jakarta",
        reduced_motion="reduce",
        geolocation=HERE,
        permissions=["geolocation"],
        **PHONE,
    )
    context.set_default_timeout(PATIENCE_MS)
    troubles = []
    context.on("weberror", lambda event: troubles.append(str(event.error.stack or event.error)))
    yield context
    context.close()
    assert not troubles, troubles


def rows(portal: Portal, sql: str, *values) -> list[tuple]:
    with sqlite3.connect(f"file:{portal.data_dir}/lapor.sqlite3?mode=ro", uri=True) as database:
        return database.execute(sql, values).fetchall()


def given(portal: Portal, browse, *, number: int = 1) -> list[people.Filed]:
    """Routed reports that the handler has taken."""
    filed = [people.filed_by_app(portal) for _ in range(number)]
    office = browse()
    people.sign_in(office, portal.staff("handler", "DPU"))
    for report in filed:
        wait_for("it is routed", lambda report=report: portal.report(report.code)["is_routed"])
        people.open_case(office, report)
        people.press(office, "take")
    return filed


def open_field(phone: BrowserContext, portal: Portal) -> Page:
    page = phone.new_page()
    people.sign_in(page, portal.staff("handler", "DPU"))
    page.goto(PAGE)
    page.wait_for_selector("html[data-ready]")
    page.wait_for_function("() => navigator.serviceWorker.controller")
    return page


def stop(page: Page, filed: people.Filed):
    return page.locator(".field-stops > li", has_text=filed.spoken_code)


def press(card, name: str) -> None:
    card.get_by_role("button", name=name, exact=True).click()


def fill_in_done(page: Page, path) -> None:
    page.locator("#foto-sesudah").set_input_files(path)
    expect(page.locator("[data-taken] img")).to_have_count(1)
    expect(page.locator("[data-claim]")).to_contain_text("Lokasi tercatat")
    page.locator("#kata-selesai").fill(REPAIRED)


def send(page: Page) -> None:
    page.locator("#selesai button[value=send]").click()


def state_of(portal: Portal, filed: people.Filed) -> tuple:
    found = rows(portal, "SELECT status, checking_since FROM complaints_report WHERE code = ?", filed.code)
    return found[0][0], found[0][1] is not None


def resolutions(portal: Portal, filed: people.Filed) -> list[tuple]:
    sql = """SELECT c.state, c.reason FROM dispatch_repaircheck c
    JOIN complaints_report r ON r.id = c.report_id WHERE r.code = ? ORDER BY c.id"""
    return rows(portal, sql, filed.code)


def test_a_photo_from_the_wrong_place_is_asked_about_and_goes_to_a_second_person(
    phone, portal, browse, pictures
):
    (filed,) = given(portal, browse)
    page = open_field(phone, portal)
    card = stop(page, filed)
    expect(card).to_contain_text("dari sini")
    assert card.locator("[data-geo]").get_attribute("href").startswith("geo:-6.99")
    for target in page.locator(".stop-buttons .btn, .stop-links .btn, .field-tools .btn").all():
        if target.is_visible():
            assert target.bounding_box()["height"] >= 48
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert check(page) == ""
    press(card, "Mulai kerjakan")
    wait_for("the work has begun", lambda: state_of(portal, filed)[0] == "in_progress")
    expect(card).to_contain_text("Dikerjakan")
    press(card, "Selesai")
    send(page)
    expect(page.locator("#selesai [data-fault-text]")).to_contain_text("foto perbaikan")
    fill_in_done(page, people.photo(pictures / "jauh.jpg", FAR_AWAY, is_after=True))
    assert check(page) == ""
    send(page)
    findings = page.locator("#selesai [data-findings]")
    expect(findings).to_contain_text("km")
    expect(page.locator("#kata-selesai")).to_have_value(REPAIRED)  # what was typed is still there
    expect(page.locator("[data-taken] img")).to_have_count(1)
    assert state_of(portal, filed) == ("in_progress", False)
    assert check(page) == ""
    page.locator("#alasan-foto").fill("GPS mati di bawah jembatan.")
    send(page)
    wait_for("it is resolved", lambda: state_of(portal, filed) == ("resolved", True))
    assert resolutions(portal, filed) == [("pending", "GPS mati di bawah jembatan.")]
    expect(stop(page, filed)).to_have_count(0)
    expect(page.locator("[data-queue]")).to_be_hidden()


def test_done_without_network_it_is_sent_once(phone, portal, browse, pictures, wire):
    (filed,) = given(portal, browse)
    page = open_field(phone, portal)
    expect(stop(page, filed)).to_be_visible()
    with wire.cut():
        page.close()
        page = phone.new_page()
        page.goto(PAGE)  # the kept page, with what this phone knows
        card = stop(page, filed)
        expect(card).to_contain_text("Lubang di depan halte")
        expect(page.locator("[data-net]")).to_be_visible()
        press(card, "Mulai kerjakan")
        expect(stop(page, filed)).to_contain_text("menunggu dikirim")
        press(stop(page, filed), "Selesai")
        fill_in_done(page, people.photo(pictures / "a.jpg", POTHOLE, is_after=True))
        send(page)
        expect(page.locator("[data-queue-list] > li")).to_have_count(2)
        expect(stop(page, filed)).to_have_count(0)
        assert check(page) == ""
        page.close()  # the phone goes into the pocket
        page = phone.new_page()
        page.goto(PAGE)
        expect(page.locator("[data-queue-list] > li")).to_have_count(2)
        expect(page.locator("[data-queue-list]")).to_contain_text(REPAIRED)
        assert state_of(portal, filed)[0] == "assigned"
    page.locator("[data-send-now]").click()
    wait_for("it is resolved", lambda: state_of(portal, filed) == ("resolved", False))
    expect(page.locator("[data-queue]")).to_be_hidden()
    assert resolutions(portal, filed) == [("clean", "")]


def test_an_answer_that_gets_lost_does_it_once(phone, portal, browse, wire):
    (filed,) = given(portal, browse)
    page = open_field(phone, portal)
    wire.lose_answer_to = b"POST /admin/lapangan/kirim/"
    press(stop(page, filed), "Mulai kerjakan")
    wait_for("the step arrived, its answer did not", lambda: wire.cuts == 1)
    expect(page.locator("[data-queue-list] > li")).to_have_count(1)
    wire.lose_answer_to, wire.is_cut = None, False
    page.locator("[data-send-now]").click()
    expect(page.locator("[data-queue]")).to_be_hidden()
    count = """SELECT count(*) FROM dispatch_fieldaction a JOIN complaints_report r ON r.id = a.report_id
    WHERE r.code = ?"""
    assert rows(portal, count, filed.code) == [(1,)]
    begun = """SELECT count(*) FROM complaints_event e JOIN complaints_report r ON r.id = e.report_id
    WHERE r.code = ? AND e.to_status = 'in_progress'"""
    assert rows(portal, begun, filed.code) == [(1,)]


def test_somebody_was_faster_and_nothing_typed_is_lost(phone, portal, browse, wire):
    (filed,) = given(portal, browse)
    page = open_field(phone, portal)
    with wire.cut():
        press(stop(page, filed), "Tidak bisa")
        page.locator("#tidak-bisa label", has_text="Bahan atau alat").click()
        page.locator("#rincian").fill("Aspal habis, datang Kamis.")
        assert check(page) == ""
        page.locator("#tidak-bisa button[value=send]").click()
        expect(page.locator("[data-queue-list] > li")).to_have_count(1)
        office = browse()
        people.sign_in(office, portal.staff("p3m"))
        people.open_case(office, filed)
        people.take_step(office, "start", "Regu sudah di jalan.")
    page.locator("[data-send-now]").click()
    kept = page.locator('[data-queue-list] > li[data-state="conflict"]')
    expect(kept).to_contain_text("Regu sudah di jalan.")
    expect(kept).to_contain_text("Aspal habis, datang Kamis.")
    assert state_of(portal, filed)[0] == "in_progress"
    assert check(page) == ""
    press(kept, "Tetap kirim")
    wait_for("it waits", lambda: state_of(portal, filed)[0] == "waiting")
    expect(page.locator("[data-queue]")).to_be_hidden()


def test_signed_out_meanwhile_the_queue_stays_and_goes_out_after_signing_in(phone, portal, browse, wire):
    (filed,) = given(portal, browse)
    page = open_field(phone, portal)
    with wire.cut():
        press(stop(page, filed), "Mulai kerjakan")
        expect(page.locator("[data-queue-list] > li")).to_have_count(1)
    phone.clear_cookies()
    page.locator("[data-send-now]").click()
    expect(page.locator("[data-signed-out]")).to_be_visible()
    expect(page.locator("[data-queue-list] > li")).to_have_count(1)
    assert check(page) == ""
    assert state_of(portal, filed)[0] == "assigned"
    people.sign_in(page, portal.staff("handler", "DPU"))
    page.goto(PAGE)
    wait_for("it was sent", lambda: state_of(portal, filed)[0] == "in_progress")
    expect(page.locator("[data-queue]")).to_be_hidden()


def test_whoever_signs_out_leaves_no_case_on_the_phone(phone, portal, browse, wire):
    (filed,) = given(portal, browse)
    page = open_field(phone, portal)
    expect(stop(page, filed)).to_be_visible()
    kept = """async () => {
      const database = await new Promise((done) => {
        const request = indexedDB.open("lapor-lapangan");
        request.onsuccess = () => done(request.result);
      });
      const rows = await new Promise((done) => {
        const request = database.transaction("snapshots").objectStore("snapshots").getAll();
        request.onsuccess = () => done(request.result);
      });
      database.close();
      const pages = [];
      for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const item of await cache.keys()) {
          const answer = await cache.match(item);
          const kind = answer.headers.get("Content-Type") || "";
          if (kind.startsWith("text/html")) pages.push(await answer.text());
        }
      }
      return JSON.stringify([rows, pages]);
    }"""
    before, pages = json.loads(page.evaluate(kept))
    assert filed.spoken_code in json.dumps(before)
    assert filed.spoken_code not in json.dumps(pages)  # the kept page itself knows no case
    page.locator("[data-sign-out] button").click()
    page.wait_for_url("**/admin/logout/**")
    after, _pages = json.loads(page.evaluate(kept))
    assert after == []
    with wire.cut():
        page.goto(PAGE)
        expect(page.locator("[data-nothing-kept]")).to_be_visible()
        expect(stop(page, filed)).to_have_count(0)


def test_the_map_of_the_way(phone, portal, browse):
    given(portal, browse, number=2)
    page = open_field(phone, portal)
    page.locator("[data-map] summary").click()
    expect(page.locator("#peta-rute .way-sign").first).to_be_visible()
    expect(page.locator("#peta-rute .way-here")).to_have_count(1)
    assert check(page) == ""
    page.locator("label", has_text="Menurut tenggat").click()
    expect(page.locator("[data-start]")).to_be_hidden()


def test_without_a_script_the_cases_lead_to_their_pages(browse, portal):
    (filed,) = given(portal, browse)
    with_script = browse(PHONE)  # the theme's sign-in page needs one
    people.sign_in(with_script, portal.staff("handler", "DPU"))
    signed_in = with_script.context.storage_state()
    page = browse(PHONE, java_script_enabled=False, storage_state=signed_in)
    page.goto(PAGE)
    page.locator(".field-stops a", has_text=filed.spoken_code).click()
    expect(page.get_by_test_id("code")).to_have_text(filed.spoken_code)
