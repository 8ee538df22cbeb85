"""Names in a note: `@name`, as staff sign in. An e-mail address is none."""

import re

MAX_NAMES = 20
_NAME = re.compile(r"(?<![\w.+@-])@([\w][\w.+-]*)")


def names_in(text: str) -> list[str]:
    """The names in a text, each once, in order. A full stop or hyphen at the end belongs to the sentence."""
    found = (match.rstrip(".-+") for match in _NAME.findall(text))
    return list(dict.fromkeys(name for name in found if name))
