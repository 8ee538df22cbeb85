"""How long a reporter may still change or take back what was said. Plain arithmetic, no database."""

from datetime import datetime, timedelta

from complaints.domain import workflow

# Long enough to see one's own mistake, short enough that no crew is on its way because of it.
CHANGE_WITHIN = timedelta(minutes=15)


def time_left(created_at: datetime, now: datetime) -> timedelta:
    """How long the reporter may still edit or withdraw; zero when it is over. The last moment counts."""
    return max(created_at + CHANGE_WITHIN - now, timedelta(0))


def is_within_window(created_at: datetime, now: datetime) -> bool:
    return now <= created_at + CHANGE_WITHIN


def may_edit(status: str, created_at: datetime, now: datetime) -> bool:
    """Whether the reporter may change the report's words: while it is new and has not ended."""
    return status in workflow.OPEN and is_within_window(created_at, now)


def may_withdraw(status: str, created_at: datetime, now: datetime) -> bool:
    """Whether the reporter may take the report back: while it is new and its state can end so."""
    return workflow.may_follow(status, workflow.REJECTED) and is_within_window(created_at, now)
