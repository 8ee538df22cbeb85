"""The list's action that gives many stretches of road or water one owner."""

from django import forms
from django.contrib import admin, messages
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from city.models import Department
from city.services import ownership


class OwnerForm(forms.Form):
    owner = forms.ModelChoiceField(
        Department.objects.filter(is_active=True),
        label=_("New owner"),
        required=False,
        empty_label=_("unknown: reports go to a person"),
        widget=UnfoldAdminSelectWidget,
    )
    basis = forms.CharField(
        label=_("On what evidence?"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("A decree, a list, a letter. It is shown to staff and stands in the record."),
    )


class OwnerAction:
    """Mix-in of the lists of roads and waterways."""

    actions = ("change_owner",)

    @admin.action(description=_("Change the owner"), permissions=["change"])
    def change_owner(self, request, queryset):
        """A page that asks for owner and evidence, then does it; nothing is changed before."""
        count = queryset.count()
        if count > ownership.MOST:
            text = _("At most %(most)d at once; you ticked %(count)d. Narrow the list first.")
            self.message_user(request, text % {"most": ownership.MOST, "count": count}, messages.ERROR)
            return None
        form = OwnerForm(request.POST if "apply" in request.POST else None)
        if form.is_valid():
            data = form.cleaned_data
            changed = ownership.give(
                queryset, data["owner"], data["basis"].strip(), by=request.user, now=timezone.now()
            )
            self._said(request, len(changed), count)
            return None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Change the owner"),
            "form": form,
            "rows": queryset.select_related("owner"),
            "count": count,
        }
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "city/admin/owner.html", context, status=status)

    def _said(self, request, changed: int, count: int) -> None:
        text = ngettext(
            "The owner of %(changed)d stretch was changed.",
            "The owner of %(changed)d stretches was changed.",
            changed,
        ) % {"changed": changed}
        if changed < count:
            text += " " + _("The others had it already.")
        self.message_user(request, text, messages.SUCCESS if changed else messages.WARNING)
