"""Who hears what: the whole table."""

import pytest

from complaints.domain import workflow
from complaints.models import Event
from dispatch.domain import audience

R, S, RS, NOBODY = {"reporter"}, {"supporter"}, {"reporter", "supporter"}, set()


@pytest.mark.parametrize(
    ("kind", "actor", "to_status", "reason", "expected"),
    [
        ("submitted", "reporter", "received", "", NOBODY),
        ("routed", "system", "assigned", "", R),
        ("triaged", "system", "triage", "", R),
        ("acknowledged", "staff", "", "", R),
        ("handed_over", "staff", "assigned", "", R),
        ("referral", "system", "", "", R),
        ("escalated", "system", "", "", R),
        ("reminded", "system", "", "", R),
        ("made_safe", "staff", "", "", RS),
        ("status", "staff", "in_progress", "", RS),
        ("status", "staff", "waiting", "", RS),
        ("status", "staff", "scheduled", "", RS),
        ("status", "staff", "resolved", "", RS),
        ("status", "system", "closed", "silent", RS),
        ("status", "staff", "rejected", "duplicate", RS),
        ("status", "staff", "assigned", "", R),
        ("status", "staff", "triage", "", R),
        ("status", "staff", "referred", "", R),
        ("status", "system", "in_progress", "reporter_answered", NOBODY),
        ("confirmed", "reporter", "closed", "", S),
        ("reopened", "reporter", "reopened", "", S),
        ("withdrawn", "reporter", "rejected", "withdrawn", S),
        ("comment", "staff", "", "", RS),
        ("comment", "reporter", "", "", NOBODY),
        ("comment", "citizen", "", "", NOBODY),
        ("promise", "staff", "", "severity", R),
        ("promise", "system", "", "calendar", R),
        ("promise", "system", "", "paused", NOBODY),
        ("promise", "system", "", "reopened", NOBODY),
        ("severity", "staff", "", "", NOBODY),
        ("assignee", "staff", "", "", NOBODY),
        ("note", "staff", "", "", NOBODY),
        ("photo", "staff", "", "", NOBODY),
        ("supported", "citizen", "", "", NOBODY),
        ("edited", "reporter", "", "", NOBODY),
        ("erased", "reporter", "", "", NOBODY),
        ("unheard_of", "system", "", "", NOBODY),
    ],
)
def test_who_hears(kind, actor, to_status, reason, expected):
    event = {"actor_kind": actor, "to_status": to_status, "reason_code": reason}
    assert audience.of_event(kind, is_public=True, **event) == expected
    assert audience.of_event(kind, is_public=False, **event) == NOBODY


def test_the_table_names_real_kinds_and_statuses():
    assert set(audience._BY_KIND) <= {*Event.Kind.values, "reminded"}
    assert set(workflow.STATUSES) >= audience._FOLLOWED_STATUSES
