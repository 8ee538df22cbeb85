"""Telling workers that there is work, without ever making a request wait for the broker.

A nudge only sets a flag; a background thread of the process publishes. Nudges that come while one is being
published, or soon after one, become one: a worker finds many rows with one message. After a failure the
thread is silent for some seconds: the periodic sweep finds whatever was not announced, so a lost nudge
costs seconds and nothing else.
"""

import atexit
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from celery import current_app

log = logging.getLogger(__name__)

SILENT_AFTER_FAILURE_S = 5.0
FLUSH_AT_EXIT_S = 0.3
# A queue's messages follow each other no faster than this; the first after a rest goes at once.
PAUSE_S = {"routing": 0.03, "media": 0.2, "notify": 0.2}
TASK = "dispatch.drain"


class Publisher:
    """Sends one message over a connection of its own, kept open between messages."""

    def __init__(self) -> None:
        self._connection: Any = None

    def __call__(self, queue: str) -> None:
        if self._connection is None:
            self._connection = current_app.connection_for_write()
            # One try, short timeouts: the sweep is the retry.
            self._connection.transport_options = {
                **(self._connection.transport_options or {}),
                "max_retries": 0,
                "connect_retries_timeout": 1,
                "socket_timeout": 2,
                "socket_connect_timeout": 1,
            }
        try:
            current_app.send_task(
                TASK,
                args=[queue],
                queue=queue,
                connection=self._connection,
                retry=False,
                ignore_result=True,
            )
        except BaseException:
            connection, self._connection = self._connection, None
            connection.release()
            raise


class Nudger:
    """The flags and the thread. `publish(queue)` may raise and may take its time."""

    def __init__(
        self,
        publish: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        pause_s: Mapping[str, float] = PAUSE_S,
    ):
        self._publish, self._clock, self._pause_s = publish, clock, pause_s
        self._wanted: set[str] = set()
        self._not_before: dict[str, float] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_busy = False
        self.silent_until = 0.0

    def nudge(self, queue: str) -> None:
        """Ask for a message; returns at once. While the broker is known to be away, does nothing."""
        if self._clock() < self.silent_until:
            return
        with self._changed:
            self._wanted.add(queue)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="outbox-nudge", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def flush(self, timeout_s: float) -> bool:
        """Wait until everything asked for is published or given up; False if time runs out first."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._wanted and not self._is_busy, timeout_s)

    def _run(self) -> None:
        while True:
            self._send(self._next())

    def _next(self) -> str:
        """Wait for the next queue whose turn it is."""
        with self._changed:
            self._is_busy = False
            self._changed.notify_all()
            while True:
                now = self._clock()
                waits = {queue: self._not_before.get(queue, 0.0) - now for queue in self._wanted}
                queue = min(waits, key=lambda name: (waits[name], name), default=None)
                if queue is not None and waits[queue] <= 0:
                    self._wanted.discard(queue)
                    self._not_before[queue] = now + self._pause_s.get(queue, 0.0)
                    self._is_busy = True
                    return queue
                self._changed.wait(waits[queue] if queue is not None else None)

    def _send(self, queue: str) -> None:
        try:
            self._publish(queue)
        except Exception as exc:  # any transport's own errors; none of them may end the thread
            self.silent_until = self._clock() + SILENT_AFTER_FAILURE_S
            with self._changed:
                self._wanted.clear()
            log.warning("broker not reached, leaving it to the sweep: %s", exc.__class__.__name__)


_nudger = Nudger(Publisher())


def nudge(queue: str) -> None:
    """Let a worker know that the queue has work. Never raises, never waits for the broker."""
    _nudger.nudge(queue)


def _start_afresh() -> None:
    """Threads and sockets do not survive a fork."""
    global _nudger
    _nudger = Nudger(Publisher())


def _flush() -> None:
    _nudger.flush(FLUSH_AT_EXIT_S)


os.register_at_fork(after_in_child=_start_afresh)
atexit.register(_flush)
