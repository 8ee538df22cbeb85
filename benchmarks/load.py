"""A load generator that costs little itself: keep-alive sockets, prepared bytes, one thread a client."""

import json
import random
import socket
import threading
import time
import uuid
from dataclasses import dataclass, field

SEMARANG = (-7.08, -6.96, 110.33, 110.48)  # south, north, west, east: inside the city nearly everywhere


@dataclass
class Result:
    """Latencies of accepted requests in milliseconds; how many were refused; seconds it took."""

    latencies_ms: list[float] = field(default_factory=list)
    refused: dict[int, int] = field(default_factory=dict)
    seconds: float = 0.0
    sent_at: dict[str, float] = field(default_factory=dict)  # code → when its request began, time.time()

    @property
    def rate(self) -> float:
        return len(self.latencies_ms) / self.seconds if self.seconds else 0.0


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


class Client:
    """One HTTP/1.1 connection, kept open."""

    def __init__(self, host: str, port: int):
        self._address = (host, port)
        self._socket: socket.socket | None = None
        self.body = b""  # of the last answer

    def send(self, request: bytes) -> int:
        """Send a request, read the whole answer, return its status."""
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout=30)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._receive()
        head, _blank, body = received.partition(b"\r\n\r\n")
        lower = head.lower()
        start = lower.find(b"content-length:")
        length = int(lower[start + 15 :].split(b"\r\n", 1)[0]) if start >= 0 else 0
        while len(body) < length:
            body += self._receive()
        if b"connection: close" in lower:
            self._socket.close()
            self._socket = None
        self.body = body
        return int(head[9:12])

    def _receive(self) -> bytes:
        chunk = self._socket.recv(65_536)
        if not chunk:
            raise ConnectionError("closed by the server")
        return chunk


def report_request(rng: random.Random, host: str, with_email: float = 0.0) -> bytes:
    """A new report somewhere in the city; a share of them, `with_email`, leaves an address."""
    south, north, west, east = SEMARANG
    category = rng.choice(("jalan-lubang", "banjir-genangan", "banjir-saluran", "lain-pju", "lain-sampah"))
    values = {
        "category": category,
        "latitude": round(rng.uniform(south, north), 6),
        "longitude": round(rng.uniform(west, east), 6),
        "description": "Uji beban: ada masalah di depan halte, mohon ditangani.",
    }
    key = uuid.UUID(int=rng.getrandbits(128), version=4)
    if with_email and rng.random() < with_email:
        values["contact"] = {"email": f"warga-{key.hex[:10]}@contoh.id"}
    body = json.dumps(values).encode()
    head = (
        f"POST /api/v1/reports/ HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Idempotency-Key: {key}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def closed_loop(port: int, *, clients: int, seconds: float, seed: int = 1) -> Result:
    """`clients` at once, each sending the next report as soon as the last one was answered."""
    result, lock, started = Result(), threading.Lock(), time.perf_counter()

    def run(number: int) -> None:
        rng, client = random.Random(f"{seed}-{number}"), Client("127.0.0.1", port)
        mine = Result()
        while time.perf_counter() - started < seconds:
            request = report_request(rng, "localhost")
            sent = time.perf_counter()
            _note(mine, client.send(request), sent)
        with lock:
            result.latencies_ms += mine.latencies_ms
            for status, count in mine.refused.items():
                result.refused[status] = result.refused.get(status, 0) + count

    threads = [threading.Thread(target=run, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result.seconds = time.perf_counter() - started
    return result


def open_loop(port: int, *, per_second: float, seconds: float, seed: int = 2) -> Result:
    """Reports at a steady rate, whatever the answers take (up to 8 at once)."""
    moments = [turn / per_second for turn in range(int(per_second * seconds))]
    return at_moments(port, moments, seed=seed)


def at_moments(
    port: int, moments: list[float], *, seed: int = 2, clients: int = 8, with_email: float = 0.0
) -> Result:
    """A report at each of these moments (seconds from now, in order), up to `clients` at once."""
    result, lock, started = Result(), threading.Lock(), time.perf_counter()
    turns = iter(moments)

    def run(number: int) -> None:
        rng, client = random.Random(f"{seed}-{number}"), Client("127.0.0.1", port)
        while True:
            with lock:
                at_s = next(turns, None)
            if at_s is None:
                return
            request = report_request(rng, "localhost", with_email)
            time.sleep(max(0.0, started + at_s - time.perf_counter()))
            sent, sent_at = time.perf_counter(), time.time()
            try:
                status = client.send(request)
            except OSError:  # the server closes what was idle for long; the key makes a second sending safe
                client = Client("127.0.0.1", port)
                status = client.send(request)
            with lock:
                _note(result, status, sent)
                if status == 201:
                    result.sent_at[json.loads(client.body)["code"]] = sent_at

    threads = [threading.Thread(target=run, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result.seconds = time.perf_counter() - started
    return result


def _note(result: Result, status: int, sent: float) -> None:
    if status == 201:
        result.latencies_ms.append((time.perf_counter() - sent) * 1000)
    else:
        result.refused[status] = result.refused.get(status, 0) + 1
