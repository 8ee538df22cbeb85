"""The page of those who go out: their cases in the order of a way, for a phone with a patchy network."""

import json
import time
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from city import snapshot as city
from complaints.web import offline_files
from complaints.web.map_setup import map_setup
from dispatch import field_words
from dispatch.admin import field_rows
from dispatch.services import fieldwork

WORKER = "js/field/worker.js"
_VERSION_KEPT_S = 60


@require_safe
def page(request):
    """The cases by their promises; the script brings the way, the buttons and the queue."""
    if not fieldwork.may_go_out(request.user):
        raise PermissionDenied
    stops, paused, left_out = field_rows.rows(request.user, now=timezone.now())
    shown = {"stops": stops, "paused": paused, "left_out": left_out}
    return render(request, "dispatch/admin/field.html", _frame() | shown)


def _frame() -> dict:
    return {"map": map_setup(), "texts": field_words.texts(), "reasons": field_words.reasons()}


@gzip_page
@require_safe
def shell(request, language: str):
    """The page as a phone keeps it: the same for everybody, with no case, no name and no token."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    with translation.override(language):
        response = HttpResponse(_shell(language))
    response["Cache-Control"] = "public, no-cache"
    response["Content-Language"] = language
    return response


def _shell(language: str) -> str:
    with translation.override(language):
        return render_to_string("dispatch/admin/field.html", _frame() | {"is_shell": True})


@require_safe
def service_worker(request):
    """The worker of the field page alone: its place in the tree keeps it away from every other page."""
    body = _worker(city.current().version, int(time.monotonic() // _VERSION_KEPT_S))
    response = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@lru_cache(maxsize=4)
def _worker(city_version: int, minute: int) -> str:
    languages = [code for code, _name in settings.LANGUAGES]
    pages = [_shell(code) for code in languages]
    script = static(WORKER)
    assets = offline_files.named_in(*pages)
    layers = [layer[1] for layer in json.loads(map_setup()["base"])]
    config = {
        "version": offline_files.version_of([*assets, *layers, script], *pages),
        "assets": assets,
        "layers": layers,
        "shells": {code: reverse("admin:field_shell", args=[code]) for code in languages},
        "page": reverse("admin:field"),
        "photos": reverse("photo", args=["00000000-0000-0000-0000-000000000000", "small"]).split("0000")[0],
    }
    return f"self.LAPANGAN = {json.dumps(config)};\nimportScripts({json.dumps(script)});\n"
