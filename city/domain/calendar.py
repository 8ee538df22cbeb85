"""Working time: when an office works, and moments counted in working minutes and days.

All moments are aware datetimes; results are in the calendar's own time zone. A working day is a day on
which the office works at all, however short.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from city.errors import CalendarNeverOpens

JAKARTA = ZoneInfo("Asia/Jakarta")
# Looking further ahead than this means that the calendar never opens.
_LOOK_AHEAD_DAYS = 1100
_DAY_MINUTES = 24 * 60

Span = tuple[int, int]  # minutes after midnight, [from, to)
WeeklyHours = tuple[tuple[Span, ...], ...]  # seven days, Monday first


@dataclass(frozen=True, slots=True)
class Period:
    """Days on which the office differs: other hours, closed (no hours), or open although it is a holiday."""

    first_day: date
    last_day: date
    weekly_hours: WeeklyHours | None = None
    overrides_holidays: bool = False
    name: str = ""

    def covers(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day

    @property
    def days(self) -> int:
        return (self.last_day - self.first_day).days


def parse_clock(text: str) -> int:
    """Minutes after midnight of "08:00"; "24:00" is the day's end. Raises ValueError."""
    hours, _, minutes = text.partition(":")
    if not (len(hours) == len(minutes) == 2 and hours.isdecimal() and minutes.isdecimal()):
        raise ValueError(text)
    value = int(hours) * 60 + int(minutes)
    if int(minutes) > 59 or value > _DAY_MINUTES:
        raise ValueError(text)
    return value


def parse_weekly_hours(value: object) -> WeeklyHours:
    """Seven lists of ["08:00", "16:00"] spans, Monday first. Raises ValueError saying what is wrong:
    `days`, `span`, `clock`, `order` or `overlap`, and on which day (0 = Monday)."""
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 7:
        raise ValueError("days", None)
    return tuple(_parse_day(spans, number) for number, spans in enumerate(value))


def _parse_day(spans: object, number: int) -> tuple[Span, ...]:
    if not isinstance(spans, Sequence) or isinstance(spans, str):
        raise ValueError("span", number)
    parsed = []
    for span in spans:
        if not isinstance(span, Sequence) or isinstance(span, str) or len(span) != 2:
            raise ValueError("span", number)
        try:
            start, end = (parse_clock(str(clock)) for clock in span)
        except ValueError:
            raise ValueError("clock", number) from None
        if start >= end:
            raise ValueError("order", number)
        parsed.append((start, end))
    parsed.sort()
    if any(earlier[1] > later[0] for earlier, later in pairwise(parsed)):
        raise ValueError("overlap", number)
    return tuple(parsed)


class Calendar:
    """An office's working time. Immutable; safe to share between threads.

    `holidays` is anything that can be asked `day in holidays`. Where several periods cover a day the
    shortest counts, so that one closed Friday can lie inside Ramadan.
    """

    def __init__(
        self,
        weekly_hours: WeeklyHours,
        *,
        holidays: Container[date] = frozenset(),
        periods: Sequence[Period] = (),
        tz: ZoneInfo = JAKARTA,
    ):
        self._weekly_hours = weekly_hours
        self._holidays = holidays
        self._periods = tuple(sorted(periods, key=lambda period: (period.days, period.first_day)))
        self._tz = tz
        self._known_spans: dict[date, tuple[Span, ...]] = {}

    def spans(self, day: date) -> tuple[Span, ...]:
        """The working hours of one day, in minutes after midnight."""
        known = self._known_spans.get(day)
        if known is None:
            known = self._known_spans[day] = self._spans(day)
        return known

    def _spans(self, day: date) -> tuple[Span, ...]:
        period = next((period for period in self._periods if period.covers(day)), None)
        if period is not None and period.weekly_hours is None:
            return ()
        if day in self._holidays and not (period and period.overrides_holidays):
            return ()
        hours = period.weekly_hours if period else self._weekly_hours
        return hours[day.weekday()]

    def is_holiday(self, day: date) -> bool:
        """Whether a public holiday falls on this day, whatever the office makes of it."""
        return day in self._holidays

    def period_names(self, day: date) -> tuple[str, ...]:
        """What the periods that cover this day are called, the shortest first."""
        return tuple(period.name for period in self._periods if period.name and period.covers(day))

    def is_working_day(self, day: date) -> bool:
        return bool(self.spans(day))

    def is_working(self, at: datetime) -> bool:
        """Whether the office works at this moment; the closing minute no longer counts."""
        at = at.astimezone(UTC)
        return any(start <= at < end for start, end in self._moments(at.astimezone(self._tz).date()))

    def _moments(self, day: date) -> list[tuple[datetime, datetime]]:
        midnight = datetime.combine(day, time(), self._tz)
        return [(_clock(midnight, start), _clock(midnight, end)) for start, end in self.spans(day)]

    def add_working_minutes(self, start: datetime, minutes: float) -> datetime:
        """The moment when `minutes` of working time have passed since `start`.

        A day's last minute ends at closing time, not at the next opening. Zero or fewer minutes: `start`.
        Raises CalendarNeverOpens.
        """
        left = timedelta(minutes=minutes)
        at = start.astimezone(UTC)
        if left <= timedelta(0):
            return at.astimezone(self._tz)
        for day in self._days_from(at):
            for opens, closes in self._moments(day):
                begins = max(at, opens)
                if closes <= begins:
                    continue
                if closes - begins >= left:
                    return (begins + left).astimezone(self._tz)
                left -= closes - begins
        raise CalendarNeverOpens

    def add_working_days(self, start: datetime, days: int) -> datetime:
        """The end of the `days`-th working day after the day of `start`; with 0 the end of the working day
        that `start` lies in, or of the next one. Raises CalendarNeverOpens."""
        at = start.astimezone(UTC)
        first = at.astimezone(self._tz).date()
        left = days
        for day in self._days_from(at):
            moments = self._moments(day)
            if not moments or (day == first and (days > 0 or moments[-1][1] <= at)):
                continue
            left -= 1
            if left <= 0:
                return moments[-1][1].astimezone(self._tz)
        raise CalendarNeverOpens

    def working_minutes_between(self, a: datetime, b: datetime) -> float:
        """Working minutes from `a` to `b`; negative when `b` is earlier."""
        if b < a:
            return -self.working_minutes_between(b, a)
        a, b = a.astimezone(UTC), b.astimezone(UTC)
        day, last = a.astimezone(self._tz).date(), b.astimezone(self._tz).date()
        total = timedelta(0)
        while day <= last:
            for opens, closes in self._moments(day):
                total += max(timedelta(0), min(b, closes) - max(a, opens))
            day += timedelta(days=1)
        return total.total_seconds() / 60

    def _days_from(self, at: datetime):
        day = at.astimezone(self._tz).date()
        limit = _LOOK_AHEAD_DAYS
        while limit:
            yield day
            # An open day proves that the calendar is alive: only closed days use up the patience.
            limit = _LOOK_AHEAD_DAYS if self.spans(day) else limit - 1
            day += timedelta(days=1)


def _clock(midnight: datetime, minutes: int) -> datetime:
    """Wall-clock minutes after midnight, as a moment in UTC so that arithmetic is exact."""
    if minutes == _DAY_MINUTES:
        return (midnight + timedelta(days=1)).astimezone(UTC)
    return midnight.replace(hour=minutes // 60, minute=minutes % 60).astimezone(UTC)
