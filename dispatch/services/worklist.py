"""The staff's queue in words of the database: which reports are late, new, mine; counted and filtered alike.

Cards on the first page and filters of the list use the same definitions, so a count is what its list shows.
"""

from datetime import datetime, timedelta

from django.db.models import BooleanField, Case, Count, Exists, F, IntegerField, OuterRef, Q, When
from django.utils import timezone

from complaints import selectors
from complaints.domain import workflow
from dispatch.models import RoutingDecision

OPEN, ALL, UNACCEPTED, TO_CHECK, MERGED = "open", "all", "new", "check", "merged"
OVERDUE, TODAY, WEEK = "overdue", "today", "week"
# While a report waits or is scheduled its clock stands still, so it is not late.
PAUSED = (workflow.WAITING, workflow.SCHEDULED)


def in_state(state: str) -> Q:
    """`open`, `all`, `new` (a department has it and has not accepted it yet), `check` (the rules ask for a
    look before anybody acts), `merged`, or a status. Of these only ALL and MERGED show what is merged: an
    incident is one piece of work."""
    if state == ALL:
        return Q()
    if state == OPEN:
        return Q(is_open=True)
    if state == MERGED:
        return Q(merged_into__isnull=False)
    if state == UNACCEPTED:
        return Q(
            is_open=True, status__in=(workflow.ASSIGNED, workflow.REFERRED), acknowledged_at__isnull=True
        )
    if state == TO_CHECK:
        return _NOBODY_LOOKED & Q(_check_asked())
    return Q(status=state, is_open=state in workflow.OPEN)


def is_surely_open(state: str) -> bool:
    """Whether every report `in_state(state)` is open: the search is the faster for knowing it."""
    return state in (OPEN, UNACCEPTED, TO_CHECK) or state in workflow.OPEN


_NOBODY_LOOKED = Q(is_open=True, acknowledged_at__isnull=True)


def _check_asked() -> Exists:
    """Whether the decision that holds for a report asks for a check. From a partial index: few ask."""
    later = RoutingDecision.objects.filter(report=OuterRef("report"), id__gt=OuterRef("id"))
    return Exists(RoutingDecision.objects.filter(~Exists(later), report=OuterRef("pk"), needs_check=True))


def asks_check() -> Case:
    """For a row: whether it bears the mark "check first", which goes when the report is accepted."""
    return Case(When(_NOBODY_LOOKED, then=_check_asked()), default=False, output_field=BooleanField())


def due(bucket: str, now: datetime) -> Q:
    """Open reports whose clock runs: past the promise, promised for today, or within seven days."""
    running = Q(is_open=True) & ~Q(status__in=PAUSED)
    if bucket == OVERDUE:
        return running & Q(due_at__lt=now)
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    days = 1 if bucket == TODAY else 7
    return running & Q(due_at__gte=now, due_at__lt=midnight + timedelta(days=days))


def by_promise() -> tuple:
    """The order of what is really due: running clocks by their promise, then what waits or is scheduled.

    A scheduled report keeps the promise it once had, so by `due_at` alone years of planned work would stand
    before everything that is late today. The planned ones follow by their date; equals keep their order.
    """
    is_paused = Case(When(status__in=PAUSED, then=1), default=0, output_field=IntegerField())
    planned_for = Case(When(status=workflow.SCHEDULED, then=F("scheduled_for")))
    return (is_paused.asc(), planned_for.asc(nulls_first=True), F("due_at").asc(nulls_last=True), "id")


def slice_by_promise(queryset, start: int, stop: int) -> list:
    """`queryset.order_by(*by_promise())[start:stop]`, without sorting everything that is open for one page.

    The running clocks come off the index of promises; what is paused is only sorted where its turn comes.
    """
    is_paused = Q(status__in=PAUSED)
    running = queryset.filter(~is_paused).order_by(F("due_at").asc(nulls_last=True), "id")
    found = list(running[start:stop])
    missing = stop - start - len(found)
    if missing:
        skipped = 0 if found else start - running[:start].count()
        paused = queryset.filter(is_paused).order_by(*by_promise())
        found += paused[skipped : skipped + missing]
    return found


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
