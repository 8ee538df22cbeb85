"""When the problem was seen: believed only within the last year and not in the future."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

# A phone's clock may run ahead of ours by so much without meaning the future.
CLOCK_SKEW = timedelta(minutes=15)
OLDEST = timedelta(days=365)
# As a date field writes it, and as people here write it by hand where the browser has no such field.
_WRITINGS = ("%d/%m/%Y %H:%M", "%d/%m/%Y %H.%M", "%d-%m-%Y %H:%M", "%d-%m-%Y %H.%M", "%d/%m/%Y", "%d-%m-%Y")


def fault(observed_at: datetime | str | None, now: datetime) -> str | None:
    """`time_invalid` for a text that is no time, `time_future`, `time_too_old`, or None. Aware times."""
    if observed_at is None:
        return None
    if isinstance(observed_at, str):
        return "time_invalid"
    if observed_at > now + CLOCK_SKEW:
        return "time_future"
    return "time_too_old" if observed_at < now - OLDEST else None


def read(typed: str, zone: ZoneInfo) -> datetime | str | None:
    """A time as typed into a form, in the city's zone unless it names its own; None for nothing; what is
    no time comes back as it was typed, for `fault` to refuse. A day alone means its noon."""
    typed = typed.strip()
    if not typed:
        return None
    try:
        return _aware(_parse(typed), zone)
    except (ValueError, OverflowError):
        return typed


def _parse(typed: str) -> datetime | date:
    try:
        return date.fromisoformat(typed) if len(typed) <= 10 else datetime.fromisoformat(typed)
    except ValueError:
        pass
    for writing in _WRITINGS:
        try:
            at = datetime.strptime(typed, writing)
        except ValueError:
            continue
        return at if "%H" in writing else at.date()
    raise ValueError(typed)


def _aware(at: datetime | date, zone: ZoneInfo) -> datetime:
    if not isinstance(at, datetime):
        at = datetime(at.year, at.month, at.day, 12)
    at = at if at.tzinfo else at.replace(tzinfo=zone)
    at.astimezone(UTC)  # years that no clock knows fail here
    return at
