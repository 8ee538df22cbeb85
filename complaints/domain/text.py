"""Cleaning what people type: nothing invisible, nothing that turns the line around."""

import re
import unicodedata

DESCRIPTION_MAX_CHARS = 5000
MESSAGE_MAX_CHARS = 2000

# Cc control, Cf format (bidi overrides, zero-width), Cs surrogates, Co private use, Cn unassigned.
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
_KEEP = {"\n", "\t", "\u200d", "\u200c"}  # line breaks, tabs; joiners that emoji and some scripts need
_MANY_BREAKS = re.compile(r"\n{3,}")


def clean(text: str) -> str:
    """One canonical text (NFC): no control or bidi characters, `\\n` line ends, no run of blank lines."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = unicodedata.normalize("NFC", text)
    seen = "".join(ch for ch in text if ch in _KEEP or unicodedata.category(ch) not in _UNSEEN)
    return _MANY_BREAKS.sub("\n\n", seen).strip()


def clean_line(text: str) -> str:
    """The same for a single line: names, streets."""
    return " ".join(clean(text).split())
