"""Who hears of an event by a message. The reporter hears every step; others who follow only what changes
something for them: work begins, stands still, is planned, is done, or is not done after all."""

REPORTER = "reporter"
SUPPORTER = "supporter"

NOBODY: frozenset[str] = frozenset()
_REPORTER_ONLY = frozenset({REPORTER})
_FOLLOWERS_ONLY = frozenset({SUPPORTER})
_ALL = frozenset({REPORTER, SUPPORTER})

_BY_KIND = {
    "routed": _REPORTER_ONLY,
    "triaged": _REPORTER_ONLY,
    "handed_over": _REPORTER_ONLY,
    "acknowledged": _REPORTER_ONLY,
    "referral": _REPORTER_ONLY,
    "escalated": _REPORTER_ONLY,
    "reminded": _REPORTER_ONLY,
    "checked": _REPORTER_ONLY,
    "made_safe": _ALL,
    "merged": _ALL,
    "unmerged": _ALL,
    # What the reporter does is news to everybody else.
    "confirmed": _FOLLOWERS_ONLY,
    "reopened": _FOLLOWERS_ONLY,
    "withdrawn": _FOLLOWERS_ONLY,
}
_FOLLOWED_STATUSES = frozenset({"in_progress", "waiting", "scheduled", "resolved", "closed", "rejected"})
_PROMISE_REASONS_TOLD = frozenset({"severity", "calendar"})  # the others come with a message of their own


def of_event(
    kind: str, *, actor_kind: str, is_public: bool, to_status: str, reason_code: str
) -> frozenset[str]:
    """The roles that hear of an event with these values (of complaints.Event)."""
    if not is_public:
        return NOBODY
    told = _told(kind, actor_kind, to_status, reason_code)
    return told - _REPORTER_ONLY if actor_kind == "reporter" else told


def _told(kind: str, actor_kind: str, to_status: str, reason_code: str) -> frozenset[str]:
    if kind == "comment":
        return _ALL if actor_kind == "staff" else NOBODY
    if kind == "status":
        if reason_code == "reporter_answered":
            return NOBODY
        return _ALL if to_status in _FOLLOWED_STATUSES else _REPORTER_ONLY
    if kind == "promise":
        return _REPORTER_ONLY if reason_code in _PROMISE_REASONS_TOLD else NOBODY
    return _BY_KIND.get(kind, NOBODY)
