"""A Celery app for crash tests: the portal's own, with a halt at the named point of one handler.

HALT_AT: "before:TOPIC" halts after the claim, before the handler; "after:TOPIC" halts when the handler is
through, before its transaction commits. The halting process writes its id to HALT_MARKER and waits to be
killed; where the marker is there already, nobody halts any more.
"""

import os
import time
from dataclasses import replace
from pathlib import Path

from celery.signals import worker_process_init

from lapor.celery import app

__all__ = ["app"]


@worker_process_init.connect
def _install(**kwargs) -> None:
    from dispatch.services import worker

    when, _sign, topic = os.environ.get("HALT_AT", "").partition(":")
    if not topic:
        return
    handler = worker._handlers[topic]

    def run(row, now):
        if when == "before":
            _halt()
        effect = handler.run(row, now)
        _halt()
        return effect

    worker._handlers[topic] = replace(handler, run=run)


def _halt() -> None:
    try:
        with Path(os.environ["HALT_MARKER"]).open("x") as marker:
            marker.write(str(os.getpid()))
    except FileExistsError:
        return
    time.sleep(120)
