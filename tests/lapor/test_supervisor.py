"""The process runner: what it starts it also ends, however it ends itself."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 30.0

# Starts a shell that starts a sleeper, so that a child has a child of its own, and says who they are.
DRIVER = """
import sys
sys.path.insert(0, {scripts!r})
import supervisor as module
from supervisor import Child, GaveUp, Stopped, Supervisor
module.GUARDIAN_GRACE_S = 0.5
supervisor = Supervisor()
try:
    {body}
    supervisor.keep()
except Stopped:
    print("stopped", flush=True)
except GaveUp as failure:
    print("gave up:", failure, flush=True)
finally:
    supervisor.stop()
"""
FAMILY = 'supervisor.add(Child("family", ["sh", "-c", "echo shell $$; sleep 600 & echo sleeper $!; wait"]))'
DEAF = """supervisor.add(Child("deaf", [sys.executable, "-c",
        "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print('deaf', os.getpid(), flush=True); time.sleep(600)"]))"""


@pytest.fixture
def drive(tmp_path):
    """A factory: runs the supervisor with a body of statements, as a process of its own."""
    started = []

    def start(body: str) -> subprocess.Popen:
        script = tmp_path / "driver.py"
        script.write_text(DRIVER.format(scripts=str(ROOT / "scripts"), body=body))
        process = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def read_pids(process: subprocess.Popen, *names: str) -> list[int]:
    """The numbers that the named children print: `name | word 123`."""
    found = {}
    while not set(names) <= set(found):
        words = process.stdout.readline().split()
        assert words, "the supervisor ended before its children were up"
        if len(words) >= 2 and words[-1].isdigit():
            found[words[-2]] = int(words[-1])
    return [found[name] for name in names]


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until_gone(pids: list[int]) -> list[int]:
    """The processes that are still there after a generous while."""
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline and any(map(is_alive, pids)):
        time.sleep(0.05)
    return [pid for pid in pids if is_alive(pid)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_polite_signal_ends_children_and_grandchildren(drive, number):
    process = drive(FAMILY)
    pids = read_pids(process, "shell", "sleeper")
    process.send_signal(number)
    assert "stopped" in process.communicate(timeout=WITHIN_S)[0]
    assert process.returncode == 0
    assert wait_until_gone(pids) == []


def test_killing_the_supervisor_leaves_no_orphans(drive):
    process = drive(FAMILY)
    pids = read_pids(process, "shell", "sleeper")
    process.kill()
    process.wait()
    assert wait_until_gone(pids) == []


def test_killing_it_also_ends_a_child_that_ignores_the_polite_signal(drive):
    process = drive(DEAF)
    pids = read_pids(process, "deaf")
    process.kill()
    process.wait()
    assert wait_until_gone(pids) == []


def test_a_second_signal_kills_a_child_that_will_not_end(drive):
    process = drive(DEAF)
    pids = read_pids(process, "deaf")
    process.terminate()
    time.sleep(0.5)  # two signals at the same instant would count as one
    process.terminate()
    process.communicate(timeout=WITHIN_S)
    assert wait_until_gone(pids) == []


def test_a_dead_child_is_started_again_and_its_grandchildren_are_ended(drive):
    process = drive(FAMILY)
    shell, sleeper = read_pids(process, "shell", "sleeper")
    os.kill(shell, signal.SIGKILL)
    new_shell, new_sleeper = read_pids(process, "shell", "sleeper")
    assert new_shell != shell
    assert wait_until_gone([shell, sleeper]) == []
    assert is_alive(new_sleeper)


def test_an_essential_child_that_keeps_dying_stops_everything(drive):
    body = f"""{FAMILY}
    module.ESSENTIAL_ATTEMPTS = 2
    supervisor.add(Child("broken", ["false"], essential=True))"""
    process = drive(body)
    pids = read_pids(process, "shell", "sleeper")
    assert "gave up: broken (1)" in process.communicate(timeout=WITHIN_S)[0]
    assert wait_until_gone(pids) == []


def test_a_child_that_may_end_is_not_started_again(drive):
    body = f"""{FAMILY}
    print("code", supervisor.run(Child("once", ["sh", "-c", "echo ran; exit 3"])), flush=True)"""
    process = drive(body)
    read_pids(process, "shell", "sleeper", "code")
    process.terminate()
    rest = process.communicate(timeout=WITHIN_S)[0]
    assert "ran" not in rest


def test_output_goes_through_under_the_childs_name(drive):
    process = drive('supervisor.add(Child("talker", ["sh", "-c", "echo one; echo two >&2; sleep 600"]))')
    lines = {process.stdout.readline().strip() for _ in range(2)}
    assert lines == {"talker | one", "talker | two"}
