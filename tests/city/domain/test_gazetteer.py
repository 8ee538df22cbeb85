"""Finding places by name: the ranking as a table."""

import pytest

from city.domain.gazetteer import MOST_RESULTS, Entry, Gazetteer

AREAS = {
    "01": "Semarang Tengah",
    "01.1": "Kauman Semarang Tengah",
    "10": "Tembalang",
    "10.3": "Mangunharjo Tembalang",
    "16": "Tugu",
    "16.7": "Mangunharjo Tugu",
    "06": "Pedurungan",
    "06.3": "Tlogosari Wetan Pedurungan",
}


def entry(key, kind, name, area, *aliases):
    return Entry(key, kind, name, -7.0, 110.4, 50.0, is_point=True, area_code=area, aliases=aliases)


PLACES = Gazetteer(
    [
        entry("johar", "landmark", "Pasar Johar", "01.1"),
        entry("bulu", "landmark", "Pasar Bulu", "01"),
        entry("sima", "landmark", "Simpang Lima", "01", "Lapangan Pancasila"),
        entry("rs", "landmark", "RSUP Dr. Kariadi", "01", "RS Kariadi"),
        entry("mt", "kelurahan", "Mangunharjo", "10.3"),
        entry("mg", "kelurahan", "Mangunharjo", "16.7"),
        entry("tw", "kelurahan", "Tlogosari Wetan", "06.3"),
        entry("tb", "kecamatan", "Tembalang", "10"),
        entry("r-tlogo", "road", "Jalan Tlogosari Raya", "06"),
        entry("r-sh", "road", "Jalan Soekarno-Hatta", "06"),
        entry("r-mth", "road", "Jalan MT. Haryono", "01"),
        entry("r-pan", "road", "Jalan Pandanaran", "01"),
        entry("x", "crossing", "Jalan Pandanaran – Jalan Kyai Saleh", "01"),
        entry("s-mang", "street", "Jl. Mangunharjo 1", "10"),
        entry("s-gp", "street", "Jl. Gang Pinggir", "01"),
        entry("w", "water", "Sungai Kaligarang", "10"),
    ],
    AREAS,
)


def keys(query, limit=8):
    return [found.entry.key for found in PLACES.search(query, limit)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("pasar johar", "johar"),
        ("psr johar", "johar"),
        ("Pasar Joh", "johar"),
        ("johar pasar", "johar"),
        ("depan pasar johar", "johar"),
        ("pasar johor", "johar"),  # one slip in a word of five letters
        ("pasat johar", "johar"),
        ("simpang lima", "sima"),
        ("lapangan pancasila", "sima"),
        ("rumah sakit kariadi", "rs"),
        ("rs kariyadi", "rs"),
        ("tlogosari timur", "tw"),
        ("tlogosari wetan", "tw"),
        ("tlogo sari wetan", "tw"),
        ("kelurahan tlogosari", "tw"),
        ("jalan tlogosari", "r-tlogo"),
        ("sukarno hatta", "r-sh"),
        ("jl soekarno hata", "r-sh"),
        ("m.t. haryono", "r-mth"),
        ("pandanaran", "r-pan"),
        ("pandnaran", "r-pan"),
        ("prapatan pandanaran", "x"),
        ("pandanaran kyai saleh", "x"),
        ("kyai saleh pandanaran", "x"),
        ("mangunharjo tembalang", "mt"),
        ("mangunharjo tugu", "mg"),
        ("kec tembalang", "tb"),
        ("kali garang", "w"),
        ("kaligarang", "w"),
        ("gang pinggir", "s-gp"),
        ("johar semarang tengah", "johar"),
        ("warung makan dekat johar", "johar"),  # words that nothing bears do not hide what is known
    ],
)
def test_what_comes_first(typed, first):
    assert keys(typed)[0] == first


def test_both_of_one_name_come_with_a_fixed_order():
    assert keys("mangunharjo")[:3] == ["mg", "mt", "s-mang"]


@pytest.mark.parametrize("typed", ["", " ", "j", "jl", "zzzz", "xqzwv jkkll", "pemalang", "johr"])
def test_nothing_is_found(typed):
    """Below two characters, for a bare "street", for unknown words, and for a slip in a short word."""
    assert keys(typed) == []


def test_an_area_alone_does_not_bring_everything_in_it():
    assert set(keys("tembalang")) == {"tb"}


def test_the_limit_is_kept():
    assert len(keys("pa", 1)) == 1
    assert len(PLACES.search("pa", 10_000)) <= MOST_RESULTS


def test_scores_fall():
    scores = [found.score for found in PLACES.search("pasar")]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == 2


def test_by_key():
    assert PLACES.get("johar").name == "Pasar Johar"
    assert PLACES.get("none") is None
    assert len(PLACES) == 16


def test_an_empty_gazetteer():
    assert Gazetteer([], {}).search("johar") == []
