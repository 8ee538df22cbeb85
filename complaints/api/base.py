"""What every API view has in common. DRF gives the class shape and the documentation; the way through is
ours: no content negotiation, no request wrapper, no renderer, so that a report costs as little as it can."""

import logging
from typing import Any, ClassVar

import msgspec
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse, HttpResponseNotModified, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from rest_framework.views import APIView

from complaints import errors
from complaints.api import problems, throttle
from complaints.api.problems import Problem
from complaints.models import ApiClient
from complaints.services import api_clients

logger = logging.getLogger(__name__)
_SCHEME = "api-key"


class ApiView(APIView):
    """A view whose handlers take Django's own request and return a response or raise a Problem.

    `scopes` names the scope that a key must have for a method; without a key these addresses are public.
    """

    scopes: ClassVar[dict[str, str]] = {"get": "report:read", "post": "report:create"}

    def dispatch(self, request, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return self._answer(request, *args, **kwargs)
        except Problem as problem:
            return problem.response()
        except errors.DomainError as error:
            return problems.of_domain_error(error).response()
        except Http404:
            return Problem("not_found").response()
        except RequestDataTooBig:
            return Problem("too_large").response()
        except (MultiPartParserError, UnreadablePostError, BadRequest, SuspiciousOperation):
            return Problem("malformed").response()
        except (OperationalError, InterfaceError):
            logger.exception("api: the database does not answer")
            return Problem("unavailable", headers={"Retry-After": "5"}).response()

    def _answer(self, request, *args, **kwargs) -> HttpResponse:
        method = request.method.lower()
        handler = getattr(self, method, None) if method in self.http_method_names else None
        if handler is None:
            raise Problem("method_not_allowed", headers={"Allow": ", ".join(self.allowed_methods)})
        method = {"head": "get"}.get(method, method)
        self.client = self._client_of(request, self.scopes.get(method, ""))
        throttle.check(
            request, self.client, throttle.READ if method in ("get", "options") else throttle.WRITE
        )
        return handler(request, *args, **kwargs)

    def _client_of(self, request, scope: str) -> ApiClient | None:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header:
            return None
        scheme, _space, key = header.partition(" ")
        client = api_clients.find(key.strip()) if scheme.lower() == _SCHEME else None
        if client is None:
            raise Problem("key_invalid", headers={"WWW-Authenticate": "Api-Key"})
        api_clients.mark_used(client, now=timezone.now())
        if scope and scope not in client.scopes:
            raise Problem("scope_missing", scope=scope)
        return client

    def options(self, request, *args, **kwargs) -> HttpResponse:
        return HttpResponse(status=204, headers={"Allow": ", ".join(self.allowed_methods)})


def json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    """A JSON response from a schema of `schemas.py`."""
    return HttpResponse(
        msgspec.json.encode(body), content_type="application/json", status=status, headers=headers
    )


def not_modified(request, etag: str) -> HttpResponse | None:
    """304 when the reader already has this version. Weak comparison, as RFC 9110 wants for reading."""
    known = parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
    bare = etag.removeprefix("W/")
    if "*" in known or any(tag.removeprefix("W/") == bare for tag in known):
        return with_etag(HttpResponseNotModified(), etag)
    return None


def with_etag(response: HttpResponse, etag: str, cache_control: str = "no-cache") -> HttpResponse:
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = cache_control
    patch_vary_headers(response, ("Accept-Language",))
    return response
