"""What staff type into the search: words that must all occur, the last one perhaps only begun.

The index folds letters the same way (complaints.search_index): lower case, accents gone, cut at whatever is
neither letter nor digit.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

MOST_WORDS = 12
# Longer words are cut to this in the index as well: PostgreSQL refuses lexemes of more than 2 kB.
MOST_LETTERS = 64
# The beginning of a word is looked for from this length on: less would find nearly every report.
PREFIX_FROM_LETTERS = 3
_SAME = (("jalan", "jl", "jln"), ("gang", "gg"), ("perumahan", "perum"), ("nomor", "no"))
_ALTERNATIVES = {word: words for words in _SAME for word in words}
# "kelurahan Tandang": the index knows the name alone.
_KIND_OF_AREA = frozenset({"kelurahan", "kel", "kecamatan", "kec"})


@dataclass(frozen=True, slots=True)
class Term:
    """One word that must occur, in one of its writings; `is_open`: its first writing may go on."""

    writings: tuple[str, ...]
    is_open: bool = False

    def fits(self, word: str) -> bool:
        return word in self.writings or (self.is_open and word.startswith(self.writings[0]))


def words(text: str) -> list[str]:
    """`Jl. Élok no.17/A` → [`jl`, `elok`, `no`, `17`, `a`]."""
    parts = unicodedata.normalize("NFD", text).lower()
    plain = "".join(letter for letter in parts if not unicodedata.combining(letter))
    cut = "".join(letter if letter.isalnum() else " " for letter in plain)
    return [word[:MOST_LETTERS] for word in cut.split()]


def terms(text: str) -> list[Term]:
    """The words to be found, each once; the first MOST_WORDS of them. Empty: nothing that could be found."""
    found = words(text)
    named = [word for word in found if word not in _KIND_OF_AREA] or found
    last = named[-1] if named and len(named) <= MOST_WORDS and not text[-1:].isspace() else ""
    return [
        Term(
            (word, *(other for other in _ALTERNATIVES.get(word, ()) if other != word)),
            is_open=word == last and len(word) >= PREFIX_FROM_LETTERS,
        )
        for word in dict.fromkeys(named[:MOST_WORDS])
    ]


def areas_meant(term: Term, areas: Iterable) -> list[int]:
    """The ids of the areas (city.domain.info.AreaInfo) whose own or whose kecamatan's name has this word."""
    known = list(areas)
    named = {area.code for area in known if any(term.fits(word) for word in words(area.name))}
    return sorted(area.id for area in known if area.code in named or area.parent_code in named)
