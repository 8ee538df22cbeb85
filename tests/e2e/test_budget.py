"""What the report form costs somebody on a prepaid card: everything a first visit transfers."""

import pytest

from tests.e2e.conftest import PHONE

pytestmark = pytest.mark.e2e

LIMIT_BYTES = 150_000


def test_the_form_is_light(browse):
    page = browse(PHONE)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    addresses: dict[str, str] = {}
    sizes: dict[str, float] = {}
    session.on(
        "Network.requestWillBeSent", lambda e: addresses.setdefault(e["requestId"], e["request"]["url"])
    )
    session.on("Network.loadingFinished", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]}))
    page.goto("/lapor/", wait_until="networkidle")
    page.locator("#tempat").scroll_into_view_if_needed()  # brings the base map
    page.wait_for_load_state("networkidle")
    rows = sorted(((size, addresses[key]) for key, size in sizes.items()), reverse=True)
    total = sum(size for size, _address in rows)
    for size, address in rows:
        print(f"{size:>9.0f}  {address}")
    print(f"{total:>9.0f}  in {len(rows)} requests")
    assert total <= LIMIT_BYTES
