"""When to try again: soon at first, then ever more rarely, never all at the same moment."""

from datetime import timedelta

FIRST_S = 5.0
CAP_S = {"routing": 300.0, "media": 900.0, "notify": 3600.0}
# After so many attempts a row is given up and shown to staff. Routing gives up within minutes, because
# then the triage desk takes over; a mail server may be away for a night.
MAX_ATTEMPTS = {"routing": 6, "media": 8, "notify": 20}


def delay(queue: str, attempts: int, chance: float) -> timedelta:
    """How long to wait after the `attempts`-th failure. `chance` in [0, 1) spreads by ±25%."""
    seconds = min(FIRST_S * 2 ** min(attempts - 1, 20), CAP_S[queue])
    return timedelta(seconds=seconds * (0.75 + 0.5 * chance))
