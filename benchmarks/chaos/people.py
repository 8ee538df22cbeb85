"""Who uses the portal meanwhile: citizens who send until they have a code, and staff who work.

All over HTTP through the real web server. Every promise the portal makes to them is written down, to be held
against the database afterwards.
"""

import io
import json
import re
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from dataclasses import asdict, dataclass, field
from http.client import HTTPException
from http.cookiejar import CookieJar
from random import Random

from PIL import Image

from benchmarks.load import SEMARANG
from tests.e2e.portal import PASSWORD, Portal

PATIENCE_S = 25.0  # for one answer
KINDS = ("jalan-lubang", "banjir-genangan", "banjir-saluran", "lain-pju", "lain-sampah")
WITH_EMAIL, WITH_PHOTO, SENT_TWICE, SENT_AT_ONCE_TWICE, OTHER_BODY = 0.4, 0.15, 0.1, 0.05, 0.02
NO_ANSWER = 0  # stands for an HTTP status where there was none


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a citizen was promised with a 201."""

    key: str
    code: str
    email: str
    photos: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """An answer that nobody should get while all is well."""

    at: float  # time.time()
    status: int
    what: str


@dataclass
class Record:
    """What happened on the line, filled by many threads."""

    accepted: list[Accepted] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)  # keys that were given up
    contradictions: list[str] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    answers: Counter = field(default_factory=Counter)
    steps: Counter = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str, status: int) -> None:
        with self.lock:
            self.answers[f"{what} {status or 'no answer'}"] += 1

    def trouble(self, status: int, what: str) -> None:
        with self.lock:
            self.troubles.append(Trouble(time.time(), status, what))

    def as_json(self) -> dict:
        with self.lock:
            return {
                "accepted": [asdict(item) for item in self.accepted],
                "unanswered": list(self.unanswered),
                "contradictions": list(self.contradictions),
                "troubles": [asdict(item) for item in self.troubles],
            }


def picture(rng: Random) -> bytes:
    """A small JPEG that nobody else sends."""
    out = io.BytesIO()
    colour = tuple(rng.randrange(256) for _channel in range(3))
    Image.new("RGB", (320 + rng.randrange(64), 240), colour).save(out, "JPEG")
    return out.getvalue()


def multipart(fields: dict[str, str], files: list[bytes]) -> tuple[bytes, str]:
    """A form with photos: body and content type."""
    mark, parts = uuid.uuid4().hex, []
    for name, value in fields.items():
        parts.append(f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    for number, content in enumerate(files):
        head = f'--{mark}\r\nContent-Disposition: form-data; name="photos"; filename="{number}.jpg"\r\n'
        parts.append(head.encode() + b"Content-Type: image/jpeg\r\n\r\n" + content + b"\r\n")
    return b"".join([*parts, f"--{mark}--\r\n".encode()]), f"multipart/form-data; boundary={mark}"


@dataclass(frozen=True, slots=True)
class Letter:
    """One report as it goes over the wire, the same bytes each time."""

    key: str
    body: bytes
    content_type: str
    email: str = ""
    photos: int = 0


def letter(rng: Random) -> Letter:
    south, north, west, east = SEMARANG
    values = {
        "category": rng.choice(KINDS),
        "latitude": round(rng.uniform(south, north), 6),
        "longitude": round(rng.uniform(west, east), 6),
        "description": f"Uji kekacauan {rng.getrandbits(32):08x}: ada masalah di depan halte.",
    }
    key = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    email = f"warga-{key[:8]}@contoh.id" if rng.random() < WITH_EMAIL else ""
    if rng.random() >= WITH_PHOTO:
        contact = {"contact": {"email": email}} if email else {}
        return Letter(key, json.dumps(values | contact).encode(), "application/json", email)
    photos = [picture(rng) for _number in range(rng.choice((1, 1, 2)))]
    contact = {"contact.email": email} if email else {}
    body, content_type = multipart({**{n: str(v) for n, v in values.items()}, **contact}, photos)
    return Letter(key, body, content_type, email, len(photos))


class Line:
    """HTTP to one portal, in the name of one person; a new connection each time, as phones do."""

    def __init__(self, portal: Portal):
        self._url = portal.url.replace("localhost", "127.0.0.1")
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open

    def ask(self, path: str, body: bytes | None = None, headers: dict | None = None) -> tuple[int, str]:
        """Status and text; NO_ANSWER while nobody answers or the line breaks."""
        request = urllib.request.Request(self._url + path, body, headers or {})
        try:
            with self._open(request, timeout=PATIENCE_S) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                try:
                    return error.code, error.read().decode(errors="replace")
                except (OSError, HTTPException):
                    return NO_ANSWER, ""
        except (OSError, HTTPException):
            return NO_ANSWER, ""


class Citizen:
    """Sends reports until each has its code, and comes back to some of them."""

    def __init__(self, portal: Portal, record: Record, rng: Random, give_up: threading.Event):
        self.line, self.record, self.rng, self.give_up = Line(portal), record, rng, give_up
        self.secrets: list[tuple[str, str]] = []

    def file_one(self) -> None:
        """One report, perhaps sent twice by mistake; keeps on until there is an answer."""
        sent = letter(self.rng)
        if self.rng.random() < SENT_AT_ONCE_TWICE:
            twin = threading.Thread(target=self._send, args=(sent,))
            twin.start()
        answer = self._until_answered(sent)
        if answer is None:
            return
        self._keep(sent, answer)
        if self.rng.random() < SENT_TWICE:
            self._check_again(sent, answer["code"])
        if self.rng.random() < OTHER_BODY:
            self._check_other_body(sent)

    def _send(self, sent: Letter) -> tuple[int, str]:
        headers = {"Content-Type": sent.content_type, "Idempotency-Key": sent.key}
        status, text = self.line.ask("/api/v1/reports/", sent.body, headers)
        self.record.note("POST report", status)
        return status, text

    def _until_answered(self, sent: Letter) -> dict | None:
        while True:
            status, text = self._send(sent)
            if status == 201:
                return json.loads(text)
            if status == 422 and json.loads(text)["code"] == "outside_city":
                return None
            if status != NO_ANSWER:
                self.record.trouble(status, f"POST report: {text[:200]}")
            if self.give_up.is_set():
                with self.record.lock:
                    self.record.unanswered.append(sent.key)
                return None
            time.sleep(self.rng.uniform(0.3, 1.5))

    def _keep(self, sent: Letter, answer: dict) -> None:
        with self.record.lock:
            self.record.accepted.append(Accepted(sent.key, answer["code"], sent.email, sent.photos))
        self.secrets.append((answer["code"], answer["secret"]))

    def _check_again(self, sent: Letter, code: str) -> None:
        again = self._until_answered(sent)
        if again is not None and again["code"] != code:
            with self.record.lock:
                self.record.contradictions.append(f"key {sent.key}: first {code}, then {again['code']}")

    def _check_other_body(self, sent: Letter) -> None:
        body = json.dumps(
            {"category": KINDS[0], "latitude": -7.0, "longitude": 110.4, "description": "Lain."}
        )
        other = Letter(sent.key, body.encode(), "application/json")
        status, _text = self._send(other)
        if status in (200, 201):
            with self.record.lock:
                self.record.contradictions.append(f"key {sent.key}: another body was taken")

    def come_back(self) -> None:
        """Look at an older report: confirm or complain when it is said to be done, else say something."""
        if not self.secrets:
            return
        code, secret = self.rng.choice(self.secrets)
        status, text = self.line.ask(f"/api/v1/reports/{code}/", headers={"X-Report-Secret": secret})
        self.record.note("GET report", status)
        if status != 200:
            if status != NO_ANSWER:
                self.record.trouble(status, f"GET report: {text[:200]}")
            return
        if json.loads(text)["status"] == "resolved":
            is_fixed = self.rng.random() < 0.6
            body = {"verdict": "fixed"} if is_fixed else {"verdict": "not_fixed", "text": "Masih rusak."}
            path = f"/api/v1/reports/{code}/feedback/"
        else:
            path, body = (
                f"/api/v1/reports/{code}/comments/",
                {"text": f"Tambahan {self.rng.getrandbits(24):x}"},
            )
        headers = {"X-Report-Secret": secret, "Content-Type": "application/json"}
        status, text = self.line.ask(path, json.dumps(body).encode(), headers)
        self.record.note(f"POST {path.split('/')[-2]}", status)
        if status not in (NO_ANSWER, 201, 409):
            self.record.trouble(status, f"POST {path}: {text[:200]}")


class Officer:
    """Takes cases from the queue, a step each, with the version that was on the page."""

    STEPS = ("accept", "start", "wait", "resolve", "reply", "make_safe", "not_ours", "decide")
    _FIELDS = {
        "message": "Sedang kami tangani, terima kasih.",
        "waiting_on": "other",
        "waiting_reason": "Menunggu bahan dari gudang.",
        "department": "DPU",
    }

    def __init__(self, portal: Portal, record: Record, rng: Random):
        self.portal, self.line, self.record, self.rng = portal, Line(portal), record, rng
        self.name = portal.staff("p3m")

    def take_a_step(self) -> None:
        query = self.rng.choice(("", "?o=-1", "?status__exact=assigned", "?p=2"))
        status, queue = self.line.ask(f"/admin/complaints/report/{query}")
        if 'name="username"' in queue:
            self._sign_in(queue)
            return
        cases = sorted(set(re.findall(r"/admin/complaints/report/(\d+)/change/", queue)))
        if not self._is_fine(status, queue, "queue") or not cases:
            return
        case = self.rng.choice(cases)
        status, page = self.line.ask(f"/admin/complaints/report/{case}/change/")
        offered = [s for s in self.STEPS if f"/report/{case}/langkah/{s}/" in page]
        if self._is_fine(status, page, "case") and offered:
            self._take(case, page, self.rng.choice(offered))

    def _take(self, case: str, page: str, step: str) -> None:
        fields = {name: _value(page, name) for name in ("csrfmiddlewaretoken", "version", "seen")}
        photos = [picture(self.rng)] if step == "resolve" else []
        fields |= self._FIELDS | {"photos_key": str(uuid.UUID(int=self.rng.getrandbits(128), version=4))}
        body, content_type = multipart(fields, photos)
        path = f"/admin/complaints/report/{case}/langkah/{step}/"
        status, text = self.line.ask(path, body, {"Content-Type": content_type})
        with self.record.lock:
            self.record.steps[f"{step} {status or 'no answer'}"] += 1
        if status not in (200, 409, 422):
            self._is_fine(status, text, step)

    def _sign_in(self, page: str) -> None:
        token = _value(page, "csrfmiddlewaretoken")
        form = {"csrfmiddlewaretoken": token, "username": self.name, "password": PASSWORD, "next": "/admin/"}
        body, content_type = multipart(form, [])
        status, text = self.line.ask("/admin/login/", body, {"Content-Type": content_type})
        self._is_fine(status, text, "login")

    def _is_fine(self, status: int, text: str, what: str) -> bool:
        self.record.note(f"staff {what}", status)
        if status not in (200, NO_ANSWER):
            self.record.trouble(status, f"staff {what}: {text[:200]}")
        return status == 200


def _value(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found[1] if found else ""


class Crowd:
    """Citizens at a steady rate together, and two officers, each in a thread of their own."""

    def __init__(
        self, portal: Portal, *, seed: int, per_second: float, citizens: int = 12, officers: int = 2
    ):
        self.record = Record()
        self._is_over, self._give_up = threading.Event(), threading.Event()
        pause_s = citizens / per_second
        people = [
            Citizen(portal, self.record, Random(f"{seed}-c{n}"), self._give_up) for n in range(citizens)
        ]
        staff = [Officer(portal, self.record, Random(f"{seed}-o{n}")) for n in range(officers)]
        self._threads = [threading.Thread(target=self._live, args=(one, pause_s)) for one in people]
        self._threads += [threading.Thread(target=self._work, args=(one,)) for one in staff]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def _live(self, citizen: Citizen, pause_s: float) -> None:
        while not self._is_over.wait(citizen.rng.uniform(0.5, 1.5) * pause_s):
            citizen.file_one()
            if citizen.rng.random() < 0.15:
                citizen.come_back()

    def _work(self, officer: Officer) -> None:
        while not self._is_over.wait(officer.rng.uniform(0.3, 1.0)):
            officer.take_a_step()

    def finish(self, within_s: float) -> None:
        """Nobody begins anything new; what was begun is brought to its answer, or given up in the end."""
        self._is_over.set()
        deadline = time.monotonic() + within_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._give_up.set()
        for thread in self._threads:
            thread.join(2 * PATIENCE_S)
