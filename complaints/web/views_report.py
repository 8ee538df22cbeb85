"""One report: its story in public, and what its reporter can do with the private link."""

import hashlib

from django.conf import settings
from django.db.models import Q
from django.http import HttpResponseNotModified, JsonResponse
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from city import snapshot as city
from complaints import links, selectors, selectors_incident
from complaints.domain import workflow
from complaints.models import Photo, Report, Reporter
from complaints.web import access, receipt, share, words
from complaints.web.replies import private
from complaints.web.story import SUPPORT_COOKIE, story

_gzip = GZipMiddleware(lambda request: None)
_ROUTED_AFTER = frozenset({workflow.RECEIVED})


@never_cache
@require_safe
def report_thanks(request, code: str):
    """The code, the private link and the promise; only for whoever has just filed it or holds the link."""
    found = access.get(request, code)
    report = found.report
    if not found.is_reporter:
        return redirect("report_detail", code=report.code)
    category = city.current().categories_by_id.get(report.category_id)
    context = {
        "report": report,
        "category": category,
        "link": share.private_url(report),
        "is_routed": report.status not in _ROUTED_AFTER,
        "is_danger": report.severity == 5,
        "has_contact": _has_contact(report),
        "share": share.of(report, timezone.now()),
        "receipt": {**receipt.of(report), "key": str(report.idempotency_key)},
        "status_url": reverse("report_status", args=[report.code]),
    }
    return private(render(request, "complaints/report_thanks.html", context))


def _has_contact(report: Report) -> bool:
    """Whether a lost private link could be sent again."""
    reachable = Q(email__gt="") | Q(phone__gt="")
    return Reporter.objects.filter(reachable, report=report).exists()


@never_cache
@require_safe
def report_status(request, code: str):
    """What the thank-you page asks every few seconds: is it routed, to whom, by when."""
    report = selectors_incident.shown(access.get(request, code).report)
    department = report.department
    body = {
        "status": report.status,
        "status_text": str(report.get_status_display()),
        "is_routed": report.status not in _ROUTED_AFTER,
        "department": words.local(department) if department else "",
        "due": words.moment(report.due_at) if report.due_at else "",
        "version": report.version,
    }
    return JsonResponse(body)


@require_safe
def report_detail(request, code: str):
    """The report's story. Public, or everything a reporter may see and do."""
    if code != code.upper() or "-" in code:
        report = selectors.by_code(code)
        if report is not None and not report.is_private:
            query = f"?{request.GET.urlencode()}" if request.GET else ""  # a private link stays one
            return redirect(links.public_path(report) + query)
    found = access.get(request, code)
    tag = _etag(request, found)
    if not found.is_reporter and request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
        return _not_modified(tag)
    response = render(request, "complaints/report_detail.html", story(request, found))
    if found.is_reporter or found.secret:
        return private(response)
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Cookie", "Accept-Language"])
    # Only what is public: the length of a compressed page could tell something of a secret in it.
    return _gzip.process_response(request, response)


def _not_modified(tag: str) -> HttpResponseNotModified:
    """Without a policy: it would replace the kept page's own, whose nonce is in that page's scripts."""
    response = HttpResponseNotModified(headers={"ETag": tag})
    response._csp_exempt = True
    return response


def _etag(request, found: access.Access) -> str:
    """Changes with all that the page shows: report, photos, supporters, city, language, and due words."""
    report = found.report
    ready = Photo.objects.filter(report=report, state=Photo.State.READY).count()
    minute = int(timezone.now().timestamp() // 60)
    incident = selectors_incident.of_public(report)
    parts = (
        report.version,
        incident and (incident.reports, incident.people, incident.primary and incident.primary.version),
        report.supporter_count,
        ready,
        city.current().version,
        translation.get_language(),
        request.COOKIES.get(SUPPORT_COOKIE, ""),
        request.COOKIES.get(settings.CSRF_COOKIE_NAME, ""),
        minute,
    )
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:24]}"'
