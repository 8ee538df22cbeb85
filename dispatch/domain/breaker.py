"""When a receiver that keeps failing is left alone, and when it is switched off."""

from datetime import datetime, timedelta

FREE_FAILURES = 3  # a hiccup delays nobody else's events
FIRST_S = 30.0
CAP_S = 3600.0
MIN_FAILURES_TO_DISABLE = 10


def pause(failures: int, chance: float) -> timedelta:
    """How long nothing is sent after the `failures`-th failure in a row. `chance` in [0, 1) spreads ±25%."""
    if failures < FREE_FAILURES:
        return timedelta()
    seconds = min(FIRST_S * 2 ** min(failures - FREE_FAILURES, 20), CAP_S)
    return timedelta(seconds=seconds * (0.75 + 0.5 * chance))


def is_hopeless(failures: int, failing_since: datetime, now: datetime, after: timedelta) -> bool:
    """Whether a receiver has failed so long, and often enough, that it is switched off."""
    return failures >= MIN_FAILURES_TO_DISABLE and now - failing_since >= after
