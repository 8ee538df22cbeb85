"""The feeds' addresses: small, kept for a minute, answered with "unchanged" wherever that is true."""

import hashlib
import logging

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from city import snapshot as city
from complaints import selectors
from complaints.web import feeds, share, words

logger = logging.getLogger(__name__)

_KEPT_FOR_S = 60


@require_safe
def feed_report(request, code: str):
    """One public report's steps. A private report has no feed: readers keep and pass on what they fetch."""
    report = selectors.by_code(code)
    if report is None or report.is_private:
        raise Http404
    with _language(request):
        path = _path(request)
        return _answer(
            request,
            f"feed:report:{report.pk}:{report.version}:{path}",
            lambda: feeds.of_report(report, path, timezone.now()),
        )


@require_safe
def feed_area(request, code: str):
    """The reports of a kelurahan or a kecamatan."""
    area = city.current().areas.get(code)
    ids = feeds.area_ids(code)
    if area is None or not ids:
        raise Http404
    with _language(request):
        title = _("Reports in %(area)s") % {"area": area.name}
        return _reports(request, title, {"area_id__in": ids}, f"wilayah={code}")


@require_safe
def feed_category(request, code: str):
    """The reports of a kind of problem or of a group of kinds."""
    category = city.current().categories.get(code)
    ids = feeds.category_ids(code)
    if category is None or not ids:
        raise Http404
    with _language(request):
        title = _("Reports: %(category)s") % {"category": words.local(category)}
        return _reports(request, title, {"category_id__in": ids}, f"kategori={code}")


def _reports(request, title: str, where: dict, query: str):
    path = _path(request)
    link = share.absolute(f"{reverse('report_list')}?{query}")
    return _answer(
        request,
        f"feed:list:{path}",
        lambda: feeds.of_reports(feeds.newest(**where), title, link, path, timezone.now()),
    )


def _language(request):
    """The language asked for with `?bahasa=`, else the reader's own: feed readers have no cookies."""
    asked = request.GET.get("bahasa", "")
    known = asked in dict(settings.LANGUAGES)
    return translation.override(asked if known else translation.get_language())


def _path(request) -> str:
    """The feed's own address, with the language it speaks if that is not the site's first."""
    language = translation.get_language()
    return request.path if language == settings.LANGUAGE_CODE else f"{request.path}?bahasa={language}"


def _answer(request, key: str, write) -> HttpResponse:
    content, changed_at = _kept(hashlib.sha256(key.encode()).hexdigest(), write)
    tag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
    whole = HttpResponse(content, content_type=feeds.CONTENT_TYPE)
    # A feed's own words (left, late) change without an event: only the tag says "unchanged" if it is sent.
    response = get_conditional_response(
        request, etag=tag, last_modified=int(changed_at.timestamp()), response=whole
    )
    response["ETag"] = tag
    response["Last-Modified"] = http_date(changed_at.timestamp())
    response["Cache-Control"] = f"public, max-age={_KEPT_FOR_S}"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    patch_vary_headers(response, ["Cookie"])
    return response


def _kept(key: str, write) -> tuple:
    try:
        found = cache.get(f"feed:{key}")
    except Exception:  # any cache back-end's own errors: the feed is written again
        logger.warning("feed not looked up: cache unavailable")
        return write()
    if found is None:
        found = write()
        cache.set(f"feed:{key}", found, _KEPT_FOR_S)
    return found
