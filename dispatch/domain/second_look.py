"""Who looks at a repair a second time, and which repairs are drawn for it."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Any

DEFAULT_SHARE_PERCENT = 10
_REVIEWERS_ANYWHERE = frozenset({"admin", "p3m"})
_REVIEWERS_AT_HOME = frozenset({"department_admin"})
_STEPS = 10_000


def may_review(role: str, *, is_own_department: bool, is_own_work: bool) -> bool:
    """Whether somebody of this role may judge a proof: never their own, heads only their department's."""
    if is_own_work:
        return False
    return role in _REVIEWERS_ANYWHERE or (role in _REVIEWERS_AT_HOME and is_own_department)


def share_percent(
    shares: Iterable[Mapping[str, Any]], *, department_id: int | None, category_id: int, default: float
) -> float:
    """The share for a department and kind: the row that names both, else the department's, else the kind's,
    else the row that names neither, else `default`. Rows: department_id, category_id, percent."""
    best, wins = default, -1
    for row in shares:
        if row["department_id"] not in (None, department_id) or row["category_id"] not in (None, category_id):
            continue
        weight = 2 * (row["department_id"] is not None) + (row["category_id"] is not None)
        if weight > wins:
            best, wins = float(row["percent"]), weight
    return best


def is_drawn(key: bytes, report_id: int, reopen_count: int, percent: float) -> bool:
    """Whether this round of a report is among the `percent` drawn.

    A keyed hash of report and round: an officer cannot foresee it, and cannot change it by resolving again.
    """
    digest = hmac.new(key, f"second-look:{report_id}:{reopen_count}".encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8]) % _STEPS < round(percent * _STEPS / 100)
