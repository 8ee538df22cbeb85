"""What the reporter does with the private link: adds, confirms, opens again."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from complaints import errors
from complaints.domain.actor import THE_REPORTER
from complaints.models import StagedPhoto
from complaints.services import conversation
from complaints.web import access, limits, uploads
from complaints.web.replies import SAID, back, private
from complaints.web.story import story


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
            photos=taken,
            photos_key=key,
        )

    return _as_reporter(request, code, act, "confirm", _("Thank you. The report is closed as confirmed."))


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
        typed = {name: request.POST.get("text", ""), "rating": request.POST.get("rating", "")}
        extra = {"typed": typed, "errors": {name: faults}, "photos_key": key}
        extra["staged"] = taken
        status = 429 if retry_after_s else 422
        page = render(request, "complaints/report_detail.html", story(request, found, **extra), status=status)
        if retry_after_s:
            page["Retry-After"] = str(retry_after_s)
        return private(page)
    messages.success(request, done)
    return back(found, SAID)
