"""Steps for many reports at once: which there are, what each asks for, how many and for how long."""

from datetime import timedelta

from dispatch.domain import casework

UNTAG = "untag"  # take marks off

# In the order in which the list offers them. Handing on and naming a department stay with single reports:
# each has its own reason, and its promise begins anew.
STEPS = (
    casework.ACCEPT,
    casework.START,
    casework.TAKE,
    casework.ASSIGN,
    casework.WAIT,
    casework.SCHEDULE,
    casework.REJECT,
    casework.REPLY,
    casework.TAG,
    UNTAG,
)
# What cannot be taken back once it is there (words in a public story) is done when the ten minutes are over.
DELAYED = frozenset({casework.REPLY})
# What a step asks for, typed once for all.
FIELDS: dict[str, tuple[str, ...]] = {
    casework.START: ("message",),
    casework.ASSIGN: ("assignee", "crew"),
    casework.WAIT: ("waiting_on", "waiting_reason", "message"),
    casework.SCHEDULE: ("scheduled_for", "budget_line", "message"),
    casework.REJECT: ("reason_code", "message"),
    casework.REPLY: ("message",),
    casework.TAG: ("tags",),
    UNTAG: ("tags",),
}
# Steps that stand in the reports' public stories, and of which people are told.
PUBLIC = frozenset(
    {casework.ACCEPT, casework.START, casework.WAIT, casework.SCHEDULE, casework.REJECT, casework.REPLY}
)

AT_MOST = 2_000  # reports in one operation
IN_REQUEST = 50  # so many are done while the browser waits; a worker does more
UNDO = timedelta(minutes=10)
# Nobody is told of a step before it can no longer be taken back, with a minute for the taking back itself.
HELD = UNDO + timedelta(minutes=1)


def may(role: str, step: str) -> bool:
    """Whether a role may take this step for many: as for one."""
    return step in STEPS and casework.may(role, casework.TAG if step == UNTAG else step)
