"""The time window of a rule: which hours, days, months and calendar days it holds for.

A window is a plain mapping, as the pack and the database say it; every key that is there must hold:

    hours: ["18:00-05:30"]   local clock; a span over midnight is one span; the last minute no longer counts
    weekdays: [saturday, sunday]
    months: [11, 12, 1, 2, 3]
    from: 2026-11-01         first and last day, either may be left out
    until: 2027-03-31
    open: kantor             while the office with this calendar works …
    closed: kantor           … or does not
    holiday: true            a public holiday (false: not one)
    period: Ramadan          a period of the city's calendar whose name has this word
"""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from city.domain.calendar import parse_clock
from dispatch.domain import phrases
from dispatch.domain.facts import When

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
KEYS = ("hours", "weekdays", "months", "from", "until", "open", "closed", "holiday", "period")
_PAIR = ("from", "until")  # count as one condition


class BadTimes(ValueError):
    """`key` cannot be read; `fault` is a key of what to say: `hours`, `date`, `unknown_key` …"""

    def __init__(self, key: str, fault: str):
        super().__init__(key, fault)
        self.key, self.fault = key, fault


def parts(times: Mapping[str, Any]) -> int:
    """How many conditions a window sets."""
    return len(set(times) - set(_PAIR)) + bool(set(times) & set(_PAIR))


def check(times: Any) -> None:
    """Raises BadTimes for the first thing that cannot be read."""
    for fault in faults(times):
        raise fault


def faults(times: Any) -> Iterator[BadTimes]:
    """Everything that cannot be read in a window."""
    if not isinstance(times, Mapping):
        yield BadTimes("", "not_mapping")
        return
    bad = set()
    for key, value in times.items():
        try:
            reader = _READERS.get(key) if isinstance(key, str) else None
            if reader is None:
                raise BadTimes(str(key), "unknown_key")
            reader(key, value)
        except BadTimes as fault:
            bad.add(fault.key)
            yield fault
    if set(_PAIR) <= set(times) and not bad.intersection(_PAIR) and times["from"] > times["until"]:
        yield BadTimes("until", "order")


def holds(times: Mapping[str, Any], when: When) -> bool:
    """Whether a moment lies in a window that passed `check`. Raises BadTimes for an unknown calendar."""
    return all(_HOLDS[key](value, when) for key, value in times.items())


@lru_cache(maxsize=256)
def span(text: str) -> tuple[int, int]:
    """Minutes after midnight of "18:00-05:30". Raises ValueError."""
    start, sign, end = text.replace("–", "-").partition("-")
    low, high = parse_clock(start.strip()), parse_clock(end.strip())
    if not sign or low == high:
        raise ValueError(text)
    return low, high


def minutes_meet(a: list[str], b: list[str]) -> bool:
    """Whether two lists of spans have a minute in common."""
    return any(_in_spans(a, minute) and _in_spans(b, minute) for minute in range(24 * 60))


def _in_spans(spans: list[str], minute: int) -> bool:
    for text in spans:
        low, high = span(text)
        if low <= minute < high if low < high else minute >= low or minute < high:
            return True
    return False


def _list_of(kinds: type, key: str, value: Any) -> list:
    good = isinstance(value, list) and value
    if not good or not all(isinstance(item, kinds) and not isinstance(item, bool) for item in value):
        raise BadTimes(key, key)
    return value


def _read_hours(key: str, value: Any) -> None:
    for text in _list_of(str, key, value):
        try:
            span(text)
        except ValueError:
            raise BadTimes(key, "hours") from None


def _read_weekdays(key: str, value: Any) -> None:
    if not set(_list_of(str, key, value)) <= set(WEEKDAYS):
        raise BadTimes(key, "weekdays")


def _read_months(key: str, value: Any) -> None:
    if not all(1 <= month <= 12 for month in _list_of(int, key, value)):
        raise BadTimes(key, "months")


def _read_date(key: str, value: Any) -> None:
    if not isinstance(value, str) or len(value) != 10:
        raise BadTimes(key, "date")
    try:
        date.fromisoformat(value)
    except ValueError:
        raise BadTimes(key, "date") from None


def _read_text(key: str, value: Any) -> None:
    if not isinstance(value, str) or not phrases.fold(value):
        raise BadTimes(key, "text")


def _read_flag(key: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise BadTimes(key, "flag")


_READERS = {
    "hours": _read_hours,
    "weekdays": _read_weekdays,
    "months": _read_months,
    "from": _read_date,
    "until": _read_date,
    "open": _read_text,
    "closed": _read_text,
    "holiday": _read_flag,
    "period": _read_text,
}


def _works(code: str, when: When) -> bool:
    if code not in when.offices:
        raise BadTimes("open", "calendar")
    return when.offices[code]


_HOLDS = {
    "hours": lambda value, when: _in_spans(value, when.at.hour * 60 + when.at.minute),
    "weekdays": lambda value, when: WEEKDAYS[when.at.weekday()] in value,
    "months": lambda value, when: when.at.month in value,
    "from": lambda value, when: value <= when.at.date().isoformat(),
    "until": lambda value, when: when.at.date().isoformat() <= value,
    "open": lambda value, when: _works(value, when),
    "closed": lambda value, when: not _works(value, when),
    "holiday": lambda value, when: when.is_holiday is value,
    "period": lambda value, when: any(phrases.contains(name, value) for name in when.periods),
}
