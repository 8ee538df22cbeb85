"""The staff's queue in words of the database: which reports are late, new, mine; counted and filtered alike.

Cards on the first page and filters of the list use the same definitions, so a count is what its list shows.
"""

from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils import timezone

from complaints import selectors
from complaints.domain import workflow

OPEN, ALL, UNACCEPTED = "open", "all", "new"
OVERDUE, TODAY, WEEK = "overdue", "today", "week"
# While a report waits or is scheduled its clock stands still, so it is not late.
PAUSED = (workflow.WAITING, workflow.SCHEDULED)


def in_state(state: str) -> Q:
    """`open`, `all`, `new` (a department has it and has not accepted it yet), or a status."""
    if state == ALL:
        return Q()
    if state == OPEN:
        return Q(is_open=True)
    if state == UNACCEPTED:
        return Q(
            is_open=True, status__in=(workflow.ASSIGNED, workflow.REFERRED), acknowledged_at__isnull=True
        )
    return Q(status=state, is_open=state in workflow.OPEN)


def due(bucket: str, now: datetime) -> Q:
    """Open reports whose clock runs: past the promise, promised for today, or within seven days."""
    running = Q(is_open=True) & ~Q(status__in=PAUSED)
    if bucket == OVERDUE:
        return running & Q(due_at__lt=now)
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    days = 1 if bucket == TODAY else 7
    return running & Q(due_at__gte=now, due_at__lt=midnight + timedelta(days=days))


# The cards of the first page: name, the list's parameters.
CARDS: tuple[tuple[str, dict[str, str]], ...] = (
    ("overdue", {"due": OVERDUE}),
    ("today", {"due": TODAY}),
    ("triage", {"state": workflow.TRIAGE}),
    ("new", {"state": UNACCEPTED}),
    ("in_progress", {"state": workflow.IN_PROGRESS}),
    ("waiting", {"state": workflow.WAITING}),
    ("reopened", {"state": workflow.REOPENED}),
    ("resolved", {"state": workflow.RESOLVED}),
)


def counts(user, now: datetime) -> dict[str, int]:
    """How many reports of this person's scope each card leads to. One query.

    Only open and resolved reports are looked at: the closed past grows for ever, this does not.
    """
    current = selectors.for_staff(user).filter(Q(is_open=True) | Q(status=workflow.RESOLVED))
    return current.aggregate(
        **{
            name: Count(
                "id", filter=due(wanted["due"], now) if "due" in wanted else in_state(wanted["state"])
            )
            for name, wanted in CARDS
        }
    )
