"""When two addresses are one."""

import pytest

from complaints.domain.contact import is_same_email


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("sri@example.org", "sri@example.org", True),
        ("Sri@Example.ORG", " sri@example.org ", True),
        ("sri@example.org", "sri@example.com", False),
        ("sri@example.org", "srı@example.org", False),  # dotless i: upper case is I
        ("siti@example.org", "ſiti@example.org", False),  # long s: upper case is S
        ("sri@kota.org", "sri@\u212aota.org", False),  # Kelvin sign
        ("sri@strasse.org", "sri@straße.org", False),  # case folding makes ss of it
        ("É@example.org", "é@example.org", False),
    ],
)
def test_only_the_case_of_plain_letters_does_not_matter(one, other, same):
    assert is_same_email(one, other) is same
    assert is_same_email(other, one) is same
