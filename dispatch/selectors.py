"""Reading what dispatch is doing: how much work waits, what is stuck, why a report went where it went."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q

from dispatch.models import Outbox, RoutingDecision


@dataclass(frozen=True, slots=True)
class QueueState:
    """One queue's rows that are not done. `oldest_pending_s`: how long the oldest has been due, seconds."""

    queue: str
    pending: int
    leased: int
    dead: int
    expired: int  # leases that have run out: their worker was lost
    oldest_pending_s: float
    oldest_expired_s: float

    def as_json(self) -> dict:
        return asdict(self)

    def is_stuck(self, after: timedelta) -> bool:
        """Whether a person should look: rows given up, or due for longer than `after`."""
        oldest_s = max(self.oldest_pending_s, self.oldest_expired_s)
        return bool(self.dead) or oldest_s > after.total_seconds()


def queue_states(*, now: datetime) -> list[QueueState]:
    """The state of every queue, also of empty ones. One query."""
    pending, leased = Q(state=Outbox.State.PENDING), Q(state=Outbox.State.LEASED)
    rows = (
        Outbox.objects.exclude(state=Outbox.State.DONE)
        .values("queue")
        .annotate(
            pending=Count("id", filter=pending),
            leased=Count("id", filter=leased),
            dead=Count("id", filter=Q(state=Outbox.State.DEAD)),
            expired=Count("id", filter=leased & Q(due_at__lte=now)),
            oldest_pending=Min("due_at", filter=pending),
            oldest_leased=Min("due_at", filter=leased),
        )
    )
    found = {row["queue"]: row for row in rows}
    return [_state(queue, found.get(queue), now) for queue in Outbox.Queue.values]


def _state(queue: str, row: dict | None, now: datetime) -> QueueState:
    if row is None:
        return QueueState(queue, 0, 0, 0, 0, 0.0, 0.0)
    return QueueState(
        queue=queue,
        pending=row["pending"],
        leased=row["leased"],
        dead=row["dead"],
        expired=row["expired"],
        oldest_pending_s=_overdue_s(row["oldest_pending"], now),
        oldest_expired_s=_overdue_s(row["oldest_leased"], now),
    )


def _overdue_s(due_at: datetime | None, now: datetime) -> float:
    return max(0.0, round((now - due_at).total_seconds(), 1)) if due_at else 0.0


def latest_decision(report_id: int) -> RoutingDecision | None:
    """Why a report is where it is: its last routing decision, with the department."""
    decisions = RoutingDecision.objects.filter(report_id=report_id).select_related("department")
    return decisions.order_by("-id").first()
