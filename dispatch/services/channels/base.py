"""What a channel is: one way to reach a person, with its own rendering, errors and time limit."""

from dataclasses import dataclass, field
from typing import Any, Protocol


class TemporaryError(Exception):
    """It did not work now and may later: the server is away, busy, or set up wrongly. Without addresses."""


class PermanentError(Exception):
    """This recipient cannot be reached. `is_gone`: the address will never work again."""

    def __init__(self, message: str, *, is_gone: bool = False):
        super().__init__(message)
        self.is_gone = is_gone


@dataclass(frozen=True, slots=True)
class Action:
    """A button beside a notification's text."""

    name: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message, before any channel has given it a form; all texts in the reader's language.

    `kind` names the mail templates (`event`, `ask`, `code`), `context` fills them. `title` and `body` are
    what a notification shows; `short` is what an SMS or WhatsApp says before `short_url`. Whatever may show
    on a locked screen says nothing about a private report.
    """

    kind: str
    subject: str
    title: str
    body: str
    short: str
    language: str
    message_id: str = ""
    url: str = ""
    short_url: str = ""
    short_also: str = ""  # follows `short` where there is room for all of it
    short_tail: str = ""  # stands before `short_url` and is never cut
    tag: str = ""  # a later notification with the same tag takes the place of this one
    unsubscribe_url: str = ""  # answers a POST (RFC 8058)
    code: str = ""  # of kind `code`: the digits
    actions: tuple[Action, ...] = ()
    context: dict[str, Any] = field(default_factory=dict)

    @property
    def short_whole(self) -> str:
        """The short text without a limit and without its end."""
        return f"{self.short} {self.short_also}".strip()

    @property
    def short_end(self) -> str:
        """What a short text ends with."""
        return f"{self.short_tail} {self.short_url}".strip()


class Channel(Protocol):
    """`send` returns once the message is handed over, and raises TemporaryError or PermanentError. It
    returns what the service calls the message, for staff who ask there, or nothing; never an address."""

    def send(self, address: str, keys: dict[str, str], message: Message) -> str: ...
