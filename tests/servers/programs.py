"""Real programs for the tests that kill them: a broker on a private port, a Celery worker of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import redis
from django.conf import settings

from lapor import embedded

ROOT = Path(__file__).resolve().parents[2]


def wait_for(condition, seconds: float, what: str):
    """Ask again and again until the condition gives something true; fails after `seconds`."""
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Program:
    """A child in a process group of its own, so that it dies whole and nobody else does."""

    def __init__(self, command: list[str], log: Path, env: dict[str, str] | None = None):
        self.command, self.log, self.env = command, log, {**os.environ, **(env or {})}
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.env, stdout=out, stderr=out, start_new_session=True
            )

    def start_again_if_ended(self) -> None:
        """What the runner and the container engine do with a child that ended by itself."""
        if self.process is not None and self.process.poll() is not None:
            self.start()

    def signal(self, number: int) -> None:
        """To the whole group; waits for the end."""
        if self.process is None or self.process.poll() is not None:
            return
        os.killpg(self.process.pid, number)
        self.process.wait(30)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()


class Broker(Program):
    def __init__(self, folder: Path):
        program = shutil.which("redis-server") or str(embedded.valkey_program())
        self.port = free_port()
        command = [
            program,
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(folder),
        ]
        super().__init__(command, folder / "broker.log")
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        super().start()
        client = redis.Redis(port=self.port)
        wait_for(lambda: _answers(client), 10, "the broker answers")


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


class Worker(Program):
    """A Celery worker with beat. `halt_at`: where it stops to be killed, see halting_worker.py."""

    def __init__(
        self, folder: Path, broker_url: str, database_url: str, *, halt_at: str = "", lease_s: float = 2
    ):
        self.marker = folder / "halted"
        env = {
            "DATABASE_URL": database_url,
            "REDIS_URL": broker_url,
            "DATA_DIR": str(folder),
            "SECRET_KEY": settings.SECRET_KEY,  # one portal, one key: addresses are known by its hashes
            "OUTBOX_LEASE_S": str(lease_s),
            "HALT_AT": halt_at,
            "HALT_MARKER": str(self.marker),
            "DJANGO_SETTINGS_MODULE": "lapor.settings",
        }
        command = [
            sys.executable,
            "-m",
            "celery",
            "--app",
            "tests.servers.halting_worker",
            "worker",
            "--beat",
        ]
        command += ["--concurrency", "2", "--queues", "routing,media,notify,insights", "--loglevel", "INFO"]
        command += ["--schedule", str(folder / "beat"), "--without-mingle", "--without-gossip"]
        super().__init__(command, folder / "worker.log", env)
