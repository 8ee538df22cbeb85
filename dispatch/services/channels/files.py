"""For development: what WhatsApp or SMS would have sent, one JSON object a file, in DATA_DIR/messages."""

import json
import uuid
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from dispatch.domain import short_text
from dispatch.services.channels.base import Message


class FilesChannel:
    def __init__(self, name: str):
        self.name = name

    def send(self, address: str, keys: dict[str, str], message: Message) -> None:
        text = f"{message.short}\n{message.short_end}".strip()
        if self.name == "sms":
            text = short_text.fit(message.short, message.short_end, settings.SMS_MAX_CHARS)
        folder = Path(settings.DATA_DIR) / "messages"
        folder.mkdir(parents=True, exist_ok=True)
        content = {"channel": self.name, "to": address, "kind": message.kind, "text": text}
        path = folder / f"{timezone.now():%Y%m%d-%H%M%S-%f}-{uuid.uuid4().hex[:6]}.json"
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1))
