"""The pages of owners' servers and webhooks: an administrator makes both, everybody can use them."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import people
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.portal import PASSWORD, Portal
from tests.e2e.test_accessibility import told, violations

pytestmark = pytest.mark.e2e
# What the theme draws too small on every list of its own: the button of the search, the marks of the order.
THEME = re.compile(r"searchbar-submit|sortremove|hover:text-base-500")


def administrator(portal: Portal) -> str:
    """An account of its own: the demonstration has an `admin` whose password nobody here knows."""
    name = "pengelola-sistem"
    portal.manage("create_staff", name, "--role", "admin", "--password", PASSWORD, "--update")
    return name


def ours(page: Page) -> str:
    """Grave violations that are not the theme's own; and nothing may be wider than the screen."""
    found = []
    for item in violations(page):
        nodes = [node for node in item["nodes"] if not THEME.search(node["html"])]
        if nodes and item["impact"] in ("serious", "critical"):
            found.append(item | {"nodes": nodes})
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return told(page, found) if found else (f"{page.url}: {wide} px too wide" if wide > 0 else "")


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_other_systems_keep_every_rule(browse, portal: Portal, size, scheme):
    page = browse(size, color_scheme=scheme)
    people.sign_in(page, administrator(portal))
    troubles = []
    for model in ("ownerendpoint", "webhooksubscriber", "webhookdelivery", "referral"):
        page.goto(f"/admin/dispatch/{model}/")
        troubles.append(ours(page))
    for model in ("ownerendpoint", "webhooksubscriber"):
        page.goto(f"/admin/dispatch/{model}/add/")
        troubles.append(ours(page))
    assert not any(troubles), "\n".join(filter(None, troubles))


def test_a_webhook_is_made_and_its_secret_shown_once(browse, portal: Portal):
    page = browse(DESKTOP)
    people.sign_in(page, administrator(portal))
    page.goto("/admin/dispatch/webhooksubscriber/add/")
    page.locator("#id_name").fill("Dasbor")
    page.locator("#id_url").fill("https://receiver.example/terima")
    page.locator("#id_kinds_0").check()
    page.locator("[name=_save]").click()
    secret = page.get_by_test_id("secret")
    expect(secret).to_have_text(re.compile(r"^whsec_[\w-]{43}$"))
    shown = secret.inner_text()
    assert ours(page) == ""
    page.locator(".desk .btn-primary").click()
    expect(page.locator("#id_name")).to_have_value("Dasbor")
    assert shown not in page.content()
    assert ours(page) == ""
