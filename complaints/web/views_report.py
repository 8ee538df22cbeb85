"""One report: its story in public, and what its reporter can do with the private link."""

import hashlib
import secrets
import uuid
from urllib.parse import quote, urlencode

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponseNotModified, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from city import snapshot as city
from complaints import errors, links, selectors
from complaints.domain import privacy, workflow
from complaints.domain.actor import A_CITIZEN, THE_REPORTER
from complaints.models import Photo, Report, Reporter, StagedPhoto, Supporter
from complaints.services import conversation
from complaints.web import access, form_context, limits, uploads, words
from complaints.web.map_setup import map_setup

_SUPPORT_COOKIE = "dukungan"
_SUPPORT_COOKIE_AGE_S = 365 * 24 * 3600
_ROUTED_AFTER = frozenset({workflow.RECEIVED})


@never_cache
@require_safe
def report_thanks(request, code: str):
    """The code, the private link and the promise; only for whoever has just filed it or holds the link."""
    found = access.get(request, code)
    report = found.report
    if not found.is_reporter:
        return redirect("report_detail", code=report.code)
    link = settings.PUBLIC_BASE_URL.rstrip("/") + links.private_path(report)
    public = settings.PUBLIC_BASE_URL.rstrip("/") + links.public_path(report)
    category = city.current().categories_by_id.get(report.category_id)
    context = {
        "report": report,
        "category": category,
        "link": link,
        "is_routed": report.status not in _ROUTED_AFTER,
        "is_danger": report.severity == 5,
        "has_contact": _has_contact(report),
        "share_url": "https://wa.me/?"
        + urlencode({"text": _share_text(report, category, public)}, quote_via=quote),
        "status_url": reverse("report_status", args=[report.code]),
    }
    return _private(render(request, "complaints/report_thanks.html", context))


def _has_contact(report: Report) -> bool:
    """Whether a lost private link could be sent again."""
    reachable = Q(email__gt="") | Q(phone__gt="")
    return Reporter.objects.filter(reachable, report=report).exists()


def _share_text(report: Report, category, url: str) -> str:
    if report.is_private or category is None:
        return url
    return _("I reported “%(category)s” in %(area)s. Follow it here: %(url)s") % {
        "category": words.local(category),
        "area": report.area.name,
        "url": url,
    }


@never_cache
@require_safe
def report_status(request, code: str):
    """What the thank-you page asks every few seconds: is it routed, to whom, by when."""
    report = access.get(request, code).report
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


def _private(response):
    """Pages whose address or content carries a secret: nobody keeps them, no other site hears of them.

    `same-origin` and not `no-referrer`: the latter makes browsers send `Origin: null` with our own forms,
    which the CSRF check must refuse.
    """
    response["Referrer-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


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
    if not found.is_reporter and request.headers.get("If-None-Match") == tag:
        return _not_modified(tag)
    response = render(request, "complaints/report_detail.html", _story(request, found))
    if found.is_reporter or found.secret:
        return _private(response)
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Cookie", "Accept-Language"])
    return response


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
    parts = (
        report.version,
        report.supporter_count,
        ready,
        city.current().version,
        translation.get_language(),
        request.COOKIES.get(_SUPPORT_COOKIE, ""),
        request.COOKIES.get(settings.CSRF_COOKIE_NAME, ""),
        minute,
    )
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:24]}"'


def _story(request, found: access.Access, **extra) -> dict:
    report = found.report
    category = city.current().categories_by_id.get(report.category_id)
    pictures = [
        p for p in Photo.objects.filter(report=report).order_by("id") if p.state != Photo.State.REFUSED
    ]
    now = timezone.now()
    days_since = (now - report.status_since).days
    return {
        "report": report,
        "category": category,
        "answers": form_context.answered(category, report.answers) if category else [],
        "is_reporter": found.is_reporter,
        "secret": found.secret,
        "events": selectors.timeline(report),
        "photos_before": [p for p in pictures if p.kind == Photo.Kind.REPORT],
        "photos_added": [p for p in pictures if p.kind == Photo.Kind.COMMENT],
        "photos_after": [p for p in pictures if p.kind == Photo.Kind.REPAIR],
        "reporter_name": _public_name(report),
        "can_confirm": found.is_reporter and report.status in workflow.AWAITING_CONFIRMATION,
        "can_reopen": found.is_reporter
        and report.status in workflow.REOPENABLE
        and days_since < workflow.REOPEN_WITHIN_DAYS,
        "can_support": report.is_open and not found.is_reporter and not _has_supported(request, report),
        "has_supported": _has_supported(request, report),
        "map": map_setup(),
        "photos_key": uuid.uuid4(),
        "typed": {},
        "errors": {},
        **extra,
    }


def _public_name(report: Report) -> str:
    """The reporter's name, only if they gave it and chose not to be anonymous."""
    if report.is_anonymous or report.is_private:
        return ""
    name = Reporter.objects.filter(report=report).values_list("name", flat=True).first()
    return privacy.mask(name or "")


def _has_supported(request, report: Report) -> bool:
    token = request.COOKIES.get(_SUPPORT_COOKIE)
    if not token:
        return False
    token_hash = hashlib.sha256(token.encode()).hexdigest()
    return Supporter.objects.filter(report=report, token_hash=token_hash).exists()


@require_POST
def report_support(request, code: str):
    """Also affected: once per browser."""
    found = access.get(request, code)
    token = request.COOKIES.get(_SUPPORT_COOKIE) or secrets.token_urlsafe(24)
    if limits.too_many(request, "support"):
        messages.error(request, _("Too many at once. Please wait a few minutes."))
    else:
        try:
            conversation.support(found.report.pk, token, actor=A_CITIZEN, now=timezone.now())
            messages.success(request, _("Counted: you are affected too."))
        except errors.TransitionNotAllowed as refused:
            messages.error(request, str(refused))
    response = _back(found, "dukung")
    response.set_cookie(
        _SUPPORT_COOKIE,
        token,
        max_age=_SUPPORT_COOKIE_AGE_S,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return response


@require_POST
def report_comment(request, code: str):
    """The reporter adds words or photos."""

    def act(found, taken, key):
        conversation.add_comment(
            found.report.pk,
            request.POST.get("text", ""),
            actor=THE_REPORTER,
            now=timezone.now(),
            photos=taken,
            photos_key=key,
        )

    return _as_reporter(request, code, act, "comment", _("Added to the story."))


@require_POST
def report_confirm(request, code: str):
    """The reporter says it is fixed."""

    def act(found, taken, key):
        rating = request.POST.get("rating", "")
        conversation.confirm_fixed(
            found.report.pk,
            now=timezone.now(),
            rating=int(rating) if rating.isascii() and rating.isdigit() and len(rating) < 3 else None,
            message=request.POST.get("text", ""),
        )

    return _as_reporter(request, code, act, "confirm", _("Thank you. The report is closed."))


@require_POST
def report_reopen(request, code: str):
    """The reporter says it is not fixed."""

    def act(found, taken, key):
        conversation.reopen(
            found.report.pk,
            request.POST.get("text", ""),
            now=timezone.now(),
            photos=taken,
            photos_key=key,
        )

    done = _("The report is open again and back with the office.")
    return _as_reporter(request, code, act, "reopen", done)


def _as_reporter(request, code: str, act, name: str, done: str):
    """Run one of the reporter's actions; anybody else gets 404 and nothing changes."""
    found = access.get(request, code)
    if not found.is_reporter:
        return redirect("report_detail", code=found.report.code)
    faults = {}
    retry_after_s = limits.WINDOW_S if limits.too_many(request, "act") else 0
    if retry_after_s or limits.is_bot(request):
        faults["text"] = _("Too many at once. Please wait a few minutes.")
    key = uploads.key_of(request)
    if refused := uploads.stage(request, key):
        faults["photos"] = " ".join(str(fault.message) for fault in refused)
        retry_after_s = max(retry_after_s, *(fault.retry_after_s for fault in refused))
    taken = tuple(StagedPhoto.objects.filter(draft_key=key).values_list("uuid", flat=True))
    if not faults:
        try:
            act(found, taken, key)
        except errors.InvalidReport as invalid:
            faults = {field: message for field, (_code, message) in invalid.errors.items()}
        except errors.DomainError as error:
            faults["text"] = error.message
    if faults:
        found = access.get(request, code)
        extra = {"typed": {name: request.POST.get("text", "")}, "errors": {name: faults}, "photos_key": key}
        extra["staged"] = taken
        status = 429 if retry_after_s else 422
        page = render(
            request, "complaints/report_detail.html", _story(request, found, **extra), status=status
        )
        if retry_after_s:
            page["Retry-After"] = str(retry_after_s)
        return _private(page)
    messages.success(request, done)
    return _back(found, "cerita")


def _back(found: access.Access, anchor: str):
    path = links.public_path(found.report)
    query = f"?kunci={found.secret}" if found.secret else ""
    return redirect(f"{path}{query}#{anchor}")
