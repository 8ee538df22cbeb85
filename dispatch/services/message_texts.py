"""Texts of messages to citizens: the standard ones, or what staff have put in their place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from dispatch.domain import merge_fields
from dispatch.models import MessageText
from dispatch.services import message_standards as standards

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)  # the portal's own first


@dataclass(frozen=True, slots=True)
class Book:
    """All texts of one language; use it while that language is active. `edited`: key → part → text."""

    language: str
    edited: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def text(self, key: str, part: str) -> str:
        """The text with its fields."""
        edited = self.edited.get(key, {}).get(part)
        return standards.standard(key, part) if edited is None else edited

    def fill(self, key: str, part: str, values: Mapping[str, object]) -> str:
        return merge_fields.fill(self.text(key, part), values)


def book(language: str) -> Book:
    """The texts in force. One query, whatever was edited."""
    rows = MessageText.objects.filter(language=language).values_list("key", "parts")
    return Book(language, dict(rows))


def written(key: str, language: str, typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed, as far as it differs from the standard texts; line breaks as we keep them."""
    with translation.override(language):
        found = {}
        for part in standards.parts(key):
            text = typed.get(part.name, "").replace("\r\n", "\n").strip()
            if text != standards.standard(key, part.name):
                found[part.name] = text
        return found


def faults(key: str, edited: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with edited texts, by part, in sentences; empty if they can be filled in."""
    by_name = {part.name: part for part in standards.parts(key)}
    found = {}
    for name, text in edited.items():
        part = by_name[name]
        wrong = merge_fields.problems(
            text,
            allowed=part.fields,
            required=part.required,
            max_chars=part.max_chars,
            is_one_line=part.is_one_line,
            may_be_empty=part.may_be_empty,
        )
        if wrong:
            found[name] = " ".join(sentence(problem, part.fields) for problem in wrong)
    return found


def sentence(problem: merge_fields.Problem, fields: Iterable[str]) -> str:
    """What is wrong, for whoever wrote the text; `fields` are those that may stand in it."""
    known = ", ".join(f"{{{name}}}" for name in fields)
    named = f"{{{problem.value}}}"
    return {
        merge_fields.UNKNOWN: _("%(field)s is not known here. Known: %(known)s."),
        merge_fields.MISSING: _("%(field)s must stand here: without it the message is of no use."),
        merge_fields.BRACE: _("A brace stands alone. Write fields like {code}, and no other braces."),
        merge_fields.MARKUP: _("Only plain text: no HTML."),
        merge_fields.TOO_LONG: _("At most %(limit)s characters fit here."),
        merge_fields.LINES: _("Please write one line."),
        merge_fields.LINK_LAST: _("{link} must be the last thing, so that it is never cut."),
        merge_fields.EMPTY: _("Please write something, or go back to the standard text."),
    }[problem.code] % {"field": named, "known": known, "limit": problem.value}
