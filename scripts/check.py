#!/usr/bin/env python
"""`make check`: every check that runs no test; tells all failures, not just the first."""

import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
MANAGE = [sys.executable, "manage.py"]


def production_environment(data_dir: str) -> dict[str, str]:
    """What `.env.example` asks of a production installation, with values nobody uses."""
    return {
        "PRODUCTION": "1",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "lapor.example.go.id",
        "CSRF_TRUSTED_ORIGINS": "https://lapor.example.go.id",
        "PUBLIC_BASE_URL": "https://lapor.example.go.id",
        "DATABASE_URL": "postgres://lapor:x@database.example/lapor",
        "REDIS_URL": "redis://redis.example/0",
        "BEHIND_PROXY": "1",
        "DATA_DIR": data_dir,
    }


def steps(data_dir: str) -> list[tuple[str, list[str], dict[str, str]]]:
    """Name, command and extra environment of every check."""
    plain = {"DATA_DIR": data_dir, "DATABASE_URL": "", "REDIS_URL": ""}
    deploy = [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"]
    return [
        ("lint", [str(BIN / "ruff"), "check", "."], {}),
        ("format", [str(BIN / "ruff"), "format", "--check", "--quiet", "."], {}),
        ("imports", [str(BIN / "lint-imports")], {}),
        ("sizes", [sys.executable, "scripts/check_sizes.py"], {}),
        ("migrations", [*MANAGE, "makemigrations", "--check", "--dry-run"], plain),
        ("texts", [sys.executable, "scripts/messages.py", "check"], {}),
        ("settings", [*MANAGE, "check", "--fail-level", "WARNING"], plain),
        ("deployment", deploy, production_environment(data_dir)),
        ("containers", [sys.executable, "scripts/check_containers.py"], {}),
    ]


def main() -> int:
    failed = []
    with tempfile.TemporaryDirectory(prefix="lapor-check-") as data_dir:
        for name, command, extra in steps(data_dir):
            done = subprocess.run(
                command,
                cwd=ROOT,
                env={**os.environ, **extra},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            print(f"{'ok    ' if done.returncode == 0 else 'FAILED'}  {name}", flush=True)
            if done.returncode:
                failed.append(name)
                print(done.stdout, flush=True)
    print(f"Failed: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
