import pytest

from complaints.domain.addresses import household


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:0:1::1", "2001:db8:0:1::"),
        ("2001:db8:0:1:ffff::9", "2001:db8:0:1::"),
        ("2001:db8:0:2::1", "2001:db8:0:2::"),
        ("", "unknown"),
        ("bukan alamat", "unknown"),
    ],
)
def test_a_household_has_one_share(address, expected):
    assert household(address) == expected
