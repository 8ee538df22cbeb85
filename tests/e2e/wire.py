"""A wire between browser and portal: cut for a while, in the middle of a body, or before an answer."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CHUNK_BYTES = 8192


class Wire:
    """Listens on a port of its own and passes everything on to the portal, until it is told otherwise."""

    def __init__(self, portal_port: int):
        self.portal_port = portal_port
        self.is_cut = False
        self.cut_after: tuple[bytes, int] | None = (
            None  # requests that begin so, and how many bytes come through
        )
        self.lose_answer_to: bytes | None = None  # these requests arrive, their answers do not
        self.cuts = 0
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        self.open: set[socket.socket] = set()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                browser, _address = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(browser,), daemon=True).start()

    def _serve(self, browser: socket.socket) -> None:
        if self.is_cut:
            browser.close()
            return
        portal = socket.create_connection(("127.0.0.1", self.portal_port))
        self.open |= {browser, portal}
        threading.Thread(target=self._answers, args=(portal, browser), daemon=True).start()
        self._requests(browser, portal)

    def _requests(self, browser: socket.socket, portal: socket.socket) -> None:
        left = None  # bytes that still come through before this connection is cut
        try:
            while data := browser.recv(CHUNK_BYTES):
                if self.cut_after and left is None and data.startswith(self.cut_after[0]):
                    left = self.cut_after[1]
                if self.lose_answer_to and data.startswith(self.lose_answer_to):
                    self.open.discard(browser)
                    self._lose(browser, portal, data)
                    return
                if left is not None:
                    portal.sendall(data[:left])
                    left -= len(data)
                    if left <= 0:
                        self.cuts += 1
                        self._end(browser, portal)
                        return
                    continue
                portal.sendall(data)
        except OSError:
            pass
        self._end(browser, portal)

    def _lose(self, browser: socket.socket, portal: socket.socket, data: bytes) -> None:
        """The request arrives whole; then the browser's side is cut before the answer."""
        portal.sendall(data)
        browser.settimeout(0.5)
        try:
            while more := browser.recv(CHUNK_BYTES):
                portal.sendall(more)
        except OSError:
            pass
        self.cuts += 1
        self.is_cut = True
        self._end(browser)

    def _answers(self, portal: socket.socket, browser: socket.socket) -> None:
        try:
            while data := portal.recv(CHUNK_BYTES):
                if browser not in self.open:
                    continue
                browser.sendall(data)
        except OSError:
            pass
        self._end(browser, portal)

    def _end(self, *ends: socket.socket) -> None:
        for end in ends:
            self.open.discard(end)
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Inside, nothing comes through, and what was open is torn."""
        self.is_cut = True
        self._end(*self.open)
        yield
        self.is_cut = False

    def close(self) -> None:
        self.server.close()
        self._end(*self.open)
