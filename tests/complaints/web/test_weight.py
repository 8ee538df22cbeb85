"""The report form must open on a slow connection: its bytes are counted, map included."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

pytestmark = pytest.mark.django_db
LIMIT_BYTES = 150_000
_IMPORT = re.compile(r'from "\./([\w-]+\.js)"')


def _with_imports(path: Path, seen: set[Path]) -> set[Path]:
    if path not in seen:
        seen.add(path)
        for name in _IMPORT.findall(path.read_text()) if path.suffix == ".js" else ():
            _with_imports(path.parent / name, seen)
    return seen


def test_the_form_with_its_map_stays_under_150_kb(client):
    page = client.get("/lapor/?kategori=banjir-genangan", headers={"accept-encoding": "gzip"})
    html = gzip.decompress(page.content).decode()
    files: set[Path] = set()
    for address in re.findall(r'(?:href|src)="/static/([^"#]+)', html):
        _with_imports(Path(finders.find(address)), files)
    assert {"leaflet.js", "map-base.js", "photo-shrink.js", "icons.svg"} <= {path.name for path in files}
    base = sum(
        len(client.get(f"/peta/dasar/{layer}.json", headers={"accept-encoding": "gzip"}).content)
        for layer in ("kecamatan", "water", "roads")
    )
    total = len(page.content) + base + sum(len(gzip.compress(path.read_bytes())) for path in files)
    assert total < LIMIT_BYTES
