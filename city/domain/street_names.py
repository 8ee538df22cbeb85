"""Comparing street names as people write them."""

import re
import unicodedata

# Ways of writing "street" and "alley" that say nothing about which one.
_LEADING = re.compile(r"^(?:(?:jalan|jln|jl)\s+)+")
_ALLEY = re.compile(r"\b(?:gang|gg)\b")
_NOT_WORD = re.compile(r"[^0-9a-z]+")


def normalise(name: str) -> str:
    """`Jl. Gaharu  Utara` and `JALAN GAHARU UTARA` become `gaharu utara`; `Gg.` becomes `gang`."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    words = _NOT_WORD.sub(" ", plain).strip()
    return _ALLEY.sub("gang", _LEADING.sub("", f"{words} ").strip())
