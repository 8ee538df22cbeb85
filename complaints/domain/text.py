"""Cleaning what people type: nothing invisible, nothing that turns the line around."""

import re
import unicodedata

DESCRIPTION_MAX_CHARS = 5000
MESSAGE_MAX_CHARS = 2000

# Cc control, Cf format (bidi overrides, zero-width), Cs surrogates, Co private use, Cn unassigned.
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
_KEEP = {"\n", "\t", "\u200d", "\u200c"}  # line breaks, tabs; joiners that emoji and some scripts need
_MANY_BREAKS = re.compile(r"\n{3,}")
# More marks on one letter are in no script (UAX #15, stream-safe text), and putting a long run of them into
# canonical order takes time that grows with its square.
_MARKS_IN_A_ROW = 30


def _seen(text: str) -> str:
    """The characters that show, with at most _MARKS_IN_A_ROW combining marks on a letter."""
    kept, row = [], 0
    for ch in text:
        if ch not in _KEEP and unicodedata.category(ch) in _UNSEEN:
            continue
        row = row + 1 if unicodedata.combining(ch) else 0
        if row <= _MARKS_IN_A_ROW:
            kept.append(ch)
    return "".join(kept)


def clean(text: str) -> str:
    """One canonical text (NFC): no control or bidi characters, `\\n` line ends, no run of blank lines."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    # Unseen characters go first: they would part a pile of marks into small ones.
    text = unicodedata.normalize("NFC", _seen(text))
    return _MANY_BREAKS.sub("\n\n", text).strip()


def clean_line(text: str) -> str:
    """The same for a single line: names, streets."""
    return " ".join(clean(text).split())
