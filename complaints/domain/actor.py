"""Who does something to a report."""

from dataclasses import dataclass

REPORTER = "reporter"
CITIZEN = "citizen"
STAFF = "staff"
SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """`department_id` is the department a member of staff acts for; it stands beside the event in public."""

    kind: str
    user_id: int | None = None
    department_id: int | None = None


PORTAL = Actor(SYSTEM)
THE_REPORTER = Actor(REPORTER)
A_CITIZEN = Actor(CITIZEN)
