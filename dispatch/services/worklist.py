"""The staff's queue in words of the database: which reports are late, new, mine; counted and filtered alike.

Cards on the first page and filters of the list use the same definitions, so a count is what its list shows.
"""

from datetime import datetime, timedelta

from django.db.models import BooleanField, Case, Exists, F, IntegerField, OuterRef, Q, Subquery, When
from django.utils import timezone

from city.models import User
from complaints import selectors
from complaints.domain import workflow
from dispatch.models import Mention, RoutingDecision

OPEN, ALL, UNACCEPTED, TO_CHECK, MERGED = "open", "all", "new", "check", "merged"
OVERDUE, TODAY, WEEK = "overdue", "today", "week"
ANSWERED, FOR_ME = "answered", "for_me"
MINE = "mine"
# A list longer than this is narrowed, not leafed through; counting it any further would help nobody.
COUNT_AT_MOST = 2_000
# While a report waits or is scheduled its clock stands still, so it is not late.
PAUSED = (workflow.WAITING, workflow.SCHEDULED)
# Danger to life is promised to be made safe, not to be repaired by a day (service_levels.yaml, severity 5):
# until somebody has done it, that promise is the report's own, and it stands before everything else.
UNSAFE = Q(is_open=True, due_at__isnull=True, made_safe_at__isnull=True, make_safe_due_at__isnull=False)
UNSAFE &= ~Q(status__in=PAUSED)
NOT_UNSAFE = Q(due_at__isnull=False) | Q(made_safe_at__isnull=False) | Q(make_safe_due_at__isnull=True)


def is_unsafe(report) -> bool:
    """UNSAFE, of one report."""
    is_running = report.is_open and report.status not in PAUSED
    return (
        is_running and report.due_at is None and report.made_safe_at is None and bool(report.make_safe_due_at)
    )


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
        return running & Q(due_at__lt=now) | UNSAFE & Q(make_safe_due_at__lt=now)
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    days = 1 if bucket == TODAY else 7
    end = midnight + timedelta(days=days)
    promised = running & Q(due_at__gte=now, due_at__lt=end)
    return promised | UNSAFE & Q(make_safe_due_at__gte=now, make_safe_due_at__lt=end)


def planned_for() -> Case:
    """The date of planned work; nothing of any other."""
    return Case(When(status=workflow.SCHEDULED, then=F("scheduled_for")))


def by_promise() -> tuple:
    """The order of what is really due: danger that nobody has ended, running clocks by their promise, then
    what waits or is scheduled.

    A scheduled report keeps the promise it once had, so by `due_at` alone years of planned work would stand
    before everything that is late today. The planned ones follow by their date; equals keep their order.
    """
    is_paused = Case(When(status__in=PAUSED, then=1), default=0, output_field=IntegerField())
    unsafe_by = Case(When(UNSAFE, then=F("make_safe_due_at")))
    return (
        *(is_paused.asc(), unsafe_by.asc(nulls_last=True), planned_for().asc(nulls_first=True)),
        *(F("due_at").asc(nulls_last=True), "id"),
    )


def slice_by_promise(queryset, start: int, stop: int) -> list:
    """`queryset.order_by(*by_promise())[start:stop]`, without sorting everything that is open for one page.

    Danger and the running clocks come off their indexes; what is paused is only sorted where its turn comes.
    """
    is_paused = Q(status__in=PAUSED)
    running = queryset.filter(~is_paused).filter(NOT_UNSAFE)
    parts = (
        queryset.filter(UNSAFE).order_by("make_safe_due_at", "id"),
        running.order_by(F("due_at").asc(nulls_last=True), "id"),
        queryset.filter(is_paused).order_by(*by_promise()),
    )
    found: list = []
    wanted = stop - start
    for part in parts:
        rows = list(part[start : start + wanted - len(found)])
        # The next part goes on where this one ends; what stands before `start` may lie in this one.
        start = 0 if rows else start - part[:start].count()
        found += rows
        if len(found) == wanted:
            break
    return found


def most_late(queryset, limit: int, now: datetime) -> list:
    """The first of what is overdue: danger that should have been ended, then the oldest promises."""
    found = list(queryset.filter(UNSAFE, make_safe_due_at__lt=now).order_by("make_safe_due_at", "id")[:limit])
    if len(found) < limit:
        running = queryset.filter(is_open=True, due_at__lt=now).exclude(status__in=PAUSED)
        found += running.order_by("due_at", "id")[: limit - len(found)]
    return found


def answered() -> Q:
    """Open reports whose reporter said something that nobody of the staff has answered or acted upon."""
    return Q(is_open=True, unanswered_since__isnull=False)


def waiting_for(user) -> Q:
    """What waits for this person's word: answers of reporters in their own cases, and in those of their
    office (of the complaints desk: in those that no office has) that nobody handles yet; and where a
    colleague named them in a note that they have not read."""
    unhandled = Q(assignee__isnull=True, department_id=user.department_id)
    if user.department_id is None:
        unhandled = Q(assignee__isnull=True, department__isnull=True)
    unread = Mention.objects.filter(user_id=user.pk, read_at__isnull=True).values("event__report")
    return answered() & (Q(assignee_id=user.pk) | unhandled) | Q(is_open=True, pk__in=unread)


def mine(user) -> Q:
    return Q(is_open=True, assignee_id=user.pk)


# The cards of an office: name, what its list asks for.
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
# The cards of a person, in the order in which they stand above the queue and on the first page.
_OFFICE = dict(CARDS)
MY_CARDS: tuple[tuple[str, dict[str, str]], ...] = (
    *((name, _OFFICE[name]) for name in ("overdue", "today", "triage", "new")),
    (FOR_ME, {"mark": FOR_ME}),
    ("reopened", _OFFICE["reopened"]),
    (MINE, {"handler": MINE}),
)
# Beside them on the first page.
ALL_CARDS = (*MY_CARDS, *((name, _OFFICE[name]) for name in ("in_progress", "waiting", "resolved")))


def wanted_by(card: dict[str, str], user, now: datetime) -> Q:
    """The condition behind a card."""
    if "due" in card:
        return due(card["due"], now)
    if "mark" in card:
        return waiting_for(user)
    return mine(user) if "handler" in card else in_state(card["state"])


class _Counted(Subquery):
    """How many rows a sliced query has: the database stops counting at the slice's end."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def counts(user, now: datetime, cards=ALL_CARDS) -> dict[str, int]:
    """How many reports of this person's scope each card leads to; more than COUNT_AT_MOST counts as one more
    than that. One query, which reads no more rows than that of any card's list."""
    scope = selectors.for_staff(user).order_by()
    columns = {
        name: _Counted(scope.filter(wanted_by(card, user, now)).values("pk")[: COUNT_AT_MOST + 1])
        for name, card in cards
    }
    return User.objects.filter(pk=user.pk).values(**columns).first() or dict.fromkeys(columns, 0)
