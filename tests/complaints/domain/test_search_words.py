"""What is typed, cut into words as the index cuts them."""

from types import SimpleNamespace

import pytest

from complaints.domain.search_words import MOST_WORDS, Term, areas_meant, terms, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Jl. Élok no.17/A", ["jl", "elok", "no", "17", "a"]),
        ("  BANJIR,rob;  ", ["banjir", "rob"]),
        ("Nin\u0303o", ["nino"]),  # letter and accent written apart
        ("gajah-mada_1", ["gajah", "mada", "1"]),
        ("'; DROP TABLE x --", ["drop", "table", "x"]),
        ("x" * 70, ["x" * 64]),
        ("!?%*\"'", []),
        ("", []),
    ],
)
def test_words(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lubang jala", [Term(("lubang",)), Term(("jala",), is_open=True)]),
        ("lubang jala ", [Term(("lubang",)), Term(("jala",))]),  # a space: the word is whole
        ("rob", [Term(("rob",), is_open=True)]),
        ("ro", [Term(("ro",))]),
        ("jalan Elok", [Term(("jalan", "jl", "jln")), Term(("elok",), is_open=True)]),
        ("JLN.", [Term(("jln", "jalan", "jl"), is_open=True)]),
        ("lubang lubang", [Term(("lubang",), is_open=True)]),
        ("kelurahan Tandang", [Term(("tandang",), is_open=True)]),
        ("kel.", [Term(("kel",), is_open=True)]),  # nothing else was typed
        ("*", []),
    ],
)
def test_terms(text, expected):
    assert terms(text) == expected


def test_more_words_than_anybody_types_are_cut_off():
    typed = [f"kata{number}" for number in range(40)]
    found = terms(" ".join(typed))
    assert found == [Term((word,)) for word in typed[:MOST_WORDS]]


AREAS = [
    SimpleNamespace(id=1, code="k1", parent_code=None, name="Semarang Barat"),
    SimpleNamespace(id=2, code="k1.1", parent_code="k1", name="Kalibanteng Kulon"),
    SimpleNamespace(id=3, code="k2", parent_code=None, name="Tembalang"),
    SimpleNamespace(id=4, code="k2.1", parent_code="k2", name="Tembalang"),
    SimpleNamespace(id=5, code="k2.2", parent_code="k2", name="Bulusan"),
]


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (Term(("barat",)), [1, 2]),
        (Term(("kalibanteng",)), [2]),
        (Term(("kali",)), []),
        (Term(("kali",), is_open=True), [2]),
        (Term(("tembalang",)), [3, 4, 5]),
        (Term(("bulusan",)), [5]),
        (Term(("lubang",)), []),
    ],
)
def test_a_word_may_mean_areas(term, expected):
    assert areas_meant(term, AREAS) == expected
