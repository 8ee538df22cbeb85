#!/usr/bin/env python
"""`make chaos`: the portal under load, while everything around it is killed, stopped, refused; then a proof.

CHAOS_ON       sqlite (embedded default), servers (PostgreSQL and Redis of its own), or both (default)
CHAOS_MINUTES  5, of load and evils
CHAOS_RATE     8 reports a second
CHAOS_SEED     of the plan; printed, so that the same evils can be planned again
CHAOS_QUIET_S  300: so long after the last evil everything may take to be settled

Exit code 1 if any claim of the proof is broken. Writes into a temporary folder, which it keeps only then.
"""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from random import SystemRandom

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.chaos import plan  # noqa: E402
from benchmarks.chaos.people import Crowd  # noqa: E402
from benchmarks.chaos.servers import postgres_programs  # noqa: E402
from benchmarks.chaos.stack import Stack  # noqa: E402

SQLITE, SERVERS = "sqlite", "servers"
_ANSWERED_WITHIN_S = 90.0
_PROCESSES = (plan.WORKER, plan.WORKER_PROCESS, plan.EVERYTHING)


def say(text: str) -> None:
    print(text, flush=True)


class Evils:
    """Carries out a plan beside the load, and writes down when each thing really began and ended."""

    def __init__(self, stack: Stack, faults: list[plan.Fault]):
        self.stack, self.done, self.outages = stack, Counter(), []
        ends = [(fault.ends_s, 1, fault) for fault in faults if fault.for_s]
        self._moments = sorted([*((f.at_s, 0, f) for f in faults), *ends], key=lambda item: item[:2])
        self._began: dict[plan.Fault, float] = {}
        self.failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        self._thread.join()
        if self.failed:
            raise self.failed

    def _run(self) -> None:
        started = time.monotonic()
        try:
            for at_s, is_end, fault in self._moments:
                time.sleep(max(0.0, started + at_s - time.monotonic()))
                (self._end if is_end else self._begin)(fault, time.monotonic() - started)
        except BaseException as exc:
            self.failed = exc

    def _begin(self, fault: plan.Fault, now_s: float) -> None:
        at = self._began[fault] = time.time()
        how = self.stack.begin(fault)
        self.done[f"{fault.what} ({fault.how})" if fault.how else fault.what] += how != "was not there"
        lasts = f" for {fault.for_s:.0f} s" if fault.for_s else ""
        say(f"  {now_s:6.1f} s  {fault.what} {fault.how}{lasts}: {how}")
        if fault.what in (*_PROCESSES, plan.BACKEND) or fault.what == plan.DATABASE:
            kind = "process" if fault.what in _PROCESSES else "database"
            self._note(kind, at, at + fault.for_s)

    def _end(self, fault: plan.Fault, now_s: float) -> None:
        self.stack.end(fault)
        if fault.what == plan.DATABASE:
            self._note("database", self._began[fault], time.time())

    def _note(self, kind: str, began: float, ended: float) -> None:
        self.outages.append({"kind": kind, "began": began, "ended": ended})


def look_into(stack: Stack) -> None:
    """Set Django up in this process, on the portal's own database, files and keys."""
    os.environ.update(stack.portal.environment)
    os.environ["DJANGO_SETTINGS_MODULE"] = "lapor.settings"
    import django

    django.setup()


def settle(within_s: float) -> float:
    """Wait until no work is left; the seconds it took (at most `within_s`: the proof tells the rest)."""
    from dispatch.models import Outbox

    started = time.monotonic()
    unfinished = Outbox.objects.filter(state__in=(Outbox.State.PENDING, Outbox.State.LEASED))
    while unfinished.exists() and time.monotonic() - started < within_s:
        time.sleep(1)
    return time.monotonic() - started


def show_load(crowd: Crowd, evils: Evils) -> None:
    record = crowd.record
    emails, photos = (
        sum(bool(getattr(one, name)) for one in record.accepted) for name in ("email", "photos")
    )
    say(f"\nAccepted: {len(record.accepted)} reports, {emails} with an address, {photos} with photos")
    say("Answers:  " + ", ".join(f"{what}: {count}" for what, count in sorted(record.answers.items())))
    say("Steps:    " + ", ".join(f"{what}: {count}" for what, count in sorted(record.steps.items())))
    say("Evils:    " + ", ".join(f"{what}: {count}" for what, count in sorted(evils.done.items())))


def run(stack: Stack, *, seed: int, seconds: float, per_second: float, quiet_s: float) -> bool:
    """Load, evils, quiet, proof; whether every claim holds."""
    crowd = Crowd(stack.portal, seed=seed, per_second=per_second)
    evils = Evils(stack, plan.make(seed, seconds, on_servers=stack.on_servers))
    crowd.start()
    evils.start()
    try:
        time.sleep(seconds)
        evils.join()
        stack.calm()
    finally:
        crowd.finish(_ANSWERED_WITHIN_S)
    say(f"  Quiet. Waiting until nothing is left to do, {quiet_s:.0f} s at most")
    look_into(stack)
    took_s = settle(quiet_s)
    show_load(crowd, evils)
    say(f"Settled:  after {took_s:.0f} s\n")
    return prove(stack, crowd, evils)


def prove(stack: Stack, crowd: Crowd, evils: Evils) -> bool:
    from benchmarks.chaos import proof

    seen = crowd.record.as_json()
    outages = [proof.Outage(**item) for item in evils.outages]
    verdicts = proof.prove(proof.Evidence(**seen, mails=stack.mail.record(), outages=outages))
    say(proof.table(verdicts))
    return all(verdict.holds for verdict in verdicts)


def one_kind(on: str) -> int:
    seed = int(os.environ.get("CHAOS_SEED") or SystemRandom().randrange(1, 100_000))
    seconds = 60 * float(os.environ.get("CHAOS_MINUTES") or 5)
    per_second = float(os.environ.get("CHAOS_RATE") or 8)
    kind = "PostgreSQL and Redis" if on == SERVERS else "SQLite and the embedded broker"
    again = f"CHAOS_ON={on} CHAOS_SEED={seed} CHAOS_MINUTES={seconds / 60:g} CHAOS_RATE={per_second:g}"
    say(f"\n=== {kind}; the same again: {again} make chaos")
    with Stack(on_servers=on == SERVERS) as stack:
        holds = run(
            stack,
            seed=seed,
            seconds=seconds,
            per_second=per_second,
            quiet_s=float(os.environ.get("CHAOS_QUIET_S") or 300),
        )
    if holds:
        shutil.rmtree(stack.folder, ignore_errors=True)
    say(f"\n{kind}: " + ("every claim holds" if holds else f"BROKEN, see {stack.folder}"))
    return 0 if holds else 1


def main() -> int:
    on = os.environ.get("CHAOS_ON") or "both"
    if on in (SQLITE, SERVERS):
        return one_kind(on)
    kinds = [SQLITE, SERVERS]
    if postgres_programs() is None:
        say("NOT RUN on servers: PostgreSQL's programs (initdb, postgres) are not installed here.")
        kinds.remove(SERVERS)
    # A process each: Django is set up for one database.
    codes = [subprocess.run([sys.executable, __file__], env={**os.environ, "CHAOS_ON": k}) for k in kinds]
    return max(done.returncode for done in codes)


if __name__ == "__main__":
    sys.exit(main())
