"""An officer joins the reports of two citizens, both see it, and it is undone exactly."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e import people
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.people import POTHOLE, Filed
from tests.e2e.portal import Portal, wait_for
from tests.e2e.test_accessibility import told

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def portal(own_portal: Portal) -> Portal:
    return own_portal


# Also the rules that WCAG does not ask for: one <main>, everything inside a landmark, headings in order.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
WHY = "Lubang yang sama, hanya difoto dari sisi lain."
APART = "Ternyata dua lubang, satu di tiap sisi jalan."
ANSWER = "Regu datang besok pagi dengan aspal."


@pytest.fixture
def pair(portal: Portal) -> tuple[Filed, Filed]:
    """Two citizens' reports, some metres apart, with the office that has both."""
    reports = [
        people.filed_by_app(portal),
        people.filed_by_app(portal, (POTHOLE[0] - 0.00005, POTHOLE[1])),
    ]
    for report in reports:
        wait_for("it is routed", lambda report=report: portal.report(report.code)["is_routed"])
    return tuple(reports)


def check_all(page: Page) -> None:
    """No rule is broken, nothing scrolls sideways."""
    found = Axe().run(page, options=OPTIONS).response["violations"]
    assert not found, told(page, found)
    over_px = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over_px <= 0, f"{page.url}: {over_px} px too wide"


def as_it_stands(portal: Portal, report: Filed) -> dict:
    """State, office and promise as the public page's script reads them."""
    told = portal.report(report.code)
    return {key: told[key] for key in ("status", "status_text", "department", "due")}


def own_page(browse, report: Filed, **options) -> Page:
    page = browse(PHONE, **options)
    page.goto(report.private_path)
    return page


def join(officer: Page, report: Filed, primary: Filed) -> None:
    """From the case page: choose what is suggested, look at what would happen, say why."""
    people.open_case(officer, report)
    check_all(officer)
    card = officer.get_by_test_id("incident")
    card.locator("form", has=officer.locator(f'[name="primary"][value="{primary.code}"]')).locator(
        "button"
    ).click()
    expect(officer.get_by_test_id("joined")).to_contain_text(report.spoken_code)
    expect(officer.get_by_test_id("carries")).to_contain_text(primary.spoken_code)
    check_all(officer)
    officer.locator("#alasan").fill(WHY)
    officer.locator("form.card .btn-primary").click()
    expect(officer.get_by_test_id("incident")).to_contain_text(primary.spoken_code)
    check_all(officer)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_two_reports_are_joined_and_taken_apart_again(browse, portal: Portal, pair, scheme):
    first, second = pair
    before = [as_it_stands(portal, report) for report in pair]
    officer = browse(DESKTOP if scheme == "light" else PHONE, color_scheme=scheme)
    people.sign_in(officer, portal.staff("handler", "DPU"))
    join(officer, second, first)

    page = own_page(browse, second, color_scheme=scheme)
    expect(page.get_by_test_id("incident")).to_contain_text(first.spoken_code)
    expect(page.locator('.timeline > li[data-kind="merged"]')).to_contain_text(WHY)
    check_all(page)
    other = own_page(browse, first, color_scheme=scheme)
    expect(other.get_by_test_id("incident")).to_contain_text("2 laporan")
    check_all(other)

    people.open_case(officer, first)
    form = people.open_step(officer, "reply")
    form.locator('[name="message"]').fill(ANSWER)
    with officer.expect_navigation():
        form.locator("button.btn-primary").click()
    for reader in (page, other):
        reader.reload()
        expect(reader.get_by_test_id("timeline")).to_contain_text(ANSWER)

    officer.get_by_test_id("incident").get_by_role("link", name=second.spoken_code).click()
    officer.locator("#pisah").fill(APART)
    with officer.expect_navigation():
        officer.locator('form[action$="/pisah/"] button').click()
    expect(officer.get_by_test_id("incident").locator("#pisah")).to_have_count(0)
    for reader in (page, other):
        reader.reload()
        expect(reader.get_by_test_id("incident")).to_have_count(0)
    expect(page.locator('.timeline > li[data-kind="unmerged"]')).to_contain_text(APART)
    expect(page.get_by_test_id("timeline")).not_to_contain_text(ANSWER)
    assert [as_it_stands(portal, report) for report in pair] == before


def test_an_officer_who_says_no_reason_loses_nothing(browse, portal: Portal, pair):
    """What was typed stays, nothing is joined. Here the code is typed, as it is read out on the phone."""
    first, second = pair
    officer = browse(DESKTOP)
    people.sign_in(officer, portal.staff("handler", "DPU"))
    officer.goto("/admin/complaints/report/")
    officer.locator(f'tr[data-code="{second.code}"] a.row-link').click()
    fold = officer.locator('#insiden details.fold:has([name="primary"])').last
    fold.locator("summary").click()
    fold.locator("#induk").fill(first.spoken_code.lower())
    fold.locator("button").click()
    officer.locator("#alasan").fill("   ")
    with officer.watch.expecting(422):
        officer.locator("form.card .btn-primary").click()
        expect(officer.get_by_role("alert")).to_be_visible()
    expect(officer.locator("#induk")).to_have_value(first.spoken_code)
    assert portal.report(second.code)["status"] == "assigned"
