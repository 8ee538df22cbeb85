"""What is written about an event, in the reader's language: one Message, which each channel renders."""

from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from city import snapshot as city
from complaints import links, message_links
from complaints.domain import message_token, privacy, workflow
from complaints.models import Event, Report, Subscription
from complaints.web import words as public_words
from dispatch.domain import audience
from dispatch.services import incident_words, message_texts
from dispatch.services import message_standards as standards
from dispatch.services.channels.base import Action, Message
from dispatch.services.message_texts import Book


def audience_of(event: Event) -> frozenset[str]:
    """The roles (complaints.Subscription.Role) that hear of an event."""
    return audience.of_event(
        event.kind,
        actor_kind=event.actor_kind,
        is_public=event.is_public,
        to_status=event.to_status,
        reason_code=event.data.get("reason_code", ""),
    )


def concerns_reporter(event: Event) -> bool:
    """Whether the reporter should hear of this event by a message."""
    return audience.REPORTER in audience_of(event)


def in_language(language: str):
    """A context in which texts are in a reader's language, or the portal's own if we do not speak it."""
    known = {code for code, _name in settings.LANGUAGES}
    return translation.override(language if language in known else settings.LANGUAGE_CODE)


def compose(
    report: Report,
    event: Event,
    language: str,
    subscription: Subscription | None = None,
    *,
    earlier: Sequence[Event] = (),
    texts: Book | None = None,
) -> Message:
    """The message about one event, with links that do one thing each for this subscription. `earlier` are
    events that waited with it and are told here as well, oldest first. `texts`: those in force unless given.

    The reporter's holds the private link: only for their own address. Anybody else's says nothing that is
    not public. Without a subscription it is the reporter's, and has no links of one tap.
    """
    is_reporter = subscription is None or subscription.role == Subscription.Role.REPORTER
    older = [incident_words.as_told(report, item) for item in earlier]
    report, event = incident_words.as_told(report, event)
    with in_language(language):
        texts = texts or message_texts.book(translation.get_language())
        key = standards.event_key(event, is_reporter)
        headline = _headline(texts, report, event, is_reporter)
        values = _values(report) | {"headline": headline}
        one_tap = _one_tap_links(report, event, subscription, is_reporter) if subscription else {}
        also = [_headline(texts, *told, is_reporter) for told in older]
        context = _context(report, event, headline, is_reporter) | {"one_tap": one_tap}
        context |= {
            "earlier": [_sentence(text) for text in also],
            "paragraph": texts.fill(key, "paragraph", values),
        }
        title, body = _notice(texts, key, report, event, values, also)
        return Message(
            kind="event",
            subject=" ".join(texts.fill(key, "subject", values).split())[:200],
            title=title,
            body=body,
            short=_short(texts, key, report, values),
            short_also="" if report.is_private else _before(also),
            short_tail=_tail(texts, key, values),
            language=translation.get_language(),
            url=one_tap.get("news", context["link"]),
            short_url=one_tap.get("short", ""),
            tag=report.code,
            unsubscribe_url=one_tap.get("stop", ""),
            actions=_actions(one_tap),
            context=context,
        )


def _values(report: Report) -> dict[str, str]:
    """What the fields of a text about a report stand for."""
    return {
        "code": report.spoken_code,
        "category": _local(report.category),
        "area": report.area.name,
        "department": _department(report),
        "portal": public_words.local(city.current().city, "title"),
    }


def _department(report: Report) -> str:
    department = report.department
    return (department.short_name or _local(department)) if department else _("the complaints desk")


def _tail(texts: Book, key: str, values: dict[str, str]) -> str:
    """What stands before the link, which the channel itself puts last."""
    return texts.fill(key, "short_end", values).removesuffix("{link}").rstrip()


def _one_tap_links(
    report: Report, event: Event, subscription: Subscription, is_reporter: bool
) -> dict[str, str]:
    subscription.report = report

    def token(purpose: str) -> str:
        return message_links.token_of(subscription, purpose, event.pk or 0)

    links_by_name = {
        "news": message_links.url(token(message_token.NEWS)),
        "short": message_links.short_url(token(message_token.NEWS)),
        "stop": message_links.url(token(message_token.STOP)),
    }
    if is_reporter and asks_confirmation(event):
        links_by_name["confirm"] = message_links.url(token(message_token.CONFIRM))
    if is_reporter and _may_be_reopened(event):
        links_by_name["reopen"] = message_links.url(token(message_token.REOPEN))
    return links_by_name


def asks_confirmation(event: Event) -> bool:
    """Whether the message asks the reporter "is it really fixed?"."""
    if event.to_status == workflow.RESOLVED:
        return not event.data.get("checking")  # they are asked once a second person has looked
    return event.kind in ("reminded", "checked")


def _may_be_reopened(event: Event) -> bool:
    return asks_confirmation(event) or event.to_status in workflow.REOPENABLE


def _actions(one_tap: dict[str, str]) -> tuple[Action, ...]:
    """Buttons of a notification. They open a page: nothing is decided by a tap in a list of notifications."""
    titles = {"confirm": _("Yes, it is fixed"), "reopen": _("No, it is not")}
    return tuple(Action(name, titles[name], one_tap[name]) for name in titles if name in one_tap)


def _context(report: Report, event: Event, headline: str, is_reporter: bool) -> dict:
    path = links.private_path(report) if is_reporter else links.public_path(report)
    is_own = is_reporter and event.report_id == report.pk  # else the words are about somebody else's report
    return {
        "report": report,
        "is_reporter": is_reporter,
        "code": report.spoken_code,
        "category": _local(report.category),
        "headline": headline,
        "words": event.text if is_own else privacy.mask(event.text),
        "details": _details(event, is_own),
        "reasons": _reasons(event),
        "promise": _promise(report),
        "incident": incident_words.note(report, event),
        "link": settings.PUBLIC_BASE_URL.rstrip("/") + path,
        "asks_confirmation": is_reporter and asks_confirmation(event),
        "portal": public_words.local(city.current().city, "title"),
        "language": translation.get_language(),
    }


def _notice(
    texts: Book, key: str, report: Report, event: Event, values: dict[str, str], also: list[str]
) -> tuple[str, str]:
    """Title and body of a notification; a locked screen shows them to whoever stands by. A private report's
    say the same whatever staff have written."""
    if report.is_private:
        return _("Your report %(code)s") % {"code": report.spoken_code}, _("There is news. Tap to read it.")
    body = _sentence(texts.fill(key, "push_body", values))
    if event.text:
        body = f"{body} {privacy.mask(event.text)}"
    body = f"{body} {_before(also)}"
    return texts.fill(key, "push_title", values), " ".join(body.split())


def _sentence(headline: str) -> str:
    return _ended(f"{headline[:1].upper()}{headline[1:]}")


def _ended(text: str) -> str:
    return text if text.endswith(("?", ".", "!")) else f"{text}."


def _before(also: list[str]) -> str:
    """What happened before that and is told only now, the latest first, in one sentence."""
    unlike = list(dict.fromkeys(reversed(also)))
    return _("Before that: %(what)s.") % {"what": "; ".join(unlike).rstrip(".")} if unlike else ""


def _short(texts: Book, key: str, report: Report, values: dict[str, str]) -> str:
    if report.is_private:
        return _("Report %(code)s: there is news.") % values
    return _ended(texts.fill(key, "short", values))


def _local(item) -> str:
    english = (translation.get_language() or "").startswith("en")
    return (item.name_en or item.name) if english else item.name


def _headline(texts: Book, report: Report, event: Event, is_reporter: bool) -> str:
    key = standards.event_key(event, is_reporter)
    values = {
        "department": _department(report),
        "portal": public_words.local(city.current().city, "title"),
        "what": public_words.event(event).rstrip("."),
    }
    return texts.fill(key, "headline", values)


def _details(event: Event, is_reporter: bool) -> list[str]:
    details = []
    if event.data.get("waiting_reason"):
        details.append(_("Waiting for: %(reason)s") % {"reason": event.data["waiting_reason"]})
    if event.data.get("scheduled_for"):
        day = timezone.datetime.fromisoformat(event.data["scheduled_for"])
        details.append(_("Planned for %(date)s.") % {"date": date_format(day, "j F Y")})
    if event.data.get("closes_at"):
        day = timezone.localtime(timezone.datetime.fromisoformat(event.data["closes_at"]))
        details.append(
            _("Without an answer it is closed on %(date)s, and counted as unconfirmed.")
            % {"date": date_format(day, "j F Y")}
        )
    if event.to_status == workflow.REJECTED and event.data.get("reason_code") in public_words.REJECTION:
        details.append(str(public_words.REJECTION[event.data["reason_code"]]))
    return details if is_reporter else [privacy.mask(detail) for detail in details]


def _reasons(event: Event) -> list[str]:
    english = (translation.get_language() or "").startswith("en")
    return (event.data.get("reasons_en") if english else None) or event.data.get("reasons") or []


def _promise(report: Report) -> str:
    paused = report.status in (workflow.WAITING, workflow.SCHEDULED)
    if not report.is_open or paused or report.due_at is None:
        return ""
    due = timezone.localtime(report.due_at)
    return _("Promised by %(date)s.") % {"date": date_format(due, "l, j F Y, H:i")}
