"""The life of a report as a table: which status may follow which.

The database holds the same table as a trigger (migration 0002), so that no code path can leave it.
"""

from datetime import datetime, timedelta

RECEIVED = "received"  # accepted, not yet routed
TRIAGE = "triage"  # a human must decide who is responsible
ASSIGNED = "assigned"  # a department has it
IN_PROGRESS = "in_progress"
WAITING = "waiting"  # on the reporter or on somebody else: pauses the clock
SCHEDULED = "scheduled"  # selesai bersyarat: needs budget, has a published target date
REFERRED = "referred"  # an owner outside the city has it; stays open
RESOLVED = "resolved"  # the department says it is done
CLOSED = "closed"  # confirmed, or silent for ten days
REJECTED = "rejected"  # with a reason code and a sentence
REOPENED = "reopened"  # the reporter says it is not done

STATUSES = (
    RECEIVED,
    TRIAGE,
    ASSIGNED,
    IN_PROGRESS,
    WAITING,
    SCHEDULED,
    REFERRED,
    RESOLVED,
    CLOSED,
    REJECTED,
    REOPENED,
)

_WORK = (IN_PROGRESS, WAITING, SCHEDULED, RESOLVED, REJECTED)
_ELSEWHERE = (TRIAGE, ASSIGNED, REFERRED)

TRANSITIONS: dict[str, frozenset[str]] = {
    RECEIVED: frozenset({TRIAGE, ASSIGNED, REFERRED, REJECTED}),
    TRIAGE: frozenset({ASSIGNED, REFERRED, REJECTED, WAITING}),
    ASSIGNED: frozenset({*_WORK, TRIAGE, REFERRED}),
    IN_PROGRESS: frozenset({WAITING, SCHEDULED, RESOLVED, REJECTED, *_ELSEWHERE}),
    WAITING: frozenset({IN_PROGRESS, SCHEDULED, RESOLVED, REJECTED, *_ELSEWHERE}),
    SCHEDULED: frozenset({IN_PROGRESS, WAITING, RESOLVED, *_ELSEWHERE}),
    REFERRED: frozenset({IN_PROGRESS, WAITING, SCHEDULED, RESOLVED, REJECTED, TRIAGE, ASSIGNED}),
    RESOLVED: frozenset({CLOSED, REOPENED, IN_PROGRESS}),
    CLOSED: frozenset({REOPENED}),
    REJECTED: frozenset({TRIAGE, REOPENED}),
    REOPENED: frozenset({*_WORK, *_ELSEWHERE}),
}

# Somebody still owes the citizen something.
OPEN = frozenset(STATUSES) - {RESOLVED, CLOSED, REJECTED}
# The reporter is asked "is it really fixed?".
AWAITING_CONFIRMATION = frozenset({RESOLVED})
# The reporter may say "it is not fixed", for as long as REOPEN_WITHIN_DAYS.
REOPENABLE = frozenset({RESOLVED, CLOSED, REJECTED})
REOPEN_WITHIN_DAYS = 30
# resolved closes by itself after this many silent days (lapor.go.id's practice).
CLOSE_AFTER_SILENT_DAYS = 10
# So many days before that the reporter is asked once more.
REMIND_BEFORE_DAYS = 3


def closes_at(resolved_at: datetime, last_word_at: datetime | None) -> datetime:
    """When silence closes a resolved report: the days count from the reporter's last word since then."""
    return max(resolved_at, last_word_at or resolved_at) + timedelta(days=CLOSE_AFTER_SILENT_DAYS)


# What the map and the public filters show: five groups a citizen understands.
MAP_STATE = {
    RECEIVED: "new",
    TRIAGE: "new",
    ASSIGNED: "new",
    REOPENED: "new",
    IN_PROGRESS: "working",
    WAITING: "working",
    REFERRED: "working",
    SCHEDULED: "scheduled",
    RESOLVED: "done",
    CLOSED: "done",
    REJECTED: "rejected",
}
MAP_STATES = ("new", "working", "scheduled", "done", "rejected")


def may_follow(status: str, to: str) -> bool:
    """Whether `to` may follow `status`. Unknown statuses follow nothing."""
    return to in TRANSITIONS.get(status, frozenset())


# Who may bring a report into a state; states that are not named here are the staff's and the portal's.
_ONLY = {
    CLOSED: frozenset({"reporter", "system"}),  # nobody closes a case over the reporter's head
    REOPENED: frozenset({"reporter"}),
}
_STAFF = frozenset({"staff", "system"})


def may_be_set_by(to: str, actor_kind: str) -> bool:
    """Whether an actor of this kind may bring a report into `to`."""
    return actor_kind in _ONLY.get(to, _STAFF)


# What is more than a word: an office and a promise belong to these (services.routing), a verdict to that one
# (services.conversation). Nobody brings a report there by naming the status alone.
MORE_THAN_A_STATUS = frozenset({TRIAGE, ASSIGNED, REFERRED, REOPENED})

# Steps that an office may take back, soon after and while nothing else has happened (services.undo): what
# came of its own work. Where a report lies, and what reporters say, is not taken back like that. The
# database lets a status return outside TRANSITIONS only with a record of the step that is taken back.
TAKEN_BACK = frozenset({IN_PROGRESS, WAITING, SCHEDULED, RESOLVED, REJECTED})


def may_be_taken_back(from_status: str, to_status: str) -> bool:
    """Whether a step between these states may be taken back; steps that changed no state always may."""
    return from_status == to_status or (may_follow(from_status, to_status) and to_status in TAKEN_BACK)


# What a change must say, so that the citizen is never left with a bare word.
NEEDS_MESSAGE = frozenset({RESOLVED, REJECTED})
NEEDS_WAITING_REASON = frozenset({WAITING})
NEEDS_DATE = frozenset({SCHEDULED})

# Reasons a report can be rejected for; the sentence to the citizen stands beside the code.
REJECTION_REASONS = ("duplicate", "not_a_problem", "cannot_find", "abuse", "private_property", "withdrawn")
