"""From a pin on the map to a repair that its reporter confirmed: one report, two people, two screens."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import people
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.map_hands import MapHands
from tests.e2e.people import POTHOLE, Filed
from tests.e2e.portal import Portal, wait_for

pytestmark = pytest.mark.e2e

DPU = "Dinas Pekerjaan Umum"
IMPATIENT = "Sampah menumpuk di tepi jalan, diklik dua kali."
AGAIN = "Tambalannya sudah lepas lagi."
NOT_OURS = "Yang rusak adalah taman, bukan jalannya."


def file_pothole(page: Page, screen: dict, pictures, email: str) -> Filed:
    """The real form, as a person fills it: words, questions, finger on the map, camera, e-mail."""
    page.goto("/")
    page.get_by_test_id("report-button").click()
    people.choose_kind(page, "bolong", "jalan-lubang")
    people.answer(page, "size", "30_60")
    people.answer(page, "passable", "all")
    people.answer(page, "injured", "no")
    hands = MapHands(page, has_touch=screen is PHONE)
    hands.put_pin(*POTHOLE)
    page.locator("#id_street").fill("Jalan Gajah Raya, depan halte")
    page.locator("#id_description").fill(people.DESCRIPTION)
    people.add_photo(page, people.photo(pictures / "before.jpg", place=POTHOLE))
    people.write_contact(page, email)
    card = people.look_at_it(page)
    expect(card).to_contain_text(people.DESCRIPTION)
    expect(card).to_contain_text("Jalan berlubang")
    expect(card.locator("img")).to_have_count(1)
    return people.send(page)


def shows_ready_photos(page: Page, count: int) -> bool:
    """Whether the report's page, loaded anew, shows that many pictures that really are pictures."""
    page.reload()
    pictures = page.locator("main :is(.photos, .pair) img")
    if pictures.count() < count:
        return False
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
    drawn = "image => image.complete && image.naturalWidth > 0"
    page.wait_for_function(f"[...document.querySelectorAll('main :is(.photos, .pair) img')].every({drawn})")
    return pictures.count() == count


def test_citizen_files_officer_repairs_citizen_confirms(browse, portal: Portal, screen, pictures):
    email = f"warga-{screen['viewport']['width']}@example.org"
    citizen = browse(screen)
    filed = file_pothole(citizen, screen, pictures, email)
    people.expect_promise(citizen, DPU)

    officer = browse(screen)
    people.sign_in(officer, portal.staff("handler", "DPU"))
    people.open_case(officer, filed)
    expect(officer.locator("body")).not_to_contain_text(email)  # handlers never learn who reported
    people.handle(officer, filed, people.photo(pictures / "after.jpg", is_after=True))

    citizen.goto(filed.private_path)
    assert people.timeline(citizen)[:3] == ["submitted", "routed", "acknowledged"]
    expect(citizen.get_by_test_id("timeline")).to_contain_text(people.REPAIRED)
    wait_for("both photos are shown", lambda: shows_ready_photos(citizen, 2), 30)
    people.open_verdict(citizen, "confirm-form")
    citizen.get_by_test_id("confirm").click()
    expect(citizen.locator(".timeline > li").last).to_have_attribute("data-kind", "confirmed")
    assert portal.report(filed.code)["status"] == "closed"
    check_mails(portal, email, filed)


def check_mails(portal: Portal, email: str, filed: Filed) -> None:
    """Routed, accepted, started, resolved: four messages, each with the code and the private link."""
    wait_for("four messages", lambda: len(portal.mails_to(email)) == 4)
    for mail in portal.mails_to(email):
        assert filed.spoken_code in mail["Subject"]
        assert portal.url + filed.private_path in mail.get_body(("plain",)).get_content()


def routed(portal: Portal, place=POTHOLE) -> Filed:
    """A report that its office has."""
    filed = people.filed_by_app(portal, place)
    wait_for("it is routed", lambda: portal.report(filed.code)["is_routed"])
    return filed


def test_a_photo_taken_elsewhere_is_asked_about(browse, pictures):
    """The browser makes photos smaller before it sends them; where they were taken must survive that."""
    page = browse(
        PHONE, geolocation={"latitude": -7.0512, "longitude": 110.4254}, permissions=["geolocation"]
    )
    page.goto("/lapor/?kategori=jalan-lubang")
    people.answer(page, "size", "30_60")
    page.locator("#posisi-saya").click()
    expect(page.locator("#id_place_source")).to_have_value("device")
    page.locator("#id_description").fill(people.DESCRIPTION)
    people.add_photo(page, people.photo(pictures / "before.jpg", place=POTHOLE))
    with page.watch.expecting(422):
        page.get_by_test_id("preview").click()
        question = page.get_by_test_id("photo-place")
        expect(question).to_be_visible()
    question.locator("label").last.click()  # where the photo was taken
    card = people.look_at_it(page)
    expect(card).to_contain_text("Pandean Lamper")


def test_not_fixed_goes_back_to_the_office(browse, portal: Portal, pictures):
    filed = routed(portal)
    officer = browse()
    people.sign_in(officer, portal.staff("handler", "DPU"))
    people.handle(officer, filed, people.photo(pictures / "after.jpg", is_after=True))

    citizen = browse(PHONE)
    citizen.goto(filed.private_path)
    people.open_verdict(citizen, "reopen-form")
    citizen.locator("#teks-buka").fill(AGAIN)
    citizen.get_by_test_id("reopen").click()
    # The worker may already have written the new promise below it.
    expect(citizen.locator('.timeline > li[data-kind="reopened"]')).to_have_count(1)
    assert portal.report(filed.code)["status"] == "reopened"

    people.open_case(officer, filed)
    expect(officer.get_by_test_id("timeline")).to_contain_text(AGAIN)
    expect(officer.locator('form[data-step="accept"]')).to_be_visible()


def test_not_ours_goes_to_the_named_department(browse, portal: Portal):
    filed = routed(portal)
    officer = browse()
    people.sign_in(officer, portal.staff("handler", "DPU"))
    people.open_case(officer, filed)
    case_address = officer.url
    people.take_step(officer, "not_ours", NOT_OURS, to="DISPERKIM")
    # It is gone from where it was …
    officer.goto("/admin/complaints/report/")
    expect(officer.locator(f'tr[data-code="{filed.code}"]')).to_have_count(0)
    with officer.watch.expecting(404):
        assert officer.goto(case_address).status == 404
    # … and is where it was sent, and the public reads why.
    other = browse()
    people.sign_in(other, portal.staff("handler", "DISPERKIM"))
    people.open_case(other, filed)
    citizen = browse(PHONE)
    citizen.goto(filed.public_path)
    expect(citizen.get_by_test_id("timeline")).to_contain_text(NOT_OURS)
    assert people.timeline(citizen) == ["submitted", "routed", "handed_over"]
    assert portal.report(filed.code)["department"].startswith("Dinas Perumahan")


def test_another_department_cannot_open_or_change_it(browse, portal: Portal):
    filed = routed(portal)
    officer = browse()
    people.sign_in(officer, portal.staff("handler", "DPU"))
    people.open_case(officer, filed)
    case_address = officer.url

    stranger = browse()
    people.sign_in(stranger, portal.staff("handler", "DISPERKIM"))
    before = portal.report(filed.code)
    with stranger.watch.expecting(404):
        assert stranger.goto(case_address).status == 404
    stranger.goto("/admin/complaints/report/?q=" + filed.code)
    expect(stranger.locator(f'tr[data-code="{filed.code}"]')).to_have_count(0)
    token = next(item["value"] for item in stranger.context.cookies() if item["name"] == "csrftoken")
    step = case_address.split("?")[0].replace("/change/", "/langkah/accept/")
    answer = stranger.request.post(
        step, form={"version": str(before["version"]), "csrfmiddlewaretoken": token}
    )
    assert answer.status == 404
    assert portal.report(filed.code) == before


def test_an_impatient_double_click_files_once(browse, portal: Portal):
    page = browse(DESKTOP)
    page.goto("/lapor/?kategori=lain-sampah")
    page.locator("#tanpa-peta").click()
    page.locator("#id_area").select_option("33.74.04.1006")
    page.locator("#id_description").fill(IMPATIENT)
    people.look_at_it(page)
    page.get_by_test_id("submit").dblclick()
    page.wait_for_url("**/lapor/terima-kasih/*/")
    people.thanks(page)
    listed = json.loads(page.request.get("/api/v1/reports/?category=lain-sampah").text())["results"]
    assert [row["description"] for row in listed].count(IMPATIENT) == 1
