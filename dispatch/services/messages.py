"""What is written to a reporter about an event: subject and body, in the reporter's language."""

from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from complaints import links
from complaints.domain import workflow
from complaints.models import Event, Report

# Events the reporter hears about. Their own actions are not among them.
_TOLD = {Event.Kind.ROUTED, Event.Kind.TRIAGED, Event.Kind.HANDED_OVER, Event.Kind.ACKNOWLEDGED}
_PROMISE_REASONS_TOLD = {"severity", "calendar"}  # the others come with a message of their own


@dataclass(frozen=True, slots=True)
class Message:
    subject: str
    text: str
    html: str


def concerns_reporter(event: Event) -> bool:
    """Whether the reporter should hear of this event by a message."""
    if not event.is_public or event.actor_kind == Event.ActorKind.REPORTER:
        return False
    if event.kind == Event.Kind.COMMENT:
        return event.actor_kind == Event.ActorKind.STAFF
    if event.kind == Event.Kind.STATUS:
        return event.data.get("reason_code") != "reporter_answered"
    if event.kind == Event.Kind.PROMISE:
        return event.data.get("reason_code") in _PROMISE_REASONS_TOLD
    return event.kind in _TOLD


def compose(report: Report, event: Event, language: str) -> Message:
    """The message about one event. Contains the private link: only for the reporter's own address."""
    known = {code for code, _name in settings.LANGUAGES}
    with translation.override(language if language in known else settings.LANGUAGE_CODE):
        link = settings.PUBLIC_BASE_URL.rstrip("/") + links.private_path(report)
        headline = _headline(report, event)
        context = {
            "report": report,
            "code": report.spoken_code,
            "category": _local(report.category),
            "headline": headline,
            "words": event.text,
            "details": _details(event),
            "reasons": _reasons(event),
            "promise": _promise(report),
            "link": link,
            "asks_confirmation": event.to_status == workflow.RESOLVED,
            "language": translation.get_language(),
        }
        subject = _("Report %(code)s: %(headline)s") % {"code": report.spoken_code, "headline": headline}
        return Message(
            subject=" ".join(subject.split())[:200],
            text=render_to_string("dispatch/mail/event.txt", context),
            html=render_to_string("dispatch/mail/event.html", context),
        )


def _local(item) -> str:
    english = (translation.get_language() or "").startswith("en")
    return (item.name_en or item.name) if english else item.name


def _headline(report: Report, event: Event) -> str:
    department = report.department
    name = (department.short_name or _local(department)) if department else _("the complaints desk")
    names = {"department": name}
    if event.kind == Event.Kind.STATUS:
        return _status_headline(event.to_status) % names
    sentences = {
        Event.Kind.ROUTED: _("sent to %(department)s"),
        Event.Kind.TRIAGED: _("with the complaints desk, where a person decides who is responsible"),
        Event.Kind.HANDED_OVER: _("handed over to %(department)s"),
        Event.Kind.ACKNOWLEDGED: _("accepted by %(department)s"),
        Event.Kind.PROMISE: _("the promised date has changed"),
        Event.Kind.COMMENT: _("%(department)s has written to you"),
    }
    return sentences[event.kind] % names


def _status_headline(status: str) -> str:
    return {
        workflow.TRIAGE: _("with the complaints desk, where a person decides who is responsible"),
        workflow.ASSIGNED: _("sent to %(department)s"),
        workflow.IN_PROGRESS: _("%(department)s has started to work on it"),
        workflow.WAITING: _("the work is paused"),
        workflow.SCHEDULED: _("planned, once the budget is there"),
        workflow.REFERRED: _("referred to %(department)s"),
        workflow.RESOLVED: _("%(department)s says it is done – is it?"),
        workflow.CLOSED: _("closed, because we heard no objection for ten days"),
        workflow.REJECTED: _("not accepted"),
        workflow.REOPENED: _("opened again"),
    }.get(status, _("there is news"))


def _details(event: Event) -> list[str]:
    details = []
    if event.data.get("waiting_reason"):
        details.append(_("Waiting for: %(reason)s") % {"reason": event.data["waiting_reason"]})
    if event.data.get("scheduled_for"):
        day = timezone.datetime.fromisoformat(event.data["scheduled_for"])
        details.append(_("Planned for %(date)s.") % {"date": date_format(day, "j F Y")})
    return details


def _reasons(event: Event) -> list[str]:
    english = (translation.get_language() or "").startswith("en")
    return (event.data.get("reasons_en") if english else None) or event.data.get("reasons") or []


def _promise(report: Report) -> str:
    paused = report.status in (workflow.WAITING, workflow.SCHEDULED)
    if not report.is_open or paused or report.due_at is None:
        return ""
    due = timezone.localtime(report.due_at)
    return _("Promised by %(date)s.") % {"date": date_format(due, "l, j F Y, H:i")}
