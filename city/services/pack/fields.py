"""Reading single values out of a pack, with a mistake for each that does not fit."""

import math
import re
from collections.abc import Collection
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils.translation import gettext as _

from city.domain.calendar import parse_weekly_hours
from city.services.pack.files import Block, Items, at
from city.services.pack.mistakes import Mistakes

_SLUG = re.compile(r"[-a-z0-9_]+\Z")
_CODE = re.compile(r"[A-Za-z0-9][-A-Za-z0-9._]*\Z")
_TRUE, _FALSE = {"true", "yes", "ya", "1"}, {"false", "no", "tidak", "0", ""}
DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Fields:
    """Typed access to a Block. Every reader returns a usable value even when it notes a mistake, so that
    the reading goes on and finds the next one."""

    def __init__(self, block: Block, mistakes: Mistakes):
        self.block, self.mistakes = block, mistakes

    def fault(self, key: str | None, code: str, message: object) -> None:
        self.mistakes.add(at(self.block, key), code, message)

    def only(self, known: Collection[str]) -> None:
        """Note keys that mean nothing here: most are typing errors."""
        for key in self.block:
            if key not in known:
                self.fault(
                    key,
                    "unknown_key",
                    _("“%(key)s” is not known here. Known: %(known)s.")
                    % {"key": key, "known": ", ".join(sorted(known))},
                )

    def text(self, key: str, *, required: bool = False, max_length: int = 300) -> str:
        value = self.block.get(key)
        if value is None or value == "":
            if required:
                self.fault(key, "missing", _("“%(key)s” is missing or empty.") % {"key": key})
            return ""
        if isinstance(value, (dict, list)):
            self.fault(key, "not_text", _("“%(key)s” must be text.") % {"key": key})
            return ""
        value = str(value).strip()
        if len(value) > max_length:
            self.fault(
                key,
                "too_long",
                _("“%(key)s” has %(length)d characters; at most %(limit)d fit.")
                % {"key": key, "length": len(value), "limit": max_length},
            )
        return value[:max_length]

    def code(self, key: str = "code", *, slug: bool = False, max_length: int = 24) -> str:
        value = self.text(key, required=True, max_length=max_length)
        if value and not (_SLUG if slug else _CODE).match(value):
            allowed = (
                _("small letters, digits and hyphens") if slug else _("letters, digits, dots and hyphens")
            )
            self.fault(
                key,
                "bad_code",
                _("“%(value)s” is not a code: only %(allowed)s.") % {"value": value, "allowed": allowed},
            )
        return value

    def one_of(self, key: str, allowed: Collection[str], *, default: str | None = None) -> str:
        value = self.text(key, required=default is None)
        if not value:
            return default or ""
        if value not in allowed:
            self.fault(
                key,
                "not_allowed",
                _("“%(value)s” is not allowed for “%(key)s”. Allowed: %(allowed)s.")
                % {"value": value, "key": key, "allowed": ", ".join(sorted(allowed))},
            )
        return value

    def known(self, key: str, codes: Collection[str], what: object, *, required: bool = False) -> str | None:
        """A code that must exist elsewhere in the pack (or None)."""
        value = self.text(key, required=required, max_length=80)
        if value and value not in codes:
            self.fault(
                key,
                "unknown_code",
                _("There is no %(what)s with the code “%(value)s”.") % {"what": what, "value": value},
            )
        return value or None

    def flag(self, key: str, *, default: bool = False) -> bool:
        value = self.block.get(key)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        word = str(value).strip().lower()
        if word not in _TRUE | _FALSE:
            self.fault(key, "not_flag", _("“%(key)s” must be true or false.") % {"key": key})
        return word in _TRUE

    def number(self, key: str, low: float, high: float, *, required: bool = False) -> float | None:
        value = self.block.get(key)
        if value is None or value == "":
            if required:
                self.fault(key, "missing", _("“%(key)s” is missing or empty.") % {"key": key})
            return None
        try:
            if isinstance(value, (bool, dict, list)):
                raise ValueError
            number = float(value)
        except ValueError:
            number = math.nan
        if not low <= number <= high:
            self.fault(
                key,
                "not_in_range",
                _("“%(key)s” must be a number from %(low)s to %(high)s.")
                % {"key": key, "low": f"{low:g}", "high": f"{high:g}"},
            )
            return None
        return number

    def whole(
        self, key: str, low: int, high: int, *, default: int | None = None, required: bool = False
    ) -> int:
        value = self.number(key, low, high, required=required)
        if value is None:
            return default
        if value != int(value):
            self.fault(key, "not_whole", _("“%(key)s” must be a whole number.") % {"key": key})
        return int(value)

    def day(self, key: str, *, required: bool = False) -> date | None:
        value = self.text(key, required=required)
        if not value:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fault(
                key, "bad_date", _("“%(value)s” is not a date. Write it like 2026-02-19.") % {"value": value}
            )
            return None

    def url(self, key: str) -> str:
        value = self.text(key, max_length=200)
        try:
            if value:
                URLValidator(schemes=["http", "https"])(value)
        except ValidationError:
            self.fault(key, "bad_url", _("“%(value)s” is not a web address.") % {"value": value})
        return value

    def email(self, key: str) -> str:
        value = self.text(key, max_length=254)
        try:
            if value:
                validate_email(value)
        except ValidationError:
            self.fault(key, "bad_email", _("“%(value)s” is not an e-mail address.") % {"value": value})
        return value

    def texts(self, key: str) -> list[str]:
        """A list of texts; one text alone counts as a list of one."""
        value = self.block.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            return [str(value)] if not isinstance(value, dict) else self._not_list(key)
        words = []
        for index, item in enumerate(value):
            if isinstance(item, (dict, list)) or item is None:
                where = at(value, index) if isinstance(value, Items) else at(self.block, key)
                self.mistakes.add(where, "not_text", _("“%(key)s” must hold only texts.") % {"key": key})
            else:
                words.append(str(item))
        return words

    def blocks(self, key: str, *, required: bool = False) -> list[Block]:
        """A list of mappings."""
        value = self.block.get(key)
        if value is None:
            if required:
                self.fault(key, "missing", _("“%(key)s” is missing or empty.") % {"key": key})
            return []
        if not isinstance(value, list):
            return self._not_list(key)
        good = []
        for index, item in enumerate(value):
            if isinstance(item, Block):
                good.append(item)
            else:
                self.mistakes.add(
                    at(value, index), "not_mapping", _("This must be a group of `key: value` lines.")
                )
        return good

    def _not_list(self, key: str) -> list:
        self.fault(key, "not_list", _("“%(key)s” must be a list.") % {"key": key})
        return []

    def weekly_hours(self, key: str) -> list[list[list[str]]]:
        """Working hours by day name, as `monday: ["08:00-16:00"]`; a day that is left out is closed.

        Returns what the database holds: seven lists of [from, to], Monday first.
        """
        days = self.block.get(key)
        if not isinstance(days, Block):
            self.fault(
                key, "bad_hours", _("“%(key)s” must name days, like `monday: [08:00-16:00]`.") % {"key": key}
            )
            return [[] for _day in DAY_NAMES]
        inner = Fields(days, self.mistakes)
        inner.only(DAY_NAMES)
        week = []
        for day in DAY_NAMES:
            spans = [text.replace("–", "-").split("-") for text in inner.texts(day)]
            spans = [[part.strip() for part in span] for span in spans]
            try:
                parse_weekly_hours([spans] + [[]] * 6)
            except ValueError:
                inner.fault(
                    day,
                    "bad_hours",
                    _("These hours cannot be read. Write 08:00-12:00, earlier first, without overlap."),
                )
                spans = []
            week.append(spans)
        return week
