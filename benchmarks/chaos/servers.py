"""A PostgreSQL of our own that may be stopped and killed, in a folder that is thrown away."""

import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path

from tests.servers.programs import Program, free_port, wait_for

_FOLDERS = ("/usr/local/bin", "/usr/bin", *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"))[::-1]))
_UP_WITHIN_S = 60.0


def postgres_programs() -> Path | None:
    """The folder of `initdb` and `postgres`, or None where they are not installed."""
    asked = ""
    if program := shutil.which("pg_config"):
        asked = subprocess.run([program, "--bindir"], capture_output=True, text=True).stdout.strip()
    for folder in filter(None, (asked, *_FOLDERS)):
        if all(os.access(Path(folder) / name, os.X_OK) for name in ("initdb", "postgres")):
            return Path(folder)
    return None


def _user() -> str | None:
    """Whom to run it as: PostgreSQL refuses root."""
    if os.getuid():
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


class Postgres(Program):
    """One cluster with fsync on, as in production; `stop(how)` is `fast` or `immediate` (no clean end)."""

    def __init__(self, folder: Path):
        programs, self.port, self.user = postgres_programs(), free_port(), _user()
        if programs is None:
            raise FileNotFoundError("PostgreSQL's programs (initdb, postgres) are not installed")
        self.folder = folder / "pg"
        self.folder.mkdir()
        if self.user:
            shutil.chown(self.folder, self.user)
        command = [programs / "initdb", "-D", self.folder, "-U", "lapor", "--auth", "trust", "-E", "UTF8"]
        subprocess.run(command, user=self.user, cwd="/", check=True, capture_output=True)
        options = [f"-p{self.port}", f"-k{self.folder}", "-clisten_addresses=127.0.0.1"]
        super().__init__(
            [str(programs / "postgres"), "-D", str(self.folder), *options], folder / "postgres.log"
        )

    def url(self, database: str) -> str:
        return f"postgres://lapor@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start, recover if need be, and answer."""
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command, cwd="/", stdout=out, stderr=out, start_new_session=True, user=self.user
            )
        wait_for(self.answers, _UP_WITHIN_S, "PostgreSQL answers")

    def answers(self) -> bool:
        try:
            return self.sql("postgres", "SELECT 1") == [(1,)]
        except OSError:
            return False

    def sql(self, database: str, statement: str) -> list[tuple]:
        """Rows of one statement; raises ConnectionError while nobody answers."""
        import psycopg2

        try:
            connection = psycopg2.connect(self.url(database), connect_timeout=3)
        except psycopg2.OperationalError as exc:
            raise ConnectionError(str(exc)) from None
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def halt(self, how: str) -> None:
        """End all sessions: `immediate` like a crash (recovery at the next start), `fast` in order."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT if how == "immediate" else signal.SIGINT)
            self.process.wait(60)

    def kill_a_session(self, database: str) -> bool:
        """`kill -9` of the busiest session's process, which makes the server throw out everybody."""
        query = (
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "ORDER BY (state = 'idle'), query_start LIMIT 1"
        )
        found = self.sql(database, query)
        for (pid,) in found:
            os.kill(pid, signal.SIGKILL)
        return bool(found)
