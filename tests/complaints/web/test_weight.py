"""The report form must open on a slow connection: its bytes are counted, map included."""

import gzip
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from complaints.web import offline_files

pytestmark = pytest.mark.django_db
LIMIT_BYTES = 150_000


def test_the_form_with_its_map_stays_under_150_kb(client):
    page = client.get("/lapor/?kategori=banjir-genangan", headers={"accept-encoding": "gzip"})
    html = gzip.decompress(page.content).decode()
    # The home screen's icon and the queue's panel come only to who needs them.
    named = [item for item in offline_files.named_in(html) if "/icons/" not in item and "panel" not in item]
    files = {Path(finders.find(address.removeprefix("/static/"))) for address in named}
    assert {"leaflet.js", "map-base.js", "photo-shrink.js", "icons.svg"} <= {path.name for path in files}
    base = sum(
        len(client.get(f"/peta/dasar/{layer}.json", headers={"accept-encoding": "gzip"}).content)
        for layer in ("kecamatan", "water", "roads")
    )
    total = len(page.content) + base + sum(len(gzip.compress(path.read_bytes())) for path in files)
    assert total < LIMIT_BYTES
