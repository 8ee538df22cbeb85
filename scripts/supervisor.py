"""Keeps a handful of processes running together, and lets none of them outlive it.

Every child leads a process group of its own, so that stopping it also stops what it started. A guardian
process in a session of its own waits on a pipe that only the supervisor holds: if the supervisor dies in
whatever way, `kill -9` included, the pipe closes and the guardian stops the groups that are left.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

STOP_GRACE_S = 10.0  # then a group is killed
GUARDIAN_GRACE_S = 8.0
LOOK_EVERY_S = 0.1
STEADY_AFTER_S = 60.0  # whoever ran this long starts again with a clean record
LONGEST_PAUSE_S = 30.0
ESSENTIAL_ATTEMPTS = 5  # failures in a row after which an essential child stops everything


class Stopped(Exception):
    """Somebody asked the supervisor to stop."""


class GaveUp(Exception):
    """An essential child died too often."""


@dataclass
class Child:
    """One process to keep running. `once` children may end; `essential` ones take everything down."""

    name: str
    command: list[str]
    essential: bool = False
    once: bool = False
    last: bool = False  # stopped after all the others: they still need it
    environment: dict[str, str] = field(default_factory=dict)
    hide: str | None = None  # lines with this text in them are no news
    on_success: Callable[[], None] | None = None  # called when a `once` child ends with 0
    process: subprocess.Popen | None = None
    started_at: float = 0.0
    failures: int = 0
    start_at: float = 0.0  # when to start it again (monotonic seconds)
    finished: bool = False
    reader: threading.Thread | None = None  # passes its output on

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None


def kill_group(group: int, number: int) -> bool:
    """Send a signal to a process group; False if nobody is left in it."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def end_groups(groups: set[int], grace_s: float) -> None:
    """Ask the groups to end, and kill what is left after `grace_s` seconds."""
    left = {group for group in groups if kill_group(group, signal.SIGTERM)}
    deadline = time.monotonic() + grace_s
    while left and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY_S)
        left = {group for group in left if kill_group(group, 0)}
    for group in left:
        kill_group(group, signal.SIGKILL)


def start_guardian() -> int:
    """Fork the guardian; returns the pipe's write end, to which `+GROUP` and `-GROUP` lines are written."""
    read_end, write_end = os.pipe()
    if os.fork():
        os.close(read_end)
        return write_end
    try:
        os.setsid()
        os.close(write_end)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        groups: set[int] = set()
        with os.fdopen(read_end) as lines:
            for line in lines:
                group = int(line[1:])
                (groups.add if line[0] == "+" else groups.discard)(group)
        end_groups(groups, GUARDIAN_GRACE_S)
    finally:
        os._exit(0)


class Supervisor:
    """Starts children, restarts them with growing pauses, and stops them all in order."""

    def __init__(self):
        self.children: list[Child] = []
        self.stop_requested = 0
        self.guardian = start_guardian()
        self.print_lock = threading.Lock()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number, frame):
        self.stop_requested += 1

    def say(self, name: str, text: str) -> None:
        with self.print_lock, suppress(OSError, ValueError):
            print(f"{name:<7}| {text}" if name else text, flush=True)

    def check_stop(self) -> None:
        if self.stop_requested:
            raise Stopped

    def _tell_guardian(self, sign: str, group: int) -> None:
        with suppress(OSError):
            os.write(self.guardian, f"{sign}{group}\n".encode())

    def _launch(self, child: Child, output=None) -> None:
        child.process = subprocess.Popen(
            child.command,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **child.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        child.started_at = time.monotonic()
        self._tell_guardian("+", child.process.pid)
        child.reader = threading.Thread(
            target=self._pass_on, args=(child, child.process.stdout, output), daemon=True
        )
        child.reader.start()

    def _pass_on(self, child: Child, lines, output) -> None:
        for line in lines:
            text = line.rstrip("\n")
            if (output is None or not output(text)) and not (child.hide and child.hide in text):
                self.say(child.name, text)

    def add(self, child: Child) -> Child:
        self.children.append(child)
        self._launch(child)
        return child

    def run(self, child: Child, output=None) -> int:
        """Run a child to its end and return its exit code; `output(line)` may take lines for itself."""
        child.once = True
        self.children.append(child)
        self._launch(child, output)
        while not child.finished:
            self.look()
            time.sleep(LOOK_EVERY_S / 2)
        child.reader.join(timeout=2)
        self.children.remove(child)
        return child.process.returncode

    def _bury(self, child: Child) -> None:
        """A child has ended: end what it left behind in its group."""
        kill_group(child.process.pid, signal.SIGKILL)
        self._tell_guardian("-", child.process.pid)

    def look(self) -> None:
        """One round: raise Stopped or GaveUp, take note of deaths, start again what is due."""
        self.check_stop()
        now = time.monotonic()
        for child in self.children:
            if child.finished or child.is_running():
                continue
            if child.once:
                child.finished = True
                self._bury(child)
                if child.on_success and child.process.returncode == 0:
                    child.on_success()
            elif not child.start_at:
                self._note_death(child, now)
            elif now >= child.start_at:
                child.start_at = 0.0
                self._launch(child)

    def _note_death(self, child: Child, now: float) -> None:
        self._bury(child)
        code = child.process.returncode
        child.failures = 1 if now - child.started_at > STEADY_AFTER_S else child.failures + 1
        if child.essential and child.failures >= ESSENTIAL_ATTEMPTS:
            raise GaveUp(f"{child.name} ({code})")
        pause_s = min(LONGEST_PAUSE_S, 2.0 ** (child.failures - 1))
        child.start_at = now + pause_s
        self.say(child.name, f"berhenti, dimulai lagi dalam {pause_s:.0f} s (ended with {code}, restarting)")

    def keep(self) -> None:
        """Watch until somebody asks to stop (Stopped) or an essential child keeps dying (GaveUp)."""
        while True:
            self.look()
            time.sleep(LOOK_EVERY_S)

    def stop(self) -> None:
        """Stop everybody: first those that use the others, then the `last` ones. A second Ctrl-C kills."""
        for wave in (False, True):
            self._stop([child for child in self.children if child.last is wave and child.process])
        with suppress(OSError):
            os.close(self.guardian)

    def _stop(self, children: list[Child]) -> None:
        before = self.stop_requested
        running = [child for child in children if child.is_running()]
        for child in running:
            with suppress(ProcessLookupError):
                child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_GRACE_S
        while any(child.is_running() for child in running) and time.monotonic() < deadline:
            if self.stop_requested > before:
                break
            time.sleep(LOOK_EVERY_S)
        for child in running:
            kill_group(child.process.pid, signal.SIGKILL)
            child.process.wait()
            self._tell_guardian("-", child.process.pid)


if __name__ == "__main__":
    sys.exit(__doc__)
