"""A small classifier of what people write: complement naive Bayes on words and pieces of words.

Rennie, Shih, Teevan and Karger, *Tackling the Poor Assumptions of Naive Bayes Text Classifiers* (ICML
2003): each class is described by what all *other* classes say, which bears classes of very different size.
It needs no library, answers in half a millisecond, and its weights can be read. Nothing leaves the machine.
"""

import json
import math
import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from city.domain import affixes

MAX_CHARS = 600  # the first sentences say what is wrong
PIECE_CHARS = (3, 4)
MAX_FEATURES = 20_000  # the most frequent; about 3 MB for 34 classes
FEWEST_OF_A_CLASS = 5
_SMOOTHING = 1.0


@dataclass(frozen=True, slots=True)
class Guess:
    """`score` is the share of the likelihood among the classes, 0 … 1: comparable within one text only."""

    label: str
    score: float


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Shares 0 … 1 of `tested` texts whose label was the first guess, and among the first three."""

    tested: int
    top_1: float
    top_3: float


def features(text: str) -> list[str]:
    """Words, and the beginnings, ends and middles of longer ones (`#lub`, `uban`, `ang#`)."""
    found = []
    for word in affixes.words(text[:MAX_CHARS]):
        found.append(word)
        marked = f"#{word}#"
        for size in PIECE_CHARS:
            found += [marked[at : at + size] for at in range(len(marked) - size + 1) if len(word) > size]
    return found


@dataclass(slots=True)
class Model:
    """`weights[feature]` holds one number a class: how much the feature speaks for it."""

    labels: list[str]
    weights: dict[str, array] = field(default_factory=dict)

    def guess(self, text: str, limit: int = 3) -> list[Guess]:
        """The likeliest labels, likeliest first; nothing for a text without a known feature."""
        said = Counter(item for item in features(text) if item in self.weights)
        if not said or not self.labels:
            return []
        totals = [0.0] * len(self.labels)
        for item, count in said.items():
            times = math.log1p(count)
            for number, weight in enumerate(self.weights[item]):
                totals[number] += times * weight
        # Sharpness by length: long texts must not look certain only because they are long.
        scale = 1.0 / math.sqrt(len(said))
        best = max(totals)
        shares = [math.exp((total - best) * scale) for total in totals]
        order = sorted(range(len(totals)), key=lambda number: (-shares[number], self.labels[number]))
        return [Guess(self.labels[n], round(shares[n] / sum(shares), 4)) for n in order[:limit]]

    def to_bytes(self) -> bytes:
        """For the database."""
        head = json.dumps({"labels": self.labels, "features": list(self.weights)}).encode()
        body = b"".join(weights.tobytes() for weights in self.weights.values())
        return zlib.compress(len(head).to_bytes(4, "big") + head + body, 6)

    @classmethod
    def from_bytes(cls, packed: bytes) -> "Model":
        """Raises ValueError or zlib.error for bytes that are none of ours."""
        content = zlib.decompress(packed)
        size = int.from_bytes(content[:4], "big")
        head = json.loads(content[4 : 4 + size])
        numbers = array("f")
        numbers.frombytes(content[4 + size :])
        width = len(head["labels"])
        if len(numbers) != width * len(head["features"]):
            raise ValueError("not a model")
        weights = {name: numbers[at * width : (at + 1) * width] for at, name in enumerate(head["features"])}
        return cls(head["labels"], weights)


def train(samples: Iterable[tuple[str, str]]) -> Model:
    """Learn from (text, label). Labels with fewer than FEWEST_OF_A_CLASS texts are left out: a class learned
    from three texts is an accident."""
    by_label: dict[str, Counter[str]] = {}
    numbers: Counter[str] = Counter()
    for text, label in samples:
        numbers[label] += 1
        by_label.setdefault(label, Counter()).update(set(features(text)))
    labels = sorted(label for label, number in numbers.items() if number >= FEWEST_OF_A_CLASS)
    if len(labels) < 2:
        return Model([])
    everything: Counter[str] = Counter()
    for label in labels:
        everything.update(by_label[label])
    vocabulary = sorted(name for name, _count in everything.most_common(MAX_FEATURES))
    return Model(labels, _weights(labels, vocabulary, by_label, everything))


def _weights(labels, vocabulary, by_label, everything) -> dict[str, array]:
    total = sum(everything[name] for name in vocabulary)
    own = {label: sum(by_label[label][name] for name in vocabulary) for label in labels}
    size = _SMOOTHING * len(vocabulary)
    weights = {}
    for name in vocabulary:
        said = everything[name]
        weights[name] = array(
            "f",
            (
                -math.log((said - by_label[label][name] + _SMOOTHING) / (total - own[label] + size))
                for label in labels
            ),
        )
    return _normalised(weights, len(labels))


def _normalised(weights: dict[str, array], width: int) -> dict[str, array]:
    """Each class's weights to the same length (section 3.2 of the paper): large classes must not shout."""
    lengths = [sum(abs(row[number]) for row in weights.values()) / 1000 or 1.0 for number in range(width)]
    return {
        name: array("f", (row[number] / lengths[number] for number in range(width)))
        for name, row in weights.items()
    }


def measure(guesses: Iterable[tuple[Sequence[str], str]]) -> Accuracy:
    """From (guessed labels, likeliest first; the right one) per text."""
    tested = first = three = 0
    for labels, right in guesses:
        tested += 1
        first += labels[:1] == [right]
        three += right in labels[:3]
    return Accuracy(tested, first / tested if tested else 0.0, three / tested if tested else 0.0)


FEWEST_TESTED = 200
_RANK_SOFTENER = 2.0


def together(learned: Sequence[str], rules: Sequence[str], limit: int) -> list[str]:
    """Two lists of labels, likeliest first, made one by adding up 1 / (2 + rank) (Cormack, Clarke and
    Büttcher, *Reciprocal Rank Fusion*, SIGIR 2009): what both name stands first, neither is shouted down."""
    points: dict[str, float] = {}
    for labels in (learned, rules):
        for rank, label in enumerate(labels):
            points[label] = points.get(label, 0.0) + 1 / (_RANK_SOFTENER + rank)
    return sorted(points, key=lambda label: (-points[label], label))[:limit]


def wins(learned: Accuracy, rules: Accuracy) -> bool:
    """Whether the learned one may be used: better at first, no worse among three, on enough texts."""
    return learned.tested >= FEWEST_TESTED and learned.top_1 > rules.top_1 and learned.top_3 >= rules.top_3
