import json
from pathlib import Path

import pytest

from complaints.domain import privacy, text
from complaints.domain.contact import normalise_phone


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("  got jebol  ", "got jebol"),
        ("baris satu\r\nbaris dua\rbaris tiga", "baris satu\nbaris dua\nbaris tiga"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("nol\x00bel\x07l\x1b[31m", "nolbell[31m"),
        ("kanan\u202ekiri\u202c", "kanankiri"),
        ("\u2066isolat\u2069", "isolat"),
        ("\ufefflebar\u200bnol", "lebarnol"),
        ("keluarga 👨\u200d👩\u200d👧", "keluarga 👨\u200d👩\u200d👧"),
        ("e\u0301", "é"),
        ("surrogat\ud800", "surrogat"),
        ("dalan\u2028bolong", "dalan\nbolong"),
        ("", ""),
    ],
)
def test_clean(typed, clean):
    assert text.clean(typed) == clean
    assert text.clean(clean) == clean


@pytest.mark.parametrize("pile", ["\u0301\u0323" * 200_000, ("\u0301\u0323" * 15 + "\u200b") * 10_000])
def test_at_most_thirty_marks_stand_on_one_letter(pile):
    """Ordering a long pile of marks takes time that grows with its square: a body of 1 MB took minutes."""
    cleaned = text.clean(f"g{pile}ot jebol")
    assert cleaned == text.clean("g" + "\u0301\u0323" * 15 + "ot jebol")
    assert text.clean(cleaned) == cleaned


def test_clean_line_has_no_breaks():
    assert text.clean_line(" Jl.\nPemuda \t 12 ") == "Jl. Pemuda 12"


# Typed, public, found: the browser's half of the rules is checked against the same cases.
PRIVACY_CASES = json.loads((Path(__file__).parents[2] / "privacy_cases.json").read_text())


@pytest.mark.parametrize("case", PRIVACY_CASES, ids=lambda case: case["typed"][:30])
def test_what_the_public_does_not_read(case):
    assert privacy.mask(case["typed"]) == case["public"]
    assert privacy.find(case["typed"]) == case["found"]


def test_masking_looks_back_a_bounded_way_only():
    """Else a page of 5,000-letter words without any @ would hold a server for half a minute."""
    assert privacy.mask("a" * 5000) == "a" * 5000
    assert privacy.mask("a" * 100 + "@contoh.id") == "a" * 36 + privacy.MASK


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("081234567890", "+6281234567890"),
        ("0812-3456-7890", "+6281234567890"),
        ("62 812 3456 7890", "+6281234567890"),
        ("+62 (812) 3456-7890", "+6281234567890"),
        ("6281234567890", "+6281234567890"),
        ("(024) 3513366", "+62243513366"),
        ("+44 20 7946 0958", "+442079460958"),
        ("112", None),
        ("halo", None),
        ("08", None),
        ("0812345678901234567", None),
    ],
)
def test_phone_numbers_in_any_writing(typed, stored):
    assert normalise_phone(typed) == stored
