"""`make run` as a newcomer has it: nothing set but a port and a folder."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 120.0


@pytest.fixture
def runner(tmp_path):
    """A factory of runners on a folder and port of their own, with their output in a file."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    keep = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8"}
    environment = {**keep, "PORT": str(port), "DATA_DIR": str(tmp_path / "data"), "DEMO": "0"}
    started = []

    def start() -> subprocess.Popen:
        log = tmp_path / f"log{len(started)}"
        command = [sys.executable, str(ROOT / "scripts" / "run.py")]
        with log.open("w") as output:
            process = subprocess.Popen(
                command, env=environment, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT
            )
        process.log, process.port = log, port
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def wait_for(process: subprocess.Popen, text: str) -> str:
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        said = process.log.read_text()
        if text in said:
            return said
        assert process.poll() is None, said
        time.sleep(0.1)
    pytest.fail(f"not within {WITHIN_S} s: {text}\n{process.log.read_text()}")


def processes_in(data_dir: str) -> list[str]:
    """The command lines of every process that has this folder in its environment."""
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"DATA_DIR={data_dir}".encode() in environ.read_bytes():
                found.append((environ.parent / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def beats_in(data_dir: str) -> list[int]:
    """The ids of the clocks that run in this folder."""
    found = []
    for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if f" beat --schedule {data_dir}/" in cmdline.read_text().replace("\0", " "):
                found.append(int(cmdline.parent.name))
        except OSError:
            continue
    return found


def test_from_nothing_to_ready_and_back_to_nothing(runner, tmp_path):
    process = runner()
    said = wait_for(process, "Ctrl-C")
    assert said.count("admin ") == 1  # one account: the city starts empty
    assert "petugas-dpu" not in said
    deadline = time.monotonic() + WITHIN_S
    found = {}
    while found.get("status") != "ready" and time.monotonic() < deadline:
        with urllib.request.urlopen(f"http://127.0.0.1:{process.port}/readyz", timeout=5) as answer:
            found = json.load(answer)
    assert (found["status"], found["city"], found["broker"]) == ("ready", "loaded", "up")
    kinds = " ".join(processes_in(str(tmp_path / "data")))
    assert "granian" in kinds
    assert "celery" in kinds

    beat = beats_in(str(tmp_path / "data"))
    assert len(beat) == 1
    os.kill(beat[0], signal.SIGKILL)
    deadline = time.monotonic() + WITHIN_S
    while beats_in(str(tmp_path / "data")) in ([], beat) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(beats_in(str(tmp_path / "data"))) == 1  # without it no sweep would ever come again

    second = runner()
    assert second.wait(WITHIN_S) == 1
    assert f"PORT={process.port + 1}" in second.log.read_text()

    process.send_signal(signal.SIGINT)
    assert process.wait(WITHIN_S) == 0
    deadline = time.monotonic() + WITHIN_S
    while processes_in(str(tmp_path / "data")) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_in(str(tmp_path / "data")) == []

    again = runner()
    said = wait_for(again, "Ctrl-C")
    assert "shown only this once" not in said  # no account is made a second time
    again.send_signal(signal.SIGTERM)
    assert again.wait(WITHIN_S) == 0
