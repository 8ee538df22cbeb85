"""Filing a report: one page, a preview, a code. Works without JavaScript."""

from dataclasses import replace

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_http_methods

from complaints import errors
from complaints.domain import privacy
from complaints.models import Report, StagedPhoto
from complaints.services import photos, submit, thumbnails
from complaints.web import (
    access,
    devices,
    form_context,
    form_places,
    form_state,
    limits,
    uploads,
    views_similar,
)
from complaints.web.form_context import Fault, FormPage
from complaints.web.form_state import FormState


@gzip_page
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report_new(request):
    """The form. POST carries `action`: choose, edit, find_place, preview, submit, or remove:<photo>."""
    if request.method != "POST":
        devices.of(request)
        category = form_context.category_of(request.GET.get("kategori", ""))
        private = bool(category and category.is_private_by_default)
        return _form(request, FormPage(form_state.fresh(category.code if category else "", private)))
    state, faults = receive(request)
    if limits.is_bot(request):
        return _form(request, FormPage(state, [*faults, Fault("", limits.TOO_MANY)]))
    if limits.too_many(request, "report"):
        return _form(request, FormPage(state, [*faults, Fault("", limits.TOO_MANY, limits.WINDOW_S)]))
    action = request.POST.get("action", "preview")
    if action.startswith("remove:"):
        return _form(request, FormPage(_without_photo(state, action.removeprefix("remove:"))))
    if action in ("choose", "edit", form_places.FIND):
        return _form(request, FormPage(state, faults))
    if action == "suggest":
        return _form(request, FormPage(views_similar.suggested(state), faults, is_suggesting=True))
    if action.startswith(views_similar.SUPPORT_ACTION):
        return _this_is_it(request, state, faults, action.removeprefix(views_similar.SUPPORT_ACTION))
    if action == "submit" and limits.is_too_fast(request):
        return _form(request, FormPage(state, [*faults, Fault("", limits.TOO_FAST)]))
    if action == "submit":
        return _submit(request, state, faults)
    return _preview(request, state, faults)


def receive(request) -> tuple[FormState, list[Fault]]:
    """The form as sent, its new photos staged: from here on nothing that was typed or taken is lost.

    Only an address that sends without end has its photos left unread: keeping them costs disk and decoding.
    """
    state = form_places.apply_choice(_chosen(request, form_state.read(request.POST)))
    faults = uploads.stage(request, state.key)
    held = {photo.uuid for photo in form_context.staged_photos(state)}
    merged = (*state.photos, *sorted(held - set(state.photos)))
    state = replace(state, photos=merged)
    return form_state.use_photo_place(state, form_context.staged_photos(state)), faults


def _this_is_it(request, state: FormState, faults: list[Fault], code: str):
    if faults:
        return _form(request, FormPage(state, faults))
    page = views_similar.support_page(request, state, code)
    notice = _("That report has ended meanwhile. Please send yours as a new one.")
    return page or _form(request, FormPage(state, notice=notice), status=409)


def _without_photo(state: FormState, photo: str) -> FormState:
    uuids = [item for item in state.photos if str(item) == photo]
    for uuid in uuids:
        photos.drop_staged(state.key, uuid)
    return replace(state, photos=tuple(item for item in state.photos if item not in uuids))


def _chosen(request, state: FormState) -> FormState:
    """A kind that is private by default turns the switch on when it is chosen, whichever button comes next;
    afterwards a person may turn it off."""
    category = form_context.category_of(state.get("category"))
    before = request.POST.get("category_before", "")
    if category and category.code != before and category.is_private_by_default:
        return replace(state, is_private=True)
    return state


def _form(request, page: FormPage, status: int = 200):
    """The form again: 429 with Retry-After where waiting helps, 422 where something is to be corrected."""
    retry_after_s = max((fault.retry_after_s for fault in page.faults), default=0)
    if retry_after_s:
        status = 429
    elif page.faults or page.outside:
        status = 422
    response = render(request, "complaints/report_new.html", form_context.build(page), status=status)
    if retry_after_s:
        response["Retry-After"] = str(retry_after_s)
    return response


def _check(state: FormState, faults: list[Fault]):
    """The checked draft, or None with the faults filled in. OutsideCity passes through."""
    draft = form_state.to_draft(state, form_context.question_codes(state))
    staged = {photo.uuid for photo in form_context.staged_photos(state)}
    try:
        checked = submit.check_draft(draft, photo_count=len(staged & set(draft.photos)))
    except errors.InvalidReport as invalid:
        faults.extend(Fault(name, message) for name, (_code, message) in invalid.errors.items())
        return None
    return checked


def _preview(request, state: FormState, faults: list[Fault]):
    try:
        checked = _check(state, faults)
    except errors.OutsideCity as outside:
        return _form(request, FormPage(state, faults, outside=outside))
    staged = form_context.staged_photos(state)
    if checked and state.get("photo_place") != form_state.KEEP_PIN and form_context.far_photo(state, staged):
        faults.append(
            Fault("photo_place", _("A photo was taken somewhere else. Please say which place is right."))
        )
    if checked is None or faults:
        return _form(request, FormPage(state, faults))
    context = {
        "state": state,
        "checked": checked,
        "staged": staged,
        "is_danger": checked.danger,
        "has_masked": bool(privacy.find(f"{checked.draft.description}\n{checked.draft.street}")),
        "answers": form_context.answered(checked.category, checked.answers),
        "similar": views_similar.of_draft(checked, state),
    }
    return render(request, "complaints/report_preview.html", context)


def _submit(request, state: FormState, faults: list[Fault]):
    draft = form_state.to_draft(state, form_context.question_codes(state))
    try:
        submission = submit.submit_report(draft, now=timezone.now())
    except errors.InvalidReport as invalid:
        faults.extend(Fault(name, message) for name, (_code, message) in invalid.errors.items())
        return _form(request, FormPage(state, faults))
    except errors.OutsideCity as outside:
        return _form(request, FormPage(state, faults, outside=outside))
    except errors.KeyReused:
        return _already_sent(request, state)
    access.remember(request, submission.report)
    return redirect("report_thanks", code=submission.report.code)


def _already_sent(request, state: FormState):
    """Back button, changed, sent again: the first report stands; what was changed becomes a new draft."""
    report = Report.objects.get(idempotency_key=state.key)
    renewed = replace(state, key=form_state.fresh().key, photos=())
    notice = _(
        "This form was already sent as report %(code)s. To report another problem, check the details below "
        "and send them as a new report. Photos must be added again."
    ) % {"code": report.spoken_code}
    return _form(request, FormPage(renewed, notice=notice), status=409)


@require_GET
def questions_fragment(request, category: str):
    """The questions of a kind of problem, for the form that has JavaScript."""
    info = form_context.category_of(category)
    if info is None:
        raise Http404
    state = form_state.fresh(info.code)
    context = {"category": info, "questions": form_context.questions(state, {})}
    response = render(request, "complaints/_questions.html", context)
    response["Cache-Control"] = "private, max-age=600"
    response["Vary"] = "Cookie, Accept-Language"
    return response


@require_GET
def staged_photo(request, key, photo):
    """A small re-encoded picture for whoever holds the form's key; it never changes."""
    staged = StagedPhoto.objects.filter(draft_key=key, uuid=photo).first()
    content = thumbnails.of_staged(staged) if staged else None
    if content is None:
        raise Http404
    headers = {"Cache-Control": f"private, max-age={thumbnails.KEPT_FOR_S}"}
    return HttpResponse(content, content_type="image/webp", headers=headers)
