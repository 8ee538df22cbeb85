"""Hours of the night in which messages wait. Plain arithmetic on local time, no database."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class QuietWindow:
    """From `starts_at` (still quiet) until `ends_at` (no longer quiet), over midnight where that is earlier.
    The same time twice is no window at all."""

    starts_at: time
    ends_at: time

    def holds(self, at: time) -> bool:
        """Whether it is quiet at this time of day."""
        if self.starts_at <= self.ends_at:
            return self.starts_at <= at < self.ends_at
        return at >= self.starts_at or at < self.ends_at

    def ends_after(self, local: datetime) -> datetime | None:
        """When the quiet ends that holds at this moment; None if none holds.

        `local` is a moment in the city's time zone and so is the answer. The end is a time on the wall: where
        clocks are put forward or back in between, the wait is an hour shorter or longer.
        """
        if not self.holds(local.timetz().replace(tzinfo=None)):
            return None
        end = local.replace(
            hour=self.ends_at.hour, minute=self.ends_at.minute, second=0, microsecond=0, fold=0
        )
        return end if end > local else end + timedelta(days=1)
