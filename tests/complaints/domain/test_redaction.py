"""Blacking out as tables: rectangles in pixels, words in texts, and what is suggested. All data is
invented.
"""

import pytest

from complaints.domain import redaction
from complaints.domain.redaction import Area, BadArea, areas, hide, hide_in, passages, suggest


@pytest.mark.parametrize(
    ("area", "size", "box"),
    [
        (Area(25, 50, 25, 25), (400, 200), (99, 99, 200, 150)),  # a pixel more on every side
        (Area(0, 0, 100, 100), (401, 203), (0, 0, 400, 202)),
        (Area(10.05, 0, 0.5, 0.5), (1000, 1000), (99, 0, 106, 5)),  # broken pixels are covered whole
        (Area(99.5, 99.5, 0.5, 0.5), (16, 16), (14, 14, 15, 15)),
    ],
)
def test_an_area_covers_every_pixel_it_touches(area, size, box):
    assert area.box(*size) == box


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([], []),
        ([["", " ", "", ""]], []),
        ([["10", "20", "30", "40"]], [Area(10, 20, 30, 40)]),
        ([["10,5", "20.25", "30", "40"]], [Area(10.5, 20.25, 30, 40)]),
        ([[90, 80, 50, 50]], [Area(90, 80, 10, 20)]),  # cut at the edge
        ([["1", "1", "2", "2"], ["", "", "", ""], ["1.0", "1", "2", "2"]], [Area(1, 1, 2, 2)]),
    ],
)
def test_rectangles_are_read_as_people_write_them(rows, found):
    assert areas(rows) == found


@pytest.mark.parametrize(
    "row",
    [
        ["10", "20", "30", ""],
        ["10", "20", "30", "tiga"],
        ["-1", "20", "30", "40"],
        ["100", "20", "30", "40"],
        ["10", "20", "0.4", "40"],
        ["10", "20", "30", "101"],
        ["nan", "20", "30", "40"],
        ["10", "20", "inf", "40"],
    ],
)
def test_what_is_no_rectangle_is_refused_by_its_row(row):
    with pytest.raises(BadArea) as caught:
        areas([["1", "1", "5", "5"], row])
    assert caught.value.row == 2


def test_more_areas_than_a_page_can_hold_are_refused():
    rows = [[number, 1, 1, 1] for number in range(redaction.MAX_AREAS)]
    assert len(areas(rows)) == redaction.MAX_AREAS
    with pytest.raises(BadArea):
        areas([*rows, [70, 1, 1, 1]])


@pytest.mark.parametrize(
    ("text", "words", "shown"),
    [
        ("Rumah Pak Budi Santoso", ["Budi Santoso"], "Rumah Pak ▇▇▇"),
        ("budi  SANTOSO, lalu\nBudi\nSantoso", ["Budi Santoso"], "▇▇▇, lalu\n▇▇▇"),
        ("Ana makan banana, kata Ana.", ["ana"], "▇▇▇ makan banana, kata ▇▇▇."),
        ("H 1234 AB dan H 1234 ABC", ["H 1234 AB"], "▇▇▇ dan H 1234 ABC"),
        ("Budi Santoso dan Budi", ["Budi", "Budi Santoso"], "▇▇▇ dan ▇▇▇"),
        ("wa (0812) 3456-7890!", ["(0812) 3456-7890"], "wa ▇▇▇!"),
        ("a.b", ["a.b"], "▇▇▇"),
        ("axb", ["a.b"], "axb"),  # a point is a point
        ("tidak ada", ["Budi"], "tidak ada"),
        ("", ["Budi"], ""),
        ("Budi", [], "Budi"),
    ],
)
def test_words_are_covered_whole_in_any_case_and_spacing(text, words, shown):
    assert hide(text, words) == shown
    assert hide(shown, words) == shown  # covering twice changes nothing


def test_texts_within_data_are_covered_and_nothing_else():
    data = {"waiting_reason": "Menunggu Budi", "Budi": 3, "list": ["Budi", {"x": "oleh budi"}], "ok": True}
    assert hide_in(data, ["Budi"]) == {
        "waiting_reason": "Menunggu ▇▇▇",
        "Budi": 3,
        "list": ["▇▇▇", {"x": "oleh ▇▇▇"}],
        "ok": True,
    }


def test_passages_are_kept_once_the_longest_first():
    assert passages(["Budi", " ", "  budi ", "Budi   Santoso", "H 1234 AB"]) == [
        "Budi Santoso",
        "H 1234 AB",
        "Budi",
    ]


@pytest.mark.parametrize("passage", ["a", "--", "x" * 201])
def test_a_passage_that_would_hide_anything_or_nothing_is_refused(passage):
    with pytest.raises(ValueError, match=passage):
        passages([passage])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Di depan rumah Pak Slamet Contoh ada lubang", [("name", "Slamet Contoh")]),
        ("hubungi bu Wagini ya", [("name", "Wagini")]),
        ("kata Pak RT Suparman kemarin", [("name", "Suparman")]),
        ("Pak RT dan Bu Lurah sudah tahu", []),
        ("dekat Ibu Kota dan Pak Ogah", []),
        ("Ibu di jalan", []),
        ("a.n. Siti Rohmah Contoh", [("name", "Siti Rohmah Contoh")]),
        ("nama saya Joko.", [("name", "Joko")]),
        ("Pemilik: Hartono Contoh, tidak di rumah", [("name", "Hartono Contoh")]),
        ("mobil H 1234 AB parkir", [("plate", "H 1234 AB")]),
        ("plat H1234ABC dan AD-77-X", [("plate", "H1234ABC"), ("plate", "AD-77-X")]),
        ("motor h 1234 ab", [("plate", "h 1234 ab")]),
        ("RT 05 RW 02, KM 12, lubang 30 cm", []),
        ("telp 0812-3456-7890", [("phone", "0812-3456-7890")]),
        ("NIK 3374 0101 0101 0001", [("nik", "3374 0101 0101 0001")]),
        ("surel budi@contoh.example", [("email", "budi@contoh.example")]),
        ("Pak Budi lagi, Pak  Budi", [("name", "Budi")]),
        ("Jalan Pak Harto rusak", [("name", "Harto")]),  # a help that somebody looks over
        ("", []),
    ],
)
def test_what_may_be_somebodys_data_is_pointed_out(text, found):
    assert [(item.kind, item.words) for item in suggest(text)] == found


def test_suggestions_come_in_the_order_of_the_texts():
    assert [item.words for item in suggest("Pak Andi, H 12 AB", "Bu Rini, H 12 AB")] == [
        "Andi",
        "H 12 AB",
        "Rini",
    ]
