"""Absolute addresses of a report, and what a shared link shows."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints import links
from complaints.domain import codes
from complaints.services.cards import CardFacts
from complaints.web import site, story_words, words


def absolute(path: str) -> str:
    """A path of ours as the world reaches it."""
    return settings.PUBLIC_BASE_URL.rstrip("/") + path


def public_url(report) -> str:
    return absolute(links.public_path(report))


def private_url(report) -> str:
    """With the secret: for the reporter alone."""
    return absolute(links.private_path(report))


@dataclass(frozen=True, slots=True)
class Share:
    """A public report as messengers show it."""

    url: str
    title: str
    description: str
    image: str
    text: str
    whatsapp: str


def of(report, now: datetime) -> Share | None:
    """None for a private report: nothing of it is for others."""
    if report.is_private:
        return None
    url = public_url(report)
    text = story_words.share_text(report, url)
    card = reverse("report_card", args=[report.code])
    return Share(
        url=url,
        title=story_words.title(report),
        description=story_words.standing(report, now),
        image=absolute(f"{card}?v={report.version}"),
        text=text,
        whatsapp="https://wa.me/?" + urlencode({"text": text}, quote_via=quote),
    )


def card_facts(report, now: datetime) -> CardFacts:
    """What the preview's picture says; the reader's language must be active."""
    return CardFacts(
        portal=site.current().title,
        code=codes.spoken(report.code),
        category=story_words.category_name(report),
        place=story_words.place(report),
        state=_state(report, now),
        look=story_words.look(report, now),
        department=story_words.department_name(report) or str(words.STATUS_MEANING["triage"]),
        promise=_promise(report, now),
        latitude=report.latitude,
        longitude=report.longitude,
    )


def _state(report, now: datetime) -> str:
    if words.is_late(report, now):
        return f"{words.status_name(report)} · {words.due(report, now).rstrip('.')}"
    if story_words.is_unsafe(report, now):
        late = _("%(span)s late") % {"span": words.span(now - report.make_safe_due_at)}
        return f"{words.status_name(report)} · {late}"
    return words.status_name(report)


def _promise(report, now: datetime) -> str:
    if report.is_open and report.due_at is None and report.make_safe_due_at and not report.made_safe_at:
        return _("Promised: made safe by %(moment)s") % {"moment": words.moment(report.make_safe_due_at)}
    if report.status in ("scheduled", "waiting") or not report.is_open or report.due_at is None:
        return words.due(report, now)
    return words.promised(report.due_at)
