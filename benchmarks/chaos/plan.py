"""What goes wrong when: a schedule made of a seed, so that the same seed plans the same evils again.

Plain Python. Times are seconds from the start of the load. What the machine makes of the plan (how far a
request has come when its process is killed) is chance, and repeats only roughly.
"""

from dataclasses import dataclass
from random import Random

from benchmarks.chaos import mail

WEB, WEB_PROCESS = "kill -9 web", "kill -9 one web process"
WORKER, WORKER_PROCESS = "kill -9 worker", "kill -9 one worker process"
BEAT, EVERYTHING = "kill -9 beat", "kill -9 everything, the runner too"
BROKER, DATABASE, BACKEND, MAIL = "broker", "database", "kill -9 of a database session", "mail"

_KILLS = {WEB: 2, WEB_PROCESS: 3, WORKER: 3, WORKER_PROCESS: 3, BEAT: 2}
# The runner gives up on a web server that dies five times within a minute of its start, and so it should.
WEB_GAP_S = 66.0
_QUIET_AT_START_S = 3.0


@dataclass(frozen=True, slots=True)
class Fault:
    """`what` begins at `at_s` and lasts `for_s` seconds (0: a blow), in the way `how` if it has several."""

    at_s: float
    what: str
    for_s: float = 0.0
    how: str = ""

    @property
    def ends_s(self) -> float:
        return self.at_s + self.for_s


def make(seed: int, seconds: float, *, on_servers: bool) -> list[Fault]:
    """The plan of one run, in order. Every kind of fault comes at least once, and none outlasts the run."""
    rng = Random(f"chaos-{seed}-{seconds}-{on_servers}")
    faults = [*_outages(rng, seconds, on_servers), *_mail_phases(rng, seconds)]
    faults += _kills(rng, seconds)
    return sorted(faults, key=lambda fault: fault.at_s)


def _slots(rng: Random, seconds: float, count: int) -> list[float]:
    """Moments spread over the run, one in each of `count` equal parts."""
    part = (seconds - _QUIET_AT_START_S) / count
    return [_QUIET_AT_START_S + part * (number + rng.uniform(0.05, 0.45)) for number in range(count)]


def _outages(rng: Random, seconds: float, on_servers: bool) -> list[Fault]:
    minutes, found = max(1, round(seconds / 60)), []
    longest = min(30.0, seconds / minutes * 0.45)
    # The embedded broker is the runner's child, which would start it again at once: so it hangs, and then
    # dies or goes on by turns (the runner gives up on a broker that only dies).
    ways = ("stopped",) if on_servers else ("dies", "hangs")
    for number, at_s in enumerate(_slots(rng, seconds, minutes)):
        lasts = round(rng.uniform(0.5, 1.0) * longest, 1)
        found.append(Fault(at_s, BROKER, lasts, ways[number % len(ways)]))
    ways = ("immediate", "fast") if on_servers else ("locked",)
    for number, at_s in enumerate(_slots(rng, seconds, minutes)):
        lasts = rng.uniform(2.0, 6.0) if on_servers else rng.uniform(4.0, 12.0)
        found.append(Fault(at_s, DATABASE, round(lasts, 1), ways[number % len(ways)]))
    if on_servers:
        found += [Fault(at_s, BACKEND) for at_s in _slots(rng, seconds, minutes)]
    return found


def _mail_phases(rng: Random, seconds: float) -> list[Fault]:
    """Every way of refusing, in an order of its own, with good times between."""
    phases = len(mail.MODES) * max(1, round(seconds / 150))
    part, found = (seconds - _QUIET_AT_START_S) / phases, []
    modes = [mode for _round in range(phases // len(mail.MODES)) for mode in rng.sample(mail.MODES, 5)]
    for number, mode in enumerate(modes):
        begins = _QUIET_AT_START_S + part * (number + rng.uniform(0.0, 0.3))
        found.append(Fault(begins, MAIL, round(part * rng.uniform(0.35, 0.6), 1), mode))
    return found


def _kills(rng: Random, seconds: float) -> list[Fault]:
    found, at_s, web_at_s = [], _QUIET_AT_START_S, -WEB_GAP_S
    queue = rng.sample(list(_KILLS), len(_KILLS))  # each once, before chance rules
    while (at_s := at_s + rng.uniform(3.0, 9.0)) < seconds:
        what = queue.pop() if queue else rng.choices(list(_KILLS), list(_KILLS.values()))[0]
        if what == WEB:
            if at_s - web_at_s < WEB_GAP_S:
                what = WEB_PROCESS
            else:
                web_at_s = at_s
        found.append(Fault(at_s, what))
    found += [Fault(at, EVERYTHING) for at in _slots(rng, seconds, max(1, round(seconds / 150)))]
    return found
