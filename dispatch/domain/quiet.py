"""Which messages wait for the end of a channel's quiet hours.

Only news of a report waits. One-time codes and the question "was it you?" answer what a person has just done,
and alarms of staff are meant to wake: none of them comes here.
"""

from datetime import datetime

from city.domain.quiet import QuietWindow

URGENT_SEVERITY = 5  # danger to life


def waits_until(window: QuietWindow | None, local: datetime, *, severity: int | None) -> datetime | None:
    """When a message that is ready now may go out, or None if that is now. `local` is in the city's zone."""
    if window is None or (severity or 0) >= URGENT_SEVERITY:
        return None
    return window.ends_after(local)
