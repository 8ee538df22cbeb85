"""An owner's Open311 GeoReport v2 server, on this machine: keeps what it was sent, answers as it is told."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlsplit
from xml.sax.saxutils import escape

KEY = "kunci-api-balai"


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, str]
    fields: dict[str, str]


@dataclass
class Open311Server:
    """`fail` maps a path's beginning to a status (0: hang up after taking it); `gives_tokens` answers with a
    token; `lists` False: GET requests is not offered."""

    fail: dict[str, int] = field(default_factory=dict)
    gives_tokens: bool = False
    lists: bool = True
    needs_key: bool = True
    asked: list[Asked] = field(default_factory=list)
    requests: dict[str, dict[str, str]] = field(default_factory=dict)  # by service_request_id
    updates: list[dict[str, str]] = field(default_factory=list)
    raw: bytes | None = None  # sent instead of any answer

    def __post_init__(self):
        self.lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http://{self.host}/v2"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def posts(self) -> list[Asked]:
        return [item for item in self.asked if item.method == "POST"]

    def paths(self) -> list[str]:
        return [f"{item.method} {item.path}" for item in self.asked]

    def answer(self, asked: Asked) -> tuple[int, list[dict], str]:
        """Status, entries, and what the entries are called in XML."""
        name = asked.path.removeprefix("/v2/").rpartition(".")[0]
        if asked.method == "POST":
            return self._file(asked)
        if name == "services":
            codes = ("rusak", "lain")
            return 200, [{"service_code": code, "service_name": code.title()} for code in codes], "service"
        if name == "requests":
            return (200, list(self.requests.values()), "request") if self.lists else (404, [], "error")
        if name == "servicerequestupdates":
            return 200, self.updates, "request_update"
        if name.startswith("tokens/"):
            found = [item for item in self.requests.values() if item["token"] == name[7:]]
            number = found[0]["service_request_id"] if found and found[0].get("is_ready") else ""
            return 200, [{"token": name[7:], "service_request_id": number}], "request"
        found = self.requests.get(name.removeprefix("requests/"))
        if found is None:
            return 404, [{"code": "404", "description": "service_request_id tidak dikenal"}], "error"
        return 200, [found], "request"

    def _file(self, asked: Asked) -> tuple[int, list[dict], str]:
        if self.needs_key and asked.fields.get("api_key") != KEY:
            return 403, [{"code": "403", "description": "Invalid api_key"}], "error"
        number = f"BB-{len(self.requests) + 1}"
        keep = {name: asked.fields.get(name, "") for name in ("service_code", "description", "lat", "long")}
        entry = {"service_request_id": number, "status": "open", "token": f"t{number}", **keep}
        self.requests[number] = entry
        given = "token" if self.gives_tokens else "service_request_id"
        return 201, [{given: entry[given], "service_notice": "Diterima"}], "request"

    def _handler(outer):
        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                asked = Asked(self.command, parts.path, query, dict(parse_qsl(body)))
                with outer.lock:
                    outer.asked.append(asked)
                    marks = [s for p, s in outer.fail.items() if f"{self.command} {parts.path}".startswith(p)]
                    if marks and marks[0]:
                        entries = [{"code": str(marks[0]), "description": "tidak bisa"}]
                        return self.write(marks[0], entries, "error")
                    status, entries, name = outer.answer(asked)
                    if marks:
                        return self.connection.close()  # taken, and never answered
                    return self.write(status, entries, name)

            def write(self, status: int, entries: list[dict], name: str):
                is_xml = urlsplit(self.path).path.endswith(".xml")
                body = as_xml(entries, name) if is_xml else json.dumps(entries).encode()
                body = body if outer.raw is None else outer.raw
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = answer

            def log_message(self, *args):
                pass

        return Handler


def as_xml(entries: list[dict], name: str) -> bytes:
    rows = [
        f"<{name}>"
        + "".join(f"<{key}>{escape(str(value))}</{key}>" for key, value in entry.items())
        + f"</{name}>"
        for entry in entries
    ]
    return f'<?xml version="1.0" encoding="utf-8"?><{name}s>{"".join(rows)}</{name}s>'.encode()
