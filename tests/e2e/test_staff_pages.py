"""Every page under /admin/ keeps every rule, on a phone and a desktop, light and dark; none is forgotten."""

import re
from urllib.parse import urlsplit

import pytest
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from playwright.sync_api import Page

from tests.e2e import people
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.portal import Portal, wait_for
from tests.e2e.test_accessibility import check
from tests.e2e.test_every_page import too_wide

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def portal(own_portal: Portal) -> Portal:
    return own_portal


# Pages that answer with no page of their own: files, fragments, and what only takes a POST.
NO_PAGES = re.compile(r"unduh|export|pdf|surat|cetak|jsi18n|autocomplete|logout|view_on_site|_data$")
# Names of the outbox's events (report.changed) are codes.
ENGLISH = re.compile(
    r"\b(the|your|please|reports?(?!\.\w)|of|with|and|until|select|search|add)\b", re.IGNORECASE
)

# Symbols of the theme are written as names; codes and what is meant for readers of English stay as they are.
NO_WORDS = ".material-symbols-outlined, [lang=en], [translate=no], textarea, code, pre"


def shape(address: str) -> str:
    """The name of the view behind an address; lists with other filters are the same page."""
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return ""


def links_of(page: Page) -> list[str]:
    """Addresses under /admin/ that the page leads to."""
    found = page.evaluate(
        "[...document.querySelectorAll('a[href]')].filter(a => a.origin === location.origin && !a.download)"
        ".map(a => a.pathname + a.search)"
    )
    return [address for address in found if address.startswith("/admin/")]


@pytest.fixture(scope="module")
def sight(portal: Portal, browser):
    """One page of every view that a click leads to from the administrator's entrance: name → address."""
    report = people.filed_by_app(portal)
    wait_for("it is routed", lambda: portal.report(report.code)["is_routed"])
    context = browser.new_context(base_url=portal.url, **DESKTOP)
    page = context.new_page()
    people.sign_in(page, portal.staff("admin"))
    seen: dict[str, str] = {}
    ahead = ["/admin/"]
    while ahead:
        address = ahead.pop(0)
        name = shape(address)
        if not name or name in seen or NO_PAGES.search(name + address):
            continue
        page.goto(address, wait_until="domcontentloaded")
        seen[name] = address
        ahead += [link for link in links_of(page) if shape(link) not in seen]
    state = context.storage_state()
    context.close()
    return seen, state


def test_every_list_is_reached_from_the_entrance(sight):
    """A list without a link to it is one that nobody finds."""
    from django.contrib import admin

    seen, _state = sight
    lists = set()
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        try:
            reverse(name)
        except NoReverseMatch:
            continue
        lists.add(name)
    assert lists - seen.keys() == set()


@pytest.mark.parametrize(
    ("screen", "scheme"),
    [(PHONE, "light"), (PHONE, "dark"), (DESKTOP, "light"), (DESKTOP, "dark")],
    ids=["phone-light", "phone-dark", "desktop-light", "desktop-dark"],
)
def test_every_staff_page_keeps_every_rule(browse, sight, screen, scheme):
    seen, state = sight
    page = browse(screen, color_scheme=scheme, storage_state=state)
    troubles = []
    for name, address in seen.items():
        page.goto(address, wait_until="load")
        troubles += [check(page), too_wide(page, f"{name} {address}")]
        for what, count in (("h1", 1), ("main", 1)):
            if page.locator(what).count() != count:
                troubles.append(f"{name} {address}: {page.locator(what).count()} × <{what}>")
    assert not any(troubles), "\n".join(filter(None, troubles))


def test_no_staff_page_shows_english_to_a_reader_of_indonesian(browse, sight):
    seen, state = sight
    page = browse(DESKTOP, storage_state=state)
    found = []
    for name, address in seen.items():
        page.goto(address, wait_until="load")
        page.evaluate(f"for (const part of document.querySelectorAll('{NO_WORDS}')) part.remove()")
        text = page.locator("body").inner_text()
        words = sorted({match.group().lower() for match in ENGLISH.finditer(text)})
        if words:
            around = [line for line in text.splitlines() if ENGLISH.search(line)][:5]
            found.append(f"{name} {address}: {words}: {around}")
    assert found == [], "\n".join(found)
