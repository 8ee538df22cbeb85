"""The case page's prepared texts and its preview: nothing is done to the report here."""

import uuid

from django.http import Http404, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _

from dispatch.admin import case_context
from dispatch.domain import casework
from dispatch.services import casework as casework_service
from dispatch.services import replies

# A page's script asks for the preview alone.
FRAGMENT_HEADER = "X-Fragment"


class ReplyPages:
    """Mix-in of the reports' admin, below CasePages."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.template_view)
        address = "<int:report_id>/langkah/<slug:step>/templat/<slug:key>/"
        return [path(address, view, name="complaints_report_template"), *super().get_urls()]

    def template_view(self, request, report_id: int, step: str, key: str):
        """A template's text about this report, for the page's script."""
        report = self._report(request, report_id)
        text = self._text_of(request, report, step, key)
        if text is None:
            raise Http404
        return JsonResponse({"text": text})

    def _text_of(self, request, report, step: str, key: str) -> str | None:
        if step not in casework_service.steps_for(request.user, report):
            return None
        return replies.filled(report, step, key)

    def _begun(self, request, report) -> case_context.Attempt | None:
        """`?langkah=resolve&templat=12-id`: the page with that step open and its text filled in."""
        step, key = request.GET.get("langkah", ""), request.GET.get("templat", "")
        text = self._text_of(request, report, step, key) if step in casework.TELLING else None
        if text is None:
            return None
        typed = {"message": text, "template": key}
        return case_context.Attempt(step=step, typed=typed, photos_key=uuid.uuid4(), is_draft=True)

    def _filled(self, request, report, step, form, photos):
        """The page again with the chosen text below what was typed."""
        typed, faults = request.POST.copy(), {}
        text = self._text_of(request, report, step, typed.get("template", ""))
        written = typed.get("message", "").strip()
        if text is None:
            faults["template"] = _("Please choose a template first.")
        elif text not in written:
            typed["message"] = f"{written}\n\n{text}".strip()
        return self._draft(request, report, step, form, photos, typed=typed, faults=faults)

    def _previewed(self, request, report, step, form, photos, seen):
        if request.headers.get(FRAGMENT_HEADER):
            context = {"seen": seen, "step": {"name": step}, "report": report}
            return TemplateResponse(request, "dispatch/admin/_step_preview.html", context)
        return self._draft(request, report, step, form, photos, preview=seen)

    def _draft(self, request, report, step, form, photos, *, typed=None, faults=None, preview=None):
        attempt = case_context.Attempt(
            step=step,
            typed=request.POST if typed is None else typed,
            faults=faults or {},
            photos_key=form.cleaned_data.get("photos_key") or uuid.uuid4(),
            photos=photos,
            is_draft=True,
            preview=preview,
        )
        return self._page(request, report, attempt=attempt)
