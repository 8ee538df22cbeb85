"""Texts of messages to citizens: the standard ones, or what staff have put in their place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from complaints import errors
from dispatch.domain import merge_fields
from dispatch.models import MessageText, MessageTextVersion
from dispatch.services import message_standards as standards

PERMISSION = "dispatch.change_messagetext"
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


def may_edit(user) -> bool:
    return user.has_perm(PERMISSION)


def written(key: str, language: str, typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed, as far as it differs from the standard texts; line breaks as we keep them."""
    with translation.override(language):
        found = {}
        for part in standards.parts(key):
            text = typed.get(part.name, "").replace("\r\n", "\n").strip()
            if text != standards.standard(key, part.name):
                found[part.name] = text
        return found


def faults(key: str, language: str, edited: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with edited texts, by part, in sentences; empty if they can be saved.

    Whether a short text fits into an SMS is seen on the invented report (services.message_preview).
    """
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
            found[name] = " ".join(_sentence(problem, part) for problem in wrong)
    return found


def _sentence(problem: merge_fields.Problem, part: standards.Part) -> str:
    known = ", ".join(f"{{{name}}}" for name in part.fields)
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


def versions_of(key: str) -> dict[str, int]:
    """The last version of each language's texts; 0 before the first change."""
    known = dict.fromkeys(LANGUAGES, 0)
    rows = MessageTextVersion.objects.filter(key=key).order_by("version")
    return known | dict(rows.values_list("language", "version"))


@transaction.atomic
def save(
    user, key: str, edited: Mapping[str, Mapping[str, str]], *, seen: Mapping[str, int], now: datetime
) -> list[str]:
    """Put these texts in force, by language; a language without edited parts goes back to the standard texts.

    Returns the languages that changed. `seen`: the versions that the person saw. Raises NotPermitted,
    InvalidReport (`LANGUAGE-PART`), Conflict (somebody was faster). The database lets one of two win.
    """
    if not may_edit(user):
        raise errors.NotPermitted(step="message_text")
    wrong = {
        f"{language}-{name}": ("text", sentence)
        for language, parts in edited.items()
        for name, sentence in faults(key, language, parts).items()
    }
    if wrong:
        raise errors.InvalidReport(wrong)
    before = dict(MessageText.objects.filter(key=key).values_list("language", "parts"))
    last = versions_of(key)
    changed = [language for language in edited if dict(edited[language]) != before.get(language, {})]
    if any(last[language] != seen.get(language, 0) for language in changed):
        raise errors.Conflict(seen=dict(seen), now=last)
    for language in changed:
        _write(user, key, language, dict(edited[language]), last[language] + 1, now)
    return changed


def _write(user, key: str, language: str, parts: dict[str, str], version: int, now: datetime) -> None:
    common: dict[str, Any] = {"parts": parts, "version": version, "changed_at": now, "changed_by": user}
    try:
        with transaction.atomic():
            MessageTextVersion.objects.create(key=key, language=language, **common)
    except IntegrityError as taken:  # another change got this number
        raise errors.Conflict(version=version) from taken
    if parts:
        MessageText.objects.update_or_create(key=key, language=language, defaults=common)
    else:
        MessageText.objects.filter(key=key, language=language).delete()

