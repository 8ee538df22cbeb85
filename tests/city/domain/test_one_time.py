"""Codes of authenticator apps, as a table."""

import base64

import pytest

from city.domain import browsers, network, one_time

# RFC 6238, appendix B (SHA-1), the last six of its eight digits.
SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]


@pytest.mark.parametrize(("now_s", "code"), VECTORS)
def test_the_codes_of_the_standard(now_s, code):
    assert one_time.step_of(SECRET, code, now_s=now_s) == now_s // 30


@pytest.mark.parametrize(
    ("off_s", "counts"), [(0, True), (-30, True), (30, True), (-60, False), (60, False), (3600, False)]
)
def test_a_clock_may_be_one_step_off(off_s, counts):
    now_s = 1234567890
    code = one_time.code_at(SECRET, (now_s + off_s) // 30)
    assert (one_time.step_of(SECRET, code, now_s=now_s) is not None) == counts


def test_a_code_that_was_used_never_counts_again():
    now_s = 1234567890
    step = now_s // 30
    assert one_time.step_of(SECRET, "005924", now_s=now_s, last_step=step) is None
    assert one_time.step_of(SECRET, "005924", now_s=now_s, last_step=step - 1) == step
    before = one_time.code_at(SECRET, step - 1)
    assert one_time.step_of(SECRET, before, now_s=now_s, last_step=step) is None


@pytest.mark.parametrize(
    ("typed", "counts"),
    [
        ("005924", True),
        (" 005 924 ", True),
        ("005-924", True),
        ("００５９２４", True),
        ("05924", False),
        ("0059240", False),
        ("", False),
        ("abcdef", False),
        ("\ud800", False),
    ],
)
def test_how_it_may_be_typed(typed, counts):
    assert (one_time.step_of(SECRET, typed, now_s=1234567890) is not None) == counts


def test_secrets_are_long_and_new_each_time():
    secrets = {one_time.new_secret() for _ in range(20)}
    assert len(secrets) == 20
    assert {len(base64.b32decode(secret)) for secret in secrets} == {20}
    address = one_time.address(SECRET, account="sri", issuer="Lapor Semarang")
    assert address.startswith("otpauth://totp/Lapor%20Semarang:sri?secret=" + SECRET)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("103.28.12.77", "103.28.12.*"),
        ("::ffff:103.28.12.77", "103.28.12.*"),
        ("2001:db8:1:2::3", "2001:db8:1:*"),
        ("unknown", ""),
        ("", ""),
    ],
)
def test_addresses_are_shortened(address, shown):
    assert network.shortened(address) == shown


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Windows"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537 Chrome/138.0 Mobile Safari/537", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Safari/604", "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/138.0 Safari/537 Edg/138.0", "Edge, Windows"),
        ("curl/8", ""),
        ("", ""),
    ],
)
def test_browsers_in_words(agent, words):
    assert browsers.in_words(agent) == words
