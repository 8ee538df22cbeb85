"""Putting codes and times into words: states, due times, timeline events."""

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from city import snapshot as city
from complaints.domain import workflow
from complaints.services.place_words import distance as distance
from complaints.web import incident_words

STATUS_ICON = {
    workflow.RECEIVED: "inbox",
    workflow.TRIAGE: "user",
    workflow.ASSIGNED: "send",
    workflow.IN_PROGRESS: "tools",
    workflow.WAITING: "pause",
    workflow.SCHEDULED: "calendar",
    workflow.REFERRED: "handover",
    workflow.RESOLVED: "check-circle",
    workflow.CLOSED: "shield",
    workflow.REJECTED: "x-circle",
    workflow.REOPENED: "reopen",
}
STATE_NAME = {
    "new": gettext_lazy("New"),
    "working": gettext_lazy("Being worked on"),
    "scheduled": gettext_lazy("Waits for budget"),
    "done": gettext_lazy("Resolved"),
    "rejected": gettext_lazy("Rejected"),
}
STATE_ICON = {
    "new": "inbox",
    "working": "tools",
    "scheduled": "calendar",
    "done": "check-circle",
    "rejected": "x-circle",
}
STATUS_MEANING = {
    workflow.RECEIVED: gettext_lazy("We have your report. It is being passed to the responsible office."),
    workflow.TRIAGE: gettext_lazy("A person at the complaints desk decides who is responsible."),
    workflow.ASSIGNED: gettext_lazy("The responsible office has the report."),
    workflow.IN_PROGRESS: gettext_lazy("The office is working on it."),
    workflow.WAITING: gettext_lazy("The work pauses until somebody else has done their part."),
    workflow.SCHEDULED: gettext_lazy(
        "It needs a budget first. It stays on the public debt register until it is done."
    ),
    workflow.REFERRED: gettext_lazy(
        "This belongs to an owner outside the city. The report is with them and stays open here."
    ),
    workflow.RESOLVED: gettext_lazy("The office says it is done. The reporter has the last word."),
    workflow.CLOSED: gettext_lazy("Done, and the reporter confirmed it."),
    workflow.REJECTED: gettext_lazy("The report was not accepted; the reason stands in the story below."),
    workflow.REOPENED: gettext_lazy("The reporter says it is not fixed. The office must act again."),
}
CHECKING = gettext_lazy("Resolved, being checked")
CHECKING_MEANING = gettext_lazy(
    "The office says it is done. A second person is checking the proof; "
    "the reporter’s ten days begin after that."
)
UNCONFIRMED = gettext_lazy("Closed without the reporter’s confirmation")
# The same, where something else than the status says how the report ended.
UNCONFIRMED_MEANING = gettext_lazy(
    "Closed as unconfirmed: the office says it is done, and the reporter did not answer for ten days."
)
REJECTION = {
    "duplicate": gettext_lazy("The same problem was already reported."),
    "not_a_problem": gettext_lazy("What was described is not a problem the city can fix."),
    "cannot_find": gettext_lazy("The problem could not be found at this place."),
    "abuse": gettext_lazy("The report breaks the rules of decent speech."),
    "private_property": gettext_lazy("The problem lies on private ground."),
    "withdrawn": gettext_lazy("The reporter withdrew the report."),
}
EVENT_ICON = {
    "submitted": "inbox",
    "routed": "send",
    "triaged": "user",
    "acknowledged": "check",
    "handed_over": "handover",
    "promise": "clock",
    "severity": "warning",
    "place": "pin",
    "comment": "comment",
    "photo": "camera",
    "supported": "people",
    "made_safe": "shield",
    "escalated": "warning",
    "referral": "mail",
    "checked": "shield",
    "confirmed": "shield",
    "reopened": "reopen",
    "edited": "comment",
    "withdrawn": "x-circle",
    "erased": "eye-off",
    "reminded": "clock",
    "merged": "people",
    "unmerged": "handover",
    "burst": "warning",
    "undone": "reopen",
    "tagged": "list",
}
# What a reporter can change, as it stands after "The reporter changed:".
EDITED_FIELD = {
    "description": gettext_lazy("the description"),
    "street": gettext_lazy("the street"),
    "answers": gettext_lazy("the answers"),
    "photos": gettext_lazy("the photos"),
    "is_anonymous": gettext_lazy("whether the name is shown"),
    "is_private": gettext_lazy("whether the report is private"),
    "contact": gettext_lazy("the contact"),
}


def status_meaning(report) -> str:
    """What the state means for a citizen, in one sentence."""
    if report.status == workflow.CLOSED and report.closure == "unconfirmed":
        return str(UNCONFIRMED_MEANING)
    if report.checking_since is not None:
        return str(CHECKING_MEANING)
    return str(STATUS_MEANING[report.status])


def is_unconfirmed(report) -> bool:
    """Closed by silence: never to be told as done and confirmed."""
    return report.status == workflow.CLOSED and report.closure != "confirmed"


def status_name(report) -> str:
    """The status as a word; a closed report says whether its reporter confirmed it."""
    if report.checking_since is not None:
        return str(CHECKING)
    return str(UNCONFIRMED) if is_unconfirmed(report) else str(report.get_status_display())


def local(item, attribute: str = "name") -> str:
    """`name` or, in English, `name_en` if there is one."""
    if (get_language() or "id").startswith("en"):
        return getattr(item, f"{attribute}_en", "") or getattr(item, attribute)
    return getattr(item, attribute)


def moment(at: datetime) -> str:
    """A weekday, a date and a time of the city, e.g. `Selasa, 3 Maret 2026, 14.05`."""
    at = timezone.localtime(at)
    clock = at.strftime("%H.%M" if (get_language() or "id").startswith("id") else "%H:%M")
    return f"{date_format(at, 'l, j F Y')}, {clock}"


def span(delta: timedelta) -> str:
    """A duration as a person says it: minutes below two hours, hours below two days, then days."""
    minutes = max(1, round(abs(delta).total_seconds() / 60))
    if minutes < 120:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    hours = round(minutes / 60)
    if hours < 48:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    days = round(hours / 24)
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}


def hours(number: float | None) -> str:
    """A median in hours as a person says it; empty for None."""
    if number is None:
        return ""
    if number < 1:
        return _("less than an hour")
    return span(timedelta(hours=number))


def ago(at: datetime, now: datetime) -> str:
    """`3 hours ago`; a date when it is more than thirty days."""
    if now - at > timedelta(days=30):
        return date_format(timezone.localtime(at), "j F Y")
    return _("%(span)s ago") % {"span": span(now - at)}


def due(report, now: datetime) -> str:
    """How the report stands to its promise, in one sentence; empty when nothing is promised."""
    if report.status == workflow.SCHEDULED and report.scheduled_for:
        return _("Planned for %(date)s.") % {"date": date_format(report.scheduled_for, "j F Y")}
    if report.status == workflow.WAITING:
        return _("The clock has been paused for %(span)s.") % {"span": span(now - report.status_since)}
    if report.due_at is None:
        return ""
    if report.resolved_at is not None:
        return _resolved(report)
    if not report.is_open:
        return ""
    if report.due_at < now:
        return _("%(span)s late.") % {"span": span(now - report.due_at)}
    return _("%(span)s left.") % {"span": span(report.due_at - now)}


def promised(due_at: datetime) -> str:
    """The promise as a line of its own."""
    return _("Promised: resolved by %(moment)s") % {"moment": moment(due_at)}


def due_fact(report, now: datetime) -> tuple[str, str] | None:
    """The same as a label and a value, for lists of facts; None when nothing is promised."""
    sentence = due(report, now)
    if not sentence:
        return None
    if report.status == workflow.SCHEDULED:
        return _("Planned for"), date_format(report.scheduled_for, "j F Y")
    if report.status == workflow.WAITING:
        return _("Paused for"), span(now - report.status_since)
    if report.resolved_at is not None:
        return _("Result"), sentence.rstrip(".")
    label = _("Late by") if report.due_at < now else _("Time left")
    return label, span(report.due_at - now)


def _resolved(report) -> str:
    if report.resolved_at <= report.due_at:
        return _("Done in time, %(span)s after the report.") % {
            "span": span(report.resolved_at - report.created_at)
        }
    return _("Done %(span)s late.") % {"span": span(report.resolved_at - report.due_at)}


def is_late(report, now: datetime) -> bool:
    """Open, promised, not paused, and past the promise."""
    paused = report.status in (workflow.WAITING, workflow.SCHEDULED)
    return report.is_open and not paused and report.due_at is not None and report.due_at < now


def event(item) -> str:
    """One timeline event as a sentence. `item` is a complaints.models.Event with its department."""
    names = {"department": _department(item)}
    if item.kind == "status":
        return _status_event(item, names)
    sentences = {
        "submitted": _("The report was received."),
        "routed": _("Sent to %(department)s."),
        "triaged": _("Given to the complaints desk, where a person decides who is responsible."),
        "acknowledged": _("%(department)s accepted the report."),
        "handed_over": _("Handed over to %(department)s.")
        if item.data.get("to_department_id")
        else _("Given back to the complaints desk, where a person decides who is responsible."),
        "severity": _("The urgency was changed."),
        "category": _("Its kind was corrected."),
        "place": _("Its place was corrected."),
        "made_safe": _("%(department)s has made the place safe; the repair follows."),
        "escalated": _escalated(item),
        "referral": _referral(item),
        "photo": _("Photos were added."),
        "supported": _("Somebody else is affected too."),
        "checked": _("A second person checked the proof of the repair: it stands."),
        "confirmed": _("The reporter confirmed: it is fixed."),
        "reopened": _("The reporter says it is not fixed."),
        "withdrawn": _("The reporter took the report back."),
        "erased": _("The reporter's personal data was erased at their request."),
        "reminded": _("The reporter was asked once more whether it is fixed."),
        "burst": _("Many reports tell of the same thing; the people on duty were told."),
        "undone": _("%(department)s took its last step back; the report stands as it did before."),
    }
    if item.kind in ("merged", "unmerged"):
        return incident_words.event(item)
    if item.data.get("from_report_id"):
        return incident_words.voice(item)
    if item.kind == "edited":
        return _edited_event(item)
    if item.kind == "promise":
        return _promise_event(item)
    if item.kind == "comment":
        return _comment_event(item, names)
    return sentences.get(item.kind, item.get_kind_display()) % names


def _referral(item) -> str:
    """How the owner outside the city heard of it."""
    key = (item.data.get("what"), item.data.get("channel"))
    if key[0] == "news" and not item.text:
        names = {"department": _department(item), "status": item.data.get("their_status", "")}
        return _("%(department)s has set it to “%(status)s”.") % names
    sentence = {
        ("sent", "email"): _("The city wrote to %(department)s by e-mail."),
        ("sent", "letter"): _("The city wrote a letter to %(department)s."),
        ("asked", "email"): _("The city asked %(department)s again."),
        ("asked", "letter"): _("The city asked %(department)s again."),
        ("asked", "open311"): _("The city asked %(department)s again."),
        ("sent", "open311"): _("The city entered it into the system of %(department)s."),
        ("taken", "open311"): _("%(department)s has given it a number."),
        ("news", "open311"): _("%(department)s writes:"),
        ("done", "open311"): _("%(department)s says it is done. The city checks that first."),
        ("declined", "open311"): _("%(department)s says it will not do it. The city looks into that."),
    }.get(key, _("Passed on to %(department)s."))
    return sentence % {"department": _department(item)}


def _escalated(item) -> str:
    """Who has been told that a promise is (nearly) broken."""
    return {
        "handler": _("The handler was reminded of the promise."),
        "section_head": _("The head of the section was told that it is late."),
        "department_head": _("The head of the department was told that it is late."),
        "p3m": _("The city’s complaints desk was told that it is late."),
    }.get(item.data.get("target", ""), _("Somebody was told that it is late."))


def _department(item) -> str:
    """The department the event is about: the one the report went to, else the one that acted."""
    department = item.department
    if item.kind in ("routed", "handed_over"):
        department = city.current().departments_by_id.get(item.data.get("to_department_id")) or department
    return local(department) if department else _("The office")


def _edited_event(item) -> str:
    names = [str(EDITED_FIELD[name]) for name in item.data.get("fields", ()) if name in EDITED_FIELD]
    return _("The reporter changed: %(fields)s.") % {"fields": ", ".join(names)}


def _comment_event(item, names: dict) -> str:
    if item.actor_kind == "staff":
        return _("%(department)s writes:") % names
    if item.actor_kind == "reporter":
        return _("The reporter writes:")
    return _("Somebody else who is affected adds:")


def _status_event(item, names: dict) -> str:
    sentences = {
        workflow.IN_PROGRESS: _("%(department)s started to work on it."),
        workflow.WAITING: _("Paused by %(department)s."),
        workflow.SCHEDULED: _("%(department)s put it on the plan; it needs a budget first."),
        workflow.RESOLVED: _("%(department)s says it is done."),
        workflow.REJECTED: _("Not accepted by %(department)s."),
        workflow.TRIAGE: _("Given back to the complaints desk."),
        workflow.REFERRED: _("Referred to an owner outside the city."),
        workflow.ASSIGNED: _("Given to %(department)s."),
    }
    if item.to_status == workflow.CLOSED:
        return _("Closed as unconfirmed: ten days passed without an answer.")
    if item.data.get("reason_code") == "reporter_answered":
        return _("The reporter answered; the work goes on.")
    if item.data.get("reason_code") == "check_failed":
        return _("A second person checked the proof of the repair and sent it back; the work goes on.")
    if item.data.get("checking"):
        return _("%(department)s says it is done; a second person checks the proof.") % names
    return sentences.get(item.to_status, item.get_kind_display()) % names


def _promise_event(item) -> str:
    why = {
        "paused": _("because the work was paused"),
        "reopened": _("because the report was opened again"),
        "severity": _("because the urgency changed"),
        "category": _("because its kind was corrected"),
        "place": _("because its place was corrected"),
        "calendar": _("because the office hours changed"),
    }.get(item.data.get("reason_code", ""), "")
    due_at = item.data.get("due_at")
    if not due_at:
        return _("The promise was lifted %(why)s.") % {"why": why}
    return _("The promise is now %(moment)s, %(why)s.") % {
        "moment": moment(datetime.fromisoformat(due_at)),
        "why": why,
    }


def event_details(item) -> list[str]:
    """What else an event says: the pause's reason, the planned date, why it was sent there."""
    data = item.data
    lines = []
    if data.get("waiting_reason"):
        lines.append(_("Waiting for: %(reason)s") % {"reason": data["waiting_reason"]})
    if data.get("scheduled_for"):
        day = datetime.fromisoformat(data["scheduled_for"])
        lines.append(_("Planned for %(date)s.") % {"date": date_format(day, "j F Y")})
    if data.get("closes_at"):
        closes_at = datetime.fromisoformat(data["closes_at"])
        lines.append(
            _("Without an answer it closes as unconfirmed on %(moment)s.") % {"moment": moment(closes_at)}
        )
    if data.get("check_back_on") and data.get("what") in ("sent", "asked"):
        day = date.fromisoformat(data["check_back_on"])
        lines.append(_("The city asks again on %(date)s.") % {"date": date_format(day, "j F Y")})
    if data.get("reference") and data.get("what") in ("sent", "asked", "taken"):
        lines.append(_("Their number: %(number)s") % {"number": data["reference"]})
    if item.kind == "status" and item.to_status == workflow.REJECTED and data.get("reason_code") in REJECTION:
        lines.append(str(REJECTION[data["reason_code"]]))
    return lines


def event_reasons(item) -> list[str]:
    """The routing reasons dispatch stored with the event, in the reader's language."""
    key = "reasons_en" if (get_language() or "id").startswith("en") else "reasons"
    reasons = item.data.get(key) or item.data.get("reasons") or []
    return [str(reason) for reason in reasons if reason]
