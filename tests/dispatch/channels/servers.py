"""Servers that speak one protocol each, on this machine, and keep what they were sent."""

import socketserver
import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Got:
    """One HTTP request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class HttpServer:
    """Answers every request with `status` and `body`; `delay_s` makes it slow, `location` a redirect."""

    def __init__(self):
        self.status, self.body, self.location, self.requests = 200, b"{}", "", []
        self.pause = threading.Event()
        self.is_slow = False
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                outer.requests.append(
                    Got(self.command, self.path, dict(self.headers.items()), self.rfile.read(length))
                )
                if outer.is_slow:
                    outer.pause.wait(20)
                self.send_response(outer.status)
                if outer.location:
                    self.send_header("Location", outer.location)
                self.send_header("Content-Length", str(len(outer.body)))
                self.end_headers()
                self.wfile.write(outer.body)

            do_GET = do_POST = answer

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.pause.set()
        self.server.shutdown()
        self.server.server_close()


@dataclass
class Mail:
    sender: str
    recipients: list[str] = field(default_factory=list)
    data: bytes = b""


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class SmtpServer:
    """Just enough of RFC 5321. `refuse` is what it answers to RCPT instead of 250."""

    def __init__(self, port: int = 0):
        self.refuse, self.mails = "", []
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def say(self, line: str):
                self.wfile.write(line.encode() + b"\r\n")

            def handle(self):
                self.say("220 here")
                mail = None
                while line := self.rfile.readline():
                    verb, _colon, argument = line.decode().strip().partition(":")
                    verb = verb.split(" ")[0].upper() if not argument else verb.upper()
                    if verb == "MAIL FROM":
                        mail = Mail(argument.split(" ")[0].strip("<>"))
                        self.say("250 ok")
                    elif verb == "RCPT TO":
                        mail.recipients.append(argument.strip("<>"))
                        self.say(outer.refuse or "250 ok")
                    elif verb == "DATA":
                        self.say("354 go on")
                        self.read_mail(mail)
                        if not outer.take(mail):
                            return
                        self.say("250 taken")
                    elif verb == "QUIT":
                        self.say("221 bye")
                        return
                    else:
                        self.say("250 ok")

            def read_mail(self, mail: Mail):
                lines = []
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(line[1:] if line.startswith(b"..") else line)
                mail.data = b"".join(lines)

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def take(self, mail: Mail) -> bool:
        """Keep a message that came whole; whether to say so. If not, the line goes dead."""
        self.mails.append(mail)
        return True

    def close(self):
        self.server.shutdown()
        self.server.server_close()
