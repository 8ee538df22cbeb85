"""The project's own middleware, each one small: probes, metrics, request size, language, staff pages' CSP."""

import time

from django.conf import settings
from django.http import HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers

from complaints.services import uploads
from lapor import health, metrics, refusals

PROBES = {"/healthz": health.alive, "/readyz": health.ready, "/metrics": metrics.exposition}


class ProbeMiddleware:
    """Answers the probes before anything else, for any Host and without TLS: orchestrators ask by address."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        probe = PROBES.get(request.path_info)
        return probe(request) if probe else self.get_response(request)


class ClientAddressMiddleware:
    """Behind our own proxy, REMOTE_ADDR becomes the visitor's address: the last one in X-Forwarded-For, which
    the proxy wrote. (Earlier ones are the visitor's own claim.) Without it everybody would share one
    address, and one share of every limit."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if settings.BEHIND_PROXY:
            address = request.headers.get("X-Forwarded-For", "").rsplit(",", 1)[-1].strip()
            request.META["REMOTE_ADDR"] = address or request.META.get("REMOTE_ADDR", "")
        return self.get_response(request)


class BrowserPolicyMiddleware:
    """What a page may ask of the device (Permissions-Policy), and who may embed what we answer
    (Cross-Origin-Resource-Policy); public pictures and feeds
    are meant for other sites and say so themselves."""

    def __init__(self, get_response):
        self.get_response = get_response
        granted = [f"{name}=({who})" for name, who in settings.PERMISSIONS_POLICY.items()]
        self.permissions = ", ".join([*granted, *(f"{name}=()" for name in settings.PERMISSIONS_REFUSED)])

    def __call__(self, request):
        response = self.get_response(request)
        # It binds documents and workers only; on scores of small files it would weigh more than they do.
        if response.headers.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Permissions-Policy", self.permissions)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class MetricsMiddleware:
    """Counts requests and their duration by view name (never by path: paths hold report codes)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        started = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        metrics.observe(
            view=(match.view_name if match else "") or "other",
            method=request.method,
            status=response.status_code,
            seconds=time.perf_counter() - started,
        )
        return response


class RequestSizeMiddleware:
    """Refuses a body that is too long by its Content-Length, before a byte of it is read.

    Django bounds form fields but not files, and DRF's JSON parser reads the stream without a bound.
    A body without a Content-Length counts as empty under WSGI. Only a person's form with photos that are
    too large together is read, its photos thrown away as they come: what was typed must not be lost.
    Stands behind what sets the language and the headers of a page, and before what reads the body.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            return HttpResponse("Content-Length is not a number.", status=400, content_type="text/plain")
        is_multipart = request.content_type == "multipart/form-data"
        limit = settings.MAX_UPLOAD_REQUEST_BYTES if is_multipart else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if length <= limit:
            return self.get_response(request)
        if request.path_info.startswith(settings.ACCEPT_LANGUAGE_PREFIXES):
            text = f"At most {limit} bytes can be sent at once."
            return HttpResponse(text, status=413, content_type="text/plain")
        if is_multipart and length <= settings.MAX_READ_OVER_BYTES:
            uploads.read_over(request)
            return self.get_response(request)
        return refusals.too_large(request)


class LanguageMiddleware(LocaleMiddleware):
    """Indonesian unless the reader chose another language.

    Many phones in Indonesia are set to English, so a browser's Accept-Language says little about what its
    owner wants to read here; only programs (the API) are taken at their word.
    """

    def process_request(self, request):
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        if request.path_info.startswith(settings.ACCEPT_LANGUAGE_PREFIXES):
            return super().process_request(request)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        translation.activate(language)
        request.LANGUAGE_CODE = language
        return None

    def process_response(self, request, response):
        if request.path_info.startswith(settings.ACCEPT_LANGUAGE_PREFIXES):
            return super().process_response(request, response)
        patch_vary_headers(response, ("Cookie",))
        response.headers.setdefault("Content-Language", translation.get_language())
        return response


class AdminCSPMiddleware:
    """Relaxes the Content-Security-Policy under /admin/ only: the admin theme evaluates expressions
    (Alpine) and sets inline styles. Stands behind CSPMiddleware, which writes the header."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.path_info.startswith(settings.ADMIN_PREFIX) and not hasattr(response, "_csp_replace"):
            response._csp_replace = settings.ADMIN_CSP
        return response
