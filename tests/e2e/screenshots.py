"""Pictures of every page, in light and dark, on a phone and a desktop.

    python -m tests.e2e.screenshots URL STAFF_NAME STAFF_PASSWORD FOLDER

Files one report on the running portal, so point it at a demonstration. The member of staff must be one who
sees reports (role p3m, or a handler of DPU).
"""

import argparse
import os
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e import people
from tests.e2e.conftest import CHROMIUM_OPTIONS, SCREENS

SCHEMES = ("light", "dark")


class Camera:
    """Takes full-page pictures into a folder, named after page, scheme and width."""

    def __init__(self, page: Page, folder: Path, suffix: str):
        self.page, self.folder, self.suffix = page, folder, suffix

    def __call__(self, name: str, path: str | None = None, *, full: bool = True) -> None:
        if path is not None:
            self.page.goto(path, wait_until="networkidle")
        for picture in self.page.locator("img[loading=lazy]").all():
            picture.scroll_into_view_if_needed()
        self.page.evaluate("scrollTo(0, 0)")
        self.page.wait_for_load_state("networkidle")
        self.page.screenshot(path=self.folder / f"{name}-{self.suffix}.png", full_page=full)


def citizen_pages(camera: Camera, folder: Path) -> None:
    page = camera.page
    camera("form-empty", "/lapor/")
    page.get_by_test_id("preview").click()
    page.get_by_test_id("error-summary").wait_for()
    camera("form-errors")
    people.choose_kind(page, "bolong", "jalan-lubang")
    people.answer_first(page)
    page.locator("#peta-pilih").click()
    page.locator("#id_street").fill("Jalan Gajah Raya, depan halte")
    page.locator("#id_description").fill(people.DESCRIPTION)
    people.add_photo(page, people.photo(folder / "before.jpg"))
    people.write_contact(page, "warga@example.org")
    camera("form-filled")
    people.look_at_it(page)
    camera("preview")
    filed = people.send(page)
    page.wait_for_load_state("networkidle")
    page.locator('#janji[data-routed="1"]').wait_for(timeout=30_000)
    camera("thanks")
    camera("report-reporter", filed.private_path)


def public_pages(camera: Camera) -> None:
    """What somebody sees who has filed nothing here."""
    page = camera.page
    camera("home", "/")
    repaired = page.locator(".repairs h3 a")
    if repaired.count():
        repaired.first.click()
        camera("report-repaired")
    camera("list", "/laporan/")
    page.get_by_test_id("report-list").locator("a").first.click()
    camera("report-public")
    camera("map", "/peta/", full=False)
    camera("404", "/laporan/TIDAKADA/")
    camera("api", "/api/docs/")


def staff_pages(camera: Camera, name: str, password: str) -> None:
    page = camera.page
    camera("admin-login", "/admin/login/")
    people.sign_in(page, name, password)
    camera("admin-index", "/admin/")
    camera("admin-queue", "/admin/complaints/report/")
    page.locator("a.row-link").first.click()
    page.get_by_test_id("code").wait_for()
    camera("admin-case")
    steps = page.locator("details[data-step] > summary")
    if steps.count():
        steps.first.click()
        camera("admin-case-step", full=False)


def take_all(browser: Browser, options: argparse.Namespace, photos: Path) -> None:
    visits = (
        (public_pages, []),
        (citizen_pages, [photos]),
        (staff_pages, [options.staff, options.password]),
    )
    for screen_name, screen in SCREENS.items():
        for scheme in SCHEMES:
            for visit, arguments in visits:
                context = browser.new_context(
                    base_url=options.url, color_scheme=scheme, timezone_id="Asia/Jakarta", **screen
                )
                visit(Camera(context.new_page(), options.folder, f"{screen_name}-{scheme}"), *arguments)
                context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("url", "staff", "password"):
        parser.add_argument(name)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    program = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as photos:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_OPTIONS)
        take_all(browser, options, Path(photos))
        browser.close()


if __name__ == "__main__":
    main()
