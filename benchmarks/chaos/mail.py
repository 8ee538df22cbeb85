"""A mail server that misbehaves in phases, and remembers every message that it ever kept."""

import threading
import time
from dataclasses import asdict, dataclass
from email import message_from_bytes

from tests.dispatch.channels.servers import Mail, SmtpServer

OK = "ok"
CLOSED = "closed"  # connection refused
BUSY = "busy"  # 451 to every recipient: come back later
NOBODY = "nobody"  # 550 to every recipient: no such address, for good
KEPT_THEN_GONE = "kept_then_gone"  # keeps the message, and the line goes dead before the 250
LOST_THEN_GONE = "lost_then_gone"  # the line goes dead, and nothing is kept
MODES = (CLOSED, BUSY, NOBODY, KEPT_THEN_GONE, LOST_THEN_GONE)
_ANSWERS = {BUSY: "451 4.7.1 come back later", NOBODY: "550 5.1.1 no such user"}


@dataclass(frozen=True, slots=True)
class Kept:
    """A message that lies in a mailbox. `answered`: the portal was told so (with 250)."""

    message_id: str
    to: str
    at: float  # time.time()
    answered: bool


class MailServer:
    """Listens on one port for its whole life, but for the phases in which it is closed."""

    def __init__(self):
        self._lock = threading.Lock()
        self.kept: list[Kept] = []
        self.mode, self.takes_s = OK, 0.0  # so long it thinks before it takes a message
        self._server: SmtpServer | None = self._listen(0)
        self.port = self._server.port

    def _listen(self, port: int) -> SmtpServer:
        server = SmtpServer(port)
        server.take = self._take
        return server

    def _take(self, mail: Mail) -> bool:
        mode = self.mode
        time.sleep(self.takes_s)
        if mode == LOST_THEN_GONE:
            return False
        message_id = str(message_from_bytes(mail.data)["Message-ID"])
        is_answered = mode != KEPT_THEN_GONE
        with self._lock:
            self.kept.append(Kept(message_id, mail.recipients[0], time.time(), is_answered))
        return is_answered

    def switch(self, mode: str) -> None:
        """From now on behave like this."""
        self.mode = mode
        if mode == CLOSED:
            self._close()
            return
        if self._server is None:
            self._server = self._listen(self.port)
        self._server.refuse = _ANSWERS.get(mode, "")

    def _close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()

    def close(self) -> None:
        self._close()

    def record(self) -> list[dict]:
        """Every message kept so far, oldest first."""
        with self._lock:
            return [asdict(item) for item in self.kept]
