"""How much two reports look alike: exact figures, so that a changed weight is a change that somebody made."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from complaints.domain import similarity

DAY = timedelta(days=1)
ALIKE = {"distance_m": 0.0, "radius_m": 100.0, "apart": timedelta(0), "kinds": similarity.SAME, "words": 1.0}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 1.0),  # the weights add up to one
        # Each part by itself: what is lost where it says nothing.
        ({"distance_m": 100.0}, 0.60),
        ({"apart": 1000 * DAY}, 0.80),
        ({"words": 0.0}, 0.85),
        ({"kinds": similarity.RELATED}, 0.95),
        ({"kinds": similarity.GROUP}, 0.875),
        # Place falls in a straight line to the radius, and there is nothing beyond it.
        ({"distance_m": 25.0}, 0.90),
        ({"distance_m": 50.0}, 0.80),
        ({"distance_m": 100.01}, 0.0),
        # Time halves its part every two days.
        ({"apart": 2 * DAY}, 0.90),
        ({"apart": 4 * DAY}, 0.85),
        ({"apart": 1 * DAY}, 0.9414),
        # Another kind is another thing, however near.
        ({"kinds": similarity.OTHER}, 0.0),
        # A kind without a radius: only the very same point.
        ({"radius_m": 0.0}, 1.0),
        ({"radius_m": 0.0, "distance_m": 0.01}, 0.0),
        # Near and new, but of a related kind and in other words: still worth a look.
        ({"distance_m": 60.0, "kinds": similarity.RELATED, "words": 0.0, "apart": 2 * DAY}, 0.46),
        ({"distance_m": 70.0, "kinds": similarity.RELATED, "words": 0.0, "apart": 2 * DAY}, 0.42),
    ],
)
def test_score(changes, expected):
    assert similarity.score(**(ALIKE | changes)) == expected


def test_what_is_suggested_lies_between_near_enough_and_too_far():
    """The last two lines above, on either side of the line."""
    assert 0.42 < similarity.SUGGEST_FROM < 0.46


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", set()),
        ("Ada lubang di jalan", {"lubang"}),  # three letters and common words say nothing
        ("LUBANG lubang Lubang", {"lubang"}),
        ("Halte-halte, drainase; sumbat!", {"halte", "drainase", "sumbat"}),
        ("RT05 RW07 jl3am 12345 x_genangan_y", {"genangan"}),  # letters only, an underscore parts words
        ("Mohon segera, kami warga sudah lapor dengan foto", {"lapor", "foto"}),
        ("Kali Bèringin meluap", {"kali", "bèringin", "meluap"}),
        ("abc abcd", {"abcd"}),
    ],
)
def test_words_of(text, words):
    assert similarity.words_of(text) == words


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("lubang halte", "lubang halte", 1.0),
        ("lubang halte", "Halte LUBANG besar", 2 / 3),
        ("lubang halte", "genangan pasar", 0.0),
        ("", "", 0.0),  # silence is no likeness
        ("lubang", "", 0.0),
        ("jalan yang sudah", "jalan yang sudah", 0.0),
    ],
)
def test_words_alike(one, other, expected):
    assert similarity.words_alike(one, other) == expected
    assert similarity.words_alike(other, one) == expected


def test_common_words_are_the_longest_four_then_by_the_alphabet():
    text = "lubang halte genangan pasar drainase besar"
    assert similarity.common_words(text, text.upper()) == ("drainase", "genangan", "lubang", "besar")
    assert similarity.common_words(text, "pasar malam, halte lama") == ("halte", "pasar")
    assert similarity.common_words(text, "lampu mati") == ()


def kind(code, parent="banjir", similar=()):
    return SimpleNamespace(code=code, parent_code=parent, similar=frozenset(similar))


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        (kind("banjir-rob"), kind("banjir-rob"), similarity.SAME),
        # Which of two kinds names the other does not matter, nor whether they share a group.
        (kind("banjir-rob", similar=["banjir-genangan"]), kind("banjir-genangan"), similarity.RELATED),
        (kind("banjir-genangan"), kind("banjir-rob", similar=["banjir-genangan"]), similarity.RELATED),
        (kind("jalan-lubang", "jalan", ["banjir-saluran"]), kind("banjir-saluran"), similarity.RELATED),
        (kind("banjir-rob"), kind("banjir-pompa"), similarity.GROUP),
        (kind("banjir-rob"), kind("jalan-lubang", "jalan"), similarity.OTHER),
        (kind("banjir-rob"), None, similarity.OTHER),
        # Groups themselves have no parent, and that is not something they share.
        (kind("banjir", None), kind("jalan", None), similarity.OTHER),
        (kind("banjir", ""), kind("jalan", ""), similarity.OTHER),
    ],
)
def test_kinds(mine, theirs, expected):
    assert similarity.kinds(mine, theirs) == expected
