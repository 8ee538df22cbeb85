import pytest

from complaints.domain import codes


def test_codes_have_no_letters_that_are_confused_on_the_telephone():
    assert not set(codes.ALPHABET) & set("0O1ILUV")
    assert len(set(codes.ALPHABET)) == 29


def test_new_codes_are_codes_and_differ():
    many = {codes.new_code() for _ in range(2000)}
    assert len(many) == 2000
    assert all(codes.normalise(code) == code for code in many)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("K7QM4TPX", "K7QM4TPX"),
        ("k7qm-4tpx", "K7QM4TPX"),
        (" K7QM 4TPX ", "K7QM4TPX"),
        ("k7.qm_4t px", "K7QM4TPX"),
        ("K7QM4TP", None),
        ("K7QM4TPXX", None),
        ("K7QM4TP0", None),
        ("K7QM4TPO", None),
        ("", None),
        ("✓✓✓✓✓✓✓✓", None),
    ],
)
def test_normalise(typed, code):
    assert codes.normalise(typed) == code


def test_spoken():
    assert codes.spoken("K7QM4TPX") == "K7QM-4TPX"


def test_a_secret_opens_its_own_report_only():
    secret = codes.link_secret("K7QM4TPX", 1, "key")
    assert len(secret) == 25
    assert codes.secret_matches(secret, "K7QM4TPX", 1, ["key"])
    assert codes.secret_matches(secret.upper() + " ", "K7QM4TPX", 1, ["key"])
    assert codes.secret_matches(secret, "K7QM4TPX", 1, ["new", "key"])
    for code, version, keys in [("K7QM4TPY", 1, ["key"]), ("K7QM4TPX", 2, ["key"]), ("K7QM4TPX", 1, ["new"])]:
        assert not codes.secret_matches(secret, code, version, keys)
    assert not codes.secret_matches("", "K7QM4TPX", 1, ["key"])
    assert not codes.secret_matches("ü", "K7QM4TPX", 1, ["key"])
