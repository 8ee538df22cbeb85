"""What of a report leaves the portal: the preview's picture, the sheet of paper, the map on it."""

import hashlib
import logging

from django.core.cache import cache
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from city import snapshot as city
from complaints import selectors, selectors_incident
from complaints.models import Photo
from complaints.services import cards
from complaints.web import access, clock_view, limits, share, story, story_words
from complaints.web.replies import private

logger = logging.getLogger(__name__)

_KEPT_FOR_S = 6 * 3600
_LOOK = 1  # raise it when the drawing changes, so that kept pictures are made anew
_MAP_SIZES = {"peta": (900, 460)}
_PRINTED_PHOTOS = 4


@require_safe
def report_card(request, code: str):
    """The picture of a link's preview; public reports only, drawn once per state and language."""
    report = selectors.by_code(code)
    if report is None or report.is_private:
        raise Http404
    facts = share.card_facts(selectors_incident.shown(report), timezone.now())
    return _picture(request, repr(facts), lambda: cards.card(facts))


@require_safe
def report_map(request, code: str):
    """The map around a report as a picture, for paper; of a private report for its reporter only."""
    report = access.get(request, code).report
    size = _MAP_SIZES["peta"]
    facts = f"map {report.latitude} {report.longitude} {size}"
    response = _picture(request, facts, lambda: cards.place_picture(report.latitude, report.longitude, size))
    return private(response) if report.is_private else response


def _picture(request, facts: str, draw) -> HttpResponse:
    """A kept picture, or a new one if this address has not asked for too many of them."""
    parts = (_LOOK, facts, city.current().version, translation.get_language())
    key = hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
    tag = f'"{key}"'
    unchanged = get_conditional_response(request, etag=tag)
    if unchanged is not None:
        return _headers(unchanged, tag)
    content = _kept(f"picture:{key}")
    if content is None:
        if limits.too_many(request, "picture"):
            return HttpResponse(status=429, headers={"Retry-After": str(limits.WINDOW_S)})
        content = draw()
        _keep(f"picture:{key}", content)
    return _headers(HttpResponse(content, content_type="image/png"), tag)


def _headers(response: HttpResponse, tag: str) -> HttpResponse:
    response["ETag"] = tag
    response["Cache-Control"] = "public, max-age=600"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _kept(key: str) -> bytes | None:
    try:
        return cache.get(key)
    except Exception:  # any cache back-end's own errors: the picture is drawn again
        logger.warning("picture not looked up: cache unavailable")
        return None


def _keep(key: str, content: bytes) -> None:
    try:
        cache.set(key, content, _KEPT_FOR_S)
    except Exception:  # as above
        logger.warning("picture not kept: cache unavailable")


@require_safe
def report_print(request, code: str):
    """One sheet A4. `?bentuk=poster` is the notice for the spot; `?untuk=saya` prints the reporter's own
    link, and only for who holds it: everybody else's sheet leads to the public page. Of a merged report it
    says where its incident stands, as the page does."""
    found = access.get(request, code)
    own, report = found.report, selectors_incident.shown(found.report)
    is_mine = found.is_reporter and request.GET.get("untuk") == "saya"
    is_poster = request.GET.get("bentuk") == "poster" and not report.is_private and not is_mine
    now = timezone.now()
    events = selectors_incident.timeline(own)
    photos = Photo.objects.filter(story.pictures_of(own), state=Photo.State.READY).order_by("id")
    context = {
        "report": report,
        "incident": selectors_incident.of_public(own),
        "category": city.current().categories_by_id.get(report.category_id),
        "place": story_words.place(report),
        "is_reporter": found.is_reporter,
        "is_mine": is_mine,
        "is_poster": is_poster,
        "secret": found.secret,
        "address": share.private_url(report) if is_mine else share.public_url(report),
        "public_url": share.public_url(report),
        "events": events,
        "clock": clock_view.view(report, events, now),
        "photos": _for_paper(list(photos)),
        "now": now,
        "qr_label": _("Code to scan: the page of this report"),
    }
    response = render(request, "complaints/report_print.html", context)
    return private(response) if found.is_reporter or found.secret else response


def _for_paper(photos: list[Photo]) -> list[Photo]:
    """So few that the sheet stays one: before and after first."""
    before = [photo for photo in photos if photo.kind == Photo.Kind.REPORT][:2]
    after = [photo for photo in photos if photo.kind == Photo.Kind.REPAIR][-2:]
    rest = [photo for photo in photos if photo.kind == Photo.Kind.COMMENT]
    return [*before, *after, *rest][:_PRINTED_PHOTOS]
