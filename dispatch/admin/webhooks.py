"""Webhooks: who receives what, the secret shown once, and the log of every delivery."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminURLInputWidget

from city.office import OfficePages
from complaints.models import Event
from dispatch.admin.admin_only import AdminOnly
from dispatch.admin.outbox import ReadOnlyAdmin
from dispatch.admin.owners import CapitalLabels, checked_url
from dispatch.models import WebhookAttempt, WebhookDelivery, WebhookSubscriber
from dispatch.services import webhooks

_SUBSCRIBER_COLOURS = {"ok": "success", "failing": "warning", "off": "danger", "new": "info"}
_STATE_COLOURS = {"pending": "info", "sent": "success", "failed": "danger"}


class SubscriberForm(CapitalLabels, forms.ModelForm):
    url = forms.URLField(
        label=_("address"), max_length=500, assume_scheme="https", widget=UnfoldAdminURLInputWidget
    )
    kinds = forms.MultipleChoiceField(
        label=_("events"),
        choices=[(kind.value, kind.label) for kind in webhooks.KINDS],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Only what the public may read is sent; private reports never."),
    )

    class Meta:
        model = WebhookSubscriber
        fields = ("name", "url", "kinds", "department", "is_active")

    def clean_url(self):
        return checked_url(self.cleaned_data["url"])


class SinceForm(forms.Form):
    since = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"])


@admin.register(WebhookSubscriber)
class WebhookSubscriberAdmin(AdminOnly, OfficePages, ModelAdmin):
    form = SubscriberForm
    list_display = ("name", "url", "shown_state", "department", "last_success_at", "last_failure_at")
    list_select_related = ("department",)
    list_filter = ("is_active", "disabled_why")
    search_fields = ("name", "url")
    warn_unsaved_form = True
    change_form_after_template = "dispatch/admin/_webhook_tools.html"
    readonly_fields = (
        *("disabled_why", "disabled_at", "last_success_at", "last_failure_at", "last_error", "paused_until"),
        *("created_by", "created_at"),
    )

    def get_fieldsets(self, request, obj=None):
        sets = [
            (None, {"fields": ("name", "url", "is_active")}),
            (_("What is sent"), {"fields": ("kinds", "department")}),
        ]
        return [*sets, (_("How it goes"), {"fields": self.readonly_fields})] if obj else sets

    @display(description=_("state"), label=_SUBSCRIBER_COLOURS)
    def shown_state(self, subscriber):
        if not subscriber.is_active:
            return "off", gettext("switched off: %(why)s") % {"why": subscriber.get_disabled_why_display()}
        if subscriber.failed_count:
            return "failing", gettext("fails")
        has_received = subscriber.last_success_at is not None
        return ("ok", gettext("receives")) if has_received else ("new", gettext("nothing sent yet"))

    def save_model(self, request, obj, form, change):
        now = timezone.now()
        if not change:
            obj.created_at, obj.created_by = now, request.user
            request.webhook_secret = webhooks.new_secret(obj, now=now)
        if not change or "is_active" in form.changed_data:
            webhooks.switched(obj, now=now)
        super().save_model(request, obj, form, change)

    def switch_off(self, request, obj):
        webhooks.switched(obj, now=timezone.now())
        obj.save()

    def response_add(self, request, obj, post_url_continue=None):
        return self._secret_page(request, obj, request.webhook_secret)

    def _secret_page(self, request, subscriber, secret: str):
        """The only page that ever shows a secret; it is kept by no browser."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("The secret, shown once"),
            "subscriber": subscriber,
            "secret": secret,
        }
        return TemplateResponse(
            request, "dispatch/admin/webhook_secret.html", context, headers={"Cache-Control": "no-store"}
        )

    def get_urls(self):
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/kunci-baru/", view(self.rotate_view), name="dispatch_webhook_rotate"),
            path("<int:pk>/putar-ulang/", view(self.replay_view), name="dispatch_webhook_replay"),
        ]
        return own + super().get_urls()

    def _mine(self, request, pk: int) -> WebhookSubscriber:
        if not self.has_change_permission(request):
            raise PermissionDenied
        subscriber = WebhookSubscriber.objects.filter(pk=pk).first()
        if subscriber is None:
            raise Http404
        return subscriber

    def rotate_view(self, request, pk: int):
        subscriber = self._mine(request, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        secret = webhooks.rotate(pk, now=timezone.now())
        self.log_change(request, subscriber, gettext("new secret"))
        return self._secret_page(request, subscriber, secret)

    def replay_view(self, request, pk: int):
        subscriber = self._mine(request, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        form, now = SinceForm(request.POST), timezone.now()
        if not subscriber.is_active:
            messages.error(request, gettext("It is switched off. Switch it on first."))
        elif not form.is_valid() or form.cleaned_data["since"] > now:
            messages.error(request, gettext("Please give a time in the past, like 2026-12-31 08:00."))
        else:
            since = form.cleaned_data["since"]
            webhooks.replay_since(pk, since, now=now)
            self.log_change(request, subscriber, gettext("replayed since %(time)s") % {"time": since})
            messages.success(request, gettext("Everything since then is being sent again."))
        return HttpResponseRedirect(reverse("admin:dispatch_webhooksubscriber_change", args=[pk]))


class AttemptInline(TabularInline):
    model = WebhookAttempt
    fields = readonly_fields = ("number", "at", "status", "duration_ms", "error")
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(AdminOnly, ReadOnlyAdmin):
    """The log: what went where, when, with which answer; what failed is sent again from here."""

    list_display = (
        *("id", "subscriber", "shown_kind", "report", "shown_state", "created_at", "sent_at", "attempts"),
        *("last_status", "last_error"),
    )
    list_filter = ("state", "subscriber", "kind")
    search_fields = ("=report__code", "=uuid")
    list_select_related = ("subscriber", "report")
    ordering = ("-id",)
    inlines = (AttemptInline,)
    actions = ("send_again",)

    def has_change_permission(self, request, obj=None):
        """Nothing is edited; the permission only opens the list's one action."""
        return obj is None and super().has_change_permission(request)

    @display(description=_("state"), ordering="state", label=_STATE_COLOURS)
    def shown_state(self, row):
        return row.state, row.get_state_display()

    @admin.display(description=_("what"), ordering="kind")
    def shown_kind(self, row):
        return Event.Kind(row.kind).label if row.kind in Event.Kind.values else row.kind

    @admin.action(description=_("Send again"), permissions=["change"])
    def send_again(self, request, queryset):
        count = webhooks.replay(queryset.values_list("pk", flat=True), now=timezone.now())
        text = ngettext("%(count)d event is sent again.", "%(count)d events are sent again.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS if count else messages.WARNING)
        for row in queryset[:200] if count else ():
            self.log_change(request, row, gettext("sent again"))
