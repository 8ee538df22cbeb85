"""Changing the texts of messages to citizens: who may, what is checked, what is kept of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from city.services import audit
from complaints import errors
from dispatch.models import MessageText, MessageTextVersion
from dispatch.services import message_preview, message_texts

PERMISSION = "dispatch.change_messagetext"
_SHORT = ("short", "short_end", "headline")  # what an SMS is made of


def may_edit(user) -> bool:
    return user.has_perm(PERMISSION)


def check(key: str, edited: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """What is wrong with edited texts (language → part → text), by `LANGUAGE-PART`; empty if all is well.

    Whether they fit into an SMS is seen on the invented report, with a link as long as a real one.
    """
    found = {}
    for language, parts in edited.items():
        wrong = message_texts.faults(key, parts)
        touched = [name for name in _SHORT if name in parts]
        if touched and not wrong:
            seen = message_preview.preview(key, language, parts)
            if seen.sms_is_cut:
                wrong[touched[0]] = _(
                    "Too long for an SMS: with its link it has %(chars)d characters, and %(limit)d fit."
                ) % {"chars": seen.sms_whole_chars, "limit": settings.SMS_MAX_CHARS}
        found |= {f"{language}-{name}": sentence for name, sentence in wrong.items()}
    return found


def versions_of(key: str) -> dict[str, int]:
    """The last version of each language's texts; 0 before the first change."""
    known = dict.fromkeys(message_texts.LANGUAGES, 0)
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
    if wrong := check(key, edited):
        raise errors.InvalidReport({field: ("text", sentence) for field, sentence in wrong.items()})
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
    audit.record(
        audit.Kind.CHANGED,
        now=now,
        actor=user,
        object_kind="dispatch.messagetext",
        object_key=key,
        object_name=f"{key} ({language}) v{version}",
    )
    if parts:
        MessageText.objects.update_or_create(key=key, language=language, defaults=common)
    else:
        MessageText.objects.filter(key=key, language=language).delete()
