"""A person's name, phone and e-mail in every writing in which bytes could carry them. All invented."""

import base64
import html
import io
import re
from urllib.parse import quote

from pypdf import PdfReader

NAME, PHONE, EMAIL = "Zulaikha D'Wirabráta", "+6281277665544", "zulaikha.wira@surat-uji.example"


def writings() -> dict[str, bytes]:
    """The words in the writings in which bytes could carry them: as they are, for HTML, for an address, as
    JSON, and in base64 at each of its three offsets."""
    found: dict[str, bytes] = {}
    pieces = [
        NAME,
        "Zulaikha",
        "Wirabr",
        EMAIL,
        "zulaikha.wira",
        "surat-uji",
        PHONE,
        "81277665544",
        "7766 5544",
    ]
    for piece in pieces:
        raw = piece.encode()
        found[piece] = raw.lower()
        found[f"{piece} (html)"] = html.escape(piece).encode().lower()
        found[f"{piece} (url)"] = quote(piece, safe="").encode().lower()
        found[f"{piece} (json)"] = piece.encode("unicode_escape").lower()
    for piece in (NAME, "Zulaikha", EMAIL, PHONE[1:]):
        for offset in range(3):
            packed = base64.b64encode(b"\0" * offset + piece.encode()).decode()
            start, end = -(-offset * 4 // 3), len(piece.encode()) * 4 // 3 - 2
            found[f"{piece} (base64, {offset})"] = packed[start + 1 : start + end].encode()
    return found


WRITINGS = writings()


def told_in(content: bytes, *, echo: str = "") -> list[str]:
    """Which writings the bytes carry. `echo`: what the asker typed and the page repeats."""
    if echo:
        content = re.sub(re.escape(echo).encode(), b"", content, flags=re.IGNORECASE)
    if content.startswith(b"%PDF"):
        content += "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).encode()
    low = content.lower()
    return [name for name, raw in WRITINGS.items() if raw in (content if "base64" in name else low)]
