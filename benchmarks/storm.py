#!/usr/bin/env python
"""A storm over the city: what one worker routes in a second, and what a whole month's reports in an hour do.

    .venv/bin/python benchmarks/storm.py              # some ten minutes
    STORM_ON=sqlite .venv/bin/python benchmarks/storm.py

On PostgreSQL and Redis of its own where their programs are installed, else (or with STORM_ON=sqlite) on the
embedded default. The shape of the storm is Boston's August 2011, hour by hour (storm_profile.csv: 11,547
requests, the month of hurricane Irene). Four parts:

1. backlog   2,000 reports wait, then ONE routing process comes: routed reports a second of one process
2. steady    30 reports a second for STORM_SECONDS (60), after rounds of five seconds that warm the fresh web
             and worker processes up until the latency falls no further (printed, not measured)
3. the day   the month in an hour (744 hours in one: 744 times as fast), of which the storm's own two
             days: the worst four minutes, up to 32 reports a second for some seconds
4. the month all of it in two minutes, 22,320 times as fast: more than two cores can take; how deep the queue
             gets, and how long until it is empty

Beside web and beat run one worker of two processes for routing and one of a single process for messages, much
as in docker-compose.yml. Two reports in five have a reporter to write to, at a mail server that takes 0.2 s
for each: the messages fall behind, and must not hold up the routing.
"""

import csv
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import load  # noqa: E402
from benchmarks.chaos.mail import MailServer  # noqa: E402
from benchmarks.chaos.servers import Postgres, postgres_programs  # noqa: E402
from benchmarks.portal import Portal  # noqa: E402
from tests.servers.programs import Broker  # noqa: E402

STEADY_S = float(os.environ.get("STORM_SECONDS") or 60)
BACKLOG, PER_SECOND, WITH_EMAIL, MAIL_TAKES_S = 2_000, 30, 0.4, 0.2
CLIENTS, POINTS = 16, 12
WARM_S, WARM_ROUNDS, STILL_FALLS = 5, 8, 0.8  # a round whose p95 is under 0.8 of the last one's still falls
MONTH_IN_AN_HOUR, MONTH_IN_TWO_MINUTES = 744, 744 * 30
STORM_DAYS = (27, 28)  # 28 and 29 August, counted from 0
DRAINED_WITHIN_S = 900.0


def profile() -> list[list[int]]:
    """Reports by day and hour of the storm's month."""
    with (ROOT / "benchmarks/storm_profile.csv").open() as lines:
        return [list(map(int, row)) for row in csv.reader(line for line in lines if line[0] != "#")]


def moments(days: list[list[int]], factor: float, seed: int) -> list[float]:
    """When each report comes, in seconds: spread by chance within its hour, `factor` times as fast."""
    rng, hour_s = Random(seed), 3600 / factor
    hours = [count for day in days for count in day]
    return sorted((n + rng.random()) * hour_s for n, count in enumerate(hours) for _report in range(count))


class Watch:
    """Looks every second how much work waits in each queue."""

    def __init__(self):
        self.depths: list[tuple[float, int, int]] = []  # seconds, routing, notify
        self._is_over = threading.Event()
        self._started = time.monotonic()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        from django.db import connection

        while not self._is_over.wait(1.0):
            self.depths.append((time.monotonic() - self._started, *waiting()))
        connection.close()

    def stop(self) -> None:
        self._is_over.set()
        self._thread.join()

    def seconds(self) -> float:
        return time.monotonic() - self._started

    def deepest(self, column: int) -> int:
        return max((row[column] for row in self.depths), default=0)

    def step_s(self) -> float:
        return max(1, len(self.depths) // POINTS) * 1.0

    def drained_s(self, column: int, since_s: float) -> float:
        """How long after `since_s` a queue was empty for good."""
        busy = [row[0] for row in self.depths if row[column]]
        return max(0.0, busy[-1] - since_s) if busy else 0.0

    def drawn(self, column: int) -> str:
        """The depth over time, in a dozen figures."""
        return " ".join(str(row[column]) for row in self.depths[:: int(self.step_s())])


def waiting() -> tuple[int, int]:
    """Rows that are due and not done: routing, notify."""
    from dispatch.models import Outbox

    open_rows = Outbox.objects.filter(state__in=("pending", "leased"))
    queues = list(open_rows.values_list("queue", flat=True))
    return queues.count("routing"), queues.count("notify")


def wait_until_drained(column: int) -> None:
    deadline = time.monotonic() + DRAINED_WITHIN_S
    while waiting()[column] and time.monotonic() < deadline:
        time.sleep(0.2)


def decided_at(codes) -> dict[str, float]:
    """Code → when its decision was made, as time.time()."""
    from dispatch.models import RoutingDecision

    rows = RoutingDecision.objects.values_list("report__code", "decided_at")
    found = {code: at.timestamp() for code, at in rows.iterator()}
    return {code: found[code.replace("-", "")] for code in codes if code.replace("-", "") in found}


def backlog(portal: Portal) -> str:
    """File first, then let one process come: from its first decision to its last."""
    sent = load.at_moments(portal.port, [0.0] * BACKLOG, clients=CLIENTS, seed=1)
    portal.start_worker("routing", processes=1)
    portal.start_beat()
    wait_until_drained(0)
    times = sorted(decided_at(sent.sent_at).values())
    took_s = times[-1] - times[0]
    return f"{len(times)} routed in {took_s:.1f} s by one process: {len(times) / took_s:.0f} a second"


def waits_ms(result: load.Result) -> list[float]:
    """POST → routed of every report that is routed."""
    decided = decided_at(result.sent_at)
    return [(decided[code] - at) * 1000 for code, at in result.sent_at.items() if code in decided]


def warm_up(portal: Portal) -> None:
    """Reports at the steady rate, WARM_S at a time, until they wait no shorter; not measured.

    Processes that have just begun import, read the city and its rules and open their connections with their
    first reports: on a busy machine that takes seconds, which belong to the start and not to a storm.
    """
    rounds: list[float] = []
    turns = [turn / PER_SECOND for turn in range(PER_SECOND * WARM_S)]
    while len(rounds) < WARM_ROUNDS and (len(rounds) < 2 or rounds[-1] < rounds[-2] * STILL_FALLS):
        result = load.at_moments(portal.port, turns, clients=CLIENTS, seed=100 + len(rounds))
        wait_until_drained(0)
        rounds.append(load.percentile(waits_ms(result), 0.95))
    shown = ", ".join(f"{p95:.0f}" for p95 in rounds)
    print(f"warm-up, not measured: {WARM_S} s each at {PER_SECOND} a second, p95 {shown} ms", flush=True)


def under(portal: Portal, name: str, when: list[float], seed: int) -> None:
    """Let reports come at these moments; print how long they waited, and how deep the queues got."""
    watch = Watch()
    result = load.at_moments(portal.port, when, clients=CLIENTS, seed=seed, with_email=WITH_EMAIL)
    ended_s = watch.seconds()
    wait_until_drained(0)
    watch.stop()
    waits = waits_ms(result)
    p50, p95 = load.percentile(waits, 0.5), load.percentile(waits, 0.95)
    lines = [
        f"\n{name}: {len(result.sent_at)} accepted in {result.seconds:.0f} s, {busiest(when)} due in the "
        f"busiest second; {len(result.sent_at) - len(waits)} unrouted, refused: {result.refused or 'none'}",
        f"  POST -> routed  p50 {p50:.0f}, p95 {p95:.0f}, max {max(waits):.0f} ms; the 201 itself p95 "
        f"{load.percentile(result.latencies_ms, 0.95):.0f} ms",
        f"  routing queue   deepest {watch.deepest(1)}, empty {watch.drained_s(1, ended_s):.0f} s after the "
        f"last report; every {watch.step_s():.0f} s: {watch.drawn(1)}",
        f"  message queue   deepest {watch.deepest(2)}; every {watch.step_s():.0f} s: {watch.drawn(2)}",
    ]
    print("\n".join(lines), flush=True)


def busiest(when: list[float]) -> int:
    """How many of these moments fall into the fullest second."""
    return max(Counter(map(int, when)).values())


def run(portal: Portal) -> None:
    """All four parts on one portal."""
    _look_into(portal)
    portal.start(with_worker=False)
    load.closed_loop(portal.port, clients=8, seconds=2, seed=99)  # warm up
    print(f"backlog: {backlog(portal)}", flush=True)
    portal.stop()
    portal.start(with_worker=False)
    portal.start_worker("routing", "insights", processes=2)
    portal.start_worker("notify", "media", processes=1)
    portal.start_beat()
    time.sleep(6)  # until the workers are there
    warm_up(portal)
    month = profile()
    steady = [turn / PER_SECOND for turn in range(int(PER_SECOND * STEADY_S))]
    under(portal, "steady, 30 a second", steady, 2)
    storm = [month[day] for day in STORM_DAYS]
    under(portal, "the storm's two days, a month in an hour", moments(storm, MONTH_IN_AN_HOUR, 3), 3)
    under(portal, "the month in two minutes", moments(month, MONTH_IN_TWO_MINUTES, 4), 4)


def _look_into(portal: Portal) -> None:
    """Set Django up in this process, on the portal's database."""
    os.environ.update(portal.env)
    os.environ["DJANGO_SETTINGS_MODULE"] = "lapor.settings"
    import django

    django.setup()


def main() -> None:
    mail = MailServer()
    mail.takes_s = MAIL_TAKES_S
    os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{mail.port}"
    on_servers = os.environ.get("STORM_ON") != "sqlite" and postgres_programs() is not None
    print("PostgreSQL and Redis" if on_servers else "SQLite and the embedded broker", flush=True)
    with tempfile.TemporaryDirectory(prefix="lapor-storm-") as folder:
        Path(folder).chmod(0o711)
        servers = [Postgres(Path(folder)), Broker(Path(folder))] if on_servers else []
        try:
            for server in servers:
                server.start()
            if servers:
                os.environ["REDIS_URL"] = servers[1].url
            with Portal(servers[0].url("postgres") if servers else "") as portal:
                run(portal)
        finally:
            for server in servers:
                server.kill()
            mail.close()


if __name__ == "__main__":
    main()
