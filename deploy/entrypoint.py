#!/usr/bin/env python
"""Starts one role of the portal: the same commands in a container, under systemd, or by hand.

    python deploy/entrypoint.py prepare | web | worker | beat | manage …

`worker` takes queue names (default: all); every role is exec'ed, so that it gets the stop signals itself.
"""

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
QUEUES = "routing,media,notify,insights"


def web() -> list[str]:
    """The web server. Its processes add up their figures for /metrics in a folder emptied here."""
    metrics = Path(os.environ.get("PROMETHEUS_MULTIPROC_DIR") or data_dir() / "metrics")
    shutil.rmtree(metrics, ignore_errors=True)
    metrics.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
        *("--host", os.environ.get("HOST") or "127.0.0.1", "--port", os.environ.get("PORT") or "8000"),
        *("--workers", os.environ.get("WEB_WORKERS") or "2"),
        *("--blocking-threads", os.environ.get("WEB_THREADS") or "4"),
        *("--respawn-failed-workers", "--workers-kill-timeout", "10", "--log-level", "warning"),
        "lapor.wsgi:application",
    ]


def celery(*arguments: str) -> list[str]:
    """Celery without its banner; that root runs it in a container of its own is no news either."""
    quiet = ["-W", "ignore:You're running the worker with superuser"]
    return [sys.executable, *quiet, "-m", "celery", "--quiet", "--app", "lapor.celery:app", *arguments]


def worker(*queues: str) -> list[str]:
    """A worker for the named queues, or for all."""
    return [
        *celery("worker", "--loglevel", "WARNING"),
        *("--queues", ",".join(queues) or QUEUES),
        *("--concurrency", os.environ.get("WORKER_PROCESSES") or "2"),
    ]


def beat() -> list[str]:
    """The clock. Run exactly one: two would do no harm, only double work (every task is idempotent)."""
    schedule = str(data_dir() / "beat-schedule")
    return celery("beat", "--schedule", schedule)


def prepare() -> list[str]:
    """Migrations and the city pack, before the others start."""
    return manage("prepare")


def manage(*arguments: str) -> list[str]:
    """Any management command."""
    return [sys.executable, "manage.py", *arguments]


ROLES = {"web": web, "worker": worker, "beat": beat, "prepare": prepare, "manage": manage}


def data_dir() -> Path:
    return Path(os.environ.get("DATA_DIR") or ROOT / "var").resolve()


def main(arguments: list[str]) -> None:
    if not arguments or arguments[0] not in ROLES:
        sys.exit(__doc__)
    os.chdir(ROOT)
    role, *rest = arguments
    command = ROLES[role](*rest)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
