"""Accepted → routed, as a citizen sees it: reports come at a steady pace, a real worker routes them.

    .venv/bin/python benchmarks/bench_routing.py --rate 30 --seconds 20

Runs on whatever DATABASE_URL, REDIS_URL and DATA_DIR name (a loaded city, and no other worker running),
starts a worker of its own, files reports through the service, and looks every few milliseconds which have
left `received`. Prints one JSON line with percentiles in milliseconds. Leaves its reports behind: use a
database of its own.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lapor.settings")
LOOK_EVERY_S = 0.005
PLACES = [(-6.9903, 110.4229), (-6.95427, 110.47319), (-6.99348, 110.46008), (-7.0253, 110.40572)]


def start_worker() -> subprocess.Popen:
    command = [sys.executable, "-m", "celery", "-A", "lapor", "worker", "--beat", "-c", "2", "-l", "WARNING"]
    command += ["-Q", "routing,media,notify,insights", "--without-mingle", "--without-gossip"]
    command += ["--schedule", str(Path(os.environ.get("DATA_DIR", "/tmp")) / "bench-beat")]
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True)


def file_reports(rate: float, seconds: float, accepted: dict[int, float]) -> None:
    from django.utils import timezone

    from complaints.domain.draft import ReportDraft
    from complaints.services.submit import submit_report

    began = time.monotonic()
    for number in range(int(rate * seconds)):
        time.sleep(max(0.0, began + number / rate - time.monotonic()))
        latitude, longitude = PLACES[number % len(PLACES)]
        draft = ReportDraft(
            "jalan-lubang", latitude, longitude, description=f"Lubang nomor {number}", channel="seed"
        )
        report = submit_report(draft, now=timezone.now()).report
        accepted[report.pk] = time.monotonic()


def watch(accepted: dict[int, float], routed: dict[int, float], is_over: threading.Event) -> None:
    from complaints.models import Report

    while not (is_over.is_set() and len(routed) == len(accepted)):
        waiting = [pk for pk in list(accepted) if pk not in routed]
        done = Report.objects.filter(pk__in=waiting).exclude(status="received").values_list("pk", flat=True)
        now = time.monotonic()
        routed.update(dict.fromkeys(done, now))
        time.sleep(LOOK_EVERY_S)


def percentile(values: list[float], share: float) -> float:
    return round(sorted(values)[min(len(values) - 1, int(share * len(values)))] * 1000, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rate", type=float, default=30.0, help="reports a second")
    parser.add_argument("--seconds", type=float, default=20.0)
    arguments = parser.parse_args()
    import django

    django.setup()
    worker = start_worker()
    accepted: dict[int, float] = {}
    routed: dict[int, float] = {}
    is_over = threading.Event()
    try:
        file_reports(1, 3, {})  # until the worker is up
        time.sleep(8)
        watcher = threading.Thread(target=watch, args=(accepted, routed, is_over), daemon=True)
        watcher.start()
        file_reports(arguments.rate, arguments.seconds, accepted)
        is_over.set()
        watcher.join(60)
    finally:
        os.killpg(worker.pid, signal.SIGTERM)
        worker.wait(30)
    waits = [routed[pk] - accepted[pk] for pk in accepted if pk in routed]
    result = {
        "reports": len(accepted),
        "routed": len(waits),
        "rate_per_s": arguments.rate,
        "p50_ms": percentile(waits, 0.50),
        "p95_ms": percentile(waits, 0.95),
        "max_ms": percentile(waits, 1.0),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
