"""A portal of its own for the benchmarks: own data folder, database and port, everything stopped after."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "deploy")]

import entrypoint  # noqa: E402

from lapor import embedded  # noqa: E402

_ALIVE_WITHIN_S = 60.0


class Portal:
    """`with Portal(server_url) as portal:` on PostgreSQL (a fresh database is made there), or on SQLite."""

    def __init__(self, server_url: str = ""):
        self.folder = Path(tempfile.mkdtemp(prefix="lapor-bench-"))
        (self.folder / "metrics").mkdir()
        self.port = _free_port()
        self._server_url = server_url
        self._database = f"bench_{secrets.token_hex(4)}" if server_url else ""
        self._children: list[subprocess.Popen] = []
        self.env = {
            **os.environ,
            "DATA_DIR": str(self.folder),
            "PORT": str(self.port),
            "LOG_LEVEL": "ERROR",
            "DEBUG": "0",
            "PROMETHEUS_MULTIPROC_DIR": str(self.folder / "metrics"),
            "DATABASE_URL": self._database_url(),
        }

    def _database_url(self) -> str:
        if not self._server_url:
            return ""
        return urlunsplit(urlsplit(self._server_url)._replace(path=f"/{self._database}"))

    def __enter__(self) -> "Portal":
        try:
            if self._server_url:
                self._on_server(f'CREATE DATABASE "{self._database}"')
            self.manage("migrate", "-v0")
            self.manage("load_city", "semarang")
        except BaseException:
            self._clean_up()
            raise
        return self

    def __exit__(self, *_exception) -> None:
        self.stop()
        self._clean_up()

    def _clean_up(self) -> None:
        if self._server_url:
            self._on_server(f'DROP DATABASE IF EXISTS "{self._database}" WITH (FORCE)')
        shutil.rmtree(self.folder, ignore_errors=True)

    def _on_server(self, statement: str) -> None:
        import psycopg2

        connection = psycopg2.connect(self._server_url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()

    def manage(self, *arguments: str) -> str:
        """A management command; its output."""
        return self.python("manage.py", *arguments)

    def python(self, *arguments: str) -> str:
        """A script in the portal's environment; its output."""
        command = [sys.executable, *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stderr[-4000:]}")
        return done.stdout

    def start(self, *, with_worker: bool) -> None:
        """Broker, web server and, if wanted, a worker; returns when the web server answers."""
        if not os.environ.get("REDIS_URL") and (program := embedded.valkey_program()):
            self._spawn(embedded.server_command(program, self.folder))
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = self.env["PROMETHEUS_MULTIPROC_DIR"]
        os.environ["PORT"] = str(self.port)
        self._spawn(entrypoint.web())
        if with_worker:
            self.start_worker()
            self.start_beat()
        deadline = time.monotonic() + _ALIVE_WITHIN_S
        while not self._is_alive():
            if time.monotonic() > deadline:
                raise TimeoutError("the web server did not start")
            time.sleep(0.1)

    def start_worker(self, *queues: str, processes: int = 2) -> None:
        """One more worker for these queues, or for all."""
        os.environ["WORKER_PROCESSES"] = str(processes)
        self._spawn(entrypoint.worker(*queues))

    def start_beat(self) -> None:
        """The clock whose sweeps find what no message announced."""
        self._spawn(entrypoint.celery("beat", "--schedule", str(self.folder / "beat-schedule")))

    def _spawn(self, command: list[str]) -> None:
        child = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.env,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "errors.log").open("ab"),
            start_new_session=True,
        )
        self._children.append(child)

    def _is_alive(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=1):
                return True
        except OSError:
            return False

    def web_memory_mb(self) -> float:
        """Resident memory of the largest web worker (the children of the web server), in megabytes."""
        web = next(child for child in self._children if "granian" in child.args)
        sizes = [_rss_mb(pid) for pid in _descendants(web.pid)] or [_rss_mb(web.pid)]
        return max(sizes)

    def cpu_seconds(self) -> float:
        """Processor time that the web server and its workers have used so far."""
        web = next(child for child in self._children if "granian" in child.args)
        return sum(_cpu_s(pid) for pid in (web.pid, *_descendants(web.pid)))

    def stop(self) -> None:
        """Stop every child and its children."""
        for child in reversed(self._children):
            if child.poll() is None:
                child.terminate()  # it stops its own children, in order
                self._wait(child)
        self._children.clear()

    @staticmethod
    def _wait(child: subprocess.Popen) -> None:
        try:
            child.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _descendants(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rsplit(")", 1)[1].split()[1]) == pid:
                child = int(stat.parent.name)
                found += [child, *_descendants(child)]
        except OSError:  # it ended meanwhile
            continue
    return found


def _rss_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_048_576


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
