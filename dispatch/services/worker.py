"""Working off the outbox: claim, handle, finish; the same for every queue."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from dispatch.domain import retry
from dispatch.models import Outbox
from dispatch.services import nudge, outbox

log = logging.getLogger(__name__)

# How long one call may go on before it lets other queues' calls in; it asks to be called again.
BUDGET_S = {"routing": 10.0, "media": 1.0, "notify": 2.0}
FIRST = "routing"

Effect = Callable[[], None]


class PermanentError(Exception):
    """Trying again cannot help; the row is given up at once."""


@dataclass(frozen=True, slots=True)
class Handler:
    """What a topic means. Both kinds must bear being run again after a crash.

    `run(row, now)` of a transactional handler commits together with the row's `done`: exactly once in the
    database. Otherwise it runs outside any transaction (it sends, or takes long) and may return an effect,
    which then commits together with the `done`. `on_dead(row, now)` is the last resort.
    """

    run: Callable[[Outbox, datetime], Effect | None]
    is_transactional: bool = True
    on_dead: Callable[[Outbox, datetime], None] | None = None


_handlers: dict[str, Handler] = {}


def register(topic: str, handler: Handler) -> None:
    _handlers[topic] = handler


def drain(queue: str, *, clock: Callable[[], datetime] = timezone.now) -> int:
    """Work off what is due in a queue; returns how many of its rows were handled. Safe to run in parallel.

    New reports go first: between two batches of another queue whatever waits for routing is routed, so that
    photos and messages never hold it up. `clock` gives the time for each step, as the work takes its time.
    """
    ends_at, count = time.monotonic() + BUDGET_S[queue], 0
    while rows := outbox.claim(queue, now=clock()):
        for row in rows:
            process(row, clock=clock)
            count += 1
        if time.monotonic() > ends_at:
            nudge.nudge(queue)
            break
        if queue != FIRST:
            drain(FIRST, clock=clock)
    return count


def process(row: Outbox, *, clock: Callable[[], datetime] = timezone.now) -> str:
    """Handle one claimed row; returns `done`, `stale` (others have it), `postponed`, `retry` or `dead`.

    Raises nothing that the handler raised: it is recorded in the row and logged.
    """
    handler = _handlers.get(row.topic)
    try:
        if handler is None:
            raise PermanentError(f"no handler for {row.topic}")
        if row.attempts > retry.MAX_ATTEMPTS[row.queue]:
            raise PermanentError("the worker was lost with this row each time")
        run = _run_in_transaction if handler.is_transactional else _run_outside
        return "done" if run(handler, row, clock) else "stale"
    except outbox.Postponed as later:
        return "postponed" if outbox.postpone(row, later.until) else "stale"
    except Exception as exc:  # a handler's failure must not stop the queue
        return _record_failure(handler, row, exc, clock())


def _run_in_transaction(handler: Handler, row: Outbox, clock) -> bool:
    with transaction.atomic():
        if not outbox.hold(row):
            return False
        now = clock()
        handler.run(row, now)
        return outbox.finish(row, now=now)


def _run_outside(handler: Handler, row: Outbox, clock) -> bool:
    if not outbox.renew(row, now=clock()):
        return False
    effect = handler.run(row, clock())
    with transaction.atomic():
        if effect:
            effect()  # it has happened in the world, whoever holds the row now
        return outbox.finish(row, now=clock())


def _record_failure(handler: Handler | None, row: Outbox, exc: Exception, now: datetime) -> str:
    log.warning("outbox row %s (%s) failed, attempt %s", row.pk, row.topic, row.attempts, exc_info=exc)
    is_permanent = isinstance(exc, PermanentError)
    error = f"{exc.__class__.__name__}: {exc}"
    if not outbox.fail(row, error, now=now, is_permanent=is_permanent):
        return "retry"
    log.error("outbox row %s (%s) given up after %s attempts", row.pk, row.topic, row.attempts)
    if handler and handler.on_dead:
        try:
            with transaction.atomic():
                handler.on_dead(row, now)
        except Exception:
            log.exception("last resort for outbox row %s failed", row.pk)
    return "dead"
