#!/usr/bin/env python
"""Read Dockerfile, docker-compose.yml and Caddyfile without a container engine, and fail on what cannot work.

What they run is run outside a container too: the roles of deploy/entrypoint.py have tests of their own.
"""

import re
import shlex
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
INSTRUCTIONS = {
    *("FROM", "ENV", "RUN", "WORKDIR", "COPY", "USER", "VOLUME"),
    *("EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"),
}
SERVICES = {"prepare", "web", "worker", "media", "beat", "postgres", "redis", "proxy"}
# Variables of other programs in the compose file.
FOREIGN = {"POSTGRES_USER", "POSTGRES_DB"}

sys.path.insert(0, str(ROOT / "deploy"))


def known_variables() -> set[str]:
    text = (ROOT / ".env.example").read_text()
    return set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE))


def dockerfile_instructions() -> list[tuple[str, str]]:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines]


def check_dockerfile() -> list[str]:
    problems = []
    found = dockerfile_instructions()
    names = [name for name, _ in found]
    problems += [f"Dockerfile: unknown instruction {name}" for name in names if name not in INSTRUCTIONS]
    if names[:1] != ["FROM"] or "USER" not in names or "HEALTHCHECK" not in names:
        problems.append("Dockerfile: must begin FROM, and have USER (not root) and HEALTHCHECK")
    for name, rest in found:
        if name == "COPY":
            sources = shlex.split(rest)[:-1]
            problems += [f"Dockerfile: no {source}" for source in sources if not (ROOT / source).exists()]
        for script in re.findall(r"\b((?:scripts|deploy)/\w+\.py|manage\.py)", rest):
            if not (ROOT / script).exists():
                problems.append(f"Dockerfile: no {script}")
    return problems


def check_service(name: str, service: dict, compose: dict) -> list[str]:
    from entrypoint import ROLES

    problems = []
    if service.get("build") and service["command"][0] not in ROLES:
        problems.append(f"{name}: no role {service['command'][0]}")
    if not service.get("build") and ":" not in service.get("image", ""):
        problems.append(f"{name}: its image has no version")
    for variable in service.get("environment", {}):
        if variable not in known_variables() | FOREIGN:
            problems.append(f"{name}: {variable} is not in .env.example")
    for other in service.get("depends_on", {}):
        if other not in compose["services"]:
            problems.append(f"{name}: depends on {other}, which does not exist")
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        exists = (ROOT / source).exists() if source.startswith(".") else source in compose["volumes"]
        if not exists:
            problems.append(f"{name}: no volume {source}")
    return problems


def check_compose() -> list[str]:
    text = (ROOT / "docker-compose.yml").read_text()
    compose = yaml.safe_load(text)
    problems = []
    if set(compose["services"]) != SERVICES:
        problems.append(f"docker-compose.yml: services are {sorted(compose['services'])}")
    for name, service in compose["services"].items():
        problems += check_service(name, service, compose)
    for variable in re.findall(r"\$\{(\w+)", text):
        if variable not in known_variables():
            problems.append(f"docker-compose.yml: {variable} is not in .env.example")
    return problems


def check_caddyfile() -> list[str]:
    text = (ROOT / "deploy" / "Caddyfile").read_text()
    problems = []
    if re.sub(r"\{\$?[\w:.-]+\}", "", text).count("{") != re.sub(r"\{\$?[\w:.-]+\}", "", text).count("}"):
        problems.append("Caddyfile: braces do not match")
    if "reverse_proxy web:8000" not in text:
        problems.append("Caddyfile: does not pass on to web:8000")
    return problems


def main() -> int:
    problems = check_dockerfile() + check_compose() + check_caddyfile()
    print("\n".join(problems) or "Dockerfile, docker-compose.yml and Caddyfile hold together.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
