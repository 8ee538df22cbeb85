"""Owners' Open311 servers: where they are, what their services are called, whether they answer."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextareaWidget, UnfoldAdminURLInputWidget

from city.models import Category, Department
from city.office import OfficePages
from dispatch.admin.admin_only import AdminOnly
from dispatch.domain import georeport, outbound
from dispatch.models import OwnerEndpoint
from dispatch.services import owners
from dispatch.services.channels import http

URL_FAULT = {
    outbound.NOT_AN_ADDRESS: _("This is not an address. Write it like https://open311.example/v2."),
    outbound.NOT_HTTPS: _(
        "The address must begin with https://. Without it only hosts in OUTBOUND_PRIVATE_HOSTS are spoken to."
    ),
    outbound.HAS_PASSWORD: _("The address must hold no user name or password."),
    outbound.HAS_FRAGMENT: _("The address must hold no #."),
}
_MAX_LINES = 300
_NO_PAIR = _("Line %(line)s: write “ours = theirs”.")
_UNKNOWN_KIND = _("Line %(line)s: there is no kind or group “%(name)s”.")
_UNKNOWN_SOURCE = _("Line %(line)s: “%(name)s” is nothing that can be sent. Possible: %(known)s.")
_KNOWN_SOURCES = f"{', '.join(georeport.ATTRIBUTE_SOURCES)}, answer.…, =…"


def checked_url(url: str) -> str:
    """An address that may be written to. Raises forms.ValidationError."""
    fault = outbound.fault(url, is_own_network=http.is_private_host_allowed(url))
    if fault:
        raise forms.ValidationError(URL_FAULT[fault], code=fault)
    return url


class PairsField(forms.CharField):
    """`left = right`, one a line, kept as an object."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value):
        if isinstance(value, dict):
            return "\n".join(f"{left} = {right}" for left, right in value.items())
        return value

    def to_python(self, value):
        lines = [line.strip() for line in (value or "").splitlines()[:_MAX_LINES]]
        pairs = {}
        for number, line in enumerate(lines, 1):
            left, equals, right = (part.strip() for part in line.partition("="))
            if line and not (left and equals and right):
                raise forms.ValidationError(_NO_PAIR, params={"line": number})
            if line:
                pairs[left] = right
        return pairs

    def has_changed(self, initial, data):
        try:
            return self.to_python(data) != (initial or {})
        except forms.ValidationError:
            return True


class CapitalLabels:
    """Labels of fields that a form declares itself, written as the model's own are."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.label = capfirst(field.label)


class OwnerEndpointForm(CapitalLabels, forms.ModelForm):
    base_url = forms.URLField(
        label=_("base address"),
        max_length=300,
        assume_scheme="https",
        widget=UnfoldAdminURLInputWidget,
        help_text=_("Without services.xml and the like, e.g. https://open311.example/v2."),
    )
    api_key = forms.CharField(
        label=_("API key"),
        required=False,
        max_length=400,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("It is kept encrypted and never shown again. Leave it empty to keep the present one."),
    )
    forget_key = forms.BooleanField(label=_("take the stored key away"), required=False)
    service_codes = PairsField(
        label=_("service codes"),
        required=False,
        help_text=_("One a line: our kind or group of kinds = their service code."),
    )
    attributes = PairsField(
        label=_("attributes"),
        required=False,
        help_text=_("One a line: their attribute = what we fill it with (%(known)s).")
        % {"known": _KNOWN_SOURCES},
    )

    class Meta:
        model = OwnerEndpoint
        fields = (
            *("department", "base_url", "jurisdiction_id", "format", "default_service_code"),
            *("service_codes", "attributes", "reads", "when_closed", "poll_minutes", "is_active"),
        )

    def clean_base_url(self):
        return checked_url(self.cleaned_data["base_url"])

    def clean_poll_minutes(self):
        minutes = self.cleaned_data["poll_minutes"]
        if not 5 <= minutes <= 7 * 24 * 60:
            raise forms.ValidationError(_("Between 5 minutes and a week (10,080)."))
        return minutes

    def clean_service_codes(self):
        pairs = self.cleaned_data["service_codes"]
        known = set(Category.objects.values_list("code", flat=True))
        for number, name in enumerate(pairs, 1):
            if name not in known:
                raise forms.ValidationError(_UNKNOWN_KIND, params={"line": number, "name": name})
        return pairs

    def clean_attributes(self):
        pairs = self.cleaned_data["attributes"]
        for number, source in enumerate(pairs.values(), 1):
            if not georeport.is_attribute_source(source):
                names = {"line": number, "name": source, "known": _KNOWN_SOURCES}
                raise forms.ValidationError(_UNKNOWN_SOURCE, params=names)
        return pairs


@admin.register(OwnerEndpoint)
class OwnerEndpointAdmin(AdminOnly, OfficePages, ModelAdmin):
    form = OwnerEndpointForm
    list_display = ("department", "base_url", "is_active", "shown_state", "last_ok_at", "poll_minutes")
    list_select_related = ("department",)
    list_filter = ("is_active",)
    ordering = ("department__code",)
    warn_unsaved_form = True
    change_form_after_template = "dispatch/admin/_try_owner.html"
    readonly_fields = ("key_state", "last_ok_at", "last_error", "paused_until")
    fieldsets = (
        (None, {"fields": ("department", "is_active")}),
        (_("Connection"), {"fields": ("base_url", "format", "jurisdiction_id")}),
        (_("Key"), {"fields": ("key_state", "api_key", "forget_key")}),
        (_("What is sent"), {"fields": ("default_service_code", "service_codes", "attributes")}),
        (_("What is asked"), {"fields": ("reads", "poll_minutes", "when_closed")}),
        (_("How it goes"), {"fields": ("last_ok_at", "last_error", "paused_until")}),
    )

    @display(description=_("state"), label={"ok": "success", "error": "danger", "new": "info"})
    def shown_state(self, endpoint):
        if endpoint.last_error:
            return "error", gettext("does not answer")
        return ("ok", gettext("it answers")) if endpoint.last_ok_at else ("new", gettext("not tried yet"))

    @admin.display(description=_("stored key"))
    def key_state(self, endpoint):
        return gettext("there is one") if endpoint.api_key_sealed else gettext("none")

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "department":
            kwargs["queryset"] = Department.objects.filter(kind=Department.Kind.EXTERNAL)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change):
        if form.cleaned_data.get("forget_key"):
            owners.set_api_key(obj, "")
        if form.cleaned_data.get("api_key"):
            owners.set_api_key(obj, form.cleaned_data["api_key"])
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request, obj=None):
        """Referrals went this way: a server is switched off, never deleted."""
        return False

    def get_urls(self):
        own = path("<int:pk>/coba/", self.admin_site.admin_view(self.try_view), name="dispatch_owner_try")
        return [own, *super().get_urls()]

    def try_view(self, request, pk: int):
        """Read the server's list of services with the settings as they are saved."""
        endpoint = OwnerEndpoint.objects.select_related("department").filter(pk=pk).first()
        if not self.has_change_permission(request):
            raise PermissionDenied
        if endpoint is None:
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        tried = owners.try_out(endpoint, now=timezone.now())
        count = len(tried.services)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Connection tried"),
            "endpoint": endpoint,
            "tried": tried,
            "told": ngettext(
                "It answers and offers %(count)d service.", "It answers and offers %(count)d services.", count
            )
            % {"count": count},
        }
        return TemplateResponse(request, "dispatch/admin/owner_tried.html", context)
