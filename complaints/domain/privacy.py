"""What the public must not read although somebody typed it: phone numbers, NIK, e-mail addresses."""

import re

# The part before the @ has at most 64 characters (RFC 5321), and saying so keeps a long word without any @
# from being tried anew from each of its letters.
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
# A national identity number (NIK) has 16 digits, often written in groups.
_NIK = re.compile(r"(?<!\d)\d(?:[ .-]?\d){15}(?!\d)")
# Indonesian phone numbers: +62, 62 or 0, then 8 to 12 digits, with spaces, dots, hyphens or brackets between.
_PHONE = re.compile(r"(?<![\d.])(?:\+?62|\(?0)[ .()-]*[2-9](?:[ .()-]{0,2}\d){6,11}(?!\d)")
MASK = "•••"


def located(text: str) -> list[tuple[int, str, str]]:
    """The personal data in a text: where it begins, what it is (email, nik, phone), how it is written."""
    return sorted(
        (match.start(), kind, match.group())
        for kind, pattern in (("email", _EMAIL), ("nik", _NIK), ("phone", _PHONE))
        for match in pattern.finditer(text)
    )


def find(text: str) -> list[str]:
    """The personal data in a text, in order, so that the form can point it out before sending."""
    return [value for _start, _kind, value in located(text)]


def mask(text: str) -> str:
    """The text as the public may read it."""
    for pattern in (_EMAIL, _NIK, _PHONE):
        text = pattern.sub(MASK, text)
    return text


def hint(address: str, channel: str) -> str:
    """An address so that its owner recognises it and nobody else learns it; nothing for a browser's."""
    if channel == "email":
        name, _at, domain = address.partition("@")
        return f"{name[:2]}{MASK}@{domain}"
    return "" if channel == "webpush" else f"{address[:5]}{MASK}{address[-3:]}"
