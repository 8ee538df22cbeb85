"""Exports: which columns, how many rows, for how long a file is kept, and cells that are no formulas."""

from datetime import timedelta

AT_MOST = 200_000  # rows of one file
IN_REQUEST = 5_000  # rows of a CSV that is sent while it is made; a worker makes everything else
KEPT = timedelta(hours=24)

COLUMNS = (
    *("code", "reported", "group", "kind", "severity", "status", "status_since", "street", "kelurahan"),
    *("kecamatan", "latitude", "longitude", "department", "handler", "crew", "due", "accepted", "resolved"),
    *(
        "closed",
        "closure",
        "reopened",
        "handed_over",
        "supporters",
        "channel",
        "private",
        "joined_to",
        "tags",
    ),
    *("waiting_for", "scheduled_for", "budget_line", "description"),
)
# Who reported it: for the roles that may look, only when asked for, and on record.
IDENTITY = ("reporter_name", "reporter_phone", "reporter_email")
USUAL = frozenset(COLUMNS) - {"description", "waiting_for", "budget_line", "joined_to", "handed_over"}


def wanted(names, *, may_see_identity: bool) -> list[str]:
    """The columns out of those asked for, in their order; the usual ones where none is known."""
    known = (*COLUMNS, *IDENTITY) if may_see_identity else COLUMNS
    return [name for name in known if name in names] or [name for name in COLUMNS if name in USUAL]


def harmless(cell):
    """A CSV cell that a spreadsheet takes for text and never for a formula (OWASP, CSV injection); numbers
    stay numbers."""
    if isinstance(cell, str) and cell.lstrip(" ")[:1] in ("=", "+", "-", "@", "\t", "\r", "\n"):
        return f"'{cell}"
    return cell
