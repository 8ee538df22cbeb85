"""The roles that containers run, run here without a container, on the real servers."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import pytest
from celery import Celery
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def environment(tmp_path, django_db_blocker):
    """Production settings, and a database of its own on the server the suite uses."""
    if not (settings.DATABASE_URL and settings.REDIS_URL):
        pytest.skip("needs DATABASE_URL and REDIS_URL")
    name = f"lapor_roles_{uuid.uuid4().hex[:8]}"
    server = settings.DATABASE_URL.rsplit("/", 1)[0]
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    try:
        yield {
            **os.environ,
            "PRODUCTION": "1",
            "SSL_REDIRECT": "1",
            "SECRET_KEY": "not-a-real-key-" * 4,
            "ALLOWED_HOSTS": "lapor.example",
            "DATABASE_URL": f"{server}/{name}",
            "REDIS_URL": settings.REDIS_URL,
            "DATA_DIR": str(tmp_path / "data"),
            "STATIC_ROOT": str(tmp_path / "static"),
            "HOST": "127.0.0.1",
            "PORT": str(free_port()),
            "WEB_WORKERS": "1",
            "WORKER_PROCESSES": "1",
        }
    finally:
        with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def role(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "deploy" / "entrypoint.py"), *arguments]


def run(environment: dict, *command: str) -> subprocess.CompletedProcess:
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=180)


def healthcheck(environment: dict) -> int:
    return run(environment, sys.executable, str(ROOT / "deploy" / "healthcheck.py")).returncode


def ready(environment: dict) -> dict:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{environment['PORT']}/readyz", timeout=5) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error)


def wait_for_a_worker() -> int:
    """How many workers answer on the broker, as soon as one does."""
    deadline = time.monotonic() + WITHIN_S
    answers = []
    while not answers and time.monotonic() < deadline:
        answers = Celery(broker=settings.REDIS_URL).control.ping(timeout=1.0)
    return len(answers)


@pytest.fixture
def start(environment):
    """Starts a role that stays; all of them are ended, with what they started."""
    running = []

    def start(*arguments: str) -> subprocess.Popen:
        process = subprocess.Popen(role(*arguments), env=environment, cwd=ROOT, start_new_session=True)
        running.append(process)
        return process

    yield start
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.server
def test_prepare_then_web_worker_and_beat(environment, start):
    collected = run(environment, *role("manage", "collectstatic", "--noinput", "--verbosity", "0"))
    assert collected.returncode == 0, collected.stderr
    prepared = run(environment, *role("prepare"))
    assert prepared.returncode == 0, prepared.stderr
    assert "@" not in prepared.stdout  # no demonstration accounts in production

    assert healthcheck(environment) == 1
    web, worker, beat = start("web"), start("worker", "routing", "notify"), start("beat")
    deadline = time.monotonic() + WITHIN_S
    while healthcheck(environment) and time.monotonic() < deadline:
        assert web.poll() is None
        time.sleep(0.2)
    found = ready(environment)
    assert (found["database"], found["city"], found["broker"]) == ("up", "loaded", "up")
    assert wait_for_a_worker() == 1
    assert [worker.poll(), beat.poll()] == [None, None]

    for process in (web, worker, beat):
        process.send_signal(signal.SIGTERM)
    assert [process.wait(WITHIN_S) for process in (worker, beat)] == [0, 0]
    web.wait(WITHIN_S)


def test_an_unknown_role_is_refused():
    done = subprocess.run(
        [sys.executable, str(ROOT / "deploy" / "entrypoint.py"), "shell"], capture_output=True
    )
    assert done.returncode == 1
    assert b"prepare | web | worker | beat" in done.stderr
