"""What the staff pages call things: severities, steps, cards, decisions."""

from datetime import datetime

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from complaints.domain import workflow
from complaints.web import story_words
from complaints.web import words as public_words
from dispatch.domain import casework

SEVERITY = {
    5: _("Danger to life"),
    4: _("Severe"),
    3: _("Moderate"),
    2: _("Minor"),
    1: _("Needs planning"),
}
# Where a report's state must fit into a column; the others are short already.
STATE_SHORT = {
    workflow.TRIAGE: _("At the desk"),
    workflow.ASSIGNED: _("At the department"),
    workflow.REFERRED: _("With its owner"),
}
STEP = {
    casework.DECIDE: _("Name the department"),
    casework.ACCEPT: _("Accept"),
    casework.START: _("Start the work"),
    casework.MAKE_SAFE: _("Made safe"),
    casework.SEVERITY: _("Change the severity"),
    casework.RECATEGORISE: _("Correct the kind"),
    casework.RELOCATE: _("Correct the place"),
    casework.RESOLVE: _("Resolved"),
    casework.WAIT: _("Wait for somebody"),
    casework.SCHEDULE: _("Schedule"),
    casework.NOT_OURS: _("Not ours"),
    casework.REJECT: _("Reject"),
    casework.TAKE: _("I take this one"),
    casework.ASSIGN: _("Name a handler or a crew"),
    casework.REPLY: _("Write to the citizen"),
    casework.NOTE: _("Internal note"),
}
_CONTINUE = _("Continue the work")
_AGAIN = _("Take up the work again")
STEP_HELP = {
    casework.DECIDE: _("The promise to the citizen starts anew, by the department's office hours."),
    casework.START: _("The citizen sees that the work has begun."),
    casework.MAKE_SAFE: _(
        "Signs, barriers, pumps: nobody can come to harm any more. The repair still follows."
    ),
    casework.SEVERITY: _("The promise moves with it. The citizen reads your reason."),
    casework.RECATEGORISE: _("The rules decide anew who is responsible and by when. The citizen sees it."),
    casework.RELOCATE: _(
        "Put the pin where the problem is. The rules decide anew who is responsible; "
        "the citizen reads your reason."
    ),
    casework.RESOLVE: _("The reporter is asked whether it is really fixed, and can reopen it."),
    casework.WAIT: _("The clock pauses. The citizen reads what you are waiting for, and since when."),
    casework.SCHEDULE: _(
        "For work that needs a budget. It stays open, with its date, on the public debt register."
    ),
    casework.NOT_OURS: _(
        "Name the right department if you know it; otherwise the complaints desk decides. "
        "The citizen reads your reason."
    ),
    casework.REJECT: _("The report ends here. The citizen reads your reason and can object."),
    casework.ASSIGN: _("The handler answers for the case; the crew goes out. Only staff see either."),
    casework.REPLY: _("Everybody can read this on the report's page."),
    casework.NOTE: _("Only staff can read this."),
}
STEP_DONE = {
    casework.DECIDE: _("The department has been named."),
    casework.ACCEPT: _("Accepted."),
    casework.START: _("The work has started."),
    casework.MAKE_SAFE: _("The place is marked as safe."),
    casework.SEVERITY: _("The severity was changed, and the promise with it."),
    casework.RECATEGORISE: _("The kind was corrected, and the rules have decided anew."),
    casework.RELOCATE: _("The place was corrected, and the rules have decided anew."),
    casework.RESOLVE: _("Resolved. The reporter has been asked to confirm."),
    casework.WAIT: _("The clock is paused."),
    casework.SCHEDULE: _("Scheduled."),
    casework.NOT_OURS: _("The report has been handed over."),
    casework.REJECT: _("Rejected."),
    casework.TAKE: _("You handle this report now."),
    casework.ASSIGN: _("The report is in their hands now."),
    casework.REPLY: _("Your answer is on the report's page."),
    casework.NOTE: _("Your note is kept."),
}
STEP_ICON = {
    casework.DECIDE: "send",
    casework.ACCEPT: "check",
    casework.START: "tools",
    casework.MAKE_SAFE: "shield",
    casework.SEVERITY: "warning",
    casework.RECATEGORISE: "list",
    casework.RELOCATE: "pin",
    casework.RESOLVE: "check-circle",
    casework.WAIT: "pause",
    casework.SCHEDULE: "calendar",
    casework.NOT_OURS: "handover",
    casework.REJECT: "x-circle",
    casework.TAKE: "hand",
    casework.ASSIGN: "user",
    casework.REPLY: "comment",
    casework.NOTE: "lock",
}
# Access keys (Alt+Shift+key in most browsers), the initial of the Indonesian word where it is free.
STEP_KEY = {
    casework.DECIDE: "d",
    casework.ACCEPT: "t",
    casework.START: "m",
    casework.RESOLVE: "s",
    casework.WAIT: "u",
    casework.SCHEDULE: "j",
    casework.NOT_OURS: "o",
    casework.REJECT: "x",
    casework.REPLY: "b",
    casework.NOTE: "c",
}
ESCALATION_CLOCK = {
    "acknowledge": _("the first answer"),
    "make_safe": _("making it safe"),
    "resolve": _("the repair"),
}
DIGEST = {
    "overdue": _("Overdue: %(count)d"),
    "today": _("Due today: %(count)d"),
    "planned": _("Planned work whose date has passed: %(count)d"),
    "reopened": _("Reopened by the reporter: %(count)d"),
    "new": _("New, not yet accepted: %(count)d"),
}
CARD = {
    "overdue": (_("Overdue"), _("Past the promise, and the clock runs"), "warning", "late"),
    "today": (_("Due today"), _("Promised before midnight"), "clock", "new"),
    "triage": (_("At the complaints desk"), _("Somebody must say who is responsible"), "user", "new"),
    "new": (_("New"), _("Not yet accepted by the department"), "inbox", "new"),
    "for_me": (_("Waiting for you"), _("Answers of reporters, and notes that name you"), "comment", "late"),
    "mine": (_("My cases"), _("You are named as handler"), "user", "working"),
    "in_progress": (_("In progress"), _("The work has begun"), "tools", "working"),
    "waiting": (_("Waiting"), _("The clock is paused"), "pause", "working"),
    "reopened": (_("Reopened"), _("The reporter says it is not fixed"), "reopen", "late"),
    "resolved": (
        _("Awaiting confirmation"),
        _("Resolved; the reporter has the word"),
        "check-circle",
        "done",
    ),
}
TRIAGE_REASON = {
    "no_rule": _("No routing rule fits."),
    "tie": _("Two rules fit equally well."),
    "rule_failed": _("A routing rule has a mistake."),
    "unknown_owner": _("The owner of the nearest road or waterway is not known."),
    "routing_failed": _("The routing failed again and again."),
    "by_hand": _("A department gave it back."),
    "ping_pong": _("It went from hand to hand; now the complaints desk decides."),
}


def step_label(step: str, report) -> str:
    """What the button says in the report's present state."""
    if step == casework.START and report.status in (workflow.WAITING, workflow.SCHEDULED):
        return str(_CONTINUE)
    if step == casework.START and report.status == workflow.RESOLVED:
        return str(_AGAIN)
    return str(STEP[step])


def reasons(decision) -> list[str]:
    """A decision's reasons in the reader's language."""
    is_english = (get_language() or "id").startswith("en")
    return (decision.reasons_en if is_english else decision.reasons) or decision.reasons


def escalation(row, now: datetime) -> str:
    """Which promise is (or is about to be) broken, and since when."""
    values = {"what": ESCALATION_CLOCK[row.clock], "span": public_words.span(now - row.due_at)}
    if row.due_at > now:
        return gettext("%(span)s left for %(what)s.") % values
    return gettext("%(span)s late with %(what)s.") % values


def is_late(report, now: datetime) -> bool:
    """A promise is broken: to resolve it, or, where nothing else is promised, to make the place safe."""
    return public_words.is_late(report, now) or story_words.is_unsafe(report, now)


def due(report, now: datetime) -> str:
    """How the report stands to its promise, in one sentence; empty when nothing is promised."""
    sentence = public_words.due(report, now)
    if sentence or not report.is_open or report.make_safe_due_at is None or report.made_safe_at is not None:
        return sentence
    if report.make_safe_due_at < now:
        span = public_words.span(now - report.make_safe_due_at)
        return gettext("Not made safe, %(span)s late.") % {"span": span}
    return gettext("%(span)s left to make it safe.") % {
        "span": public_words.span(report.make_safe_due_at - now)
    }
