"""The bare forms of Indonesian and Javanese words, as far as a search needs them.

Affixes after Sneddon, *Indonesian Reference Grammar*, and Robson, *Javanese Grammar for Students* (ngoko).
No dictionary: whoever asks tries the candidates on the words it knows.
"""

import re
import unicodedata
from collections.abc import Iterator

_SUFFIXES = ("nya", "ake", "kan", "ane", "ne", "ku", "mu", "an", "en", "no", "i", "e")
_PREFIXES = ("ber", "ter", "per", "ke", "ka", "di", "se", "sak", "be", "te", "pe", "me", "ng", "nge")
# Nasal prefixes swallow the first letter: what may have stood there. Javanese drops the vowel (`mbuwak`).
_NASALS = (
    ("meny", ("s", "c")),
    ("meng", ("", "k", "g")),
    ("mem", ("p", "b", "f", "m")),
    ("men", ("t", "d", "c", "j")),
    ("peny", ("s",)),
    ("peng", ("", "k", "g")),
    ("pem", ("p", "b")),
    ("pen", ("t", "d", "c", "j")),
    ("ny", ("s", "c")),
    ("ng", ("k", "g", "")),
    ("m", ("p", "b", "")),
    ("n", ("t", "d", "")),
)
_SHORTEST = 3
_ROUNDS = 3
_MANY = re.compile(r"([a-z])\1{2,}")
_WORD = re.compile(r"[a-z]+")
_TWICE = re.compile(r"\b([a-z]{3,})\s*2\b")
# `dh` and `th` are one sound in Javanese, and most people write d and t.
_SOUNDS = (("dh", "d"), ("th", "t"))
_LOOKALIKES = str.maketrans("013457", "oieast")
_DIGIT_INSIDE = re.compile(r"(?<=[a-z])[013457](?=[a-z])")


def words(text: str) -> list[str]:
    """The words of a text in one writing: small letters without marks, `baaanjir` and `b4njir` as `banjir`,
    `lubang2` as `lubang`, `gedhe` as `gede`."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    plain = _TWICE.sub(r"\1 ", plain)
    plain = _DIGIT_INSIDE.sub(lambda match: match[0].translate(_LOOKALIKES), plain)
    plain = _MANY.sub(r"\1", plain)
    for written, folded in _SOUNDS:
        plain = plain.replace(written, folded)
    return _WORD.findall(plain)


def bare(word: str, rounds: int = _ROUNDS) -> list[str]:
    """The word itself, then what is left of it without affixes, the fewest taken off first.

    Three letters are left only after one affix: more make a snake (`ula`) of a beginning (`mulai`).
    """
    seen, layer = {word: None}, [word]
    for number in range(rounds):
        shortest = _SHORTEST + (1 if number else 0)
        layer = [left for item in layer for left in _without_one(item) if len(left) >= shortest]
        layer = [left for left in dict.fromkeys(layer) if left not in seen]
        seen.update(dict.fromkeys(layer))
    return list(seen)


def _without_one(word: str) -> Iterator[str]:
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST:
            yield word.removesuffix(suffix)
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= _SHORTEST:
            yield word.removeprefix(prefix)
    for nasal, swallowed in _NASALS:
        rest = word.removeprefix(nasal)
        if rest != word and len(rest) >= _SHORTEST - 1:
            yield from (letter + rest for letter in swallowed if len(letter + rest) >= _SHORTEST)
