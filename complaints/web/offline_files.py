"""What a phone keeps so that the form opens without network, and the version that tells it to look again."""

import hashlib
import re
from pathlib import Path
from urllib.parse import unquote

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static

_ADDRESS = re.compile(r"""["'](%s[^"'#?\s]+)""")
_IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["'](\.{1,2}/[^"']+\.js)["']""")
CORE, WORKER, PUSH = "js/offline/core.js", "js/offline/worker.js", "js/sw-push.js"


def worker_scripts() -> list[str]:
    """What the service worker imports, in order."""
    return [static(name) for name in (CORE, WORKER, PUSH) if finders.find(name)]


def named_in(*pages: str) -> list[str]:
    """The static files that these pages name, and all that their scripts import, in a stable order."""
    pattern = re.compile(_ADDRESS.pattern % re.escape(settings.STATIC_URL))
    wanted = [address for page in pages for address in pattern.findall(page)]
    found: dict[str, None] = {}
    while wanted:
        address = wanted.pop(0)
        if address in found:
            continue
        found[address] = None
        if address.endswith(".js"):
            folder = address.rpartition("/")[0]
            wanted += [_joined(folder, name) for name in _IMPORT.findall(_content(address).decode())]
    return list(found)


def _joined(folder: str, name: str) -> str:
    while name.startswith("../"):
        folder, name = folder.rpartition("/")[0], name.removeprefix("../")
    return f"{folder}/{name.removeprefix('./')}"


def _content(address: str) -> bytes:
    """The bytes behind a static address, empty if there are none."""
    if not address.startswith(settings.STATIC_URL):
        return b""
    name = unquote(address.removeprefix(settings.STATIC_URL))
    path = finders.find(name)
    if path is None:
        path = Path(staticfiles_storage.path(name))
    return Path(path).read_bytes() if Path(path).is_file() else b""


def version_of(addresses: list[str], *texts: str) -> str:
    """Changes with every address, with the files behind addresses that do not carry their hash, and with
    the texts (their nonces, new with every answer, left aside)."""
    digest = hashlib.sha256()
    for address in addresses:
        digest.update(address.encode())
        digest.update(_content(address))
    for text in texts:
        digest.update(re.sub(r'nonce="[^"]*"', "", text).encode())
    return digest.hexdigest()[:16]
