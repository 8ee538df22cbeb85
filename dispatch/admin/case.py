"""One report as an officer works on it: what is known, what was promised, and the next steps as buttons."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from complaints import errors, selectors
from complaints.models import Report
from dispatch import proof_words, words
from dispatch.admin import case_context, case_replies, forms
from dispatch.domain import casework
from dispatch.errors import ProofDoubtful
from dispatch.services import casework as casework_service
from dispatch.services import identity, mentions, step_preview

_STATUS_CODE = {"conflict": 409, "not_permitted": 403}
# What services call a field, and what the page calls it.
_FIELD = {"text": "message", "place": "point"}


def _gone(form) -> str:
    """The report has left this person's sight; what they wrote goes back to them."""
    text = form.cleaned_data.get("message") or form.cleaned_data.get("waiting_reason") or ""
    if not text:
        return _("It is no longer with your department.")
    return _("It is no longer with your department. What you wrote: “%(text)s”") % {"text": text}


class CasePages(case_replies.ReplyPages):
    """The case page in place of the admin's change form, and the addresses its buttons post to."""

    def get_urls(self):
        view = self.admin_site.admin_view
        own = [
            path("<int:report_id>/langkah/<slug:step>/", view(self.step_view), name="complaints_report_step"),
            path("<int:report_id>/pelapor/", view(self.identity_view), name="complaints_report_identity"),
        ]
        return own + super().get_urls()

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        report = self._report(request, object_id)
        mentions.read(request.user, report.pk, now=timezone.now())
        return self._page(request, report, attempt=self._begun(request, report))

    def history_view(self, request, object_id, extra_context=None):
        """The timeline is the history."""
        report = self._report(request, object_id)
        return HttpResponseRedirect(f"{self._address(request, report.pk)}#riwayat")

    def step_view(self, request, report_id: int, step: str):
        """Take one step and go back to the case, or show the case with what is wrong and what was typed."""
        report = self._report(request, report_id)
        if request.method != "POST":
            return HttpResponseRedirect(self._address(request, report.pk))
        if step not in casework.STEPS or not casework.may(casework_service.role_of(request.user), step):
            raise PermissionDenied
        form = forms.StepForm(request.POST)
        form.is_valid()
        now = timezone.now()
        photos, refused = forms.stage_photos(request, form.cleaned_data.get("photos_key"), now)
        if request.POST.get("do") == "fill":
            return self._filled(request, report, step, form, photos)
        faults = {name: found[0] for name, found in form.errors.items()}
        if refused:
            faults["photos"] = refused
        if faults:
            return self._again(request, report, step, form, faults, photos)
        is_preview = request.POST.get("do") == "preview" and step in casework.TELLING
        run = step_preview.preview if is_preview else casework_service.take_step
        try:
            seen = run(
                request.user,
                report.pk,
                step,
                form.details(photos),
                now=now,
                expected_version=form.cleaned_data["version"],
            )
        except errors.DomainError as exc:
            return self._failed(request, report.pk, step, form, exc, photos)
        except Report.DoesNotExist:  # handed over between the two looks
            return self._failed(request, report.pk, step, form, errors.Conflict(), photos)
        if is_preview:
            return self._previewed(request, report, step, form, photos, seen)
        if on := self.after_finishing(request, report, step):
            return on
        messages.success(request, str(words.STEP_DONE[step]))
        return self._after(request, report.pk)

    def identity_view(self, request, report_id: int):
        """Show who the reporter is; POST, because every look is recorded."""
        report = self._report(request, report_id)
        if request.method != "POST":
            return HttpResponseRedirect(self._address(request, report.pk))
        try:
            contact = identity.look_at_reporter(request.user, report.pk, now=timezone.now())
        except errors.NotPermitted as exc:
            raise PermissionDenied from exc
        return self._page(request, report, contact=contact, has_looked=True)

    # --- helpers ---------------------------------------------------------------------------------------

    def _report(self, request, object_id) -> Report:
        """The report, if this person may see it; 404 otherwise, so that a guess tells nothing."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            return (
                selectors.for_staff(request.user)
                .select_related("category", "area__parent", "department", "assignee", "crew")
                .defer("area__geometry", "area__parent__geometry")
                .get(pk=int(object_id))
            )
        except (Report.DoesNotExist, ValueError, OverflowError) as exc:
            raise Http404 from exc

    def _address(self, request, report_id: int) -> str:
        query = self.get_preserved_filters(request)
        return reverse("admin:complaints_report_change", args=[report_id]) + (f"?{query}" if query else "")

    def _after(self, request, report_id: int):
        """Back to the case, or to the list when the step took the report out of this person's sight."""
        if selectors.for_staff(request.user).filter(pk=report_id).exists():
            return HttpResponseRedirect(self._address(request, report_id))
        return HttpResponseRedirect(case_context.list_address(self.get_preserved_filters(request)))

    def _failed(self, request, report_id, step, form, error, photos):
        faults = {}
        if isinstance(error, errors.InvalidReport):
            faults = {_FIELD.get(name, name): text for name, (_code, text) in error.errors.items()}
        elif isinstance(error, ProofDoubtful):
            faults = {"proof": proof_words.sentences(error.data["findings"])}
        elif isinstance(error, errors.MissingReason):
            faults = {"message": error.message}
        report = selectors.for_staff(request.user).filter(pk=report_id).first()
        if report is None:
            messages.error(request, _gone(form))
            return HttpResponseRedirect(case_context.list_address(self.get_preserved_filters(request)))
        report = self._report(request, report_id)
        return self._again(request, report, step, form, faults, photos, error)

    def _again(self, request, report, step, form, faults, photos, error=None):
        attempt = case_context.Attempt(
            step=step,
            typed=request.POST,
            faults=faults,
            photos_key=form.cleaned_data.get("photos_key") or uuid.uuid4(),
            photos=photos,
            error=error,
            seen_event_id=form.cleaned_data.get("seen") or 0,
        )
        status = _STATUS_CODE.get(error.code, 422) if error else 422
        return self._page(request, report, attempt=attempt, status=status)

    def _page(self, request, report, *, status=200, attempt=None, contact=None, has_looked=False):
        query = self.get_preserved_filters(request)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": report,
            "title": _("Report %(code)s") % {"code": report.spoken_code},
            "query": f"?{query}" if query else "",
            "list_url": case_context.list_address(query),
            "contact": contact,
            "has_looked": has_looked,
            "may_see_identity": selectors.may_see_identity(request.user),
            **case_context.build(
                request.user, report, attempt, timezone.now(), part=request.GET.get("riwayat", "")
            ),
            **self.walk_context(request, report),
        }
        return TemplateResponse(request, "dispatch/admin/case.html", context, status=status)
