"""The portal as a newcomer starts it, in a data folder of its own: web, worker, beat and broker."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
ALIVE_WITHIN_S = 90.0
STOPPED_WITHIN_S = 25.0
PASSWORD = "terang-bulan-pagi-2026"
# What the runner gets from us; whatever else the settings read is empty, which means "the default".
_PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR")
_LEFT_EMPTY = [
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_URL",
    "PRODUCTION",
    "DEBUG",
    "SECRET_KEY",
    "PUBLIC_BASE_URL",
    "ALLOWED_HOSTS",
    "TILE_URL",
    "STATIC_ROOT",
    "MEDIA_ROOT",
    "S3_BUCKET",
    "BEHIND_PROXY",
    "CITY_PACK",
    "LOG_JSON",
    "LOG_LEVEL",
    "HOST",
]


def wait_for(what: str, look: Callable[[], T], within_s: float = 15.0) -> T:
    """Look again and again until something true comes back; fails with `what` after `within_s` seconds."""
    deadline = time.monotonic() + within_s
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {within_s:.0f} s: {what}"
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Portal:
    """One running portal. `staff()` and `manage()` go through the commands an operator would type."""

    def __init__(self, data_dir: Path):
        self.data_dir = data_dir
        self.port = _free_port()
        self.url = f"http://localhost:{self.port}"
        self.log_path = data_dir / "run.log"
        self._staff: dict[tuple[str, str], str] = {}
        self.environment = {
            **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            **dict.fromkeys(_LEFT_EMPTY, ""),
            "PORT": str(self.port),
            "DATA_DIR": str(data_dir),
            "DEMO": "0",
            "SECOND_LOOK_PERCENT": "0",  # no lot falls by chance
        }

    def start(self) -> None:
        """Start everything and wait until it is alive."""
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "scripts" / "run.py")],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            wait_for("the portal is alive", self._is_alive, ALIVE_WITHIN_S)
        except AssertionError as late:
            self.process.kill()
            raise AssertionError(f"{late}\n{self.log()[-4000:]}") from None

    def _is_alive(self) -> bool:
        assert self.process.poll() is None, f"the portal ended:\n{self.log()[-4000:]}"
        return self.status_of("/healthz") == 200

    def status_of(self, path: str) -> int:
        """The HTTP status of an address, 0 while nothing answers."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as response:
                return response.status
        except urllib.error.HTTPError as error:
            return error.code
        except (urllib.error.URLError, OSError):
            return 0

    def stop(self) -> None:
        """Ctrl-C; fails if it does not end well or leaves a process behind."""
        self.process.send_signal(signal.SIGINT)
        try:
            code = self.process.wait(STOPPED_WITHIN_S)
        finally:
            if self.process.poll() is None:
                self.process.kill()  # its guardian ends the rest
        left = wait_for_none(self.processes)
        assert not left, f"left running: {left}"
        assert code == 0, f"ended with {code}:\n{self.log()[-4000:]}"

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def manage(self, *arguments: str) -> str:
        """The output of a management command."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def staff(self, role: str, department: str = "") -> str:
        """The name of a member of staff (made once); the password is PASSWORD."""
        # "admin" is taken: the first start makes that account.
        name = f"{role}-{department or 'kota'}".lower()
        if (role, department) not in self._staff:
            place = ["--department", department] if department else []
            self.manage("create_staff", name, "--role", role, *place, "--password", PASSWORD)
            self._staff[role, department] = name
        return self._staff[role, department]

    def file(self, category: str, place: tuple[float, float], description: str) -> tuple[str, str]:
        """File a report as a phone app does; its code and the secret of its private link."""
        body = {
            "category": category,
            "latitude": place[0],
            "longitude": place[1],
            "description": description,
        }
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        request = urllib.request.Request(
            f"{self.url}/api/v1/reports/", json.dumps(body).encode(), headers, method="POST"
        )
        with urllib.request.urlopen(request, timeout=15) as response:
            answer = json.load(response)
        return answer["code"], answer["secret"]

    def report(self, code: str) -> dict:
        """What the public page's script reads: status, department, promised date."""
        with urllib.request.urlopen(f"{self.url}/laporan/{code}/status.json", timeout=15) as response:
            return json.load(response)

    def processes(self) -> dict[int, str]:
        """Every process that works in this portal's data folder: its id and command line."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (
                    (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                )
                if command and self._is_ours(folder, command):  # a dead one has no command line left
                    found[int(folder.name)] = command
            except OSError:  # ended meanwhile, or somebody else's
                continue
        return found

    def _is_ours(self, folder: Path, command: str) -> bool:
        # The broker writes its state over its own environment; its command line names the folder.
        mark = f"DATA_DIR={self.data_dir}\0".encode()
        return f"{self.data_dir}/" in command or mark in (folder / "environ").read_bytes()

    def pids_of(self, word: str) -> list[int]:
        """The ids of the processes whose command line contains `word`."""
        return [pid for pid, command in self.processes().items() if word in command]

    def mails(self) -> list[EmailMessage]:
        """Every message sent so far, oldest first."""
        found = []
        for path in sorted((self.data_dir / "mail").glob("*"), key=lambda item: item.stat().st_mtime_ns):
            for part in re.split(rb"\n-{79}\n", path.read_bytes()):
                if part.strip():
                    found.append(message_from_bytes(part.lstrip(), policy=policy.default))
        return found

    def mails_to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails() if address in str(mail["To"])]


def wait_for_none(look: Callable[[], dict], within_s: float = 12.0) -> dict:
    """Look until nothing comes back; what is still there after `within_s` seconds."""
    deadline = time.monotonic() + within_s
    while (left := look()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left
