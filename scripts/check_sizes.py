#!/usr/bin/env python
"""Fail when a function has more than 40 lines or a file more than 400: time to find its parts.

A function's lines are those of its body: a long signature or docstring explains, it does not tangle.
"""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAX_FUNCTION_LINES = 40
MAX_FILE_LINES = 400
ROOMS = ("lapor", "dispatch", "complaints", "city", "scripts", "benchmarks", "tests")


def python_files() -> list[Path]:
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    return sorted(path for path in files if "migrations" not in path.parts)


def too_long_functions(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            has_docstring = ast.get_docstring(node) is not None and len(node.body) > 1
            lines = node.end_lineno - node.body[1 if has_docstring else 0].lineno + 1
            if lines > MAX_FUNCTION_LINES:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}: {node.name} has {lines} lines")
    return found


def main() -> int:
    problems = []
    for path in python_files():
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > MAX_FILE_LINES:
            problems.append(f"{path.relative_to(ROOT)}: {lines} lines")
        problems += too_long_functions(path)
    print("\n".join(problems) or "No function or file is too long.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
