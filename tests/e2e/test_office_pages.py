"""The office's own pages: a boundary is drawn by mouse and by keyboard, tried, and put in force."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import people
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.portal import Portal
from tests.e2e.test_accessibility import KELURAHAN, check
from tests.e2e.test_every_page import too_wide

pytestmark = pytest.mark.e2e
BOUNDARY = f"/admin/wilayah/{KELURAHAN}/batas/"


def drawn(page: Page) -> list:
    """The first edge as the form would send it."""
    return json.loads(page.locator("#b-geometry").input_value())["coordinates"][0]


def opened(page: Page, portal: Portal) -> Page:
    people.sign_in(page, portal.staff("admin"))
    page.goto(BOUNDARY)
    expect(page.locator(".boundary-tools")).to_be_visible()
    return page


def test_a_boundary_by_mouse_is_tried_and_put_in_force(browse, portal: Portal):
    page = opened(browse(DESKTOP), portal)
    before = drawn(page)
    expect(page.locator(".vertex-selected")).to_be_visible()
    page.wait_for_load_state("networkidle")
    handle = page.locator(".vertex-selected").bounding_box()
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 12, y - 9, steps=4)
    page.mouse.up()
    moved = drawn(page)
    assert len(moved) == len(before)
    assert moved[0] != before[0]
    assert moved[1:-1] == before[1:-1]
    page.locator('[data-testid="look"]').click()
    found = page.locator('[data-testid="found"]')
    expect(found).to_be_focused()
    expect(found).to_contain_text("km²")
    expect(found.locator('[data-testid="moves"]')).to_contain_text("kelurahan lain")
    page.fill("#b-why", "Perda contoh 1/2026")
    page.locator('[data-testid="save"]').click()
    expect(page.get_by_text("sudah berlaku")).to_be_visible()
    assert drawn(page)[0] == pytest.approx(moved[0], abs=1e-6)
    page.goto(BOUNDARY.replace("/batas/", "/batas/?versi=1"))
    assert drawn(page)[0] == pytest.approx(before[0], abs=1e-6)


def test_a_boundary_by_keyboard(browse, portal: Portal):
    page = opened(browse(DESKTOP), portal)
    before = drawn(page)
    page.locator("#b-point").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("3")
    page.keyboard.press("Tab")
    assert float(page.locator("#b-lon").input_value()) == pytest.approx(before[2][0], abs=1e-6)
    page.locator("#b-lat").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    assert drawn(page)[2][1] == pytest.approx(before[2][1], abs=2e-5)
    assert drawn(page)[2][1] > before[2][1]
    page.locator('[data-do="add"]').press("Enter")
    assert len(drawn(page)) == len(before) + 1
    page.locator('[data-do="delete"]').press("Enter")
    page.locator('[data-do="undo"]').press("Enter")
    page.locator('[data-do="undo"]').press("Enter")
    page.locator('[data-do="undo"]').press("Enter")
    assert drawn(page) == before
    expect(page.locator('[data-do="undo"]')).to_be_disabled()


def test_a_crossing_is_shown_at_its_place(browse, portal: Portal):
    page = opened(browse(DESKTOP), portal)
    ring = drawn(page)[:-1]
    ring[1], ring[40] = ring[40], ring[1]
    page.locator(".boundary-text summary").click()
    page.locator("#b-geometry").fill(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    with page.watch.expecting(422):
        page.locator('[data-testid="look"]').click()
        expect(page.locator('[data-testid="fault"]')).to_contain_text("lintang")


@pytest.mark.parametrize(("screen", "scheme"), [(PHONE, "light"), (DESKTOP, "dark")])
def test_these_pages_keep_every_rule(browse, portal: Portal, screen, scheme):
    page = opened(browse(screen, color_scheme=scheme), portal)
    troubles = [check(page), too_wide(page, page.url)]
    page.locator('[data-testid="look"]').click()
    expect(page.locator('[data-testid="found"]')).to_be_visible()
    troubles += [check(page), too_wide(page, page.url)]
    page.goto("/admin/city/department/?q=DPU")
    page.get_by_role("link", name="DPU", exact=True).first.click()
    change = page.url
    for address in ("history/", "delete/"):
        page.goto(change.replace("change/", address))
        troubles += [check(page), too_wide(page, page.url)]
    assert not any(troubles), "\n".join(str(trouble) for trouble in troubles if trouble)
