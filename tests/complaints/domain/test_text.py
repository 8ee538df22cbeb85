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


@pytest.mark.parametrize(
    ("typed", "public", "found"),
    [
        ("hubungi 0812-3456-7890 ya", "hubungi ••• ya", ["0812-3456-7890"]),
        ("wa +62 812 3456 7890", "wa •••", ["+62 812 3456 7890"]),
        ("telp (024) 351 3366.", "telp •••.", ["(024) 351 3366"]),
        ("NIK 3374 0101 0190 0001", "NIK •••", ["3374 0101 0190 0001"]),
        ("surat ke budi.s+1@contoh.co.id!", "surat ke •••!", ["budi.s+1@contoh.co.id"]),
        ("kedalaman 70 cm, 12 rumah, tahun 2023", "kedalaman 70 cm, 12 rumah, tahun 2023", []),
        ("-6.990312, 110.422945", "-6.990312, 110.422945", []),
        ("biaya 1.500.000 rupiah", "biaya 1.500.000 rupiah", []),
        ("Jl. Pemuda 148 RT 02 RW 05", "Jl. Pemuda 148 RT 02 RW 05", []),
    ],
)
def test_personal_data_is_masked_in_public_and_pointed_out_before(typed, public, found):
    assert privacy.mask(typed) == public
    assert privacy.find(typed) == found


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
