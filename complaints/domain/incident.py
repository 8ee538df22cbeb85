"""Which reports may be joined to an incident, and what stands still meanwhile. Plain Python."""

from complaints.domain import workflow

# A report's own work. Of a merged report all of it stands still, and is there again when it is taken out.
STATE = (
    *("status", "status_since", "department_id", "assignee_id", "crew_id", "severity"),
    *("promised_at", "acknowledge_due_at", "make_safe_due_at", "due_at"),
    *("acknowledged_at", "made_safe_at", "resolved_at", "checking_since", "closed_at", "closure"),
    *("waiting_on", "waiting_reason", "scheduled_for", "budget_line", "reopen_count", "handover_count"),
)
# What a page shows of the primary's work in place of the report's own, when the primary is public …
SHOWN = tuple(name for name in STATE if name not in ("assignee_id", "crew_id", "severity", "handover_count"))
# … and when it is private: its state, and nothing that tells of it.
SHOWN_OF_PRIVATE = ("status", "status_since", "resolved_at", "checking_since", "closed_at", "closure")

MERGEABLE = workflow.OPEN - {workflow.RECEIVED}  # routed: what it goes back to is known

SAME, ENDED, NOT_ROUTED, MERGED, PRIMARY_ENDED, PRIMARY_MERGED, PRIMARY_PRIVATE = (
    *("same_report", "has_ended", "not_routed", "already_merged"),
    *("primary_has_ended", "primary_is_merged", "primary_is_private"),
)


def fault(report, primary) -> str:
    """Why `report` cannot be joined to `primary`, or nothing. Both need pk, status, is_private and
    merged_into_id.

    Only what is open is joined, and only to what is open: whoever tells again of what was repaired tells of
    something new. A public report never leads to a private one.
    """
    checks = (
        (SAME, report.pk == primary.pk),
        (MERGED, report.merged_into_id is not None),
        (PRIMARY_MERGED, primary.merged_into_id is not None),
        (NOT_ROUTED, workflow.RECEIVED in (report.status, primary.status)),
        (ENDED, report.status not in MERGEABLE),
        (PRIMARY_ENDED, primary.status not in MERGEABLE),
        (PRIMARY_PRIVATE, primary.is_private and not report.is_private),
    )
    return next((code for code, holds in checks if holds), "")
