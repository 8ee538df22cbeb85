"""The OpenAPI document and a page that people can read, both without any foreign server."""

import hashlib
from functools import cache

import msgspec
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from complaints.api import openapi, reference
from complaints.api.base import not_modified, with_etag

_YAML, _JSON = "application/yaml", "application/json"


@cache
def _document(media_type: str) -> tuple[bytes, str]:
    if media_type == _JSON:
        content = msgspec.json.format(msgspec.json.encode(openapi.build()), indent=2)
    else:
        content = openapi.as_yaml().encode()
    return content, f'W/"{hashlib.sha256(content).hexdigest()[:16]}"'


@require_safe
def schema(request) -> HttpResponse:
    """OpenAPI 3.1, as YAML; `?format=json` or `Accept: application/json` for JSON."""
    wants_json = request.GET.get("format") == "json" or (
        request.accepts(_JSON) and not request.accepts(_YAML)
    )
    media_type = _JSON if wants_json else _YAML
    content, etag = _document(media_type)
    fresh = HttpResponse(content, content_type=f"{media_type}; charset=utf-8")
    return with_etag(not_modified(request, etag) or fresh, etag, "public, max-age=60")


@require_safe
def page(request) -> HttpResponse:
    """Every address with its fields, examples and refusals, from the same document.

    A page for people: in their chosen language, not in what their browser says (as on every other page).
    """
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    with translation.override(language):
        return render(request, "complaints/api/docs.html", reference.build())
