"""Pictures, the base map, and the small files browsers and search engines ask for."""

import gzip
from functools import lru_cache

from django.http import FileResponse, Http404, HttpResponse
from django.views.decorators.http import require_safe

from city.services import basemap
from complaints import links, selectors
from complaints.models import Photo
from complaints.web import access

_YEAR_S = 365 * 24 * 3600


@require_safe
def photo(request, uuid, size: str):
    """A re-encoded copy; of a private report only for its reporter and the staff whose report it is."""
    picture = Photo.objects.select_related("report").filter(uuid=uuid, state=Photo.State.READY).first()
    if picture is None:
        raise Http404
    is_private = picture.report.is_private
    if is_private and not _may_see(request, picture):
        raise Http404
    stored = picture.small if size == "small" else picture.large
    try:
        response = FileResponse(stored.open("rb"), content_type="image/webp")
    except FileNotFoundError as exc:
        raise Http404 from exc
    keep = "private, no-store" if is_private else f"public, max-age={_YEAR_S}, immutable"
    response["Cache-Control"] = keep
    response["Content-Disposition"] = "inline"
    return response


def _may_see(request, picture: Photo) -> bool:
    report = picture.report
    if access.is_remembered(request, report):
        return True
    secret = request.GET.get("kunci", "")
    if secret and links.is_reporter(report, secret):
        return True
    user = request.user
    return user.is_authenticated and selectors.for_staff(user).filter(pk=report.pk).exists()


@require_safe
def robots(request):
    """Everybody may read reports; private links and the staff's rooms are nobody's business."""
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /lapor/terima-kasih/",
        "Disallow: /*kunci=",
        "Disallow: /kabar/",
        "Disallow: /k/",
        "Disallow: /peta/data.json",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@lru_cache(maxsize=8)
def _gzipped(content: bytes) -> bytes:
    """A layer is asked for by everybody and changes with the city only; it holds no secret."""
    return gzip.compress(content, mtime=0)


@require_safe
def base_layer(request, layer: str):
    """One layer of our own base map as GeoJSON; its address carries the version, so it keeps for long."""
    try:
        content, tag = basemap.layer(layer)
    except KeyError as exc:
        raise Http404 from exc
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    response = HttpResponse(content, content_type="application/geo+json")
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response.content = _gzipped(content)
        response["Content-Encoding"] = "gzip"
    response["ETag"] = tag
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = "public, max-age=604800"
    return response
