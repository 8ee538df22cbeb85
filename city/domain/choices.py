"""What the choices of a question must look like, wherever they are edited."""

from collections.abc import Iterator
from typing import Any

_KEYS = {"value", "label", "label_en", "severity", "danger", "picture"}


def faults(kind: str, choices: Any) -> Iterator[tuple[int, str]]:
    """(number of the choice from 1, what is wrong): `not_list`, `not_object`, `unknown_key`, `no_value`,
    `no_label`, `doubled`, `severity`, `danger`, `yes_no`, `needless`, `too_few`. Number 0 is the whole."""
    if not isinstance(choices, list):
        yield 0, "not_list"
        return
    if kind == "text" and choices:
        yield 0, "needless"
    if kind == "choice" and len(choices) < 2:
        yield 0, "too_few"
    seen = set()
    for number, choice in enumerate(choices, start=1):
        if not isinstance(choice, dict):
            yield number, "not_object"
            continue
        for code in _faults_of(kind, choice):
            yield number, code
        value = str(choice.get("value", ""))
        if value in seen:
            yield number, "doubled"
        seen.add(value)


def _faults_of(kind: str, choice: dict) -> Iterator[str]:
    if set(choice) - _KEYS:
        yield "unknown_key"
    if not isinstance(choice.get("value"), str) or not choice["value"]:
        yield "no_value"
    elif kind == "yes_no" and choice["value"] not in ("yes", "no"):
        yield "yes_no"
    if not all(isinstance(choice.get(key), str) and choice[key] for key in ("label", "label_en")):
        yield "no_label"
    severity = choice.get("severity")
    if severity is not None and (
        isinstance(severity, bool) or not isinstance(severity, int) or not 1 <= severity <= 5
    ):
        yield "severity"
    if not isinstance(choice.get("danger", False), bool):
        yield "danger"
