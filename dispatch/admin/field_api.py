"""What the field page's script asks and sends: JSON, the session, a CSRF token; refusals as problem+json."""

import json
import uuid
from functools import wraps
from typing import Any

from django.contrib import admin
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from complaints import errors
from complaints.domain import place
from complaints.models import Event, Report
from complaints.services import photos, uploads
from dispatch import proof_words, words
from dispatch.admin import case_context, field_rows, forms
from dispatch.errors import ProofDoubtful
from dispatch.services import fieldwork

CONTENT_TYPE = "application/problem+json"
POSITION = "X-Posisi"  # latitude,longitude of the phone: in a header, so that no access log keeps it
_STATUS = {
    "signed_out": 401,
    "not_permitted": 403,
    "no_longer_yours": 404,
    "conflict": 409,
    "idempotency_key_reused": 409,
    "photos_missing": 409,
    "transition_not_allowed": 409,
    "part_of_incident": 409,
    "malformed": 400,
    "other_account": 409,
}
_PHOTOS_AT_MOST = photos.MAX_PHOTOS


def problem(code: str, detail: Any, **more: Any) -> HttpResponse:
    """A refusal (RFC 9457); `code` is stable, `detail` is for the person."""
    status = _STATUS.get(code, 422)
    body = {
        "type": "about:blank",
        "title": str(detail),
        "status": status,
        "code": code,
        "detail": str(detail),
    }
    return JsonResponse(body | more, status=status, content_type=CONTENT_TYPE)


def for_crews(view):
    """For who may go out; a session that has ended is told in JSON, never with the sign-in page."""

    @wraps(view)
    def checked(request, *arguments, **options):
        if not admin.site.has_permission(request):
            return problem("signed_out", _("Please sign in again; what waits on this phone stays."))
        if not fieldwork.may_go_out(request.user):
            return problem("not_permitted", errors.NotPermitted.message)
        return view(request, *arguments, **options)

    return never_cache(checked)


@require_GET
@for_crews
def data(request):
    """The person's stops with their order from where the phone is, and what a phone needs to send."""
    body = field_rows.snapshot(request.user, _position(request), now=timezone.now())
    return JsonResponse(body | {"csrf": get_token(request)})


def _position(request) -> tuple[float, float] | None:
    parts = request.headers.get(POSITION, "").split(",")
    try:
        latitude, longitude = (float(part) for part in parts)
    except ValueError:
        return None
    return None if place.fault(latitude, longitude) else (latitude, longitude)


@require_POST
@for_crews
def photo(request):
    """Keep one photo (`photos`) under the step's `key`; the same bytes again give the same uuid."""
    key = _uuid(request.POST.get("key"))
    if key is None:
        return problem("malformed", _("The request cannot be read."))
    try:
        files = uploads.received(request)
        if not files:
            raise photos.refusal("empty")
        staged = photos.stage_photo(uploads.read(files[0]), key, now=timezone.now())
    except errors.PhotoRefused as refused:
        return problem("photo_refused", refused.message, errors={"photos": str(refused.message)})
    return JsonResponse({"uuid": str(staged.uuid)}, status=201)


@require_POST
@for_crews
def send(request):
    """Take one step (dispatch.services.fieldwork.perform). 201, or 200 when it was taken before."""
    body = _body(request)
    if body is None:
        return problem("malformed", _("The request cannot be read."))
    if body.get("user") != request.user.pk:
        text = _("This was done with another account. It is sent when that account signs in here.")
        return problem("other_account", text)
    form = forms.StepForm(_flat(body))
    sent = _sent(body, form)
    if not form.is_valid() or sent is None:
        return problem("invalid", errors.InvalidReport.message, errors=_faults(form))
    try:
        answer, is_new = fieldwork.perform(request.user, sent, now=timezone.now())
    except Report.DoesNotExist:
        return problem("no_longer_yours", _("This case is no longer yours."))
    except errors.DomainError as error:
        return _refused(error)
    said = {"message": str(words.STEP_DONE[sent.step])}
    return JsonResponse(answer | said, status=201 if is_new else 200)


def _body(request) -> dict[str, Any] | None:
    try:
        body = json.loads(request.body)
    except (ValueError, UnicodeDecodeError):
        return None
    return body if isinstance(body, dict) else None


def _flat(body: dict[str, Any]) -> dict[str, str]:
    """The body as the form of a step reads it; the key of the step is the key of its photos."""
    claim = body.get("claim") if isinstance(body.get("claim"), dict) else {}
    found = {name: value for name, value in body.items() if isinstance(value, str | int)}
    found |= {f"claim_{name}": value for name, value in claim.items() if value is not None}
    return {name: str(value) for name, value in found.items()} | {"photos_key": str(body.get("key", ""))}


def _sent(body: dict[str, Any], form: forms.StepForm) -> fieldwork.Sent | None:
    if not form.is_valid():
        return None
    key, report_id = _uuid(body.get("key")), body.get("report")
    named = body.get("photos") if isinstance(body.get("photos"), list) else []
    photo_ids = tuple(found for item in named[:_PHOTOS_AT_MOST] if (found := _uuid(item)))
    if key is None or type(report_id) is not int or len(photo_ids) != len(named):
        return None
    said_at = parse_datetime(body["said_at"]) if isinstance(body.get("said_at"), str) else None
    return fieldwork.Sent(
        key=key,
        report_id=report_id,
        step=str(body.get("step", "")),
        version=form.cleaned_data["version"],
        seen=form.cleaned_data["seen"] or 0,
        details=form.details(photo_ids),
        body_hash=fieldwork.body_hash(body),
        said_at=said_at if said_at and timezone.is_aware(said_at) else None,
    )


def _uuid(value: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(value)
    except (ValueError, TypeError, AttributeError):
        return None


def _faults(form: forms.StepForm) -> dict[str, str]:
    return {name: str(found[0]) for name, found in form.errors.items()}


def _refused(error: errors.DomainError) -> HttpResponse:
    if isinstance(error, errors.InvalidReport):
        faults = {name: str(text) for name, (_code, text) in error.errors.items()}
        return problem("invalid", " ".join(faults.values()), errors=faults)
    if isinstance(error, ProofDoubtful):
        return problem(error.code, error.message, findings=proof_words.sentences(error.data["findings"]))
    if isinstance(error, errors.MissingReason):
        return problem("invalid", error.message, errors={"message": str(error.message)})
    if isinstance(error, errors.Conflict):
        return problem("conflict", error.message, **_meanwhile(error))
    return problem(
        error.code, error.message, **({"missing": error.data["missing"]} if "missing" in error.data else {})
    )


def _meanwhile(error: errors.Conflict) -> dict[str, Any]:
    """What people did since the phone looked, in words; and what the phone has seen now."""
    ids = error.data.get("meanwhile", [])
    events = Event.objects.filter(pk__in=ids).select_related("actor", "department").order_by("id")
    lines = case_context.lines(list(events))
    shown = [
        {
            "who": item["who"],
            "what": item["sentence"],
            "at": item["event"].at.isoformat(),
            "text": item["event"].text,
        }
        for item in lines
    ]
    return {"meanwhile": shown, "version": error.data.get("version"), "seen": error.data.get("last_event_id")}
