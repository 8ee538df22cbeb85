"""Finding words in what a person wrote: plain matching of whole words, nothing guessed."""

import re
import unicodedata
from functools import lru_cache

_NOT_WORD = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Small letters without accents, all else one space: `Got-nya MAMPÉT!`, `got nya mampet`."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(ch for ch in plain if not unicodedata.combining(ch))
    return _NOT_WORD.sub(" ", plain).strip()


def contains(text: str, phrase: str) -> bool:
    """Whether a text says a phrase: the same words in the same order, with nothing in between.

    Forms are not guessed (`parkir` does not find `diparkir`): a rule lists the forms that people write.
    """
    wanted = _between_spaces(phrase)
    return len(wanted) > 2 and wanted in _between_spaces(text)


@lru_cache(maxsize=2048)
def _between_spaces(text: str) -> str:
    return f" {fold(text)} "
