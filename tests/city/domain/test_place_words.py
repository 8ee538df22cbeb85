"""How places are written."""

import pytest

from city.domain.place_words import fold, name_words, one_edit, read


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Jl. Soekarno-Hatta", ["jalan", "sukarno", "hata"]),
        ("JLN SUKARNO HATA", ["jalan", "sukarno", "hata"]),
        ("Gg. Melati II", ["gang", "melati", "2"]),
        ("psr. Johar", ["pasar", "johar"]),
        ("Rumah Sakit Kariadi", ["rs", "kariadi"]),
        ("R.S. Kariadi", ["rs", "kariadi"]),
        ("Brigjend. Katamso", ["brigadir", "jenderal", "katamso"]),
        ("Bendan Dhuwur", ["bendan", "duwur"]),
        ("Tjokroaminoto", ["cokroaminoto"]),
        ("Djoeanda", ["juanda"]),
        ("Kel. Bulusan, Kec. Tembalang", ["kelurahan", "bulusan", "kecamatan", "tembalang"]),
        ("Café Simpang", ["cafe", "simpang"]),
        ("K.H. Agus Salim", ["k", "h", "agus", "salim"]),
        ("", []),
        ("…!?", []),
    ],
)
def test_folding(written, words):
    assert fold(written) == words


def test_a_name_without_what_every_street_has():
    assert name_words("Jalan Pemuda") == ["pemuda"]
    assert name_words("Jalan") == ["jalan"]


@pytest.mark.parametrize(
    ("typed", "required", "optional", "kinds"),
    [
        ("jalan pemuda", ("pemuda",), (), {"road", "street", "crossing"}),
        ("depan pasar johar", ("pasar", "johar"), (), set()),
        ("prapatan pandanaran", ("pandanaran",), ("simpang",), {"crossing"}),
        ("simpang", ("simpang",), (), {"crossing"}),
        ("gang pinggir", ("pingir",), ("gang",), {"street"}),
        ("rt 3 rw 5 melati", ("3", "5", "melati"), (), set()),
        ("di depan", ("di", "depan"), (), set()),
        ("jl", (), (), {"road", "street", "crossing"}),
        ("", (), (), set()),
    ],
)
def test_what_is_wanted(typed, required, optional, kinds):
    wanted = read(typed)
    assert (wanted.required, wanted.optional, wanted.kinds) == (required, optional, kinds)


def test_the_last_word_may_go_on_unless_a_space_ends_it():
    assert read("pasar joh").is_last_open
    assert not read("pasar johar ").is_last_open


def test_a_novel_is_cut_short():
    assert len(read("kata " * 500).required) == 10


@pytest.mark.parametrize("slip", ["johr", "johaar", "johat", "joahr"])
def test_one_slip(slip):
    assert "johar" in one_edit(slip)
    assert slip not in one_edit(slip)


def test_two_slips_are_another_word():
    assert "johar" not in one_edit("jahor")
