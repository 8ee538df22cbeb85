"""From a person's own words to the kinds of problem they may mean.

Every kind brings phrases: its names, its hints, its synonyms. A phrase that is wholly among the words counts
fully, half a phrase much less, and a word that many kinds share (`rusak`, `jalan`) hardly at all. It is no
learning machine: whoever wonders about an answer finds the phrase that gave it in the city pack.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from city.domain import affixes
from city.domain.info import CategoryInfo

MAX_CHARS = 300  # of a text that is looked at; the first sentences say what is wrong
MAX_WORDS = 40
LIMIT = 5
# A kind below these is a guess that helps nobody: of the words' weight, and of the best kind's score.
_LEAST_SCORE, _LEAST_OF_BEST = 0.05, 0.22
_HINT_WEIGHT = 0.6
# How much a word counts that was found only by changing a letter, or by its consonants (`smph`).
_TYPO, _SKELETON = 0.7, 0.75
_TYPO_FROM_CHARS = 5  # shorter words are a letter away from too many others
_SKELETON_FROM_CHARS = 3
_TYPO_UP_TO_WORDS = 12  # in a long story every name would be somebody's misspelling
_PARTS = re.compile(r"[,;/()]|\batau\b|\bdan\b|\bor\b|\band\b")
_VOWELS = re.compile(r"[aeiou]")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`score` is the share of what was said that fits, 0 … 1."""

    code: str
    score: float


@dataclass(frozen=True, slots=True)
class SearchWords:
    """What a city's people write: words that say nothing, and short forms with what they stand for."""

    stop_words: frozenset[str] = frozenset()
    short_forms: dict[str, str] = field(default_factory=dict, hash=False)


NO_WORDS = SearchWords()


@dataclass(slots=True)
class _Phrase:
    kind: str
    weight: float
    words: frozenset[str]


class Suggester:
    """Built once from a city's kinds (30 ms for 34 kinds with 50 phrases each); then read-only."""

    def __init__(self, categories: Iterable[CategoryInfo], words: SearchWords = NO_WORDS):
        self._stop = {item for word in words.stop_words for item in affixes.words(word)}
        self._short = {key.casefold(): affixes.words(text) for key, text in words.short_forms.items()}
        kinds = [item for item in categories if item.parent_code]
        self._order = {item.code: (item.parent_code, item.order) for item in kinds}
        raw = [(kind.code, weight, self._split(text)) for kind in kinds for weight, text in _texts(kind)]
        self._names = _canonical({word for _kind, _weight, said in raw for word in said})
        self._phrases: dict[str, list[_Phrase]] = {}
        for kind, weight, said in raw:
            phrase = _Phrase(kind, weight, frozenset(self._names[word] for word in said))
            for word in phrase.words:
                self._phrases.setdefault(word, []).append(phrase)
        self._idf = {
            word: math.log((len(kinds) + 1) / len({phrase.kind for phrase in phrases}))
            for word, phrases in self._phrases.items()
        }
        known = [word for word in self._names if len(word) >= _TYPO_FROM_CHARS]
        self._typos = _by_deletion(known)
        self._skeletons = _by_skeleton(known)

    def suggest(self, text: str, limit: int = LIMIT) -> list[Suggestion]:
        """The likely kinds, likeliest first; nothing for a text without a known word."""
        found = self._understood(text)
        total = sum(self._idf[word] * certainty for word, certainty in found.items())
        if not total:
            return []
        scores: dict[str, float] = {}
        for word, certainty in found.items():
            for kind, share in self._shares(word, found).items():
                scores[kind] = scores.get(kind, 0.0) + self._idf[word] * certainty * share / total
        best = max(scores.values(), default=0.0)
        likely = [
            Suggestion(kind, round(score, 3))
            for kind, score in scores.items()
            if score >= _LEAST_SCORE and score >= best * _LEAST_OF_BEST
        ]
        return sorted(likely, key=lambda item: (-item.score, self._order[item.code]))[:limit]

    def _shares(self, word: str, found: dict[str, float]) -> dict[str, float]:
        """Kind → how much of this word it earns: by its phrase with the word of which most was said."""
        shares: dict[str, float] = {}
        for phrase in self._phrases[word]:
            whole = sum(self._idf[item] for item in phrase.words)
            said = sum(self._idf[item] * found.get(item, 0.0) for item in phrase.words)
            share = phrase.weight * (said / whole) ** 2 if whole else 0.0
            shares[phrase.kind] = max(share, shares.get(phrase.kind, 0.0))
        return shares

    def _understood(self, text: str) -> dict[str, float]:
        """The known words of a text in their canonical form, and how certain each is."""
        found: dict[str, float] = {}
        said = self._split(text[:MAX_CHARS])[:MAX_WORDS]
        for word in said:
            known, certainty = self._known(word, forgiving=len(said) <= _TYPO_UP_TO_WORDS)
            if known:
                found[known] = max(certainty, found.get(known, 0.0))
        return found

    def _split(self, text: str) -> list[str]:
        """Words without those that say nothing, short forms written out."""
        said = [word for item in affixes.words(text) for word in self._short.get(item, (item,))]
        return [word for word in said if word not in self._stop and len(word) > 1]

    def _known(self, word: str, *, forgiving: bool) -> tuple[str | None, float]:
        forms = affixes.bare(word)
        for form in forms:
            if form in self._names:
                return self._names[form], 1.0
        if not forgiving or any(form in self._stop for form in forms):
            return None, 0.0
        for form in forms[:3]:
            near = self._typo_of(form)
            if near:
                return self._names[near], _TYPO
        skeleton = self._skeletons.get(word) if len(word) >= _SKELETON_FROM_CHARS else None
        return (self._names[skeleton], _SKELETON) if skeleton else (None, 0.0)

    def _typo_of(self, word: str) -> str | None:
        """A known word that is one letter more, less, other or exchanged away."""
        if len(word) < _TYPO_FROM_CHARS:
            return None
        near = {item for left in (word, *_deletions(word)) for item in self._typos.get(left, ())}
        near = sorted(item for item in near if _is_one_edit(word, item))
        return min(near, key=lambda item: (item[0] != word[0], item), default=None)


def _texts(kind: CategoryInfo) -> Iterable[tuple[float, str]]:
    """A kind's phrases with their weight."""
    yield from ((1.0, text) for text in (kind.name, kind.name_en, *kind.synonyms))
    for hint in (kind.hint, kind.hint_en):
        yield from ((_HINT_WEIGHT, part) for part in _PARTS.split(hint))


def _canonical(words: set[str]) -> dict[str, str]:
    """Every known word and bare form → the one word that stands for it (`berlubang` → `lubang`)."""
    names: dict[str, str] = {}
    for word in sorted(words, key=lambda item: (len(item), item)):
        forms = [form for form in affixes.bare(word) if form in words]
        names[word] = names.get(min(forms, key=lambda item: (len(item), item)), word)
    for word in sorted(words):
        for form in affixes.bare(word, rounds=1):
            if len(form) >= _TYPO_FROM_CHARS - 1:
                names.setdefault(form, names[word])
    return names


def _deletions(word: str) -> Iterable[str]:
    return (word[:place] + word[place + 1 :] for place in range(len(word)))


def _by_deletion(words: Iterable[str]) -> dict[str, list[str]]:
    index: dict[str, list[str]] = {}
    for word in words:
        for left in {word, *_deletions(word)}:
            index.setdefault(left, []).append(word)
    return index


def _by_skeleton(words: Iterable[str]) -> dict[str, str]:
    """Consonants → word, where only one word has them: how people shorten words in a text message."""
    index: dict[str, set[str]] = {}
    for word in words:
        index.setdefault(word[0] + _VOWELS.sub("", word[1:]), set()).add(word)
    return {
        skeleton: min(items, key=lambda item: (len(item), item))
        for skeleton, items in index.items()
        if len(skeleton) >= _SKELETON_FROM_CHARS
    }


def _is_one_edit(left: str, right: str) -> bool:
    if abs(len(left) - len(right)) > 1:
        return False
    if len(left) != len(right):
        longer, shorter = sorted((left, right), key=len, reverse=True)
        return any(item == shorter for item in _deletions(longer))
    places = [place for place, pair in enumerate(zip(left, right, strict=True)) if pair[0] != pair[1]]
    if len(places) == 2:
        first, second = places
        return second == first + 1 and left[first : second + 1] == right[second] + right[first]
    return len(places) <= 1
