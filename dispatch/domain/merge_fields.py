"""Texts with fields, as `Report {code}: {headline}`. Substitution and nothing else: what a value contains is
not looked at again, and no staff text is ever run as a template.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

_FIELD = re.compile(r"\{([^{}]*)\}")
_TAG = re.compile(r"<\s*[/!?a-zA-Z]|&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]+);")

UNKNOWN, MISSING, BRACE, MARKUP, TOO_LONG, LINES, LINK_LAST, EMPTY = (
    *("unknown_field", "missing_field", "brace", "markup", "too_long", "lines", "link_last", "empty"),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a text; `value` names the field or says the limit."""

    code: str
    value: str = ""


def names_in(text: str) -> list[str]:
    """The fields of a text, in order."""
    return _FIELD.findall(text)


def fill(text: str, values: Mapping[str, object]) -> str:
    """The text with its fields filled in; a field without a value stays as it is written."""
    return _FIELD.sub(lambda match: str(values.get(match[1], match[0])), text)


def problems(
    text: str,
    *,
    allowed: Collection[str],
    required: Collection[str] = (),
    max_chars: int,
    is_one_line: bool = True,
    may_be_empty: bool = False,
) -> list[Problem]:
    """Everything that is wrong with a text, in the order in which one would mend it."""
    if not text.strip():
        return [] if may_be_empty else [Problem(EMPTY)]
    found = [Problem(UNKNOWN, name) for name in dict.fromkeys(names_in(text)) if name not in allowed]
    found += [Problem(MISSING, name) for name in required if name not in names_in(text)]
    if "{" in _FIELD.sub("", text) or "}" in _FIELD.sub("", text):
        found.append(Problem(BRACE))
    if _TAG.search(text):
        found.append(Problem(MARKUP))
    if is_one_line and any(not ch.isprintable() for ch in text):
        found.append(Problem(LINES))
    if "link" in required and not text.rstrip().endswith("{link}"):
        found.append(Problem(LINK_LAST))
    if len(text) > max_chars:
        found.append(Problem(TOO_LONG, str(max_chars)))
    return found
