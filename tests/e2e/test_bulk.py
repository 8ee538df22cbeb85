"""One step for five hundred reports: previewed, followed while a worker does it, taken back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import people
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.portal import Portal, wait_for
from tests.e2e.test_accessibility import told, violations

pytestmark = pytest.mark.e2e

LIST = "/admin/complaints/report/?status=assigned"
MANY = 510
COPY = """
from uuid import uuid4
from complaints.domain import codes
from complaints.models import Report
report = Report.objects.get(code={code!r})
names = [field.attname for field in Report._meta.concrete_fields]
names = [name for name in names if name not in ("id", "code", "idempotency_key")]
values = {{name: getattr(report, name) for name in names}}
fresh = [dict(code=codes.new_code(), idempotency_key=uuid4()) for _ in range({number})]
Report.objects.bulk_create([Report(**values, **own) for own in fresh])
"""
A_WORKER_MS = 120_000


@pytest.fixture(scope="module")
def portal(tmp_path_factory) -> Iterator[Portal]:
    """One of its own: five hundred more reports would stand in every other test's queue and on its map."""
    running = Portal(tmp_path_factory.mktemp("many"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def many(portal: Portal) -> Portal:
    """More than five hundred reports that the public works department has not begun with."""
    filed = people.filed_by_app(portal)
    wait_for("it is routed", lambda: portal.report(filed.code)["status"] == "assigned")
    portal.manage("shell", "-c", COPY.format(code=filed.code, number=MANY))
    return portal


def fits_and_is_accessible(page: Page) -> None:
    over_px = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over_px <= 0, page.url
    assert not violations(page), told(page, violations(page))


def choose_all(page: Page, step: str) -> int:
    """Everything that matches the filter, for this step; how many that is."""
    page.goto(LIST)
    box = page.locator("[data-across]")
    number = int(box.get_attribute("data-across"))
    box.check()
    page.locator("#tindakan").select_option(f"{step}_many")
    page.get_by_role("button", name="Lihat yang akan berubah").click()
    return number


def test_five_hundred_are_given_to_a_handler_and_taken_back(browse, many: Portal):
    handler = many.staff("handler", "DPU")
    page = browse(DESKTOP)
    people.sign_in(page, many.staff("department_admin", "DPU"))
    number = choose_all(page, "assign")
    assert number >= 500
    expect(page.get_by_test_id("changing")).to_have_text(str(number))
    fits_and_is_accessible(page)
    page.locator("#massal-siapa").select_option(label=handler)
    page.get_by_role("button", name="Tampilkan yang akan berubah").click()
    expect(page.locator(".bulk-after").first).to_contain_text(handler)
    page.get_by_role("button", name=f"{number} laporan").click()
    expect(page.locator("progress")).to_be_visible()
    expect(page.get_by_test_id("state")).to_have_text("selesai", timeout=A_WORKER_MS)
    expect(page.get_by_test_id("done")).to_have_text(str(number))
    fits_and_is_accessible(page)
    page.get_by_role("button", name="Tarik kembali langkah ini").click()
    expect(page.get_by_test_id("state")).to_have_text("ditarik kembali", timeout=A_WORKER_MS)
    expect(page.get_by_test_id("undone")).to_have_text(str(number))
    page.goto(f"{LIST}&penangan=kosong")
    assert page.locator("[data-across]").get_attribute("data-across") == str(number)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [PHONE, DESKTOP])
def test_every_page_fits_and_keeps_the_rules(screen, scheme, browse, many: Portal):
    page = browse(screen, color_scheme=scheme)
    people.sign_in(page, many.staff("department_admin", "DPU"))
    page.goto(LIST)
    for box in page.locator('input[name="_selected_action"][type="checkbox"]').all()[:3]:
        box.check()
    page.locator("#tindakan").select_option("wait_many")
    page.get_by_role("button", name="Lihat yang akan berubah").click()
    fits_and_is_accessible(page)
    page.locator("#massal-tunggu").fill("Menunggu pipa PDAM dipindah")
    page.get_by_role("button", name="Tampilkan yang akan berubah").click()
    expect(page.locator("main, #content").first).to_contain_text("Menunggu pipa PDAM dipindah")
    fits_and_is_accessible(page)
    page.get_by_role("button", name="3 laporan").click()
    expect(page.get_by_test_id("done")).to_have_text("3")
    fits_and_is_accessible(page)
    page.get_by_role("button", name="Tarik kembali langkah ini").click()
    expect(page.get_by_test_id("undone")).to_have_text("3")
    fits_and_is_accessible(page)
    for path in ("/admin/complaints/report/massal/", "/admin/complaints/report/ekspor/?status=assigned"):
        page.goto(path)
        fits_and_is_accessible(page)


def test_an_export_made_by_a_worker_is_downloaded(browse, many: Portal):
    page = browse(DESKTOP)
    people.sign_in(page, many.staff("department_admin", "DPU"))
    page.goto("/admin/complaints/report/ekspor/?status=assigned")
    page.locator('input[name="format"][value="xlsx"]').check()
    page.get_by_role("button", name="Ekspor").click()
    link = page.get_by_role("link", name="Unduh")
    expect(link).to_be_visible(timeout=A_WORKER_MS)
    fits_and_is_accessible(page)
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename.endswith(".xlsx")
    assert download.value.path().stat().st_size > 20_000
