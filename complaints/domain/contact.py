"""Addresses in any writing: phone numbers are stored as E.164, e-mail addresses as typed."""

import phonenumbers


def normalise_phone(text: str, region: str = "ID") -> str | None:
    """`0812-3456…`, `62 812…`, `+62 (0)812…`, `0062 812…` → `+62812…`; None if it cannot be a number.

    Numbers of other countries pass when written with their +prefix.
    """
    typed = text.strip()
    digits = "".join(ch for ch in typed if ch.isdigit())
    if digits.startswith("0062"):  # as dialled from abroad
        typed = "+" + digits[2:]
    elif digits.startswith("62") and not typed.startswith("+"):
        typed = "+" + digits
    try:
        number = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


_TO_LOWER = {ord(letter): ord(letter.lower()) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def is_same_email(one: str, other: str) -> bool:
    """Whether two e-mail addresses are one, as far as anybody can tell: the case of A to Z does not matter,
    every other letter does. Full case folding takes `ı` for `i` and `ß` for `ss`, and so a stranger's mailbox
    for one's own (Unicode Technical Report 36, 2.10)."""
    return one.strip().translate(_TO_LOWER) == other.strip().translate(_TO_LOWER)
