"""What the portal costs somebody on a prepaid card, and how soon the form answers on a slow line."""

import json
import re
import urllib.request

import pytest
from playwright.sync_api import Page

from tests.e2e import people
from tests.e2e.conftest import PHONE
from tests.e2e.portal import Portal, wait_for

pytestmark = pytest.mark.e2e

BASE_LAYERS = ("kecamatan", "water", "roads")
# A first visit, with headers and without map tiles: page → (bytes, requests).
LIMITS = {
    "/": (45_000, 16),
    "/lapor/": (75_000, 16),
    "/lapor/ with its map": (150_000, 22),
    "/peta/": (150_000, 32),
    "/laporan/": (50_000, 16),
    "a report": (150_000, 30),
}
KEPT_BYTES = 175_000  # what the phone keeps for later, fetched after the page is there
# The slow line of Chromium's tools: 400 kbit/s down and up, 400 ms to and fro.
SLOW_LINE = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 400 * 1024 / 8,
    "uploadThroughput": 400 * 1024 / 8,
}
ANSWERS_WITHIN_MS = 3_000


class Scales:
    """Weighs every answer as it came over the wire: compressed, with its headers."""

    def __init__(self, page: Page):
        self.addresses: dict[str, str] = {}
        self.sizes: dict[str, float] = {}
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.loadingFinished", self._finished)

    def _sent(self, event: dict) -> None:
        self.addresses[event["requestId"]] = event["request"]["url"]

    def _finished(self, event: dict) -> None:
        self.sizes[event["requestId"]] = event["encodedDataLength"]

    def total(self) -> tuple[int, int]:
        """Bytes and requests so far, without the pictures that citizens sent."""
        ours = [size for key, size in self.sizes.items() if "/foto/" not in self.addresses[key]]
        return round(sum(ours)), len(ours)

    def parts(self) -> str:
        rows = sorted(((size, self.addresses[key]) for key, size in self.sizes.items()), reverse=True)
        return "\n".join(f"{size:>9,.0f}  {address}" for size, address in rows)

    def have(self, words: tuple[str, ...]) -> bool:
        arrived = [self.addresses[key] for key in self.sizes]
        return all(any(f"/{word}.json" in address for address in arrived) for word in words)


def first_visit(browse, path: str) -> tuple[Page, Scales]:
    """A page on a phone that has never been here and keeps nothing: what the worker fetches counts apart."""
    page = browse(PHONE, service_workers="block")
    scales = Scales(page)
    page.goto(path, wait_until="networkidle")
    return page, scales


def scroll_to_the_map(page: Page, scales: Scales) -> None:
    page.locator("#peta-pilih").scroll_into_view_if_needed()

    def map_has_come() -> bool:
        page.wait_for_timeout(50)
        return scales.have(BASE_LAYERS)

    wait_for("the city's own map has come", map_has_come)


def test_every_page_keeps_to_its_budget(browse, portal: Portal):
    filed = people.filed_by_app(portal)
    wait_for("it is routed", lambda: portal.report(filed.code)["is_routed"])
    weights, parts = {}, {}
    for name in ("/", "/lapor/", "/peta/", "/laporan/", "a report"):
        page, scales = first_visit(browse, filed.public_path if name == "a report" else name)
        weights[name], parts[name] = scales.total(), scales.parts()
        if name == "/lapor/":
            scroll_to_the_map(page, scales)
            weights["/lapor/ with its map"], parts["/lapor/ with its map"] = scales.total(), scales.parts()
    print(f"\n{'page':<24}{'bytes':>9}{'limit':>9}{'requests':>10}{'limit':>7}")
    for name, (size, count) in weights.items():
        most, many = LIMITS[name]
        print(f"{name:<24}{size:>9,}{most:>9,}{count:>10}{many:>7}")
    over = [name for name, weight in weights.items() if any(map(int.__gt__, weight, LIMITS[name]))]
    assert not over, "\n".join(f"{name}\n{parts[name]}" for name in over)


def _wire_size(url: str) -> int:
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=10) as response:
        return len(response.read())


def test_what_a_phone_keeps_is_light_and_comes_after_the_page(browse, portal: Portal):
    page = browse(PHONE)
    page.goto("/lapor/")
    page.wait_for_function("() => navigator.serviceWorker.controller")
    kept = page.evaluate(
        """async () => {
          const found = [];
          for (const name of await caches.keys())
            for (const request of await (await caches.open(name)).keys()) found.push(request.url);
          return found;
        }"""
    )
    size = sum(map(_wire_size, kept))
    print(f"\nkept on the phone: {size:,} bytes in {len(kept)} files (limit {KEPT_BYTES:,})")
    assert size <= KEPT_BYTES
    begun, loaded = page.evaluate(
        """() => {
          const all = performance.getEntriesByType("resource");
          const worker = all.find((item) => item.name.endsWith("/teks.json") || item.name.endsWith("/sw.js"));
          const [visit] = performance.getEntriesByType("navigation");
          return [worker?.startTime ?? null, visit.loadEventStart];
        }"""
    ) or (0, 0)
    assert begun is None or begun >= loaded
    body = urllib.request.urlopen(f"{portal.url}/sw.js", timeout=10).read().decode()
    known = json.loads(re.match(r"self\.LAPOR = (.*);\n", body)[1])
    assert {f"{portal.url}{address}" for address in known["assets"] + known["layers"]} <= set(kept)


def test_on_a_slow_line_the_form_answers_within_three_seconds(browse):
    page = browse(PHONE)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_LINE)
    page.goto("/lapor/", wait_until="commit")
    page.wait_for_function("() => document.documentElement.dataset.ready === 'form'", polling=20)
    ready_ms = page.evaluate("performance.now()")
    shown_ms = page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? performance.now()"
    )
    print(f"\n/lapor/ on a slow line: shown after {shown_ms:,.0f} ms, answers after {ready_ms:,.0f} ms")
    page.locator("#cari-kategori").fill("bolong")
    page.locator("#id_description").fill(people.DESCRIPTION)
    assert page.locator("#id_description").input_value() == people.DESCRIPTION
    assert ready_ms < ANSWERS_WITHIN_MS
