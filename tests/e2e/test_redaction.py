"""An officer blacks out part of a photo and a name: the public sees it covered, the old address is gone."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e import people
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.portal import Portal, wait_for
from tests.e2e.test_accessibility import check
from tests.e2e.test_every_page import too_wide

pytestmark = pytest.mark.e2e
NAME = "Wagiman Contoh"


@pytest.fixture(scope="module")
def filed(portal: Portal, browser, tmp_path_factory) -> people.Filed:
    """A report with a photo; its street names somebody."""
    context = browser.new_context(base_url=portal.url, java_script_enabled=False, **DESKTOP)
    path = people.photo(tmp_path_factory.mktemp("foto") / "depan.jpg")
    filed = people.file_by_area(
        context.new_page(),
        kind="jalan-lubang",
        area="33.74.04.1006",
        street=f"Depan rumah Pak {NAME}",
        photo=path,
    )
    context.close()
    wait_for("it is routed", lambda: portal.report(filed.code)["is_routed"])
    return filed


def addresses_of_photos(page: Page, filed: people.Filed) -> list[str]:
    page.goto(filed.public_path)
    found = re.findall(r"/foto/[0-9a-f-]{36}-(?:large|small)\.webp", page.content())
    return sorted(set(found))


def picture(page: Page, address: str) -> Image.Image:
    return Image.open(io.BytesIO(page.request.get(address).body())).convert("RGB")


def is_black(image: Image.Image, left: float, top: float, right: float, bottom: float) -> bool:
    width, height = image.size
    box = (round(left * width), round(top * height), round(right * width), round(bottom * height))
    return max(high for _low, high in image.crop(box).getextrema()) <= 16


def to_the_photo(page: Page, filed: people.Filed) -> None:
    people.open_case(page, filed)
    page.locator('a[href$="/samarkan/"]').click()
    page.locator(".redact-photos a").first.click()
    expect(page.locator("[data-stage] img")).to_be_visible()


def drag(page: Page, left: float, top: float, right: float, bottom: float) -> None:
    """Over the photo, in parts of its sides."""
    box = page.locator("[data-stage]").bounding_box()
    page.mouse.move(box["x"] + left * box["width"], box["y"] + top * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + (left + right) / 2 * box["width"], box["y"] + bottom * box["height"])
    page.mouse.move(box["x"] + right * box["width"], box["y"] + bottom * box["height"])
    page.mouse.up()


def test_what_an_officer_draws_over_is_black_for_everybody(browse, portal: Portal, filed):
    public = browse(DESKTOP)
    wait_for("the photo is ready", lambda: addresses_of_photos(public, filed))
    before = addresses_of_photos(public, filed)
    assert not is_black(picture(public, before[0]), 0.1, 0.1, 0.45, 0.4)
    page = browse(DESKTOP)
    people.sign_in(page, portal.staff("p3m"))
    to_the_photo(page, filed)
    assert check(page) == ""
    drag(page, 0.1, 0.1, 0.45, 0.4)
    expect(page.locator(".redact-area")).to_have_count(1)
    drag(page, 0.6, 0.6, 0.8, 0.8)
    expect(page.locator(".redact-area")).to_have_count(2)
    page.locator("[data-undo]").click()
    expect(page.locator(".redact-area")).to_have_count(1)
    page.locator(".redact-do .btn-primary").click()
    expect(page.get_by_test_id("covered")).to_be_visible()
    after = addresses_of_photos(public, filed)
    assert after
    assert not set(after) & set(before)
    for address in after:
        image = picture(public, address)
        assert is_black(image, 0.12, 0.12, 0.43, 0.38)
        assert not is_black(image, 0.6, 0.6, 0.8, 0.8)
    for address in before:
        assert public.request.get(address).status == 404
        assert page.request.get(address).status == 404
    # The desk sees the original, and takes it back.
    page.locator('form[action$="/asli/"] button').click()
    assert page.locator("[data-stage] img").get_attribute("src").startswith("data:image/webp;base64,")
    expect(page.locator(".redact-area")).to_have_count(1)
    page.locator("[data-drop]").first.click()
    page.locator(".redact-do .btn-primary").click()
    expect(page.get_by_test_id("covered")).to_have_count(0)
    whole = addresses_of_photos(public, filed)
    assert not is_black(picture(public, whole[0]), 0.1, 0.1, 0.45, 0.4)


def test_by_numbers_and_without_its_script_it_works_too(browse, portal: Portal, filed):
    """The theme itself shows nothing without JavaScript; the page needs none of its own."""
    page = browse(PHONE)
    page.route("**/admin-redact*.js", lambda route: route.fulfill(content_type="text/javascript", body=""))
    people.sign_in(page, portal.staff("duty_officer"))
    page.goto("/admin/complaints/report/?q=" + filed.code)
    page.goto(page.locator(f'tr[data-code="{filed.code}"] a.row-link').get_attribute("href"))
    page.locator('a[href$="/samarkan/"]').click()
    page.locator(".redact-photos a").first.click()
    row = page.locator("[data-area]").first
    for name, value in (("left", "50"), ("top", "50"), ("width", "25,5"), ("height", "25")):
        row.locator(f'[name="{name}"]').fill(value)
    page.locator(".redact-do .btn-primary").click()
    expect(page.get_by_test_id("covered")).to_be_visible()
    public = browse(DESKTOP)
    assert is_black(picture(public, addresses_of_photos(public, filed)[0]), 0.52, 0.52, 0.74, 0.73)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_pages_keep_every_rule(browse, portal: Portal, filed, screen, scheme):
    page = browse(screen, color_scheme=scheme)
    people.sign_in(page, portal.staff("p3m"))
    page.goto("/admin/complaints/report/?q=" + filed.code)
    case = page.locator(f'tr[data-code="{filed.code}"] a.row-link').get_attribute("href")
    start = re.sub(r"change/.*$", "", case)
    for address in (start + "samarkan/", start + "cetak/"):
        page.goto(address)
        assert check(page) == ""
        assert too_wide(page, page.url) == ""
    page.goto(start + "samarkan/")
    page.locator(".redact-photos a").first.click()
    expect(page.locator("[data-stage] img")).to_be_visible()
    assert check(page) == ""
    assert too_wide(page, page.url) == ""


def test_a_name_is_covered_by_ticking_what_is_suggested(browse, portal: Portal, filed):
    page = browse(DESKTOP)
    people.sign_in(page, portal.staff("p3m"))
    people.open_case(page, filed)
    page.locator('a[href$="/samarkan/"]').click()
    page.get_by_test_id("suggested").get_by_text(NAME).click()
    page.locator("[data-redact-words] .btn-primary").click()
    public = browse(DESKTOP)
    public.goto(filed.public_path)
    expect(public.locator("body")).to_contain_text("Depan rumah Pak ▇▇▇")
    assert "Wagiman" not in public.content()
