"""Attempts to reach somebody: begun before the channel is asked, finished once it has answered.

The row stands in the database while the channel works. A worker that is killed meanwhile leaves an attempt
without an end, which is the truth: nobody knows whether the message went out.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from complaints.domain import privacy
from dispatch.domain import joining
from dispatch.models import Delivery, DeliveryAttempt
from dispatch.services import outbox

Outcome = DeliveryAttempt.Outcome
ATTEMPTS_KEPT = timedelta(days=90)  # as long as a message's links live
ANSWER_MAX_CHARS = 200
JOINED = "told in a later message"
_PRUNE_BATCH = 2000


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt under way."""

    delivery: Delivery
    row: DeliveryAttempt
    _since_s: float = field(default_factory=time.monotonic)

    def finish(self, outcome: str, *, error: str = "", answer: str = "") -> None:
        """Write down how it ended; a second time changes nothing."""
        ended = self.row.started_at + timedelta(seconds=time.monotonic() - self._since_s)
        DeliveryAttempt.objects.filter(pk=self.row.pk, finished_at=None).update(
            finished_at=ended, outcome=outcome, error=_kept(error), answer=_kept(answer)[:ANSWER_MAX_CHARS]
        )


def _kept(text: str) -> str:
    return privacy.mask(text)[: outbox.ERROR_MAX_CHARS]


@transaction.atomic
def begin(delivery: Delivery, *, now: datetime) -> Begun | None:
    """Begin to send; None if there is nothing to send: it has gone out, or a later message tells its news.

    Whatever has waited with it is joined here, so that of two workers with two messages for one person one
    tells everything. Raises outbox.Postponed while another worker sends it. Locks: see `_locked`.
    """
    waiting, under_way = _locked(delivery, now)
    if delivery.pk not in [row.pk for row in waiting]:
        return None
    known = [joining.Waiting(row.pk, row.postponed_until is not None, row.pk in under_way) for row in waiting]
    into = joining.carrier(known, delivery.pk)
    if into != delivery.pk:
        _row(delivery, now, Outcome.SKIPPED, f"{JOINED} (#{into})")
        _join([delivery.pk], into)
        return None
    _join(joining.carried(known, delivery.pk), delivery.pk)
    return Begun(delivery, _row(delivery, now))


@transaction.atomic
def note(delivery: Delivery, outcome: str, *, now: datetime, error: str = "", **changes) -> bool:
    """Write down an attempt that ends before the channel is asked, and change the delivery with it; False if
    it does not wait any more. Raises outbox.Postponed as `begin`. Locks: see `_locked`."""
    waiting, _under_way = _locked(delivery, now)
    if delivery.pk not in [row.pk for row in waiting]:
        return False
    _row(delivery, now, outcome, error)
    Delivery.objects.filter(pk=delivery.pk).update(**changes)
    return True


def _locked(delivery: Delivery, now: datetime) -> tuple[list[Delivery], dict[int, datetime]]:
    """Everything that waits for the same person about the same report, locked in the order of ids, and what
    of it somebody is sending now."""
    waiting = list(_of_the_same_person(delivery).select_for_update().order_by("id"))
    under_way = _under_way(waiting, now)
    if delivery.pk in under_way:
        raise outbox.Postponed(under_way[delivery.pk] + outbox.lease())
    return waiting, under_way


def _row(delivery: Delivery, now: datetime, outcome: str = "", error: str = "") -> DeliveryAttempt:
    """The next attempt's row, finished at once if it has an outcome. Call it with the delivery locked."""
    Delivery.objects.filter(pk=delivery.pk).update(attempts=F("attempts") + 1)
    number = Delivery.objects.values_list("attempts", flat=True).get(pk=delivery.pk)
    return DeliveryAttempt.objects.create(
        delivery=delivery,
        number=number,
        started_at=now,
        finished_at=now if outcome else None,
        outcome=outcome,
        error=_kept(error),
    )


def _of_the_same_person(delivery: Delivery):
    """What waits for the recipient of a delivery about its report."""
    waiting = Delivery.objects.filter(state=Delivery.State.PENDING, channel=delivery.channel)
    if delivery.subscription_id:
        return waiting.filter(subscription_id=delivery.subscription_id)
    return waiting.filter(report_id=delivery.report_id, recipient_hash=delivery.recipient_hash)


def _under_way(waiting: list[Delivery], now: datetime) -> dict[int, datetime]:
    """Those that somebody is sending now, and since when; an older beginning belongs to a lost worker."""
    begun = DeliveryAttempt.objects.filter(
        delivery__in=[row.pk for row in waiting], finished_at=None, started_at__gt=now - outbox.lease()
    )
    return dict(begun.values_list("delivery_id", "started_at"))


def _join(ids: list[int], into: int) -> None:
    if ids:
        Delivery.objects.filter(told_in__in=ids).update(told_in=into)
        Delivery.objects.filter(pk__in=ids).update(state=Delivery.State.JOINED, told_in=into)


def prune(*, now: datetime) -> int:
    """Delete attempts that are long over, in small steps; the deliveries stay. Returns how many."""
    count = 0
    while True:
        old = DeliveryAttempt.objects.filter(started_at__lt=now - ATTEMPTS_KEPT)
        ids = list(old.order_by("started_at").values_list("pk", flat=True)[:_PRUNE_BATCH])
        if not ids:
            return count
        count += DeliveryAttempt.objects.filter(pk__in=ids).delete()[0]
