"""Mistakes in a pack, each with its file and line."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Where:
    """A place in a pack: a file (relative to the pack) and a line, from 1; line 0 means the whole file."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Mistake:
    """`code` is stable, for tests and programmes; `message` is for the person who edits the file."""

    where: Where
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


class Mistakes:
    """Everything that is wrong with a pack; collected whole, so that one run shows them all."""

    def __init__(self):
        self._found: list[Mistake] = []

    def add(self, where: Where, code: str, message: object) -> None:
        mistake = Mistake(where, code, str(message))
        if mistake not in self._found:
            self._found.append(mistake)

    def __bool__(self) -> bool:
        return bool(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def sorted(self) -> list[Mistake]:
        return sorted(self._found, key=lambda mistake: mistake.where)
