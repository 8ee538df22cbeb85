"""A running portal and browsers in front of it. One person, one browser context."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.portal import Portal
from tests.e2e.watch import Watch

PATIENCE_MS = 15_000
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",  # nothing of a test ever leaves the machine
]
PHONE = {
    "viewport": {"width": 360, "height": 740},
    "is_mobile": True,
    "has_touch": True,
    "device_scale_factor": 2,
}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
SCREENS = {"360x740": PHONE, "1280x800": DESKTOP}


@pytest.fixture(scope="session")
def portal(tmp_path_factory) -> Iterator[Portal]:
    """The real stack, started once. Ends with Ctrl-C, which must leave nothing behind."""
    running = Portal(tmp_path_factory.mktemp("portal"))
    running.start()
    assert running.pids_of("valkey-server"), "the processes cannot be seen, so nor could those left behind"
    yield running
    running.stop()
    # Workers may complain while a test takes their broker away; pages never may.
    failed_pages = re.findall(r"^web .*Traceback[^$]*", running.log(), re.MULTILINE)
    assert not failed_pages, failed_pages[0][:8000]


@pytest.fixture(scope="module")
def own_portal(tmp_path_factory) -> Iterator[Portal]:
    """For a file whose tests count or look for what no other test may have filed: `portal = own_portal`."""
    running = Portal(tmp_path_factory.mktemp("own"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    if not shutil.which(program):
        pytest.fail(f"no Chromium at {program}: install it, or name another with CHROMIUM=…", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


class Browsers:
    """Opens a browser context per person and checks, in the end, that none of their pages was in trouble."""

    def __init__(self, browser: Browser, portal: Portal):
        self.browser, self.portal = browser, portal
        self.contexts, self.watches = [], []

    def __call__(self, screen: dict = DESKTOP, **options) -> Page:
        """A blank page of a new context; paths are relative to the portal's address."""
        context = self.browser.new_context(
            **{
                "base_url": self.portal.url,
                "locale": "en-US",  # as many phones in Indonesia: the page must speak Indonesian all the same
                "timezone_id": "Asia/Jakarta",
                "reduced_motion": "reduce",
                **screen,
                **options,
            }
        )
        context.set_default_timeout(PATIENCE_MS)
        watch = Watch(context, self.portal.url)
        self.contexts.append(context)
        self.watches.append(watch)
        page = context.new_page()
        page.watch = watch
        return page

    def close(self) -> list[str]:
        for context in self.contexts:
            context.close()
        return [fault for watch in self.watches for fault in watch.faults]


@pytest.fixture
def browse(browser, portal) -> Iterator[Callable[..., Page]]:
    """`browse(PHONE)` is a page of a new person's phone; any trouble on it fails the test."""
    browsers = Browsers(browser, portal)
    yield browsers
    faults = browsers.close()
    assert not faults, "\n".join(faults)


@pytest.fixture(params=SCREENS, scope="session")
def screen(request) -> dict:
    """Both screens, one after the other."""
    return SCREENS[request.param]


@pytest.fixture
def pictures(tmp_path) -> Path:
    return tmp_path
