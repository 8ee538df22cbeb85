"""Blacking out personal data on the staff's pages: photos by area, texts by words, and looks at originals."""

import base64
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from complaints import errors, selectors
from complaints.models import Event, HiddenWords, Photo, PhotoRedaction, Report
from complaints.services import hidden_words
from dispatch.services import redaction

_STATUS_CODE = {"conflict": 409, "not_permitted": 403}
_BLANK_ROWS = 3  # for who draws nothing: without JavaScript, or by keyboard
_SIDES = ("left", "top", "width", "height")
_KIND_NAMES = {
    "name": gettext_lazy("name"),
    "plate": gettext_lazy("number plate"),
    "phone": gettext_lazy("phone number"),
    "nik": gettext_lazy("NIK"),
    "email": gettext_lazy("e-mail address"),
}
_FIELD_NAMES = {
    "description": gettext_lazy("What was reported"),
    "street": gettext_lazy("Where"),
    "waiting_reason": gettext_lazy("Waiting for"),
    "budget_line": gettext_lazy("Budget line or reason"),
}


class WordsForm(forms.Form):
    """Shape only; the rules are the service's. `replaces`: what is not sent any more shows again."""

    version = forms.IntegerField(min_value=1)
    more = forms.CharField(required=False, strip=False, max_length=10_000)
    replaces = forms.BooleanField(required=False)


class AreasForm(forms.Form):
    seen = forms.UUIDField()
    replaces = forms.BooleanField(required=False)


class RedactionPages:
    """Mix-in of the reports' admin: a page for a report's words, one for each photo."""

    def get_urls(self):
        def view(function):
            return self.admin_site.admin_view(never_cache(function))

        start, name = "<int:report_id>/samarkan/", "complaints_report_redact"
        photo = f"{start}foto/<int:photo_id>/"
        own = [
            path(start, view(self.redact_view), name=name),
            path(f"{start}asli/", view(self.original_words_view), name=f"{name}_original"),
            path(photo, view(self.redact_photo_view), name=f"{name}_photo"),
            path(f"{photo}asli/", view(self.original_photo_view), name=f"{name}_photo_original"),
        ]
        return own + super().get_urls()

    def redact_view(self, request, report_id: int):
        """The report's texts, and which words of them are covered."""
        report = self._to_redact(request, report_id)
        if request.method != "POST":
            return self._words_page(request, report)
        form = WordsForm(request.POST)
        if not form.is_valid():
            return self._words_page(request, report, error=errors.InvalidReport({}))
        data = form.cleaned_data
        try:
            redaction.hide_words(
                request.user,
                report.pk,
                [*request.POST.getlist("words"), *data["more"].splitlines()],
                now=timezone.now(),
                expected_version=data["version"],
                keeps=not data["replaces"],
            )
        except errors.DomainError as error:
            return self._words_page(request, self._report(request, report_id), error=error)
        messages.success(request, _("Saved. This is what everybody reads from now on."))
        return HttpResponseRedirect(reverse("admin:complaints_report_redact", args=[report.pk]))

    def original_words_view(self, request, report_id: int):
        """The words before they were covered; POST, because every look is recorded."""
        report = self._to_redact(request, report_id)
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:complaints_report_redact", args=[report.pk]))
        originals = _looked(lambda: redaction.look_at_words(request.user, report.pk, now=timezone.now()))
        if isinstance(originals, errors.DomainError):
            return self._words_page(request, report, error=originals)
        return self._words_page(request, report, originals=originals)

    def redact_photo_view(self, request, report_id: int, photo_id: int):
        """One photo: draw, or write, which areas are blacked out."""
        report, photo = self._photo_to_redact(request, report_id, photo_id)
        if request.method != "POST":
            return self._photo_page(request, report, photo)
        form, rows = AreasForm(request.POST), _rows_of(request.POST)
        if not form.is_valid():
            return self._photo_page(request, report, photo, rows=rows, error=errors.InvalidReport({}))
        data = form.cleaned_data
        try:
            redaction.redact_photo(
                request.user,
                report.pk,
                photo.pk,
                rows,
                now=timezone.now(),
                seen=data["seen"],
                keeps=not data["replaces"],
            )
        except errors.DomainError as error:
            photo = Photo.objects.get(pk=photo.pk)
            plain = b""
            if data["replaces"] and not isinstance(error, errors.Conflict):  # it was shown, so it stays shown
                plain = _looked(lambda: self._look_at(request, report, photo))
            plain = plain if isinstance(plain, bytes) else b""
            return self._photo_page(request, report, photo, rows=rows, error=error, plain=plain)
        messages.success(request, _("Saved. Everybody sees the photo like this from now on."))
        return HttpResponseRedirect(
            reverse("admin:complaints_report_redact_photo", args=[report.pk, photo.pk])
        )

    def original_photo_view(self, request, report_id: int, photo_id: int):
        """The photo without black areas, within the page: no address leads to it. Every look is recorded."""
        report, photo = self._photo_to_redact(request, report_id, photo_id)
        if request.method != "POST":
            return HttpResponseRedirect(
                reverse("admin:complaints_report_redact_photo", args=[report.pk, photo.pk])
            )
        plain = _looked(lambda: self._look_at(request, report, photo))
        if isinstance(plain, errors.DomainError):
            return self._photo_page(request, report, photo, error=plain)
        return self._photo_page(request, report, photo, plain=plain)

    # --- helpers ---------------------------------------------------------------------------------------

    def _look_at(self, request, report: Report, photo: Photo) -> bytes:
        return redaction.look_at_photo(request.user, report.pk, photo.pk, now=timezone.now())

    def _to_redact(self, request, report_id: int) -> Report:
        report = self._report(request, report_id)
        if not redaction.may_redact(request.user):
            raise PermissionDenied
        return report

    def _photo_to_redact(self, request, report_id: int, photo_id: int) -> tuple[Report, Photo]:
        report = self._to_redact(request, report_id)
        photo = Photo.objects.filter(pk=photo_id, report=report, state=Photo.State.READY).first()
        if photo is None:
            raise Http404
        return report, photo

    def _words_page(self, request, report: Report, *, error=None, originals=None):
        row = HiddenWords.objects.filter(pk=report.pk).first()
        events = list(Event.objects.filter(report=report).exclude(text="").order_by("id"))
        found = redaction.suggestions(request.user, report)
        redaction.cover_for(request.user, report, events)
        context = {
            **self._redaction_context(request, report, error),
            "title": _("Black out personal data in %(code)s") % {"code": report.spoken_code},
            "texts": [(_field_name(name), text) for name, text in hidden_words.texts(report).items()],
            "events": events,
            "suggestions": [(item.words, _KIND_NAMES[item.kind]) for item in found],
            "ticked": request.POST.getlist("words") if error else [],
            "typed": request.POST.get("more", "") if error else "",
            "hidden_count": len(row.words) if row else 0,
            "originals": originals,
            "original_fields": [(_field_name(name), text) for name, text in originals.fields.items()]
            if originals
            else [],
            "photos": _photos(report),
        }
        return self._redaction_page(request, "dispatch/admin/redact.html", context, error)

    def _photo_page(self, request, report: Report, photo: Photo, *, rows=(), error=None, plain: bytes = b""):
        row = PhotoRedaction.objects.filter(photo=photo).first()
        covered = row.areas if row else []
        typed = [item for item in rows if any(value.strip() for value in item)]
        editable = typed or ([[f"{value:g}" for value in item] for item in covered] if plain else [])
        context = {
            **self._redaction_context(request, report, error),
            "title": _("Black out a photo of %(code)s") % {"code": report.spoken_code},
            "photo": photo,
            "covered": [] if plain else covered,
            "rows": [*editable, *[[""] * len(_SIDES)] * _BLANK_ROWS],
            "sides": _SIDES,
            "grid": [(number, number == 50) for number in range(10, 100, 10)],
            "plain": f"data:image/webp;base64,{base64.b64encode(plain).decode()}" if plain else "",
            "has_original": bool(row and row.kept),
        }
        return self._redaction_page(request, "dispatch/admin/redact_photo.html", context, error)

    def _redaction_context(self, request, report: Report, error) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "report": report,
            "case_url": self._address(request, report.pk),
            "fault": _sentence(error) if error else "",
            "may_see_original": selectors.may_see_identity(request.user) and report.erased_at is None,
        }

    def _redaction_page(self, request, template: str, context: dict[str, Any], error):
        status = _STATUS_CODE.get(error.code, 422) if error else 200
        return TemplateResponse(request, template, context, status=status)


def panel(user, report: Report) -> dict[str, Any]:
    """What the case page needs to offer the way here."""
    return {"may_redact": redaction.may_redact(user)}


def _looked(act) -> Any:
    """What a look found, or why not; 404 where nothing is covered."""
    try:
        return act()
    except errors.NotPermitted as exc:
        raise PermissionDenied from exc
    except (PhotoRedaction.DoesNotExist, HiddenWords.DoesNotExist) as exc:
        raise Http404 from exc
    except errors.DomainError as error:
        return error


def _rows_of(posted) -> list[list[str]]:
    columns = [posted.getlist(side)[:100] for side in _SIDES]
    return [list(row) for row in zip(*columns, strict=False)]


def _photos(report: Report) -> list[dict[str, Any]]:
    rows = report.photos.filter(state=Photo.State.READY).select_related("redaction").order_by("id")
    return [{"photo": photo, "is_covered": hasattr(photo, "redaction")} for photo in rows]


def _field_name(name: str) -> str:
    return str(_FIELD_NAMES.get(name, _("Answer")))


def _sentence(error: errors.DomainError) -> str:
    if isinstance(error, errors.InvalidReport):
        said = " ".join(str(text) for _code, text in error.errors.values())
        return said or _("Something was not sent along. Please try again.")
    if isinstance(error, errors.Conflict):
        return _("Somebody changed this meanwhile. Nothing of yours was saved: look again, then send again.")
    return str(error.message)
