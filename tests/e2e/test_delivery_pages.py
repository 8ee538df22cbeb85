"""Staff pages about messages: the list, the texts and their preview, in both lights and on a phone."""

import pytest
from playwright.sync_api import expect

from tests.e2e import people
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.portal import Portal
from tests.e2e.test_accessibility import told, violations

pytestmark = pytest.mark.e2e

TEXT = "/admin/dispatch/messagetext/reporter-status-resolved/teks/"
PATHS = ("/admin/dispatch/delivery/", "/admin/dispatch/messagetext/", TEXT)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [PHONE, DESKTOP])
def test_the_pages_keep_the_grave_rules_and_fit(browse, portal: Portal, scheme, screen):
    page = browse(screen, color_scheme=scheme)
    people.sign_in(page, portal.staff("p3m", ""))
    grave = []
    for path in PATHS:
        page.goto(path)
        grave += [
            told(page, [item]) for item in violations(page) if item["impact"] in ("serious", "critical")
        ]
        over_px = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over_px <= 0, path
    assert not grave, "\n".join(grave)


def test_a_text_is_previewed_saved_and_put_back(browse, portal: Portal):
    page = browse(DESKTOP)
    people.sign_in(page, portal.staff("p3m", ""))
    page.goto(TEXT)
    page.locator("#id-headline").fill("beres oleh {department}")
    page.get_by_test_id("preview").click()
    shown = page.get_by_test_id("preview-id")
    expect(shown.locator(".preview-subject")).to_contain_text("beres oleh DPU")
    expect(shown.frame_locator("iframe").get_by_role("heading")).to_have_text("Beres oleh DPU")
    page.locator("#id-headline").fill("beres oleh {dinas}")
    with page.watch.expecting(422):
        page.get_by_test_id("save").click()
        expect(page.locator("#id-headline-error")).to_contain_text("{dinas}")
    page.locator("#id-headline").fill("beres oleh {department}")
    page.get_by_test_id("save").click()
    expect(page.locator("#id-headline")).to_have_value("beres oleh {department}")
    page.locator('button[value="standard-id"]').click()
    expect(page.locator("#id-headline")).to_have_value("{department} menyatakan sudah selesai – benarkah?")
