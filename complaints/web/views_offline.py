"""The portal without network: the service worker, and the pages and data it keeps on the phone.

The kept pages are the same for everybody: they are asked for without cookies and hold no token.
"""

import json
import time
from functools import lru_cache

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from city import snapshot as city
from complaints.web import form_context, form_state, offline_files, offline_texts, site
from complaints.web.form_context import FormPage
from complaints.web.map_setup import BASE_LAYERS, map_setup

_VERSION_KEPT_S = 60
# What the worker never touches: staff's rooms, programmes, probes.
_NOT_OURS = ("/admin/", "/api/", "/open311/", "/call-center/", "/ruang-situasi/", "/perencanaan/", "/metrics")


def _known(language: str) -> str:
    if language not in dict(settings.LANGUAGES):
        raise Http404
    return language


def _kept(response, language: str):
    response["Cache-Control"] = "public, no-cache"
    response["Content-Language"] = language
    response["X-Robots-Tag"] = "noindex"
    return response


@gzip_page
@require_safe
def offline_form(request, language: str):
    """The report form as a phone keeps it: all kinds, no token; its key is made on the phone."""
    with translation.override(_known(language)):
        return _kept(render(request, "complaints/report_new.html", _form_context()), language)


def _form_context() -> dict:
    return {**form_context.build(FormPage(form_state.fresh())), "is_offline_copy": True}


@gzip_page
@require_safe
def offline_page(request, language: str):
    """What any other page shows without network: what waits on this phone, and what can be done."""
    with translation.override(_known(language)):
        return _kept(render(request, "complaints/offline.html", {"is_offline_copy": True}), language)


@gzip_page
@require_safe
def offline_questions(request, language: str):
    """The questions of every kind of problem, as the form's own fragments: code → HTML."""
    with translation.override(_known(language)):
        kinds = [item for item in city.current().categories.values() if item.parent_code]
        return _kept(JsonResponse({item.code: _questions(item) for item in kinds}), language)


def _questions(category) -> str:
    state = form_state.fresh(category.code)
    context = {"category": category, "questions": form_context.questions(state, {})}
    return render_to_string("complaints/_questions.html", context)


@gzip_page
@require_safe
def texts(request, language: str):
    """The sentences of the queue, for every page that shows it."""
    with translation.override(_known(language)):
        response = JsonResponse(offline_texts.sentences())
    response["Cache-Control"] = "public, max-age=3600"
    response["Content-Language"] = language
    return response


@require_safe
def service_worker(request):
    """The worker for the whole portal. Its bytes change with the files, the pages and the city, so that
    browsers fetch what is new; it says itself which addresses are none of its business."""
    body = _worker_body(city.current().version, int(time.monotonic() // _VERSION_KEPT_S))
    response = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    response["Service-Worker-Allowed"] = "/"
    return response


@lru_cache(maxsize=4)
def _worker_body(city_version: int, minute: int) -> str:
    languages = {code: _language_files(code) for code, _name in settings.LANGUAGES}
    pages = [page for files in languages.values() for page in files.pop("pages")]
    assets = offline_files.named_in(*pages)
    layers = [layer[1] for layer in json.loads(map_setup()["base"]) if layer[0] in BASE_LAYERS]
    scripts = offline_files.worker_scripts()
    config = {
        "version": offline_files.version_of([*assets, *layers, *scripts], *pages),
        "assets": assets,
        "layers": layers,
        "languages": languages,
        "form": reverse("report_new"),
        "questions": reverse("report_questions", args=["KODE"]),
        "notOurs": [*_NOT_OURS, settings.ADMIN_PREFIX],
    }
    imports = ", ".join(json.dumps(address) for address in scripts)
    return f"self.LAPOR = {json.dumps(config, ensure_ascii=False)};\nimportScripts({imports});\n"


def _language_files(language: str) -> dict:
    """The kept pages' addresses in a language, and the pages themselves, without what changes each time."""
    names = ("offline_form", "offline_page", "offline_questions", "offline_texts")
    form, page, questions, sentences = (reverse(name, args=[language]) for name in names)
    with translation.override(language):
        shown = _form_context()
        key = str(shown["state"].key)
        html = [
            render_to_string("complaints/report_new.html", shown).replace(key, ""),
            render_to_string("complaints/offline.html", {"is_offline_copy": True}),
            json.dumps(offline_texts.sentences()),
        ]
    return {"form": form, "page": page, "questions": questions, "texts": sentences, "pages": html}


@require_safe
def manifest(request):
    """Lets a phone put the portal on its home screen, with ways straight to form, map and list."""
    title, language = site.current().title, translation.get_language()
    icons = [
        {
            "src": static(f"icons/app-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": use,
        }
        for size, use in ((192, "any"), (512, "any"), (512, "maskable"))
    ]
    icons[-1]["src"] = static("icons/app-maskable-512.png")
    body = {
        "id": "/",
        "name": title,
        "short_name": title,
        "lang": language,
        "dir": "ltr",
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#f5f4ef",
        "theme_color": "#073b43",
        "categories": ["government", "utilities"],
        "icons": icons,
        "shortcuts": [
            {"name": str(name), "url": reverse(url), "icons": [icons[0]]}
            for name, url in (
                (_("Report a problem"), "report_new"),
                (_("Map of reports"), "map"),
                (_("List of reports"), "report_list"),
            )
        ],
    }
    response = JsonResponse(body, content_type="application/manifest+json")
    response["Cache-Control"] = "private, max-age=3600"
    return response
