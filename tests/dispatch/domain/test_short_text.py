"""Texts for SMS: one alphabet, counted as the network counts, never a cut link."""

import pytest

from dispatch.domain import short_text

LINK = "https://lapor.example.go.id/k/abcdefghijklmnopqrstuvwxyz2345"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DPU menyatakan selesai – benarkah?", "DPU menyatakan selesai - benarkah?"),
        ("“Ya” … ‘tidak’", "\"Ya\" ... 'tidak'"),
        ("Été à São Paulo, ÇA", "Été à Sao Paulo, ÇA"),
        ("jalan 😀 rusak", "jalan rusak"),
        ("dua\n\nbaris\tdan  ruang", "dua baris dan ruang"),
        ("ꦗꦭꦤ꧀", ""),
    ],
)
def test_to_the_letters_of_every_phone(text, expected):
    assert short_text.to_gsm(text) == expected


def test_brackets_count_twice():
    assert short_text.length("a[b]€") == 8


def test_what_fits_is_left_whole():
    assert short_text.fit("Pendek.", LINK, 160) == f"Pendek. {LINK}"
    assert short_text.fit("Tanpa tautan.", "", 160) == "Tanpa tautan."


@pytest.mark.parametrize(("max_chars", "room"), [(160, 160), (320, 306)])
def test_a_long_text_is_cut_at_a_word_and_the_link_stays(max_chars, room):
    text = short_text.fit("kata " * 100, LINK, max_chars)
    assert text.endswith(f"kata... {LINK}")
    assert room - 8 < short_text.length(text) <= room


def test_one_endless_word_is_cut_too():
    text = short_text.fit("a" * 500, LINK, 160)
    assert short_text.length(text) == 160
    assert text.endswith(f"a... {LINK}")


@pytest.mark.parametrize(
    ("also", "max_chars", "expected"),
    [
        ("", 30, "Sudah selesai. https://x.id/k"),
        ("Juga.", 40, "Sudah selesai. Juga. https://x.id/k"),
        ("Juga.", 35, "Sudah selesai. Juga. https://x.id/k"),
        ("Juga.", 34, "Sudah selesai. https://x.id/k"),  # one letter too long: not at all
    ],
)
def test_a_second_part_stands_there_whole_or_not_at_all(also, max_chars, expected):
    assert short_text.fit_more("Sudah selesai.", also, "https://x.id/k", max_chars) == expected
