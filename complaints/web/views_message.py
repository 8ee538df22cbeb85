"""Links in messages: one screen that says what happened, and one big button.

Opening a link never changes anything: mail scanners and previews open every link they see. The button sends
a POST that needs no cookie, as the programs that show mail often keep none. It needs no CSRF token either:
nobody is signed in here, the unguessable address is all the authority there is, and a foreign page cannot
know it. The same makes one-click unsubscribing work (RFC 8058).
"""

import uuid
from datetime import timedelta

from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from city import snapshot as city
from complaints import errors, links, message_links, selectors_incident
from complaints.domain import message_token, workflow
from complaints.domain.privacy import hint
from complaints.message_links import OpenedLink
from complaints.models import Event, Merge, Photo, Report, StagedPhoto, Subscription
from complaints.services import conversation, subscriptions, verdicts
from complaints.web import limits, uploads
from complaints.web.replies import private

# Longer than a report can be reopened; the page says what to do instead.
LINK_LIVES = timedelta(days=90)
_TEMPLATE = "complaints/message_link.html"
_REPORTERS_ALONE = frozenset({message_token.CONFIRM, message_token.REOPEN})


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def message_link(request, token: str):
    """What a message's link leads to, in the language of the message."""
    link = message_links.opened(token)
    if link is None:
        return private(render(request, _TEMPLATE, {"view": "unknown"}, status=404))
    language = request.COOKIES.get("bahasa") or link.subscription.language
    with translation.override(language if language in ("id", "en") else "id"):
        response = _answer(request, link)
        response["Content-Language"] = translation.get_language()
    if response.status_code == 429:
        response["Retry-After"] = str(limits.WINDOW_S)
    return private(response)


def _answer(request, link: OpenedLink):
    report = link.subscription.report
    if link.purpose == message_token.STOP:
        return _stop(request, link)
    if not _is_reporter(link) and (report.is_private or link.purpose in _REPORTERS_ALONE):
        return render(request, _TEMPLATE, {"view": "unknown"}, status=404)
    if link.purpose == message_token.OPT_IN:
        return _opt_in(request, link)
    event = _event(report, link.event_id)
    if event is None or timezone.now() - event.at > LINK_LIVES:
        return _page(request, link, "expired", status=410)
    if link.purpose == message_token.CONFIRM:
        return _confirm(request, link, event)
    if link.purpose == message_token.REOPEN:
        return _reopen(request, link, event)
    return _page(request, link, "news", event=event)


def _event(report: Report, event_id: int) -> Event | None:
    """The public event of the report, or of one that carried its work; of a private one, without words."""
    event = Event.objects.select_related("department", "report").filter(pk=event_id, is_public=True).first()
    if event is None or event.report_id == report.pk:
        return event
    if not Merge.objects.filter(report=report, primary_id=event.report_id).exists():
        return None
    return selectors_incident.bare(event) if event.report.is_private else event


def _is_reporter(link: OpenedLink) -> bool:
    return link.subscription.role == Subscription.Role.REPORTER


def _page(request, link: OpenedLink, view: str, *, status: int = 200, **extra):
    report, event_id = selectors_incident.shown(link.subscription.report), link.event_id
    path = (
        links.private_path(report) if _is_reporter(link) and view != "expired" else links.public_path(report)
    )
    opens = _is_reporter(link) and view != "expired"
    context = {
        "view": view,
        "report": report,
        "category": city.current().categories_by_id.get(report.category_id),
        "is_reporter": _is_reporter(link),
        "path": path if opens or not report.is_private else "",
        "secret": links.secret_of(report) if opens else "",
        "can_confirm": opens and report.status in workflow.AWAITING_CONFIRMATION,
        "can_reopen": opens and _can_reopen(report),
        "tokens": {
            purpose: message_links.path(message_links.token_of(link.subscription, purpose, event_id))
            for purpose in (message_token.STOP, *(_REPORTERS_ALONE if opens else ()))
        },
        "here": message_links.path(link.token),
        "address": hint(link.subscription.address, link.subscription.channel),
        "channel": link.subscription.get_channel_display(),
        "photos_key": uuid.uuid4(),
        "errors": {},
        **extra,
    }
    if view in ("news", "confirm", "reopen") and event_id:
        context |= _what_happened(report, event_id)
    return render(request, _TEMPLATE, context, status=status)


def _what_happened(report, event_id: int) -> dict:
    event = _event(report, event_id)
    work = selectors_incident.primary_of(report) or report
    later = Event.objects.filter(report=work, is_public=True, pk__gt=event_id)
    repaired = report if work.is_private else work
    repairs = Photo.objects.filter(report=repaired, kind=Photo.Kind.REPAIR).exclude(state=Photo.State.REFUSED)
    return {
        "event": event,
        "is_older": later.exclude(from_status="", to_status="").exists(),
        "photos_after": list(repairs.order_by("-id")[:2]) if report.status == workflow.RESOLVED else [],
    }


def _can_reopen(report) -> bool:
    days = timedelta(days=workflow.REOPEN_WITHIN_DAYS)
    return report.status in workflow.REOPENABLE and timezone.now() - report.status_since < days


def _again(link: OpenedLink):
    """Back to the same address by GET, so that reloading repeats nothing."""
    response = redirect(message_links.path(link.token))
    response.status_code = 303
    return response


def _too_many(request) -> dict[str, str]:
    """A fault of the words if this browser sent too much; `wait` makes the answer 429."""
    if not limits.too_many(request, "act"):
        return {}
    return {"text": _("Too many at once. Please wait a few minutes."), "wait": "1"}


def _status_of(faults: dict[str, str]) -> int:
    if "wait" in faults:
        return 429
    return 422 if faults else 200


def _confirm(request, link: OpenedLink, event: Event):
    """ "Yes, it is fixed": closes the report; then stars and a sentence, once, if they like."""
    report = link.subscription.report
    faults = {}
    if request.method == "POST":
        faults = _too_many(request)
        if not faults:
            faults = _try(lambda: _confirm_or_rate(request, report.pk))
        if not faults:
            return _again(link)
        report.refresh_from_db()
    return _page(
        request,
        link,
        "confirm",
        status=_status_of(faults),
        may_rate=verdicts.may_rate(selectors_incident.shown(report)),
        errors=faults,
        typed={name: request.POST.get(name, "") for name in ("text", "rating")},
    )


def _confirm_or_rate(request, report_id: int) -> None:
    now = timezone.now()
    if request.POST.get("action") != "rate":
        conversation.confirm_fixed(report_id, now=now)
        return
    rating = request.POST.get("rating", "")
    stars = int(rating) if rating.isascii() and rating.isdigit() and len(rating) < 3 else None
    verdicts.rate(report_id, now=now, rating=stars, message=request.POST.get("text", ""))


def _try(act) -> dict:
    """Do it; what was wrong by field, or nothing."""
    try:
        act()
    except errors.InvalidReport as invalid:
        return {field: message for field, (_code, message) in invalid.errors.items()}
    except errors.DomainError as refused:
        return {"text": refused.message}
    return {}


def _reopen(request, link: OpenedLink, event: Event):
    """ "It is not fixed": words are needed, photos help; what was written and sent is kept meanwhile."""
    report = link.subscription.report
    if request.method != "POST":
        return _page(request, link, "reopen")
    key = uploads.key_of(request)
    faults = _too_many(request)
    if refused := uploads.stage(request, key):
        faults["photos"] = " ".join(str(fault.message) for fault in refused)
    taken = tuple(StagedPhoto.objects.filter(draft_key=key).values_list("uuid", flat=True))
    if not faults:
        words = request.POST.get("text", "")
        faults = _try(
            lambda: conversation.reopen(report.pk, words, now=timezone.now(), photos=taken, photos_key=key)
        )
    if not faults:
        return _again(link)
    report.refresh_from_db()
    kept = {
        "photos_key": key,
        "staged": taken,
        "typed": {"text": request.POST.get("text", "")},
        "errors": faults,
    }
    return _page(request, link, "reopen", status=_status_of(faults), **kept)


def _stop(request, link: OpenedLink):
    """No more messages, or messages again. A mail program's one-click POST gets its answer here as well, so
    there is no redirect (RFC 8058, 3.2)."""
    if request.method == "POST":
        if "resume" in request.POST:
            subscriptions.resume(link.subscription.pk)
        else:
            subscriptions.stop(link.subscription.pk, now=timezone.now())
        link.subscription.refresh_from_db()
    return _page(request, link, "stop", is_stopped=link.subscription.stopped_at is not None)


def _opt_in(request, link: OpenedLink):
    """ "Was it you?" The answer to the first message an address gets."""
    found = link.subscription
    if request.method == "POST":
        if request.POST.get("action") == "no":
            subscriptions.stop(found.pk, now=timezone.now())
        else:
            subscriptions.confirm(found.pk, now=timezone.now())
        found.refresh_from_db()
    is_stopped = found.stopped_at is not None
    return _page(
        request,
        link,
        "opt_in",
        is_following=found.confirmed_at is not None and not is_stopped,
        has_refused=found.confirmed_at is None and is_stopped,
        stop_path=message_links.path(message_links.token_of(found, message_token.STOP)),
    )
