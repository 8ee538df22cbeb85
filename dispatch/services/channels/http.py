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

from django.conf import settings

from dispatch.services.channels.base import PermanentError, TemporaryError

TIMEOUT_S = 8.0  # for each step
TOTAL_S = 15.0  # for all of it; half of what a worker may hold a row
_ANSWER_MAX_BYTES = 64 * 1024


class NotReachedError(TemporaryError):
    """No connection came about: certainly nothing was sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`is_cut`: the body was longer than what was read of it. `location`: where a redirect pointed to."""

    status: int
    body: bytes
    is_cut: bool = False
    location: str = ""

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


def is_private_host_allowed(url: str) -> bool:
    """Whether the address names a machine of our own network that the portal may talk to, without TLS as
    well: OUTBOUND_PRIVATE_HOSTS lists such hosts, each with or without its port."""
    try:
        parts = urlsplit(url)
        names = {parts.hostname or "", f"{parts.hostname}:{parts.port}"}
    except ValueError:
        return False
    return not names.isdisjoint(settings.OUTBOUND_PRIVATE_HOSTS)


def send(
    method: str,
    url: str,
    *,
    headers: dict[str, str],
    body: bytes = b"",
    allow_private: bool = False,
    total_s: float = TOTAL_S,
    max_bytes: int = _ANSWER_MAX_BYTES,
) -> Answer:
    """The server's answer, whatever its status; redirects are answers too. Raises TemporaryError (no answer
    in time; NotReachedError when nothing can have been sent), PermanentError (the address leads into a
    private network)."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    host = parts.hostname or ""
    address = _looked_up(host, port, allow_private)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _connection(parts.scheme, host, port, address)
    watchdog = threading.Timer(total_s, _hang_up, [connection])
    watchdog.daemon = True
    watchdog.start()
    error: type[TemporaryError] = NotReachedError
    try:
        connection.connect()
        error = TemporaryError
        connection.request(method, target, body=body or None, headers={"User-Agent": "lapor", **headers})
        response = connection.getresponse()
        read = response.read(max_bytes + 1)
        location = response.headers.get("Location", "")[:300]
        return Answer(response.status, read[:max_bytes], len(read) > max_bytes, location)
    except (OSError, http.client.HTTPException, ValueError) as exc:
        raise error(f"{exc.__class__.__name__}: {exc}") from None
    finally:
        watchdog.cancel()
        connection.close()


def _looked_up(host: str, port: int, allow_private: bool) -> str:
    """An address of the host. All must be public: one private among them is a trap."""
    try:
        found = {item[4][0] for item in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as exc:
        raise NotReachedError(f"{exc.__class__.__name__}: {host} was not found") from None
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
