"""The standard texts of the messages to citizens, and which parts and fields each has.

A text that staff have edited stands in the database (services.message_texts); every other one stands here, in
English, and in the catalogues. Fields are written `%(name)s` for the catalogues and `{name}` for staff.
"""

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from complaints.models import Event, Report
from dispatch.domain import audience

ASK, CODE, OTHER = "ask", "code", "other"
REPORTER, FOLLOWER = "reporter", "follower"
_PERCENT = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Part:
    """One editable piece of a message. `fields` is the closed list of what may stand in it."""

    name: str
    label: Any
    fields: tuple[str, ...]
    max_chars: int
    required: tuple[str, ...] = ()
    is_one_line: bool = True
    may_be_empty: bool = False


# What a subject or a sentence may say shows on locked screens: nothing there tells what a report is about.
_SAFE = ("code", "department", "portal")
_ABOUT = (*_SAFE, "category", "area")
EVENT_PARTS = (
    Part("headline", _("What happened, in one sentence"), ("department", "portal", "what"), 120),
    Part("subject", _("Subject of the mail"), (*_SAFE, "headline"), 120, ("code",)),
    Part("paragraph", _("More in the mail"), _ABOUT, 600, is_one_line=False, may_be_empty=True),
    Part("short", _("SMS and WhatsApp"), (*_ABOUT, "headline"), 160, ("code",)),
    Part("short_end", _("End of SMS and WhatsApp, never cut"), ("link", "portal"), 60, ("link",)),
    Part("push_title", _("Notification: first line"), _ABOUT, 60),
    Part("push_body", _("Notification: text"), (*_ABOUT, "headline"), 200),
)
ASK_PARTS = (
    Part("subject", _("Subject of the mail"), ("code", "portal"), 120, ("code",)),
    Part(
        "paragraph", _("Text of the mail"), ("code", "category", "portal"), 600, ("code",), is_one_line=False
    ),
    Part("note", _("What to do if it was somebody else"), ("portal",), 300),
    Part("short", _("SMS and WhatsApp"), ("code", "portal"), 160, ("code",)),
    Part("short_end", _("End of SMS and WhatsApp, never cut"), ("link", "portal"), 60, ("link",)),
)
CODE_PARTS = (
    Part("subject", _("Subject of the mail"), ("digits", "portal"), 120, ("digits",)),
    Part("paragraph", _("Text of the mail"), ("minutes", "portal"), 600, ("minutes",), is_one_line=False),
    Part("note", _("Warning not to give it away"), ("portal",), 300),
    Part("short", _("SMS and WhatsApp"), ("digits", "minutes", "portal"), 160, ("digits",)),
)
_DESK = _("with the complaints desk, where a person decides who is responsible")
# What happened → the sentence for the reporter, and for followers where it is another one.
_HEADLINES: dict[str, tuple[Any, Any]] = {
    "routed": (_("sent to %(department)s"), None),
    "triaged": (_DESK, None),
    "handed_over": (_("handed over to %(department)s"), None),
    "acknowledged": (_("accepted by %(department)s"), None),
    "promise": (_("the promised date has changed"), None),
    "comment": (_("%(department)s has written to you"), _("%(department)s has written an answer")),
    "made_safe": (_("%(department)s has made the place safe; the repair follows"), None),
    "confirmed": (_("the reporter confirms that it is fixed"), None),
    "reopened": (_("opened again: it is not fixed, says the reporter"), None),
    "withdrawn": (_("taken back by its reporter"), None),
    "checked": (_("a second person has checked the repair – is it really fixed?"), None),
    "merged": (_("joined to another report of the same thing"), None),
    "unmerged": (_("handled by itself again"), None),
    "reminded": (_("is it really fixed? Please answer us"), None),
    "referral": ("%(what)s", None),
    "escalated": ("%(what)s", None),
    "status-triage": (_DESK, None),
    "status-assigned": (_("sent to %(department)s"), None),
    "status-in_progress": (_("%(department)s has started to work on it"), None),
    "status-waiting": (_("the work is paused"), None),
    "status-scheduled": (_("planned, once the budget is there"), None),
    "status-referred": (_("referred to %(department)s"), None),
    "status-resolved": (_("%(department)s says it is done – is it?"), _("%(department)s says it is done")),
    "checking": (_("%(department)s says it is done; a second person checks the proof"), None),
    "check_failed": (
        _("a second person checked the proof of the repair and sent it back; the work goes on"),
        None,
    ),
    "status-closed": (_("closed, because we heard no objection for ten days"), None),
    "status-rejected": (_("not accepted"), None),
    "status-reopened": (_("opened again"), None),
    OTHER: (_("there is news"), None),
}
# Steps of the state that have a sentence of their own: the state, and what staff read as their name.
_SPECIAL = {
    "checking": ("resolved", _("Done, a second person checks it")),
    "check_failed": ("in_progress", _("Sent back by the second person")),
}
_EVENT_FRAME = {
    "subject": _("Report %(code)s: %(headline)s"),
    "paragraph": "",
    "short": _("Report %(code)s (%(category)s): %(headline)s"),
    "push_title": "%(category)s · %(code)s",
    "push_body": "%(headline)s",
}
_ENDS = {REPORTER: _("See, answer, stop:"), FOLLOWER: _("See or stop:"), ASK: _("Yes:")}
_ASK = {
    "subject": _("Do you want to follow report %(code)s?"),
    "paragraph": _(
        "Somebody, probably you, asked us to write to this address when something happens to report %(code)s "
        "(%(category)s)."
    ),
    "note": _(
        "If it was not you, do nothing: you will hear no more of it, and the address is forgotten after "
        "seven days."
    ),
    "short": _("%(portal)s: do you want news of report %(code)s? If it was not you, do nothing."),
}
_CODE = {
    "subject": _("%(digits)s is your code for %(portal)s"),
    "paragraph": _("Type it on the page where you asked for it. It counts for %(minutes)s minutes and once."),
    "note": _(
        "Nobody from the city ever asks you for this code, neither by phone nor in a message. Give it to "
        "nobody."
    ),
    "short": _(
        "%(digits)s is your code for %(portal)s, valid for %(minutes)s minutes. Nobody from the city ever "
        "asks you for it: give it to nobody."
    ),
}


def event_key(event: Event, is_reporter: bool) -> str:
    """Which message tells of an event."""
    what = f"status-{event.to_status}" if event.kind == Event.Kind.STATUS else event.kind
    if event.data.get("checking"):
        what = "checking"
    elif event.data.get("reason_code") == "check_failed":
        what = "check_failed"
    return f"{REPORTER if is_reporter else FOLLOWER}-{what if what in _HEADLINES else OTHER}"


def parts(key: str) -> tuple[Part, ...]:
    """Raises KeyError for a key that is none."""
    if key in (ASK, CODE):
        return {ASK: ASK_PARTS, CODE: CODE_PARTS}[key]
    _split(key)
    return EVENT_PARTS


def standard(key: str, part: str) -> str:
    """The standard text of a part in the active language, with `{name}` fields. Raises KeyError."""
    if part == "short_end" and key != CODE:
        role = ASK if key == ASK else _split(key)[0]
        return f"{_ENDS[role]} {{link}}"
    if key in (ASK, CODE):
        text = {ASK: _ASK, CODE: _CODE}[key][part]
    elif part == "headline":
        role, what = _split(key)
        own, others = _HEADLINES[what]
        text = others if role == FOLLOWER and others is not None else own
    else:
        text = _EVENT_FRAME[part]
    return _PERCENT.sub(r"{\1}", str(text))


def _split(key: str) -> tuple[str, str]:
    role, _dash, what = key.partition("-")
    if role not in (REPORTER, FOLLOWER) or what not in _HEADLINES:
        raise KeyError(key)
    return role, what


def kind_of(key: str) -> tuple[str, str]:
    """The event kind and status that a message tells of; two empty texts for a message about no event."""
    if key in (ASK, CODE):
        return "", ""
    what = _split(key)[1]
    if what in _SPECIAL:
        return "status", _SPECIAL[what][0]
    return ("status", what.removeprefix("status-")) if what.startswith("status-") else (what, "")


def label(key: str) -> str:
    """What a message is about, for staff."""
    if key in (ASK, CODE):
        return str({ASK: _("“Was it you?” to a new address"), CODE: _("One-time code")}[key])
    if (what := _split(key)[1]) in _SPECIAL:
        return str(_SPECIAL[what][1])
    kind, status = kind_of(key)
    if status:
        return str(dict(Report.Status.choices)[status])
    return str(dict(Event.Kind.choices).get(kind) or _("Anything else"))


def keys() -> dict[str, list[str]]:
    """Every message that is ever sent, by who gets it: reporter, follower, and those about no event."""
    found: dict[str, list[str]] = {REPORTER: [], FOLLOWER: [], "": [ASK, CODE]}
    for what in _HEADLINES:
        for role in (REPORTER, FOLLOWER):
            if _is_told(what, role):
                found[role].append(f"{role}-{what}")
    return found


def _is_told(what: str, role: str) -> bool:
    if what == OTHER:
        return False
    kind, status = kind_of(f"{role}-{what}")
    told = audience.of_event(
        kind, actor_kind="staff", is_public=True, to_status=status, reason_code="severity"
    )
    return {REPORTER: audience.REPORTER, FOLLOWER: audience.SUPPORTER}[role] in told
