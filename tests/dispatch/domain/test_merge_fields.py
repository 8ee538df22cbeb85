"""Texts with fields: a closed substitution that nothing can break out of."""

import random

import pytest

from dispatch.domain import merge_fields
from dispatch.domain.merge_fields import Problem

ALLOWED = ("code", "link", "department")


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("Laporan {code}: {x}", {"code": "K7QM", "x": "beres"}, "Laporan K7QM: beres"),
        ("{code}{code}", {"code": "a"}, "aa"),
        ("{code}", {"code": "{link}", "link": "no"}, "{link}"),  # a value is not looked at again
        ("{nix} {code}", {"code": 1}, "{nix} 1"),
        ("{{code}} {code.x} {code!r} {0} {}", {"code": "a"}, "{a} {code.x} {code!r} {0} {}"),
        ("{% load x %}{{ code }} %(code)s ${code}", {"code": "a"}, "{% load x %}{{ code }} %(code)s $a"),
        ("", {}, ""),
    ],
)
def test_filling(text, values, expected):
    assert merge_fields.fill(text, values) == expected


@pytest.mark.parametrize(
    ("text", "changes", "expected"),
    [
        ("Laporan {code}", {}, []),
        ("  ", {}, [Problem("empty")]),
        ("  ", {"may_be_empty": True}, []),
        ("Laporan {kode} {kode}", {}, [Problem("unknown_field", "kode")]),
        ("{{ code }}", {}, [Problem("unknown_field", " code "), Problem("brace")]),
        ("{code.__class__}", {}, [Problem("unknown_field", "code.__class__")]),
        ("{% now %}", {}, [Problem("unknown_field", "% now %")]),
        ("Laporan", {"required": ["code"]}, [Problem("missing_field", "code")]),
        ("Laporan {code", {"required": ["code"]}, [Problem("missing_field", "code"), Problem("brace")]),
        ("a } b", {}, [Problem("brace")]),
        ("<b>x</b>", {}, [Problem("markup")]),
        ("< script>", {}, [Problem("markup")]),
        ("&lt;x&gt; &#65;", {}, [Problem("markup")]),
        ("3 < 4 & 5 > 4", {}, []),
        ("PU & Bina Marga", {}, []),
        ("satu\ndua", {}, [Problem("lines")]),
        ("satu\ndua", {"is_one_line": False}, []),
        ("a\x00b", {}, [Problem("lines")]),
        ("Subjek\r\nBcc: x@y.id", {}, [Problem("lines")]),
        ("x" * 41, {}, [Problem("too_long", "40")]),
        ("Lihat: {link}", {"required": ["link"]}, []),
        ("{link} lihat", {"required": ["link"]}, [Problem("link_last")]),
    ],
)
def test_what_is_wrong_with_a_text(text, changes, expected):
    assert merge_fields.problems(text, **({"allowed": ALLOWED, "max_chars": 40} | changes)) == expected


def test_whatever_is_allowed_is_filled_completely():
    """Any text without a problem is filled without a rest, and says nothing but itself and the values."""
    generator = random.Random(4)
    pieces = [
        "{code}",
        "{link}",
        "{department}",
        "{",
        "}",
        "{nix}",
        "<b>",
        "&amp;",
        "a",
        " ",
        "\n",
        "é",
        "{ }",
    ]
    good = 0
    for _time in range(4000):
        text = "".join(generator.choices(pieces, k=generator.randint(1, 7)))
        if merge_fields.problems(text, allowed=ALLOWED, max_chars=100):
            continue
        good += 1
        filled = merge_fields.fill(text, dict.fromkeys(ALLOWED, "V"))
        assert not set(filled) & set("{}<")
        assert len(filled) == len(text) - sum(len(name) + 1 for name in merge_fields.names_in(text))
    assert good > 300
