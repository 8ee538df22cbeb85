"""What staff may do to a report: by role, and by the state the report is in.

Two small tables. A step must be allowed by both: the role says whose business it is, the state says
whether it makes sense now. The workflow table (complaints.domain.workflow) stays the last word on states.
"""

from typing import Any

from complaints.domain import workflow

ACCEPT = "accept"
START = "start"
WAIT = "wait"
SCHEDULE = "schedule"
RECATEGORISE = "recategorise"  # it is another kind of problem; the rules decide anew
RELOCATE = "relocate"  # it is somewhere else; the rules decide anew
SEVERITY = "severity"  # more or less urgent than it was taken for
RESOLVE = "resolve"
MAKE_SAFE = "make_safe"  # nobody can come to harm any more; the repair still follows
REJECT = "reject"
NOT_OURS = "not_ours"  # back to the complaints desk, or on to a named department
DECIDE = "decide"  # the complaints desk says who is responsible
TAKE = "take"  # I handle it myself
ASSIGN = "assign"  # name the colleague who handles it, the crew that goes out, or both
REPLY = "reply"  # to the citizen, in public
NOTE = "note"  # among staff
TAG = "tag"  # put marks on for colleagues, or take them off; not a step of one report
MERGE = "merge"  # join reports of the same thing, and take them apart; not a step of one report
REDACT = "redact"  # black out personal data in photos and texts; not a step either, fits every state

# In the order in which the page offers them.
STEPS = (
    DECIDE,
    ACCEPT,
    START,
    MAKE_SAFE,
    RESOLVE,
    WAIT,
    SCHEDULE,
    NOT_OURS,
    SEVERITY,
    RECATEGORISE,
    RELOCATE,
    REJECT,
    TAKE,
    ASSIGN,
    REPLY,
    NOTE,
)

# Those that carry words which the citizen reads.
TELLING = tuple(step for step in STEPS if step not in (ACCEPT, TAKE, ASSIGN, NOTE))

_WORK = frozenset(
    {
        *(ACCEPT, START, MAKE_SAFE, WAIT, SCHEDULE, RESOLVE, REJECT, NOT_OURS, SEVERITY, RECATEGORISE),
        *(RELOCATE, TAKE, REPLY, NOTE),
    }
)
_BY_ROLE: dict[str, frozenset[str]] = {
    "admin": frozenset({*STEPS, MERGE, REDACT, TAG}),
    "p3m": frozenset({*STEPS, MERGE, REDACT, TAG}),
    "department_admin": _WORK | {ASSIGN, MERGE, REDACT, TAG},
    "handler": _WORK | {MERGE, TAG},
    "duty_officer": frozenset({DECIDE, SEVERITY, REPLY, NOTE, MERGE, REDACT, TAG}),
    "operator": frozenset({REPLY, NOTE}),
    "planner": frozenset(),
    "viewer": frozenset(),
}

# After these there is nothing more to do for whoever took them, at least for now: on to the next case.
FINISHES = frozenset({RESOLVE, REJECT, NOT_OURS, DECIDE, WAIT, SCHEDULE})
# What needs nothing to be said and harms nobody: one key in the list does it.
AT_ONCE = frozenset({ACCEPT, START, TAKE, ASSIGN})

STATUS_STEPS = {
    START: workflow.IN_PROGRESS,
    WAIT: workflow.WAITING,
    SCHEDULE: workflow.SCHEDULED,
    RESOLVE: workflow.RESOLVED,
    REJECT: workflow.REJECTED,
}
_ACCEPTABLE = frozenset({workflow.ASSIGNED, workflow.REFERRED, workflow.REOPENED})
_UNDECIDED = frozenset({workflow.RECEIVED, workflow.TRIAGE})


def may(role: str, step: str) -> bool:
    """Whether a role may ever take this step. Unknown roles may take none."""
    return step in _BY_ROLE.get(role, frozenset())


def fits(
    step: str,
    *,
    status: str,
    is_accepted: bool,
    has_department: bool,
    must_be_made_safe: bool = False,
    is_merged: bool = False,
) -> bool:
    """Whether the step makes sense for a report in this state. Of a merged one the work stands still."""
    if is_merged:
        return step in (REPLY, NOTE)
    is_open = status in workflow.OPEN
    if step in STATUS_STEPS:
        return workflow.may_follow(status, STATUS_STEPS[step])
    if step == ACCEPT:
        return status in _ACCEPTABLE and not is_accepted
    if step == MAKE_SAFE:
        return is_open and has_department and must_be_made_safe
    if step == NOT_OURS:
        return is_open and has_department and workflow.may_follow(status, workflow.TRIAGE)
    if step == DECIDE:
        return status in _UNDECIDED
    if step in (RECATEGORISE, RELOCATE):
        return is_open and status != workflow.RECEIVED
    if step in (TAKE, ASSIGN, SEVERITY):
        return is_open and has_department
    return step in (REPLY, NOTE)


def steps(role: str, **state: Any) -> list[str]:
    """The steps to offer, most sensible first; `state` as for `fits`."""
    return [step for step in STEPS if may(role, step) and fits(step, **state)]


# What is most likely to come next in a state, most likely first; everything else is folded away.
FIRST_AT_MOST = 3
_FIRST: dict[str, tuple[str, ...]] = {
    workflow.RECEIVED: (DECIDE,),
    workflow.TRIAGE: (DECIDE, WAIT, REPLY),
    workflow.ASSIGNED: (ACCEPT, START, NOT_OURS, RESOLVE),
    workflow.REFERRED: (ACCEPT, START, RESOLVE, NOT_OURS),
    workflow.REOPENED: (ACCEPT, START, RESOLVE, REPLY),
    workflow.IN_PROGRESS: (MAKE_SAFE, RESOLVE, WAIT, REPLY),
    workflow.WAITING: (START, RESOLVE, REPLY),
    workflow.SCHEDULED: (START, RESOLVE, REPLY),
    workflow.RESOLVED: (REPLY, NOTE),
}


def first(offered: list[str], status: str) -> list[str]:
    """Those of the offered steps to show without being asked, in the order of `offered`.

    Where none of the likely ones is this person's business, the first of what is.
    """
    likely = [step for step in _FIRST.get(status, ()) if step in offered] or offered
    shown = likely[:FIRST_AT_MOST]
    return [step for step in offered if step in shown]
