"""One POST or GET to a server outside: never to a private network, no redirects, and never for long.

Push addresses are given by browsers, that is by anybody. The name is looked up once, every address it has
is checked, and the connection goes to the checked address, so that a name cannot point elsewhere in between.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from dispatch.services.channels.base import PermanentError, TemporaryError

TIMEOUT_S = 8.0  # for each step
TOTAL_S = 15.0  # for all of it; half of what a worker may hold a row
_ANSWER_MAX_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


def send(
    method: str, url: str, *, headers: dict[str, str], body: bytes = b"", allow_private: bool = False
) -> Answer:
    """The server's answer, whatever its status. Raises TemporaryError (no answer in time), PermanentError
    (the address leads into a private network)."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    host = parts.hostname or ""
    address = _looked_up(host, port, allow_private)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _connection(parts.scheme, host, port, address)
    watchdog = threading.Timer(TOTAL_S, _hang_up, [connection])
    watchdog.daemon = True
    watchdog.start()
    try:
        connection.request(method, target, body=body or None, headers={"User-Agent": "lapor", **headers})
        response = connection.getresponse()
        return Answer(response.status, response.read(_ANSWER_MAX_BYTES))
    except (OSError, http.client.HTTPException, ValueError) as exc:
        raise TemporaryError(f"{exc.__class__.__name__}: {exc}") from None
    finally:
        watchdog.cancel()
        connection.close()


def _looked_up(host: str, port: int, allow_private: bool) -> str:
    """An address of the host. All must be public: one private among them is a trap."""
    try:
        found = {item[4][0] for item in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as exc:
        raise TemporaryError(f"{exc.__class__.__name__}: {host} was not found") from None
    if not allow_private and not all(map(_is_public, found)):
        raise PermanentError(f"{host} leads into a private network")
    return min(found, key=lambda address: (":" in address, address))


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if getattr(address, "teredo", None) or (address.version == 6 and address in _NAT64):
        return False
    return (mapped or address).is_global and not address.is_multicast


_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def _connection(scheme: str, host: str, port: int, address: str) -> http.client.HTTPConnection:
    if scheme != "https":
        connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    else:
        connection = http.client.HTTPSConnection(
            host, port, timeout=TIMEOUT_S, context=ssl.create_default_context()
        )
    # The name stays what the certificate is checked against; the address is the one that was looked at.
    connection._create_connection = lambda _named, *args, **kwargs: socket.create_connection(
        (address, port), *args, **kwargs
    )
    return connection


def _hang_up(connection: http.client.HTTPConnection) -> None:
    if connection.sock is not None:
        with suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)
