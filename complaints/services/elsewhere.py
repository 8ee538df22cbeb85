"""What the city knows of a report that lies with an owner outside the city: told by the dispatch room."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from complaints.domain import workflow
from complaints.models import Report


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Their number for it, when their system last answered about it, and when the city asks again."""

    number: str = ""
    heard_at: datetime | None = None
    asks_on: date | None = None


Teller = Callable[[int], Elsewhere | None]
_tellers: list[Teller] = []
_MAYBE = workflow.OPEN - {workflow.RECEIVED, workflow.TRIAGE}


def register_teller(teller: Teller) -> None:
    """Called once, by the dispatch room's AppConfig."""
    if teller not in _tellers:
        _tellers.append(teller)


def of(report: Report) -> Elsewhere | None:
    """What is known, if the report is with an owner outside the city now. At most one query."""
    if report.status not in _MAYBE or report.department is None or not report.department.is_external:
        return None
    return next(filter(None, (tell(report.pk) for tell in _tellers)), None)
