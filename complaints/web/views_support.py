""" "I am affected too": once per browser, with or without words and photos."""

import secrets

from django.contrib import messages
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from complaints import errors
from complaints.domain.actor import A_CITIZEN, THE_REPORTER
from complaints.models import StagedPhoto
from complaints.services import conversation, photos
from complaints.web import access, form_state, limits, uploads, views_similar
from complaints.web.replies import back
from complaints.web.story import SUPPORT_COOKIE

_COOKIE_AGE_S = 365 * 24 * 3600
_TOO_MANY = gettext_lazy("Too many at once. Please wait a few minutes.")
_SAID_TWICE = gettext_lazy(
    "You were already counted here, and can add words only once. To say more, file a new report."
)


@require_POST
def report_support(request, code: str):
    """Also affected. POST carries `text`, `photos`, the `key` of staged photos, and `action` remove:<photo>.

    Faults show the words and photos again (422, 429 with Retry-After). A reporter who finds their own report
    adds to it as its reporter.
    """
    found = access.get(request, code)
    state, typed = form_state.read(request.POST), request.POST.get("text", "")
    action = request.POST.get("action", "")
    if action.startswith("remove:"):
        _remove(state.key, action.removeprefix("remove:"))
        return views_similar.page(request, found.report, state, typed=typed)
    faults, retry_after_s = _refused(request, state.key)
    token = request.COOKIES.get(SUPPORT_COOKIE) or secrets.token_urlsafe(24)
    if not faults:
        try:
            _act(request, found, token, state.key, typed)
        except errors.InvalidReport as invalid:
            faults = {field: message for field, (_code, message) in invalid.errors.items()}
        except errors.DomainError as refused:
            faults = {"text": refused.message}
    if faults:
        return _again(request, found, state, typed, faults, retry_after_s)
    return _with_cookie(request, back(found, "dukung"), token)


def _remove(key, photo: str) -> None:
    for staged in StagedPhoto.objects.filter(draft_key=key):
        if str(staged.uuid) == photo:
            photos.drop_staged(key, staged.uuid)


def _refused(request, key) -> tuple[dict, int]:
    """What speaks against doing it, before the report is looked at; photos are kept first."""
    retry_after_s = limits.WINDOW_S if limits.too_many(request, "support") else 0
    faults = {"text": _TOO_MANY} if retry_after_s or limits.is_bot(request) else {}
    if retry_after_s:
        return faults, retry_after_s
    if refused := uploads.stage(request, key):
        faults["photos"] = " ".join(str(fault.message) for fault in refused)
        retry_after_s = max(fault.retry_after_s for fault in refused)
    return faults, retry_after_s


def _act(request, found: access.Access, token: str, key, typed: str) -> None:
    """Raises InvalidReport, TransitionNotAllowed."""
    taken = tuple(StagedPhoto.objects.filter(draft_key=key).values_list("uuid", flat=True))
    brought = {"photos": taken, "photos_key": key}
    if found.is_reporter:
        conversation.add_comment(found.report.pk, typed, actor=THE_REPORTER, now=timezone.now(), **brought)
        messages.success(request, _("This is your own report: what you wrote was added to it."))
        return
    counted = conversation.support(
        found.report.pk, token, actor=A_CITIZEN, now=timezone.now(), message=typed, **brought
    )
    if not counted and (taken or not conversation.was_said(found.report.pk, typed)):
        raise errors.InvalidReport({"text": ("said_twice", _SAID_TWICE)})
    messages.success(request, _("Counted: you are affected too."))


def _again(request, found: access.Access, state, typed: str, faults: dict, retry_after_s: int):
    status = 429 if retry_after_s else 422
    response = views_similar.page(request, found.report, state, typed=typed, faults=faults, status=status)
    if retry_after_s:
        response["Retry-After"] = str(retry_after_s)
    return response


def _with_cookie(request, response, token: str):
    response.set_cookie(
        SUPPORT_COOKIE,
        token,
        max_age=_COOKIE_AGE_S,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return response
