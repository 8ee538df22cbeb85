"""The reporter's rights over their own words: to change them, to take the report back, to be forgotten."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from city import snapshot as city
from complaints import errors, links, selectors
from complaints.domain import rights, text
from complaints.models import Photo, Report, Reporter
from complaints.services import changes, conversation, erasure
from complaints.web import access, form_context, form_state, limits
from complaints.web.form_context import Fault
from complaints.web.form_state import FormState
from complaints.web.replies import SAID, back, private
from complaints.web.story import story

_TOO_MANY = gettext_lazy("Too many at once. Please wait a few minutes.")
_CHANGED_MEANWHILE = gettext_lazy(
    "The report has moved on meanwhile (for example, an office has taken it). Nothing you typed is lost: "
    "please send it once more."
)


def _own(request, code: str) -> access.Access | None:
    """The report if the visitor speaks for its reporter. Private reports of others are 404, as everywhere."""
    found = access.get(request, code)
    return found if found.is_reporter else None


def _late(request, found: access.Access, typed: str = ""):
    """Back to the report's page, which says what can be done instead. What was `typed` stands there in the
    field for a comment: writing took longer than the window lasted, and must not have been for nothing."""
    late = errors.WindowClosed()
    if not text.clean(typed):
        messages.error(request, str(late))
        return back(found, SAID)
    extra = {"typed": {"comment": typed}, "errors": {"comment": {"text": late.message}}}
    page = render(request, "complaints/report_detail.html", story(request, found, **extra), status=409)
    return private(page)


def _rewritten(request, report: Report) -> str:
    """The description in the form that was sent, if it is another one."""
    typed = request.POST.get("description", "")
    return "" if text.clean(typed) == report.description else typed


def _version(request) -> int | None:
    typed = request.POST.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


# --- edit --------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report_edit(request, code: str):
    """The report's words as a form, for as long as they may be changed."""
    found = _own(request, code)
    if found is None:
        return redirect("report_detail", code=code)
    if not rights.may_edit(found.report.status, found.report.created_at, timezone.now()):
        return _late(request, found, _rewritten(request, found.report))
    if request.method != "POST":
        return _edit_page(request, found, _state_of(found.report))
    state = form_state.read(request.POST).with_values(category=_category_code(found.report))
    removed = _uuids(request.POST.getlist("remove_photo"))
    if limits.is_bot(request) or limits.too_many(request, "act"):
        return _edit_page(request, found, state, [Fault("", _TOO_MANY)], removed, status=429)
    try:
        changes.edit_report(
            found.report.pk,
            _edit_of(state, removed),
            now=timezone.now(),
            expected_version=_version(request) or 0,
        )
    except errors.InvalidReport as invalid:
        faults = [Fault(name, message) for name, (_code, message) in invalid.errors.items()]
        return _edit_page(request, found, state, faults, removed, status=422)
    except errors.WindowClosed:
        return _late(request, access.get(request, code), _rewritten(request, found.report))
    except errors.Conflict:
        found = access.get(request, code)
        return _edit_page(request, found, state, [Fault("", _CHANGED_MEANWHILE)], removed, status=409)
    messages.success(request, _("Your changes are saved."))
    return back(found, SAID)


def _category_code(report: Report) -> str:
    category = city.current().categories_by_id.get(report.category_id)
    return category.code if category else ""


def _uuids(typed: list[str]) -> tuple[uuid.UUID, ...]:
    found = []
    for item in typed[:20]:
        try:
            found.append(uuid.UUID(item))
        except ValueError:
            continue
    return tuple(found)


def _state_of(report: Report) -> FormState:
    """The form as the report stands now."""
    contact = changes.contact_of(report)
    values = {
        "category": _category_code(report),
        "description": report.description,
        "street": report.street,
        "contact_name": contact.name,
        "contact_email": contact.email,
        "contact_phone": contact.phone,
        "contact_phone_channel": contact.phone_channel,
    }
    return FormState(
        key=uuid.uuid4(),
        values=values,
        answers={name: str(value) for name, value in report.answers.items()},
        is_anonymous=report.is_anonymous,
        is_private=report.is_private,
    )


def _edit_of(state: FormState, removed: tuple[uuid.UUID, ...]) -> changes.Edit:
    codes = form_context.question_codes(state)
    return changes.Edit(
        description=state.get("description"),
        street=state.get("street"),
        answers={
            code: text.clean_line(value) for code, value in state.answers.items() if value and code in codes
        },
        is_anonymous=state.is_anonymous,
        is_private=state.is_private,
        contact=form_state.contact(state),
        removed_photos=removed,
        language=(get_language() or "id")[:2],
    )


def _edit_page(request, found, state, faults=(), removed=(), *, status=200):
    report = found.report
    by_field = {fault.field: fault.message for fault in faults}
    left = rights.time_left(report.created_at, timezone.now())
    photos = selectors.reporters_photos(report).exclude(state=Photo.State.REFUSED)
    context = {
        "report": report,
        "secret": found.secret,
        "category": city.current().categories_by_id.get(report.category_id),
        "state": state,
        "values": state.values,
        "faults": list(faults),
        "errors": by_field,
        "questions": form_context.questions(state, by_field),
        "photos": list(photos),
        "removed": set(removed),
        "window_left": left,
        "window_left_s": int(left.total_seconds()),
    }
    response = render(request, "complaints/report_edit.html", context, status=status)
    if status == 429:
        response["Retry-After"] = str(limits.WINDOW_S)
    return private(response)


# --- withdraw ----------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report_withdraw(request, code: str):
    """Taking the report back, after a page that says what that means."""
    found = _own(request, code)
    if found is None:
        return redirect("report_detail", code=code)
    now, report = timezone.now(), found.report
    is_gone = request.method == "POST" and conversation.is_withdrawn(report)  # pressed twice
    if not is_gone and not rights.may_withdraw(report.status, report.created_at, now):
        return _late(request, found, request.POST.get("text", ""))
    if request.method != "POST":
        return _withdraw_page(request, found)
    if limits.is_bot(request) or limits.too_many(request, "act"):
        return _withdraw_page(request, found, _TOO_MANY, status=429)
    message = request.POST.get("text", "")
    try:
        changes.withdraw_report(report.pk, now=now, message=message, expected_version=_version(request) or 0)
    except errors.InvalidReport as invalid:
        return _withdraw_page(request, found, invalid.errors["text"][1], status=422)
    except errors.WindowClosed:
        return _late(request, access.get(request, code), message)
    except errors.Conflict:
        return _withdraw_page(request, access.get(request, code), _CHANGED_MEANWHILE, status=409)
    messages.success(request, _("You have taken the report back. The public does not see it any more."))
    return back(found, SAID)


def _withdraw_page(request, found, error="", *, status=200):
    left = rights.time_left(found.report.created_at, timezone.now())
    context = {
        "report": found.report,
        "secret": found.secret,
        "category": city.current().categories_by_id.get(found.report.category_id),
        "error": error,
        "typed": request.POST.get("text", ""),
        "window_left": left,
        "window_left_s": int(left.total_seconds()),
    }
    return private(render(request, "complaints/report_withdraw.html", context, status=status))


# --- erase -------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report_erase(request, code: str):
    """What goes and what stays, a confirmation, and then a last page: afterwards nobody holds the report."""
    found = _own(request, code)
    if found is None:
        return redirect("report_detail", code=code)
    if request.method != "POST":
        return _erase_page(request, found)
    if limits.is_bot(request) or limits.too_many(request, "act"):
        return _erase_page(request, found, _TOO_MANY, status=429)
    if "confirm" not in request.POST:
        missing = _("Please tick the box: afterwards this cannot be undone.")
        return _erase_page(request, found, missing, status=422)
    with_words = "with_words" in request.POST
    report = erasure.erase_personal_data(found.report.pk, now=timezone.now(), with_words=with_words)
    context = {
        "report": report,
        "with_words": with_words,
        "public_path": "" if report.is_private else links.public_path(report),
    }
    return private(render(request, "complaints/report_erased.html", context))


def _erase_page(request, found, error="", *, status=200):
    report = found.report
    context = {
        "report": report,
        "secret": found.secret,
        "category": city.current().categories_by_id.get(report.category_id),
        "error": error,
        "with_words": "with_words" in request.POST,
        "contact": Reporter.objects.filter(report=report).first(),
        "photo_count": selectors.reporters_photos(report).count(),
    }
    return private(render(request, "complaints/report_erase.html", context, status=status))
