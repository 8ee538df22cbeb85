"""Staff's way in as a person goes it: second factor, locks, sessions, the record; with axe on the pages."""

import re
import time

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.e2e import people
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.portal import PASSWORD, Portal
from tests.e2e.test_accessibility import check

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def portal(own_portal: Portal) -> Portal:
    return own_portal


SCHEMES = [(PHONE, "light"), (DESKTOP, "dark")]


def give_password(page: Page, name: str, password: str = PASSWORD) -> None:
    page.goto("/admin/login/")
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill(password)
    page.locator("#login-form [type=submit]").click()


def next_code(secret: str) -> str:
    """The code of the step to come: it was not used yet, and a clock may be half a minute ahead."""
    return pyotp.TOTP(secret).at(int(time.time()) + 30)


def fits(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def set_up(page: Page) -> str:
    """Set up the second factor under "My account"; returns the secret."""
    page.goto("/admin/akun/kode/")
    assert not check(page)
    assert fits(page)
    page.locator("details.fold summary").click()
    secret = page.get_by_test_id("secret").inner_text().replace(" ", "")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_code").fill("000000")
    page.locator("#enrol-form [type=submit]").click()
    expect(page.get_by_test_id("refusal")).to_contain_text("Kode itu salah")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_code").fill(pyotp.TOTP(secret).now())
    page.locator("#enrol-form [type=submit]").click()
    expect(page.get_by_test_id("recovery-codes").locator("li")).to_have_count(10)
    assert not check(page)
    assert fits(page)
    return secret


@pytest.mark.parametrize(("screen", "scheme"), SCHEMES, ids=["phone", "desktop"])
def test_with_the_phone(browse, portal: Portal, screen, scheme):
    name = f"dua-langkah-{scheme}"
    portal.manage("create_staff", name, "--role", "p3m", "--password", PASSWORD)
    page = browse(screen, color_scheme=scheme)
    people.sign_in(page, name)
    secret = set_up(page)
    page.goto("/admin/akun/")
    assert not check(page)
    assert fits(page)
    page.context.clear_cookies()
    give_password(page, name)
    page.wait_for_url("**/admin/login/kode/")
    assert not check(page)
    assert fits(page)
    page.locator("#id_code").fill("123456")
    page.locator("#code-form [type=submit]").click()
    expect(page.get_by_test_id("refusal")).to_be_visible()
    page.locator("#id_code").fill(next_code(secret))
    page.locator("#code-form [type=submit]").click()
    page.wait_for_url(re.compile(r"/admin/(?!login)"))


@pytest.mark.parametrize(("screen", "scheme"), SCHEMES, ids=["phone", "desktop"])
def test_locked_out_and_told_when_to_try_again(browse, screen, scheme):
    page, name = browse(screen, color_scheme=scheme), f"hantu-{scheme}"
    for _ in range(5):
        give_password(page, name, "salah")
    with page.watch.expecting(429):
        give_password(page, name, "salah")
        expect(page.locator("main")).to_contain_text(
            re.compile(r"coba lagi pukul \d\d[.:]\d\d, \d+ menit lagi")
        )
        expect(page.locator("#id_username")).to_have_value(name)
        assert fits(page)


def test_ending_a_session_elsewhere(browse, portal: Portal):
    name = portal.staff("duty_officer")
    here, there = browse(DESKTOP), browse(PHONE)
    for page in (here, there):
        people.sign_in(page, name)
    here.goto("/admin/akun/")
    lines = here.get_by_test_id("sessions").locator(".session-list li")
    expect(lines).to_have_count(2)
    lines.last.get_by_role("button").click()
    expect(lines).to_have_count(1)
    there.goto("/admin/akun/")
    there.wait_for_url("**/admin/login/**")
    here.goto("/admin/akun/")
    expect(here.get_by_test_id("sessions")).to_be_visible()


@pytest.mark.parametrize(("screen", "scheme"), SCHEMES, ids=["phone", "desktop"])
def test_the_record(browse, portal: Portal, screen, scheme):
    page, name = browse(screen, color_scheme=scheme), f"pencatat-{scheme}"
    portal.manage("create_staff", name, "--role", "admin", "--password", PASSWORD)
    people.sign_in(page, name)
    page.goto("/admin/catatan/")
    assert not check(page)
    assert fits(page)
    page.locator("#f-jenis").select_option("sign_in")
    page.get_by_test_id("filters").get_by_role("button").click()
    page.wait_for_url("**jenis=sign_in**")
    kinds = page.get_by_test_id("lines").locator("li").evaluate_all("all => all.map(li => li.dataset.kind)")
    assert set(kinds) == {"sign_in"}
