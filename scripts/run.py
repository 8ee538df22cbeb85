#!/usr/bin/env python
"""`make run`: everything of the portal in one terminal, until Ctrl-C.

Embedded broker (unless REDIS_URL), database and city brought up to date, then web, worker and beat.
"""

import fcntl
import hashlib
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import environ
from supervisor import Child, GaveUp, Stopped, Supervisor

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "deploy")]

import entrypoint  # noqa: E402

from lapor import embedded  # noqa: E402

ALIVE_WITHIN_S = 60.0
BROKER_WITHIN_S = 10.0
MANAGE = [sys.executable, str(ROOT / "manage.py")]


def say(indonesian: str, english: str) -> None:
    print(f"• {indonesian} ({english})", flush=True)


class Settings:
    """What the runner itself needs to know; the portal's own settings read the same variables."""

    def __init__(self):
        environ.Env.read_env(ROOT / ".env")
        self.host = os.environ.get("HOST") or "127.0.0.1"
        self.port = int(os.environ.setdefault("PORT", "8000") or 8000)
        self.data_dir = Path(os.environ.get("DATA_DIR") or ROOT / "var").resolve()
        self.with_demo = os.environ.get("DEMO", "1").lower() not in ("0", "false", "no", "off")
        os.environ["DATA_DIR"] = str(self.data_dir)
        # One start, one set of figures; an inherited folder belongs to somebody else.
        os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
        os.environ["HASHED_STATIC"] = os.environ.get("HASHED_STATIC") or "1"
        self.data_dir.mkdir(parents=True, exist_ok=True)


def require_free_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            hint = f"PORT={port + 1} make run"
            sys.exit(f"\nPort {port} sedang dipakai. Coba: {hint}\n(Port {port} is in use. Try: {hint})\n")


def lock_data_dir(data_dir: Path):
    """Only one runner per DATA_DIR. The lock goes with the process, however it ends."""
    handle = (data_dir / "run.lock").open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit(f"\nPortal sudah berjalan di {data_dir}. (The portal already runs there: stop it first.)\n")
    return handle


def compile_messages() -> None:
    import messages

    for app in messages.all_apps():
        messages.compile_catalogue(app)


def start_broker(supervisor: Supervisor, settings: Settings) -> None:
    if os.environ.get("REDIS_URL"):
        return
    program = embedded.valkey_program()
    if program is None:
        say("Antrean memakai berkas", "no embedded Redis here: the queue is made of files")
        for name in ("queue", "queue-control"):
            (settings.data_dir / name).mkdir(exist_ok=True)
        return
    command = embedded.server_command(program, settings.data_dir)
    supervisor.add(Child("valkey", command, essential=True, last=True, hide="overcommit"))
    path = str(embedded.socket_path(settings.data_dir))
    deadline = time.monotonic() + BROKER_WITHIN_S
    while not answers_ping(path):
        supervisor.look()
        if time.monotonic() > deadline:
            raise GaveUp("valkey")
        time.sleep(0.02)


def answers_ping(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        try:
            client.connect(path)
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def static_fingerprint() -> str:
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for path in sorted((ROOT / "static").rglob("*")):
        facts = path.stat()
        digest.update(f"{path.relative_to(ROOT)} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def collect_static(supervisor: Supervisor, settings: Settings) -> None:
    if os.environ["HASHED_STATIC"].lower() in ("0", "false", "no", "off"):
        return
    stamp = settings.data_dir / "static" / ".fingerprint"
    wanted = static_fingerprint()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say("Menyiapkan gaya dan skrip", "collecting static files")
    command = [*MANAGE, "collectstatic", "--noinput", "--clear", "--verbosity", "0"]
    if supervisor.run(Child("static", command)):
        raise GaveUp("collectstatic")
    stamp.write_text(wanted)


def prepare(supervisor: Supervisor, settings: Settings) -> list[str]:
    """Database, city and first accounts; returns what `prepare` had to say to the runner (`@…` lines)."""
    say("Menyiapkan basis data dan data kota", "preparing the database and the city's data")
    told: list[str] = []

    def take(line: str) -> bool:
        if line.startswith("@"):
            told.append(line)
        return line.startswith("@")

    arguments = [] if settings.with_demo else ["--no-demo"]
    if supervisor.run(Child("siapkan", [*MANAGE, "prepare", "--first-start", *arguments]), take):
        raise GaveUp("prepare")
    if demo_stamp(settings).exists():
        return [line for line in told if line != "@demo"]
    return told


def start_servers(supervisor: Supervisor, settings: Settings) -> None:
    supervisor.add(Child("web", entrypoint.web(), essential=True))
    supervisor.add(Child("worker", entrypoint.worker()))
    # Not inside the worker: there nobody would notice its death, and no sweep would ever come again.
    supervisor.add(Child("beat", entrypoint.beat()))


def wait_until_alive(supervisor: Supervisor, settings: Settings) -> None:
    deadline = time.monotonic() + ALIVE_WITHIN_S
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104
    while time.monotonic() < deadline:
        supervisor.look()
        try:
            with urllib.request.urlopen(f"http://{host}:{settings.port}/healthz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise GaveUp("web")


def banner(settings: Settings, told: list[str], seconds: float) -> None:
    base = f"http://localhost:{settings.port}"
    lines = [
        "",
        f"  Portal siap dalam {seconds:.0f} detik (ready)",
        f"    Beranda (home)      {base}/",
        f"    Buat laporan        {base}/lapor/",
        f"    Peta (map)          {base}/peta/",
        f"    Petugas (staff)     {base}/admin/",
        f"    API                 {base}/api/docs/",
    ]
    accounts = [line.split(" ", 3)[1:] for line in told if line.startswith("@account ")]
    if accounts:
        lines += ["", "  Akun petugas, kata sandi hanya tampil sekali ini (shown only this once):"]
        lines += [f"    {name:<16} {password}   {note}" for name, password, note in accounts]
    if "@demo" in told:
        lines += [
            "",
            "  Laporan contoh sedang diisi (filing demonstration reports); DEMO=0 untuk kota kosong.",
        ]
    print("\n".join([*lines, "", "  Ctrl-C menghentikan semuanya (stops everything).", ""]), flush=True)


def demo_stamp(settings: Settings) -> Path:
    """Marks one database as filled with the whole demonstration; until then each start goes on with it."""
    database = os.environ.get("DATABASE_URL", "")
    return settings.data_dir / f"demo-{hashlib.sha256(database.encode()).hexdigest()[:12]}"


def file_demo(supervisor: Supervisor, settings: Settings) -> None:
    command = [*MANAGE, "seed_demo"]  # files what is still missing
    supervisor.add(Child("contoh", command, once=True, on_success=demo_stamp(settings).touch))


def serve(supervisor: Supervisor, settings: Settings, started: float) -> None:
    start_broker(supervisor, settings)
    told = prepare(supervisor, settings)
    collect_static(supervisor, settings)
    start_servers(supervisor, settings)
    wait_until_alive(supervisor, settings)
    banner(settings, told, time.monotonic() - started)
    if "@demo" in told:
        file_demo(supervisor, settings)
    supervisor.keep()


def main() -> int:
    started = time.monotonic()
    os.chdir(ROOT)
    settings = Settings()
    require_free_port(settings.host, settings.port)
    lock = lock_data_dir(settings.data_dir)
    supervisor = Supervisor()
    try:
        compile_messages()
        serve(supervisor, settings, started)
    except Stopped:
        say("Menghentikan portal", "stopping")
        return 0
    except GaveUp as failure:
        print(
            f"\nPortal berhenti: {failure} terus gagal. (Stopped: it keeps failing, see above.)", flush=True
        )
        return 1
    finally:
        supervisor.stop()
        lock.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
