"""Tokens of message links: short, bound to one purpose, and worthless when anything is changed."""

import string

import pytest

from complaints.domain import message_token
from complaints.domain.message_token import Claim

KEY = "a key"
CLAIM = Claim("confirm", 1_234_567, 98_765_432)
TOKEN = message_token.make(CLAIM, KEY, "reporter:1")


def test_a_token_says_what_it_was_made_of_and_fits_into_an_sms():
    assert message_token.claimed(TOKEN) == CLAIM
    assert len(TOKEN) <= 32
    assert set(TOKEN) <= set(string.ascii_lowercase + "234567")


@pytest.mark.parametrize("purpose", message_token.PURPOSES)
@pytest.mark.parametrize("numbers", [(1, 0), (127, 128), (2**40, 2**50)])
def test_every_purpose_and_number_comes_back(purpose, numbers):
    claim = Claim(purpose, *numbers)
    token = message_token.make(claim, KEY, "")
    assert message_token.claimed(token) == claim
    assert message_token.is_genuine(token, [KEY], "")


@pytest.mark.parametrize(
    ("token", "keys", "bound_to", "expected"),
    [
        (TOKEN, [KEY], "reporter:1", True),
        (TOKEN.upper(), [KEY], "reporter:1", True),  # read aloud, typed in capitals
        (TOKEN, ["new", KEY], "reporter:1", True),
        (TOKEN, ["new"], "reporter:1", False),
        (TOKEN, [KEY], "reporter:2", False),
        (TOKEN, [KEY], "supporter:1", False),
        (TOKEN[:-1], [KEY], "reporter:1", False),
        (TOKEN + "a", [KEY], "reporter:1", False),
        ("", [KEY], "reporter:1", False),
        ("a" * 500, [KEY], "reporter:1", False),
        ("ä!", [KEY], "reporter:1", False),
    ],
)
def test_only_the_very_token_counts(token, keys, bound_to, expected):
    assert message_token.is_genuine(token, keys, bound_to) is expected


def test_no_changed_letter_is_overlooked():
    for index, letter in enumerate(TOKEN):
        other = "b" if letter != "b" else "c"
        changed = TOKEN[:index] + other + TOKEN[index + 1 :]
        assert not message_token.is_genuine(changed, [KEY], "reporter:1"), index


@pytest.mark.parametrize("token", ["", "a", "abc", "!!!!", "a" * 64, "7" * 30, "é" * 20, "a" * 65])
def test_rubbish_claims_nothing_and_raises_nothing(token):
    message_token.claimed(token)
    assert not message_token.is_genuine(token, [KEY], "")
