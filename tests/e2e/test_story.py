"""A report's story on a phone: the clock in words, before and after by keyboard, sharing, the sheet."""

import re

import pytest
from playwright.sync_api import Page, expect

from complaints.web import qr
from tests.e2e import people
from tests.e2e.conftest import PHONE
from tests.e2e.people import Filed
from tests.e2e.portal import Portal, wait_for
from tests.e2e.test_accessibility import check

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def repaired(portal: Portal, browser, tmp_path_factory) -> Filed:
    """A report with a photo of the reporter's and one of the repair."""
    from tests.e2e.conftest import Browsers

    pictures = tmp_path_factory.mktemp("pictures")
    browsers = Browsers(browser, portal)
    filed = people.filed_by_app(portal)
    page = browsers(PHONE)
    page.goto(filed.private_path)
    # The photo comes with the report: the app sends it right after.
    portal.manage("shell", "-c", _ADD_PHOTO.format(code=filed.code, path=people.photo(pictures / "a.jpg")))
    wait_for("it is routed", lambda: portal.report(filed.code)["is_routed"])
    officer = browsers()
    people.sign_in(officer, portal.staff("handler", "DPU"))
    people.handle(officer, filed, people.photo(pictures / "b.jpg", is_after=True))
    browsers.close()
    return filed


_ADD_PHOTO = """
import uuid
from django.utils import timezone
from complaints.domain.actor import THE_REPORTER
from complaints.models import Photo, Report
from complaints.services import photos
report, key, now = Report.objects.get(code="{code}"), uuid.uuid4(), timezone.now()
staged = photos.stage_photo(open("{path}", "rb").read(), key, now=now)
for photo in photos.add_photos(report.pk, key, (staged.uuid,), actor=THE_REPORTER, now=now):
    Photo.objects.filter(pk=photo.pk).update(kind="report")
    photos.prepare_photo(photo.pk)
"""


def open_story(browse, filed: Filed, **options) -> Page:
    page = browse(PHONE, **options)
    page.goto(filed.public_path, wait_until="networkidle")
    return page


def test_before_and_after_by_keyboard(browse, repaired):
    page = open_story(browse, repaired)
    slider = page.get_by_role("slider", name="Bandingkan sebelum dan sesudah")
    expect(slider).to_have_attribute("aria-valuetext", "50 persen sebelum, 50 persen sesudah")
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "53 persen sebelum, 47 persen sesudah")
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "100 persen sebelum, 0 persen sesudah")
    for name in ("Sebelum", "Sesudah"):
        link = page.get_by_test_id("compare").get_by_role("link", name=re.compile(name))
        assert page.request.get(link.get_attribute("href")).headers["content-type"] == "image/webp"
        assert link.bounding_box()["height"] >= 44


def test_without_javascript_the_photos_stand_side_by_side(browse, repaired):
    page = open_story(browse, repaired, java_script_enabled=False)
    before, after = page.get_by_test_id("compare").locator("img").all()
    one, other = before.bounding_box(), after.bounding_box()
    assert one["y"] == other["y"]
    assert one["x"] + one["width"] <= other["x"]
    expect(before).to_have_attribute("alt", re.compile("^Sebelum dikerjakan: "))
    expect(after).to_have_attribute("alt", re.compile("^Sesudah dikerjakan: "))


def test_the_clock_says_in_words_what_it_draws(browse, repaired):
    page = open_story(browse, repaired)
    clock = page.get_by_test_id("clock")
    expect(clock.get_by_role("img")).to_have_attribute("aria-label", re.compile(r"^Selesai tepat waktu"))
    kinds = clock.locator(".clock-line").evaluate_all("lines => lines.map(line => line.dataset.kind)")
    assert kinds == ["reported", "accepted", "resolved", "due"]
    numbers = clock.locator(".clock-number").all_text_contents()
    assert sorted(set(clock.locator(".clock-n").all_text_contents())) == numbers
    expect(page.get_by_test_id("promise")).to_contain_text("pelapor menyatakan apakah benar sudah beres")


def test_sharing_names_the_public_page_only(browse, repaired, portal):
    page = browse(PHONE)
    page.goto(repaired.private_path, wait_until="networkidle")
    href = page.get_by_test_id("whatsapp").get_attribute("href")
    assert href.startswith("https://wa.me/?text=")
    assert href.endswith(f"%2Flaporan%2F{repaired.code}%2F")
    assert "kunci" not in href
    copy = page.get_by_test_id("share").locator("[data-copy]").get_attribute("data-copy")
    assert copy == f"{portal.url}{repaired.public_path}"


def _drawn(address: str) -> str:
    path = qr.code(address).svg_inline(svgclass="qr-svg", lineclass=None, omitsize=True)
    return re.search(r' d="([^"]+)"', path).group(1)


def test_the_sheet_leads_to_the_public_page(browse, repaired, portal):
    page = browse(PHONE)
    page.goto(repaired.private_path, wait_until="networkidle")
    page.get_by_test_id("print-link").click()
    sheet = page.get_by_test_id("sheet")
    expect(sheet).to_contain_text(repaired.spoken_code)
    assert sheet.locator(".qr path").get_attribute("d") == _drawn(f"{portal.url}{repaired.public_path}")
    page.get_by_role("link", name="Untuk saya, dengan tautan pribadi").click()
    page.wait_for_url("**untuk=saya**")
    assert sheet.locator(".qr path").get_attribute("d") == _drawn(f"{portal.url}{repaired.private_path}")


def test_a_usual_report_fits_one_sheet(browse, repaired, tmp_path):
    page = browse()
    for query in ("", "?bentuk=poster"):
        page.goto(f"{repaired.public_path}cetak/{query}", wait_until="networkidle")
        content = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", content)) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_story_keeps_every_rule(browse, repaired, portal, scheme):
    page = browse(PHONE, color_scheme=scheme)
    code = repaired.code
    secret = repaired.private_path.split("?")[1]
    troubles = []
    for path in (
        repaired.public_path,
        repaired.private_path,
        f"/laporan/{code}/cetak/",
        f"/laporan/{code}/cetak/?bentuk=poster",
        f"/lapor/terima-kasih/{code}/?{secret}",
    ):
        page.goto(path, wait_until="networkidle")
        troubles.append(check(page))
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert not any(troubles), "\n".join(filter(None, troubles))
