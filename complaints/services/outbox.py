"""Telling the dispatch room that something happened, inside the transaction in which it happened."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

ROUTING = "routing"
MEDIA = "media"
NOTIFY = "notify"

Sink = Callable[..., None]
_sinks: list[Sink] = []


def register_sink(sink: Sink) -> None:
    """Called once, by the dispatch room's AppConfig. `sink(*, queue, topic, report_id, payload, now)`."""
    if sink not in _sinks:
        _sinks.append(sink)


def emit(queue: str, topic: str, *, report_id: int | None, payload: dict[str, Any], now: datetime) -> None:
    """Write the outbox row through the registered sink; must be called inside a transaction."""
    for sink in _sinks:
        sink(queue=queue, topic=topic, report_id=report_id, payload=payload, now=now)
