"""What the report form costs somebody on a prepaid card: everything a first visit transfers."""

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import PHONE
from tests.e2e.portal import wait_for

pytestmark = pytest.mark.e2e

LIMIT_BYTES = 150_000
WITH_MAP_BYTES = 175_000
BASE_LAYERS = ("kecamatan", "water", "roads")


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

    def total(self, title: str) -> float:
        """The sum so far; prints what it consists of."""
        rows = sorted(((size, self.addresses[key]) for key, size in self.sizes.items()), reverse=True)
        total = sum(size for size, _address in rows)
        print(f"\n{title}: {total:,.0f} bytes in {len(rows)} requests")
        for size, address in rows:
            print(f"{size:>9,.0f}  {address}")
        return total

    def have(self, words: tuple[str, ...]) -> bool:
        arrived = [self.addresses[key] for key in self.sizes]
        return all(any(f"/{word}.json" in address for address in arrived) for word in words)


def test_the_form_is_light(browse):
    page = browse(PHONE)
    scales = Scales(page)
    page.goto("/lapor/", wait_until="networkidle")
    assert scales.total("/lapor/") <= LIMIT_BYTES
    page.locator("#peta-pilih").scroll_into_view_if_needed()
    page.wait_for_timeout(100)

    def map_has_come() -> bool:
        page.wait_for_timeout(50)
        return scales.have(BASE_LAYERS)

    wait_for("the city's own map has come", map_has_come)
    assert scales.total("/lapor/ with the map") <= WITH_MAP_BYTES
