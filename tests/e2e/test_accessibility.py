"""Everybody can use it: rules of WCAG A and AA by axe-core, the keyboard alone, narrow screens and zoom."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e import people
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.people import Filed
from tests.e2e.portal import Portal, wait_for

pytestmark = pytest.mark.e2e

OPTIONS = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
KELURAHAN = "33.74.04.1006"
# What the staff theme does and we cannot mend from outside: rule → why it is bearable.
BEARABLE_FOR_STAFF: dict[str, str] = {}


def violations(page: Page) -> list[dict]:
    found = Axe().run(page, options=OPTIONS).response["violations"]
    for violation in found:
        if violation["id"] == "target-size":
            violation["nodes"] = [node for node in violation["nodes"] if not is_on_the_map(node)]
    return [violation for violation in found if violation["nodes"]]


def is_on_the_map(node: dict) -> bool:
    """Signs of places that lie close together cover one another on any map. WCAG 2.5.8 allows it where
    another control does the same: the list of what is in view stands beside every map."""
    return "leaflet-marker-icon" in node["html"]


def told(page: Page, found: list[dict]) -> str:
    """Violations in words: where, which rule, which elements."""
    lines = [f"{page.url} ({page.title()})"]
    for violation in found:
        lines.append(f"  {violation['id']} ({violation['impact']}): {violation['help']}")
        for node in violation["nodes"][:6]:
            reason = (node["any"] + node["all"] + node["none"])[0]["message"] if node["any"] else ""
            lines.append(f"    {' '.join(map(str, node['target']))}: {reason}")
    return "\n".join(lines)


def check(page: Page) -> str:
    """An empty text if the page keeps every rule."""
    found = violations(page)
    return told(page, found) if found else ""


@pytest.fixture(scope="module")
def filed(portal: Portal) -> Filed:
    """A routed report to look at."""
    report = people.filed_by_app(portal)
    wait_for("it is routed", lambda: portal.report(report.code)["is_routed"])
    return report


@pytest.fixture(params=["light", "dark"])
def scheme(request) -> str:
    return request.param


def test_public_pages_keep_every_rule(browse, filed, scheme):
    page = browse(PHONE if scheme == "light" else DESKTOP, color_scheme=scheme)
    troubles = []
    for path in ("/", "/laporan/", "/peta/", filed.public_path, filed.private_path, "/api/docs/"):
        page.goto(path, wait_until="networkidle")
        troubles.append(check(page))
    with page.watch.expecting(404):
        page.goto("/laporan/TIDAKADA/")
        troubles.append(check(page))
    assert not any(troubles), "\n".join(filter(None, troubles))


def test_every_state_of_the_form_keeps_every_rule(browse, scheme):
    page = browse(PHONE if scheme == "dark" else DESKTOP, color_scheme=scheme)
    page.goto("/lapor/", wait_until="networkidle")
    troubles = [check(page)]
    with page.watch.expecting(422):
        page.get_by_test_id("preview").click()
        expect(page.get_by_test_id("error-summary")).to_be_visible()
        troubles.append(check(page))
    people.choose_kind(page, "banjir", "banjir-banjir")
    page.locator("#daftar-pertanyaan label:has(input[data-danger])").first.click()
    expect(page.get_by_test_id("danger")).to_be_visible()
    page.locator("#tanpa-peta").click()
    page.locator("#id_area").select_option(KELURAHAN)
    page.locator("#id_description").fill(people.DESCRIPTION)
    people.write_contact(page, "warga@example.org")
    troubles.append(check(page))
    people.look_at_it(page)
    troubles.append(check(page))
    people.send(page)
    troubles.append(check(page))
    assert not any(troubles), "\n".join(filter(None, troubles))


def test_staff_pages_keep_the_grave_rules(browse, portal: Portal, filed, scheme):
    page = browse(DESKTOP, color_scheme=scheme)
    page.goto("/admin/login/")
    found = [(page, violations(page))]
    people.sign_in(page, portal.staff("handler", "DPU"))
    found.append((page, violations(page)))
    page.goto("/admin/complaints/report/")
    found.append((page, violations(page)))
    people.open_case(page, filed)
    people.open_step(page, "resolve")
    found.append((page, violations(page)))
    grave = [
        told(where, [item])
        for where, items in found
        for item in items
        if item["impact"] in ("serious", "critical") and item["id"] not in BEARABLE_FOR_STAFF
    ]
    assert not grave, "\n".join(grave)


def tab_to(page: Page, selector: str, limit: int = 150) -> None:
    """Press Tab until the focus is there, as somebody without a mouse does."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            break
    else:
        raise AssertionError(f"Tab never reached {selector}")
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    hidden = "document.activeElement.matches('input[type=radio], input[type=checkbox], input[type=file]')"
    assert page.evaluate(f"{hidden} || {outline} !== 'none'"), f"no visible focus on {selector}"


def test_the_form_can_be_sent_by_keyboard_alone(browse):
    page = browse()
    page.goto("/lapor/", wait_until="networkidle")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, "#cari-kategori")
    page.keyboard.type("bolong")
    page.keyboard.press("Enter")
    expect(page.locator("#kategori-usulan button").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#q-size")).to_be_visible()
    tab_to(page, "#q-size input")
    page.keyboard.press("Space")
    expect(page.locator("#q-size input:checked")).to_have_count(1)
    tab_to(page, "#peta-pilih")
    for key in ("ArrowUp", "ArrowLeft", "+", "ArrowDown"):
        page.keyboard.press(key)
    assert page.locator("#id_latitude").input_value()
    tab_to(page, "#id_description")
    page.keyboard.type(people.DESCRIPTION)
    tab_to(page, '[data-testid="preview"]')
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("preview-card")).to_be_visible()
    tab_to(page, '[data-testid="submit"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/lapor/terima-kasih/*/")
    people.thanks(page)


# 320 px is the width WCAG 1.4.10 asks for; 640 px is 1280 at a zoom of 200%.
@pytest.mark.parametrize("width", [320, 360, 640])
def test_no_page_scrolls_sideways(browse, filed, width):
    page = browse({"viewport": {"width": width, "height": 640}})
    wide = []
    paths = (
        "/",
        "/lapor/?kategori=jalan-lubang",
        "/laporan/",
        "/peta/",
        filed.public_path,
        filed.private_path,
    )
    for path in (*paths, "/api/docs/"):
        page.goto(path)
        page.evaluate("document.querySelectorAll('main details').forEach(item => item.open = true)")
        over_px = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over_px > 0:
            wide.append(f"{path}: {over_px} px")
    assert not wide, "\n".join(wide)
