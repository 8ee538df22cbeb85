"""Sending piece by piece: each photo as soon as it is chosen, then the report; answers in JSON.

The form's script and the service worker send here, also from a page that was kept for days without network,
so no CSRF token can be asked for. None is needed: nothing here acts with a visitor's rights. A photo waits
under the random key that its sender made, and a report is filed for whoever sends it, as the API does for
anybody; a foreign page gains nothing from a visitor's browser that its own server could not do. What a
foreign page must not do is use up a visitor's share of the limits or put a report into a visitor's session:
so the header SENT_BY is asked for, which browsers add to a foreign address only after a preflight that
nobody answers here.
"""

import uuid
from dataclasses import replace
from functools import wraps

from django.conf import settings
from django.http import JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from complaints import errors
from complaints.domain.draft import ReportDraft
from complaints.models import Photo, Report, StagedPhoto
from complaints.services import photos, submit, uploads
from complaints.web import access, form_context, form_state, limits, receipt
from complaints.web.form_context import Fault
from complaints.web.uploads import TOO_MUCH

SENT_BY = "X-Lapor-Form"


def from_our_pages(view):
    """Only requests with the header that no foreign page can add; never cached."""

    @wraps(view)
    def checked(request, *arguments, **options):
        if not request.headers.get(SENT_BY):
            return _refuse(403, "header_missing", _("This address is for the portal's own form."))
        return view(request, *arguments, **options)

    return csrf_exempt(never_cache(require_POST(checked)))


def _refuse(status: int, code: str, message, **more) -> JsonResponse:
    response = JsonResponse({"code": code, "message": str(message), **more}, status=status)
    if more.get("retry_after_s"):
        response["Retry-After"] = str(more["retry_after_s"])
    return response


def _key(request) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return None


@from_our_pages
def photo_upload(request):
    """Keep one photo (`photos`) under the draft's `key`; the same bytes again give the same uuid."""
    key = _key(request)
    if key is None:
        return _refuse(400, "key_invalid", _("The form has no key. Please open it again."))
    if limits.too_many(request, "photo", times=photos.MAX_PHOTOS):
        return _refuse(429, "too_many", limits.TOO_MANY, retry_after_s=limits.WINDOW_S)
    try:
        files = uploads.received(request)
        if not files:
            raise photos.refusal("empty")
        if limits.too_many_bytes(request, min(files[0].size, photos.MAX_BYTES)):
            return _refuse(429, "too_many_bytes", TOO_MUCH, retry_after_s=limits.BYTES_WINDOW_S)
        staged = photos.stage_photo(uploads.read(files[0]), key, now=timezone.now())
    except errors.PhotoRefused as refused:
        return _refuse(422, refused.code, refused.message)
    return JsonResponse(_facts(staged), status=201)


def _facts(staged: StagedPhoto) -> dict:
    """What the photo says about itself; only its sender, who holds the key, asks."""
    return {
        "uuid": str(staged.uuid),
        "latitude": staged.gps_latitude,
        "longitude": staged.gps_longitude,
        "taken_at": staged.taken_at.isoformat() if staged.taken_at else None,
        "preview": reverse("staged_photo", args=[staged.draft_key, staged.uuid]),
    }


@from_our_pages
def photo_drop(request):
    """Forget a photo (`photo`) of the draft `key`; one that is not there is forgotten already."""
    key = _key(request)
    try:
        photo = uuid.UUID(request.POST.get("photo", ""))
    except ValueError:
        photo = None
    if key is None or photo is None:
        return _refuse(400, "key_invalid", _("The form has no key. Please open it again."))
    photos.drop_staged(key, photo)
    return JsonResponse({"dropped": True})


@from_our_pages
def report_send(request):
    """File the form's fields as they are, its photos being here already; sent again, it answers the same.

    201 with the code and the private link; 409 `photos_missing` (send these again, then this again) or
    `key_reused` (the report was filed as `report`, with other words); 422 with faults by field.
    """
    state = form_state.read(request.POST)
    if _key(request) is None:
        return _refuse(400, "key_invalid", _("The form has no key. Please open it again."))
    if limits.is_bot(request):
        return _refuse(429, "too_many", limits.TOO_MANY, retry_after_s=limits.WINDOW_S)
    if limits.too_many(request, "report"):
        return _refuse(429, "too_many", limits.TOO_MANY, retry_after_s=limits.WINDOW_S)
    missing = _missing_photos(state)
    if missing:
        return _refuse(409, "photos_missing", _("Some photos must be sent again."), missing=missing)
    draft = form_state.to_draft(state, form_context.question_codes(state))
    return _file(request, replace(draft, language=_language(request) or draft.language))


def _language(request) -> str:
    """The language the form was filled in: the cookie of the day it is sent may say another."""
    language = request.POST.get("language", "")
    return language if language in dict(settings.LANGUAGES) else ""


def _missing_photos(state) -> list[str]:
    """Photos that neither wait nor belong to the report already: swept meanwhile."""
    here = set(StagedPhoto.objects.filter(draft_key=state.key).values_list("uuid", flat=True))
    if set(state.photos) - here:
        attached = Photo.objects.filter(report__idempotency_key=state.key, uuid__in=state.photos)
        here |= set(attached.values_list("uuid", flat=True))
    return [str(photo) for photo in state.photos if photo not in here]


def _file(request, draft: ReportDraft) -> JsonResponse:
    try:
        submission = submit.submit_report(draft, now=timezone.now())
    except errors.InvalidReport as invalid:
        faults = [Fault(name, message) for name, (_code, message) in invalid.errors.items()]
        return _invalid(faults)
    except errors.OutsideCity as outside:
        return _invalid([Fault("place", outside.message)])
    except errors.KeyReused:
        report = Report.objects.get(idempotency_key=draft.idempotency_key)
        message = _("This report was already sent as %(code)s, before your last changes.")
        message %= {"code": report.spoken_code}
        return _refuse(409, "key_reused", message, report=report.spoken_code)
    access.remember(request, submission.report)
    return JsonResponse(receipt.of(submission.report), status=201 if submission.created else 200)


def _invalid(faults: list[Fault]) -> JsonResponse:
    told = [{"field": item.field, "message": str(item.message), "anchor": item.anchor} for item in faults]
    return _refuse(422, "invalid", _("Please check these points. Nothing you typed is lost."), faults=told)
