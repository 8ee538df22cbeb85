"""Staff's view of messages to citizens: what went to whom by which way, every attempt, and sending again.

Nobody reads an address here. A recipient is a role and the beginning of a keyed hash; whoever may see
identities also gets enough of the address to recognise it.
"""

from datetime import datetime, time, timedelta

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from complaints import errors, selectors
from complaints.domain import codes, privacy
from complaints.models import Event
from complaints.web import words as public_words
from dispatch.admin import told
from dispatch.admin.bounded import BoundedPaginator
from dispatch.admin.outbox import ReadOnlyAdmin
from dispatch.models import Delivery, DeliveryAttempt, Outbox
from dispatch.services import resend
from dispatch.templatetags.staff_pages import short_moment

_COLOURS = {
    Delivery.State.PENDING: "info",
    Delivery.State.SENT: "success",
    Delivery.State.FAILED: "danger",
    Delivery.State.JOINED: "info",
}
_TONE = {
    DeliveryAttempt.Outcome.SENT: "done",
    DeliveryAttempt.Outcome.POSTPONED: "scheduled",
    DeliveryAttempt.Outcome.SKIPPED: "rejected",
    DeliveryAttempt.Outcome.TEMPORARY: "working",
    DeliveryAttempt.Outcome.PERMANENT: "late",
    DeliveryAttempt.Outcome.UNKNOWN: "late",
}
# What our own code says about an attempt, in words for staff.
_NOTES = {
    "no longer wanted, or the address was erased": _("no longer wanted, or the address was erased"),
    "the address has changed": _("the address has changed"),
    "the report has become private": _("the report has become private"),
    "the reporter's address was erased": _("the reporter's address was erased"),
}


class DayFilter(admin.SimpleListFilter):
    """The day on which the message was made, in the city's time."""

    title, parameter_name = _("day"), "hari"

    def lookups(self, request, model_admin):
        return [("0", _("today")), ("1", _("yesterday")), ("7", _("last seven days"))]

    def queryset(self, request, queryset):
        today = timezone.localdate()
        spans = {"0": (0, 1), "1": (1, 1), "7": (6, 7)}
        if self.value() not in spans:
            return queryset
        back, days = spans[self.value()]
        first = timezone.make_aware(datetime.combine(today - timedelta(days=back), time.min))
        return queryset.filter(created_at__gte=first, created_at__lt=first + timedelta(days=days))


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = (
        *("made", "report_code", "recipient", "channel_name", "shown_state", "attempts", "sent"),
        "short_error",
    )
    list_display_links = ("made",)
    list_max_show_all = 0
    list_filter = ("state", "channel", DayFilter)
    search_fields = ("=report__code",)
    search_help_text = _("A report's code")
    list_select_related = ("report", "subscription")
    ordering = ("-id",)
    paginator = BoundedPaginator
    actions = ("send_again",)

    def get_queryset(self, request):
        return super().get_queryset(request).defer("subscription__address", "subscription__keys")

    def get_search_results(self, request, queryset, search_term):
        """A report's code in any writing; anything else finds nothing."""
        if not search_term.strip():
            return queryset, False
        return queryset.filter(report__code=codes.normalise(search_term) or ""), False

    @display(description=_("made"), ordering="created_at")
    def made(self, row):
        return short_moment(row.created_at)

    @display(description=_("sent"), ordering="sent_at")
    def sent(self, row):
        return short_moment(row.sent_at) or "–"

    @display(description=_("report"))
    def report_code(self, row):
        return row.report.spoken_code

    @display(description=_("recipient"))
    def recipient(self, row):
        return told.recipient(row)

    @display(description=_("channel"), ordering="channel")
    def channel_name(self, row):
        return told.channel_label(row.channel)

    @display(description=_("state"), ordering="state", label=_COLOURS)
    def shown_state(self, row):
        return row.state, row.get_state_display()

    @display(description=_("last error"))
    def short_error(self, row):
        return str(_NOTES.get(row.last_error, row.last_error))[:120]

    def has_change_permission(self, request, obj=None):
        """Nothing is edited; the permission opens the list's one action."""
        return obj is None and resend.may_send_again(request.user)

    def get_urls(self):
        view = self.admin_site.admin_view(self.again_view)
        return [path("<int:pk>/kirim-lagi/", view, name="dispatch_delivery_again"), *super().get_urls()]

    @admin.action(description=_("Send again what did not arrive"), permissions=["change"])
    def send_again(self, request, queryset):
        self._again(request, list(queryset.values_list("pk", flat=True)))

    def again_view(self, request, pk: int):
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not Delivery.objects.filter(pk=pk).exists():
            raise Http404
        self._again(request, [pk])
        return HttpResponseRedirect(reverse("admin:dispatch_delivery_change", args=[pk]))

    def _again(self, request, ids: list[int]) -> None:
        try:
            count = resend.send_again(request.user, ids, now=timezone.now())
        except errors.NotPermitted as exc:
            raise PermissionDenied from exc
        text = ngettext("%(count)d message is sent again.", "%(count)d messages are sent again.", count)
        if count:
            messages.success(request, text % {"count": count})
        else:
            messages.warning(request, _("Only what did not arrive can be sent again. Nothing was changed."))

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """One message with every attempt."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = Delivery.objects.select_related("report__category", "subscription", "told_in")
        row = rows.filter(pk=object_id).first() if object_id.isdecimal() else None
        if row is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Message #%(number)d") % {"number": row.pk},
            **_detail(request.user, row),
        }
        return TemplateResponse(request, "dispatch/admin/delivery.html", context)


def _detail(user, row: Delivery) -> dict:
    joined = list(row.tells_also.order_by("id"))
    events = Event.objects.select_related("department").in_bulk(
        [row.event_id, *(item.event_id for item in joined)]
    )
    attempts = list(row.attempt_rows.order_by("number"))
    waiting = Outbox.objects.filter(report_id=row.report_id, topic="delivery.send")
    waiting = waiting.filter(payload__delivery_id=row.pk, state=Outbox.State.PENDING).order_by("-id")
    sees = selectors.may_see_identity(user) and row.subscription is not None
    return {
        "delivery": row,
        "recipient": told.recipient(row),
        "hint": privacy.hint(row.subscription.address, row.channel) if sees else "",
        "channel": told.channel_label(row.channel),
        "event": _sentence(events.get(row.event_id)),
        "joined": [(item, _sentence(events.get(item.event_id))) for item in joined],
        "attempts": [_attempt(item) for item in attempts],
        "has_lost": any(item.finished_at is None for item in attempts),
        "is_pruned": len(attempts) < row.attempts,
        "next_try_at": waiting.values_list("due_at", flat=True).first() if row.state == "pending" else None,
        "may_send_again": row.state == Delivery.State.FAILED and resend.may_send_again(user),
        "list_url": reverse("admin:dispatch_delivery_changelist"),
    }


def _sentence(event: Event | None) -> str:
    return public_words.event(event).rstrip(":") if event else ""


def _attempt(item: DeliveryAttempt) -> dict:
    took = item.finished_at - item.started_at if item.finished_at else None
    return {
        "row": item,
        "tone": _TONE[item.outcome],
        "note": str(_NOTES.get(item.error, item.error)),
        "took_s": round(took.total_seconds(), 1) if took is not None else None,
    }
