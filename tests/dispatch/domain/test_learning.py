"""The classifier by itself: what it learns, what it keeps, when it may be used."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.domain import learning
from dispatch.domain.learning import Accuracy, Model

SAMPLES = [
    *[("lampu jalan mati, gelap sekali", "lain-pju")] * 6,
    *[("lampu pju padam di gang", "lain-pju")] * 6,
    *[("jalan berlubang dalam", "jalan-lubang")] * 6,
    *[("lubang besar di aspal", "jalan-lubang")] * 6,
    *[("air banjir masuk rumah", "banjir-banjir")] * 6,
    ("kucing di atas pohon", "lain-hewan"),
]


@pytest.fixture(scope="module")
def model():
    return learning.train(SAMPLES)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("lampu depan rumah padam", "lain-pju"),
        ("ada lubang", "jalan-lubang"),
        ("LUBANGNYA makin besar", "jalan-lubang"),
        ("rumahku kebanjiran", "banjir-banjir"),
    ],
)
def test_it_learns_words_and_pieces_of_words(model, text, label):
    assert model.guess(text)[0].label == label


def test_a_class_of_one_text_is_no_class(model):
    assert model.labels == ["banjir-banjir", "jalan-lubang", "lain-pju"]


@pytest.mark.parametrize("text", ["", "   ", "!!!", "xyzzyq"])
def test_a_text_that_says_nothing_gets_no_guess(model, text):
    assert model.guess(text) == []


def test_what_is_kept_guesses_the_same(model):
    again = Model.from_bytes(model.to_bytes())
    for text, _label in SAMPLES:
        assert again.guess(text) == model.guess(text)


@pytest.mark.parametrize("content", [b"", b"abc"])
def test_foreign_bytes_are_refused(content):
    import zlib

    with pytest.raises((ValueError, zlib.error)):
        Model.from_bytes(content)


@pytest.mark.parametrize("samples", [[], [("lubang", "a")] * 9, [("lubang", "a"), ("lampu", "b")]])
def test_too_little_to_learn_from_learns_nothing(samples):
    assert learning.train(samples).guess("lubang") == []


@given(st.text(max_size=80))
def test_any_text_is_guessed_without_a_fault(text):
    guesses = learning.train(SAMPLES[:12] + SAMPLES[12:24]).guess(text)
    assert all(0 <= guess.score <= 1 for guess in guesses)


def test_measuring():
    guesses = [(["a", "b"], "a"), (["b", "a"], "a"), (["b", "c", "d", "a"], "a"), ([], "a")]
    assert learning.measure(guesses) == Accuracy(4, 0.25, 0.5)


@pytest.mark.parametrize(
    ("learned", "rules", "used"),
    [
        (Accuracy(200, 0.8, 0.9), Accuracy(200, 0.7, 0.9), True),
        (Accuracy(199, 0.8, 0.9), Accuracy(199, 0.7, 0.9), False),
        (Accuracy(500, 0.7, 0.9), Accuracy(500, 0.7, 0.8), False),
        (Accuracy(500, 0.8, 0.85), Accuracy(500, 0.7, 0.9), False),
        (Accuracy(0, 0.0, 0.0), Accuracy(0, 0.0, 0.0), False),
    ],
)
def test_it_is_used_only_where_it_wins(learned, rules, used):
    assert learning.wins(learned, rules) is used


@pytest.mark.parametrize(
    ("learned", "rules", "together"),
    [
        (["a", "b"], ["a", "c"], ["a", "b", "c"]),
        (["a", "b"], ["b", "a"], ["a", "b"]),
        ([], ["c", "d"], ["c", "d"]),
        (["x"], [], ["x"]),
        ([], [], []),
    ],
)
def test_two_opinions_together(learned, rules, together):
    assert learning.together(learned, rules, 3) == together
