"""Finding a place by what people call it: an index in memory, built once per version of the city.

No outside service is asked and nothing is read from disk: ten thousand names are searched in about a
millisecond. The ranking is plain arithmetic over matched words, so that it can be explained and tested.
"""

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from city.domain.place_words import SYNONYMS, Wanted, name_words, one_edit, read

KINDS = ("kelurahan", "kecamatan", "landmark", "road", "crossing", "street", "water")
MOST_RESULTS = 20
MIN_QUERY_CHARS = 2
_TYPO_FROM_CHARS = 5
_PREFIX_FROM_CHARS = 3  # of a word that is not the last one: people abbreviate
_MOST_PREFIX_WORDS = 400

# How well a typed word fits a name's word.
_EXACT, _SYNONYM, _PREFIX, _TYPO, _TYPO_PREFIX = 1.0, 0.95, 0.72, 0.7, 0.55
# A word found only in the kelurahan or kecamatan around a place says less than one in its name.
_CONTEXT = 0.6
# A place must have all words; if none has, one with this share of their weight will do.
_ALL, _ENOUGH = 1.0, 0.35
# What a word that nothing here bears takes away, against a word that is found.
_UNKNOWN = 0.5
# Between equal matches: what people mean more often first.
_PRIOR = {
    "landmark": 0.06,
    "kelurahan": 0.06,
    "road": 0.05,
    "kecamatan": 0.04,
    "street": 0.03,
    "crossing": 0.02,
    "water": 0.01,
}
_KIND_NAMED = 0.15  # "kelurahan …", "jalan …"


@dataclass(frozen=True, slots=True)
class Entry:
    """A place with a name. `key` is stable while the pack is.

    `accuracy_m`: how far the real place may be from the point. `is_point` False: the point is only the middle
    of an area or a long line, and the pin must still be put. `bbox` (west, south, east, north, degrees) is
    what to show. `area_code` is the kelurahan or kecamatan it lies in, for an area its own code.
    """

    key: str
    kind: str
    name: str
    latitude: float
    longitude: float
    accuracy_m: float
    is_point: bool
    area_code: str | None = None
    bbox: tuple[float, float, float, float] | None = None
    detail: str = ""  # of a landmark: market, station …
    aliases: tuple[str, ...] = ()
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A hit: higher scores first, at most about 1.3."""

    entry: Entry
    score: float


class Gazetteer:
    """All named places of a city, searchable."""

    def __init__(self, entries: Iterable[Entry], area_names: Mapping[str, str]):
        """`area_names`: area code → the names around it in one text ("Pleburan Semarang Selatan")."""
        self.entries = tuple(entries)
        self._by_key = {entry.key: entry for entry in self.entries}
        # A document is one of an entry's names.
        self._owner: list[int] = []
        self._chars: list[int] = []
        self._first: list[str] = []
        by_name: dict[str, list[int]] = defaultdict(list)
        by_context: dict[str, list[int]] = defaultdict(list)
        for number, entry in enumerate(self.entries):
            around = set(name_words(area_names.get(entry.area_code or "", "")))
            for name in (entry.name, *entry.aliases):
                self._add(number, name_words(name), around, by_name, by_context)
        self._by_name = {word: tuple(found) for word, found in by_name.items()}
        self._by_context = {word: tuple(found) for word, found in by_context.items()}
        self._vocabulary = sorted({*by_name, *by_context})
        # The beginnings of all words: a slip in a word that is still being typed is looked up here.
        self._beginnings = {
            word[:end] for word in self._vocabulary for end in range(_TYPO_FROM_CHARS - 1, len(word))
        }

    def _add(self, number, words, around, by_name, by_context) -> None:
        document = len(self._owner)
        self._owner.append(number)
        self._chars.append(sum(map(len, words)) or 1)
        self._first.append(words[0] if words else "")
        joined = [left + right for left, right in pairwise(words)]
        for word in dict.fromkeys((*words, *joined)):
            by_name[word].append(document)
        for word in around.difference(words):
            by_context[word].append(document)

    def __len__(self) -> int:
        return len(self.entries)

    def get(self, key: str) -> Entry | None:
        """The entry with this key."""
        return self._by_key.get(key)

    def search(self, query: str, limit: int = 8) -> list[Found]:
        """The best `limit` places for what was typed; none for less than two characters."""
        if len(query.strip()) < MIN_QUERY_CHARS:
            return []
        wanted = read(query)
        if not wanted.required:
            return []
        scored = self._score(wanted, self._fits(wanted, with_typos=False), _ALL)
        if not scored:
            fits = self._fits(wanted, with_typos=True)
            scored = self._score(wanted, fits, _ALL) or self._score(wanted, fits, _ENOUGH)
        best: dict[int, float] = {}
        for document, score in scored.items():
            owner = self._owner[document]
            entry = self.entries[owner]
            score += _PRIOR[entry.kind] + (_KIND_NAMED if entry.kind in wanted.kinds else 0.0)
            if score > best.get(owner, 0.0):
                best[owner] = score
        order = sorted(best.items(), key=lambda item: (-round(item[1], 4), self.entries[item[0]].key))
        return [
            Found(self.entries[owner], round(score, 4)) for owner, score in order[: min(limit, MOST_RESULTS)]
        ]

    def _fits(self, wanted: Wanted, *, with_typos: bool) -> list[dict[int, tuple[float, bool]]]:
        """Per typed word: document → (how well it fits, whether the name rather than the area has it)."""
        words, last = wanted.required, len(wanted.required) - 1
        fits = [
            self._of_word(word, wanted.is_last_open and at == last, with_typos)
            for at, word in enumerate(words)
        ]
        for at in range(last):  # "kali garang" is also "kaligarang"
            for document, fit in self._of_joined(words[at] + words[at + 1]).items():
                for place in (at, at + 1):
                    if fit > fits[place].get(document, (0.0, False)):
                        fits[place][document] = fit
        return fits

    def _of_joined(self, word: str) -> dict[int, tuple[float, bool]]:
        return dict.fromkeys(self._by_name.get(word, ()), (_SYNONYM, True))

    def _of_word(self, word: str, is_open: bool, with_typos: bool) -> dict[int, tuple[float, bool]]:
        qualities = {word: _EXACT}
        if word in SYNONYMS:
            qualities[SYNONYMS[word]] = _SYNONYM
        if len(word) >= (MIN_QUERY_CHARS if is_open else _PREFIX_FROM_CHARS):
            for longer in self._beginning_with(word):
                share = len(word) / len(longer)
                qualities.setdefault(longer, _PREFIX + 0.2 * share)
        if with_typos and len(word) >= _TYPO_FROM_CHARS and not word.isdigit():
            qualities = self._mistyped(word, is_open) | qualities
        found: dict[int, tuple[float, bool]] = {}
        for item, quality in qualities.items():
            for postings, fit in (
                (self._by_name, (quality, True)),
                (self._by_context, (quality * _CONTEXT, False)),
            ):
                for document in postings.get(item, ()):
                    if fit > found.get(document, (0.0, False)):
                        found[document] = fit
        return found

    def _beginning_with(self, word: str) -> list[str]:
        start = bisect_left(self._vocabulary, word)
        end = bisect_left(self._vocabulary, word + "\x7f", start)
        return self._vocabulary[start : min(end, start + _MOST_PREFIX_WORDS)]

    def _mistyped(self, word: str, is_open: bool) -> dict[str, float]:
        """Words one slip away, or (of a word still being typed) beginning so."""
        qualities: dict[str, float] = {}
        for guess in one_edit(word):
            if guess in self._by_name or guess in self._by_context:
                qualities[guess] = _TYPO
            elif is_open and guess in self._beginnings:
                for longer in self._beginning_with(guess):
                    qualities.setdefault(longer, _TYPO_PREFIX)
        return qualities

    def _score(self, wanted: Wanted, fits, share: float) -> dict[int, float]:
        """Documents with this share of the words, by weight (a rare word weighs more); one in the name."""
        weights = [math.log(2 + len(self._owner) / (1 + len(fit))) if fit else 0.0 for fit in fits]
        known = sum(weights)
        unknown = weights.count(0.0)
        if not known or (share == _ALL and unknown):
            return {}
        total = known * (1 + _UNKNOWN * unknown / (len(weights) - unknown))
        matched: dict[int, float] = defaultdict(float)
        named_chars: dict[int, int] = defaultdict(int)
        shares: dict[int, float] = defaultdict(float)
        for word, weight, fit in zip(wanted.required, weights, fits, strict=True):
            for document, (quality, is_name) in fit.items():
                matched[document] += weight
                shares[document] += weight * quality
                if is_name:
                    named_chars[document] += len(word)
        needed = share * known - 1e-9
        good = [document for document in named_chars if matched[document] >= needed]
        extra = self._optional_chars(wanted.optional, good)
        first = wanted.required[0]
        return {
            document: 0.75 * shares[document] / total
            + 0.2 * min(1.0, (named_chars[document] + extra.get(document, 0)) / self._chars[document])
            + (0.03 if self._first[document].startswith(first) else 0.0)
            for document in good
        }

    def _optional_chars(self, words: tuple[str, ...], documents: list[int]) -> dict[int, int]:
        """How much more of a name is explained by words that need not be there."""
        chars: dict[int, int] = defaultdict(int)
        wanted = set(documents)
        for word in words:
            for item in {word, SYNONYMS.get(word, word)}:
                for document in self._by_name.get(item, ()):
                    if document in wanted:
                        chars[document] += len(item)
        return chars
