"""The portal as `make run` starts it, with everything around it that can be broken, and the ways to break it.

One runner (scripts/run.py) keeps web, worker and beat going: what is killed here is started again by it, as
systemd or a container engine would. On servers PostgreSQL and Redis are processes of our own.
"""

import os
import signal
import sqlite3
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

from benchmarks.chaos import plan
from benchmarks.chaos.mail import OK, MailServer
from benchmarks.chaos.servers import Postgres
from tests.e2e.portal import Portal, wait_for
from tests.servers.programs import Broker

_DATABASE = "lapor_chaos"
_BACK_WITHIN_S = 120.0


class Stack:
    """`with Stack(on_servers=…) as stack:` runs it all and leaves nothing behind."""

    def __init__(self, *, on_servers: bool):
        self.on_servers = on_servers
        self.folder = Path(tempfile.mkdtemp(prefix="lapor-chaos-"))
        self.folder.chmod(0o711)  # the database's user must pass
        self.mail = MailServer()
        data = self.folder / "data"
        data.mkdir(mode=0o700)
        self.portal = Portal(data)
        self.portal.environment["EMAIL_URL"] = f"smtp://127.0.0.1:{self.mail.port}"
        self.postgres = self.broker = None
        self._restarting: threading.Thread | None = None
        self._is_over = False

    def __enter__(self) -> "Stack":
        try:
            if self.on_servers:
                self.postgres, self.broker = Postgres(self.folder), Broker(self.folder)
                self.postgres.start()
                self.postgres.sql("postgres", f"CREATE DATABASE {_DATABASE}")
                self.broker.start()
                servers = {"DATABASE_URL": self.postgres.url(_DATABASE), "REDIS_URL": self.broker.url}
                self.portal.environment.update(servers)
            self.portal.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_exception) -> None:
        self.close()

    def close(self) -> None:
        """Stop everything, however far it came. The folder stays: its logs tell what happened."""
        self._is_over = True
        if self._restarting:
            self._restarting.join(_BACK_WITHIN_S)
        for pid in self.portal.processes():
            _kill(pid)
        if hasattr(self.portal, "process"):
            self.portal.process.wait(30)
        for program in (self.broker, self.postgres):
            if program is not None:
                program.kill()
        self.mail.close()

    # --- who is there ----------------------------------------------------------------------------------

    def roles(self) -> dict[str, list[int]]:
        """The process ids by role: whole groups' leaders, and single processes under them."""
        commands = self.portal.processes()
        parents = {pid: _parent(pid) for pid in commands}
        found: dict[str, list[int]] = {}
        for pid, command in commands.items():
            role = _role(command, commands.get(parents[pid], ""))
            if role:
                found.setdefault(role, []).append(pid)
        return found

    # --- breaking --------------------------------------------------------------------------------------

    def begin(self, fault: plan.Fault) -> str:
        """Do what the plan says; how it went, in a word or two."""
        if fault.what == plan.MAIL:
            self.mail.switch(fault.how)
        elif fault.what == plan.BROKER:
            return self._take_broker_away()
        elif fault.what == plan.DATABASE:
            return self._take_database_away(fault)
        elif fault.what == plan.BACKEND:
            return self._kill_session()
        elif fault.what == plan.EVERYTHING:
            return self._kill_everything()
        else:
            return self._kill_role(fault.what)
        return "done"

    def end(self, fault: plan.Fault) -> str:
        """Mend what `begin` broke, if it lasts."""
        if fault.what == plan.MAIL:
            self.mail.switch(OK)
        elif fault.what == plan.BROKER:
            self._bring_broker_back(fault.how)
        elif fault.what == plan.DATABASE and self.postgres is not None:
            self.postgres.start()
        return "back"

    def _kill_role(self, what: str) -> str:
        pids = self.roles().get(what, [])
        if not pids:
            return "was not there"
        if what in (plan.WEB_PROCESS, plan.WORKER_PROCESS):
            _kill(pids[int(time.monotonic() * 1000) % len(pids)])
        else:
            for pid in pids:
                _kill_group(pid)
        return "done"

    def _kill_everything(self) -> str:
        """Runner, web, workers, beat, embedded broker at one blow; then all anew, as after a power cut."""
        if self._restarting and self._restarting.is_alive():
            return "was not there"
        _kill(self.portal.process.pid)  # first, so that nobody is restarted in between
        for pid in self.portal.processes():
            _kill(pid)
        self.portal.process.wait(30)
        self._restarting = threading.Thread(target=self._start_again, daemon=True)
        self._restarting.start()
        return "done"

    def _start_again(self) -> None:
        deadline = time.monotonic() + _BACK_WITHIN_S
        while not self._is_over:
            try:
                wait_for("nobody is left", lambda: not self.portal.processes(), 30)
                self.portal.start()
                return
            except AssertionError:  # its database may be away just now; a container is started again as well
                if time.monotonic() > deadline:
                    raise
                time.sleep(1)

    def _take_broker_away(self) -> str:
        if self.broker is not None:
            self.broker.kill()
            return "stopped"
        for pid in self.roles().get(plan.BROKER, []):
            os.kill(pid, signal.SIGSTOP)
        return "hangs"

    def _bring_broker_back(self, how: str) -> None:
        if self.broker is not None:
            self.broker.start()
            return
        for pid in self.roles().get(plan.BROKER, []):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL if how == "dies" else signal.SIGCONT)

    def _take_database_away(self, fault: plan.Fault) -> str:
        if self.postgres is not None:
            self.postgres.halt(fault.how)
            return f"stopped {fault.how}"
        threading.Thread(target=self._hold_lock, args=(fault.for_s,), daemon=True).start()
        return "locked"

    def _hold_lock(self, seconds: float) -> None:
        """What SQLite can have instead: somebody from outside keeps the file's only writer's place."""
        path = self.portal.data_dir / "lapor.sqlite3"
        connection = sqlite3.connect(path, timeout=30, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        connection.execute("ROLLBACK")
        connection.close()

    def _kill_session(self) -> str:
        try:
            return "done" if self.postgres.kill_a_session(_DATABASE) else "nobody was there"
        except OSError:
            return "the server was away"

    def calm(self) -> None:
        """End of the evils: everything is there again, or this raises."""
        self.mail.switch(OK)
        if self._restarting:
            self._restarting.join(_BACK_WITHIN_S)
        wait_for("the portal answers", lambda: self.portal.status_of("/healthz") == 200, _BACK_WITHIN_S)
        needed = {plan.WEB, plan.WORKER, plan.BEAT}
        wait_for("everybody is back", lambda: needed <= self.roles().keys(), _BACK_WITHIN_S)


def _role(command: str, parents_command: str) -> str:
    if "granian" in command or "granian" in parents_command:
        if "resource_tracker" in command:
            return ""
        return plan.WEB_PROCESS if "granian" in parents_command else plan.WEB
    if "celery" in command and " beat " in f"{command} ":
        return plan.BEAT
    if "celery" in command and " worker " in f"{command} ":
        return plan.WORKER_PROCESS if " worker " in f"{parents_command} " else plan.WORKER
    return plan.BROKER if "valkey-server" in command else ""


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return 0


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
