"""The promise: what the public is told about when something happens."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Promise:
    """Aware datetimes; None where the service level promises nothing."""

    acknowledge_due_at: datetime | None = None
    make_safe_due_at: datetime | None = None
    due_at: datetime | None = None
