"""What a citizen and an officer do on the portal's pages."""

import random
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from tests.e2e.portal import PASSWORD, Portal

# Jalan Gajah Raya, a city road: potholes on it are for the public works department (DPU).
POTHOLE = (-6.99267, 110.44717)
SPOKEN_CODE = re.compile(r"^[2-9A-HJKMNP-TW-Z]{4}-[2-9A-HJKMNP-TW-Z]{4}$")
GPS_BLOCK, EXIF_BLOCK = 0x8825, 0x8769  # of EXIF
DESCRIPTION = "Lubang di depan halte, motor sering oleng kalau malam."
REPAIRED = "Lubang sudah ditambal dengan aspal panas."


@dataclass(frozen=True)
class Filed:
    """What a citizen goes home with."""

    spoken_code: str  # K7QM-4TPX
    private_path: str  # /laporan/K7QM4TPX/?kunci=…

    @property
    def code(self) -> str:
        return self.spoken_code.replace("-", "")

    @property
    def public_path(self) -> str:
        return f"/laporan/{self.code}/"


def photo(path: Path, place: tuple[float, float] | None = None, *, is_after: bool = False) -> Path:
    """A camera's JPEG on disk: so large that the form makes it smaller before sending it. `is_after`: as the
    crew takes it, on the spot and just now, unless `place` says another one; no two look alike."""
    width, height = (900, 675) if is_after else (1800, 1350)
    image = Image.effect_noise((width, height), 60).convert("RGB")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, height // 2, width, height), fill="dimgray")
    if not is_after:
        pen.ellipse((600, 800, 1300, 1100), fill="black")
    exif = Image.Exif()
    if is_after:
        dice = random.Random()
        for _shape in range(24):
            left, top = dice.randint(0, width), dice.randint(0, height)
            colour = tuple(dice.randint(0, 255) for _channel in range(3))
            pen.ellipse((left - 120, top - 90, left + 120, top + 90), fill=colour)
        place = place or POTHOLE
        taken = datetime.now(ZoneInfo("Asia/Jakarta"))
        exif.get_ifd(EXIF_BLOCK)[0x9003] = taken.strftime("%Y:%m:%d %H:%M:%S")
    if place:
        exif.get_ifd(GPS_BLOCK).update(
            {1: "S", 2: _sexagesimal(-place[0]), 3: "E", 4: _sexagesimal(place[1])}
        )
    image.save(path, "JPEG", quality=88, exif=exif)
    return path


def _sexagesimal(degrees: float) -> tuple[int, int, float]:
    minutes = degrees % 1 * 60
    return int(degrees), int(minutes), round(minutes % 1 * 60, 4)


def filed_by_app(portal: Portal, place: tuple[float, float] = POTHOLE, kind: str = "jalan-lubang") -> Filed:
    """A report that came by the API; its reporter can open the private link in a browser as well."""
    code, secret = portal.file(kind, place, DESCRIPTION)
    code = code.replace("-", "")
    return Filed(f"{code[:4]}-{code[4:]}", f"/laporan/{code}/?kunci={secret}")


# --- the citizen -----------------------------------------------------------------------------------------


def choose_kind(page: Page, words: str, code: str) -> None:
    """Search in one's own words, tap what is found, and see its questions come."""
    page.locator("#cari-kategori").fill(words)
    suggestion = page.locator(f'#kategori-usulan button[data-code="{code}"]')
    expect(suggestion).to_be_visible()
    suggestion.click()
    expect(page.locator("#kategori-terpilih")).to_be_visible()
    expect(page.locator("#daftar-pertanyaan .question").first).to_be_visible()


def answer(page: Page, question: str, value: str) -> None:
    """Choose an answer by its label, as a finger does."""
    radio = page.locator(f'#q-{question} input[value="{value}"]')
    page.locator(f'#q-{question} label:has(input[value="{value}"])').click()
    expect(radio).to_be_checked()


def answer_first(page: Page) -> None:
    """To every question the first answer that means no danger."""
    for question in page.locator("#daftar-pertanyaan fieldset.question").all():
        question.locator("label.choice:has(input:not([data-danger]))").first.click()


def add_photo(page: Page, path: Path) -> None:
    """Choose a photo and wait until the form has taken it over."""
    before = page.locator("#foto-tersimpan li").count()
    page.locator("#id_photos").set_input_files(path)
    expect(page.locator("#foto-tersimpan li")).to_have_count(before + 1)


def write_contact(page: Page, email: str) -> None:
    page.locator("#anda details summary").click()
    page.locator("#id_contact_email").fill(email)


def look_at_it(page: Page) -> Locator:
    """Go on to the preview."""
    page.get_by_test_id("preview").click()
    card = page.get_by_test_id("preview-card")
    expect(card).to_be_visible()
    return card


def send(page: Page) -> Filed:
    """Send from the preview; what the thank-you page says."""
    page.get_by_test_id("submit").click()
    page.wait_for_url("**/lapor/terima-kasih/*/")
    return thanks(page)


def thanks(page: Page) -> Filed:
    spoken_code = page.get_by_test_id("code").inner_text().strip()
    assert SPOKEN_CODE.match(spoken_code), spoken_code
    link = urlsplit(page.get_by_test_id("private-link").get_attribute("href"))
    return Filed(spoken_code, f"{link.path}?{link.query}")


def expect_promise(page: Page, department: str) -> None:
    """Department and date come onto the thank-you page by themselves."""
    promise = page.get_by_test_id("promise")
    expect(promise.locator("dd").first).to_contain_text(department, timeout=30_000)
    expect(promise.locator("dl")).to_contain_text(re.compile(r"\d{1,2}[.:]\d{2}|\d{4}"))


def file_by_area(page: Page, *, kind: str, area: str, street: str, photo: Path | None = None) -> Filed:
    """File a report without a script: kind, its questions, kelurahan, street, text, photo."""
    page.goto("/lapor/")
    group = page.locator(f'details:has(input[value="{kind}"])')
    group.locator("summary").click()
    page.locator(f'label.tile:has(input[value="{kind}"])').click()
    page.locator('button[value="choose"]').click()
    answer_first(page)
    page.locator("#id_area").select_option(area)
    page.locator("#id_street").fill(street)
    page.locator("#id_description").fill(DESCRIPTION)
    if photo:
        page.locator("#id_photos").set_input_files(photo)
    look_at_it(page)
    return send(page)


def open_verdict(page: Page, form: str) -> Locator:
    """Unfold one of the reporter's forms: confirm-form, reopen-form or comment-form."""
    folded = page.locator(f'details:has([data-testid="{form}"])')
    folded.locator("summary").click()
    expect(page.get_by_test_id(form)).to_be_visible()
    return page.get_by_test_id(form)


def timeline(page: Page) -> list[str]:
    """The kinds of the events on a report's page, oldest first."""
    kinds = page.get_by_test_id("timeline").locator("li[data-kind]")
    return kinds.evaluate_all("items => items.map(item => item.dataset.kind)")


# --- the officer -----------------------------------------------------------------------------------------


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Sign in at the staff's door, and stand in the entrance."""
    page.goto("/admin/")
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill(password)
    page.locator('#login-form [type="submit"], form [type="submit"]').first.click()
    page.wait_for_url(re.compile(r"/admin/(?!login)"))


def open_case(page: Page, filed: Filed) -> None:
    """From the entrance through the queue to the case."""
    page.goto("/admin/complaints/report/")
    row = page.locator(f'tr[data-code="{filed.code}"] a.row-link')
    expect(row).to_be_visible()
    row.click()
    expect(page.get_by_test_id("code")).to_have_text(filed.spoken_code)


def show_steps(page: Page, step: str) -> None:
    """Unfold the less likely steps if this one is among them."""
    others = page.locator(f'details[data-other-steps]:not([open]):has([data-step="{step}"])')
    if others.count():
        others.locator("> summary").click()


def press(page: Page, step: str) -> None:
    """A step that asks nothing: accept, take."""
    show_steps(page, step)
    page.locator(f'form[data-step="{step}"] button').click()
    expect(page.locator(f'form[data-step="{step}"]')).to_have_count(0)


def open_step(page: Page, step: str) -> Locator:
    """Unfold a step that has a form; returns the form."""
    show_steps(page, step)
    folded = page.locator(f'details[data-step="{step}"]')
    folded.locator("summary").click()
    expect(folded.locator("form")).to_be_visible()
    return folded.locator("form")


def take_step(page: Page, step: str, message: str = "", *, photo: Path | None = None, to: str = "") -> None:
    """Fill a step's form and send it."""
    form = open_step(page, step)
    if to:
        form.locator('[name="department"]').select_option(to)
    if message:
        form.locator('[name="message"]').fill(message)
    if photo:
        form.locator('[name="photos"]').set_input_files(photo)
    with page.expect_navigation():
        form.locator("button:not([name])").last.click()  # the other one only shows a preview
    expect(page.locator("#kesalahan")).to_have_count(0)


def handle(page: Page, filed: Filed, after: Path) -> None:
    """What the responsible office does: accept, start, resolve with a photo and a sentence."""
    open_case(page, filed)
    press(page, "accept")
    take_step(page, "start")
    take_step(page, "resolve", REPAIRED, photo=after)
