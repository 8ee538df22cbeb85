"""For development: what a channel would have sent is kept in a folder or printed; nobody is written to."""

import json
import sys
import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from dispatch.services.channels import sms, webpush, whatsapp
from dispatch.services.channels.base import Message
from dispatch.services.channels.email import EmailChannel

FILES, CONSOLE = "files", "console"


class DevelopmentChannel:
    """In place of the channel `name`. `place`: `files` (one JSON object a file, in DATA_DIR/messages) or
    `console` (standard output). What is kept is what the channel itself would have sent, to the letter."""

    def __init__(self, name: str, place: str):
        self.name, self.place = name, place

    def send(self, address: str, keys: dict[str, str], message: Message) -> str:
        content = {"channel": self.name, "to": address, "kind": message.kind}
        content |= rendered(self.name, address, message)
        if self.place == CONSOLE:
            # In one piece, so that the lines of several workers do not mix.
            sys.stdout.write(_printed(content))
            sys.stdout.flush()
            return ""
        folder = Path(settings.DATA_DIR) / "messages"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{timezone.now():%Y%m%d-%H%M%S-%f}-{uuid.uuid4().hex[:6]}.json"
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1))
        return path.name


def rendered(name: str, address: str, message: Message) -> dict[str, Any]:
    """A message in the form that a channel gives it."""
    if name == "email":
        mail = EmailChannel().mail(address, message)
        html = mail.alternatives[0][0] if mail.alternatives else ""
        return {"subject": mail.subject, "text": mail.body, "html": html, "headers": mail.extra_headers}
    if name == "webpush":
        return {"notification": json.loads(webpush.payload(message))}
    if name == "sms":
        return {"text": sms.text_of(message)}
    return {"text": whatsapp.text_of(message)}


def _printed(content: dict[str, Any]) -> str:
    """For a person at a terminal: who, then the text; a mail's HTML only says the same once more."""
    head = f"── {content['channel']} → {content['to']} ({content['kind']}) "
    note = content.get("notification")
    body = json.dumps(note, ensure_ascii=False, indent=1) if note else content["text"]
    subject = f"{content['subject']}\n\n" if "subject" in content else ""
    return f"{head}{'─' * max(0, 78 - len(head))}\n{subject}{body.rstrip()}\n{'─' * 78}\n"
