"""Blacking out: which area of a picture, which words of a text. Plain rules; nothing is changed here."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from complaints.domain import privacy

MAX_AREAS = 40
MAX_PASSAGES = 60
SHORTEST, LONGEST = 2, 200  # characters of a passage: a single letter would take every "H" with it
# One length for every passage: how long a name is tells who it is.
COVER = "▇▇▇"
_SMALLEST = 0.5  # percent of a side
_EDGE_PX = 1  # beyond the drawn edge: nothing of a letter that the line touches stays


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle in percent of the picture's sides, 0 to 100."""

    left: float
    top: float
    width: float
    height: float

    def box(self, width_px: int, height_px: int) -> tuple[int, int, int, int]:
        """First and last pixel, both covered: (left, top, right, bottom), rounded outwards."""
        left = math.floor(self.left * width_px / 100) - _EDGE_PX
        top = math.floor(self.top * height_px / 100) - _EDGE_PX
        right = math.ceil((self.left + self.width) * width_px / 100) - 1 + _EDGE_PX
        bottom = math.ceil((self.top + self.height) * height_px / 100) - 1 + _EDGE_PX
        return max(left, 0), max(top, 0), min(right, width_px - 1), min(bottom, height_px - 1)

    def as_list(self) -> list[float]:
        return [self.left, self.top, self.width, self.height]


class BadArea(ValueError):
    """Numbers that are no rectangle within the picture; `row` counts from 1."""

    def __init__(self, row: int):
        self.row = row
        super().__init__(row)


def areas(rows: Iterable[Sequence[Any]]) -> list[Area]:
    """Rectangles from numbers or digits (a decimal comma is fine), cut at the picture's edge, each once;
    wholly empty rows are skipped. Raises BadArea."""
    found: list[Area] = []
    for number, row in enumerate(rows, start=1):
        typed = [str(value).strip().replace(",", ".") for value in row]
        if not any(typed):
            continue
        area = _area(typed, number)
        if area not in found:
            found.append(area)
    if len(found) > MAX_AREAS:
        raise BadArea(MAX_AREAS + 1)
    return found


def _area(typed: list[str], number: int) -> Area:
    try:
        left, top, width, height = (round(float(value), 2) for value in typed)
    except (ValueError, OverflowError) as exc:
        raise BadArea(number) from exc
    # Written so that "not a number" fails too.
    if not (0 <= left < 100 and 0 <= top < 100 and _SMALLEST <= width <= 100 and _SMALLEST <= height <= 100):
        raise BadArea(number)
    return Area(left, top, round(min(width, 100 - left), 2), round(min(height, 100 - top), 2))


# --- Words ---------------------------------------------------------------------------------------------


def passages(lines: Iterable[str]) -> list[str]:
    """What to hide, as typed, each once (in any case and spacing), the longest first: "Budi Santoso" goes
    before "Budi". Too short or too long ones raise ValueError with the passage."""
    found: dict[str, str] = {}
    for line in lines:
        passage = " ".join(line.split())
        if not passage:
            continue
        if not SHORTEST <= len(passage) <= LONGEST or not any(letter.isalnum() for letter in passage):
            raise ValueError(passage)
        found.setdefault(passage.casefold(), passage)
    return sorted(found.values(), key=lambda passage: (-len(passage), passage))


def hide(text: str, words: Sequence[str]) -> str:
    """The text with every passage covered: whole words, in any case and with any spacing between them."""
    if not words or not text:
        return text
    pattern = "|".join(_pattern(passage) for passage in sorted(words, key=len, reverse=True))
    return re.sub(pattern, COVER, text, flags=re.IGNORECASE)


def _pattern(passage: str) -> str:
    """`\\b` where the passage ends in a letter or digit: "Ana" stays in "Banana"."""
    body = r"\s+".join(re.escape(part) for part in passage.split())
    start = r"(?<!\w)" if passage[0].isalnum() else ""
    end = r"(?!\w)" if passage[-1].isalnum() else ""
    return f"{start}{body}{end}"


def hide_in(value: Any, words: Sequence[str]) -> Any:
    """The same for every text within a JSON value."""
    return each_text(value, lambda text: hide(text, words)) if words else value


def each_text(value: Any, change: Callable[[str], str]) -> Any:
    """A JSON value with every text in it changed; keys, numbers and truth stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [each_text(item, change) for item in value]
    if isinstance(value, dict):
        return {key: each_text(item, change) for key, item in value.items()}
    return value


# --- What may be worth hiding --------------------------------------------------------------------------

NAME, PLATE, PHONE, NIK, EMAIL = "name", "plate", "phone", "nik", "email"

_ADDRESS = r"(?:pak|bapak|bpk\.?|bu|ibu|mas|mbak|mba|sdr\.?|sdri\.?|saudara|saudari|kak|haji|hj\.)"
_INTRODUCED = r"(?:a\.?\s?n\.?|atas\s+nama|nama\s+saya|nama\s?:|bernama|pelapor|pemilik)"
_NAME_WORD = r"[A-ZÀ-Þ][\w'’-]+"
_NAME = re.compile(
    rf"(?<!\w)(?i:{_ADDRESS}|{_INTRODUCED})\s*:?\s+((?:{_NAME_WORD}|[A-Z]{{1,4}})(?:\s+{_NAME_WORD}){{0,3}})"
)
# What follows "Pak" or "Ibu" without being anybody's name: offices, and what is called "ibu" of something.
_OFFICES = """
    rt rw lurah camat wali walikota gubernur presiden bupati kades kadus guru dokter polisi polantas satpam
    hansip ustaz ustadz kyai haji ketua kota kandung rumah dan di yang kepala dinas pju ogah
    jalan jl gang gg kelurahan kecamatan
"""
_NO_NAMES = frozenset(_OFFICES.split())
# Letters of Indonesia's registration areas; after the number up to three letters.
_PLATE_AREAS = (
    "AA|AB|AD|AE|AG|BA|BB|BD|BE|BG|BH|BK|BL|BM|BN|BP|DA|DB|DC|DD|DE|DG|DH|DK|DL|DM|DN|DP|DR|DS|DT|DW|EA|EB|ED|"
    "KB|KH|KT|KU|PA|PB|PG|PS|PT|PY|A|B|D|E|F|G|H|K|L|M|N|P|R|S|T|W|Z"
)
# In small letters only where it is plain: "di 5 rt" is none.
_PLATE = re.compile(
    rf"(?<![\w.])(?:(?:{_PLATE_AREAS})[ -]?\d{{1,4}}[ -]?[A-Z]{{1,3}}"
    rf"|(?i:(?:{_PLATE_AREAS})[ -]\d{{3,4}}[ -][a-z]{{2,3}}))(?!\w)"
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    kind: str
    words: str


def suggest(*texts: str) -> list[Suggestion]:
    """Passages that look like somebody's data, in the order in which they stand, each once. A help, no more:
    it finds no names that stand alone, and some words that are nobody's."""
    found: dict[str, Suggestion] = {}
    for text in texts:
        for _start, suggestion in sorted(_suggestions(text), key=lambda item: item[0]):
            found.setdefault(" ".join(suggestion.words.casefold().split()), suggestion)
    return list(found.values())


def _suggestions(text: str):
    for start, kind, value in privacy.located(text):
        yield start, Suggestion(kind, value)
    for match in _PLATE.finditer(text):
        yield match.start(), Suggestion(PLATE, match.group())
    for match in _NAME.finditer(text):
        name = _without_offices(match.group(1))
        if name:
            yield match.start(1), Suggestion(NAME, name)


def _without_offices(name: str) -> str:
    words = name.split()
    while words and (words[0].casefold() in _NO_NAMES or len(words[0]) < SHORTEST):
        words.pop(0)
    for number, word in enumerate(words):
        if word.casefold() in _NO_NAMES:
            words = words[:number]
            break
    return " ".join(words)
