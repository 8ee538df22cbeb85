"""Texts that fit into an SMS: the GSM alphabet (3GPP TS 23.038), counted as the network counts it.

One character outside that alphabet would make a message of 160 characters one of 70.
"""

import unicodedata

_BASIC = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED = set("^{}\\[~]|€")  # these count twice
_PLAIN = str.maketrans(
    {
        "–": "-",
        "—": "-",
        "…": "...",
        "“": '"',
        "”": '"',
        "‘": "'",
        "’": "'",
        "·": "-",
        "•": "-",
        "\u00a0": " ",
    }
)
ELLIPSIS = "..."


def to_gsm(text: str) -> str:
    """The text in letters every phone has: typographic signs made plain, accents dropped where they must be,
    what is left over left out."""
    out = []
    for ch in " ".join(text.translate(_PLAIN).split()):
        if ch in _BASIC or ch in _ESCAPED:
            out.append(ch)
        else:
            out += [plain for plain in unicodedata.normalize("NFKD", ch) if plain in _BASIC]
    return " ".join("".join(out).split())


def length(text: str) -> int:
    """How many of an SMS's characters a text takes."""
    return sum(2 if ch in _ESCAPED else 1 for ch in text)


def segments(text: str) -> int:
    """How many SMS a text takes: 160 characters in one, 153 in each of several joined ones."""
    size = length(text)
    return 1 if size <= 160 else -(-size // 153)


def fit(text: str, link: str, max_chars: int) -> str:
    """Text and link in at most `max_chars`: the text is cut at a word, the link never.

    160 is one SMS. Two joined ones hold 306, as each gives seven places to the joining.
    """
    room = (max_chars if max_chars <= 160 else max_chars // 160 * 153) - (length(link) + 1 if link else 0)
    text = to_gsm(text)
    if length(text) > room:
        text = _cut(text, room - len(ELLIPSIS)) + ELLIPSIS
    return f"{text} {link}".strip()


def fit_more(text: str, also: str, link: str, max_chars: int) -> str:
    """The same with a second part that stands there whole or not at all."""
    whole = f"{text} {also}".strip()
    fitted = fit(whole, link, max_chars)
    return fitted if not also or fitted == f"{to_gsm(whole)} {link}".strip() else fit(text, link, max_chars)


def _cut(text: str, room: int) -> str:
    kept = ""
    for ch in text:
        if length(kept + ch) > room:
            break
        kept += ch
    word_end = kept.rfind(" ")
    return kept[:word_end].rstrip(" ,.;:-") if word_end > room // 2 else kept.rstrip()
