"""Staff's view of the outbox: look, and give what was given up a new try."""

from django.contrib import admin, messages
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import display

from dispatch.admin.bounded import BoundedPaginator
from dispatch.models import Outbox
from dispatch.services import outbox

_STATE_COLOURS = {
    Outbox.State.PENDING: "info",
    Outbox.State.LEASED: "warning",
    Outbox.State.DONE: "success",
    Outbox.State.DEAD: "danger",
}


class ReadOnlyAdmin(ModelAdmin):
    """Written by the portal alone."""

    show_full_result_count = False
    paginator = BoundedPaginator
    list_max_show_all = 0
    list_per_page = 50

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_readonly_fields(self, request, obj=None):
        return [field.name for field in self.model._meta.fields]


@admin.register(Outbox)
class OutboxAdmin(ReadOnlyAdmin):
    list_display = ("id", "queue", "topic", "shown_state", "report", "due_at", "attempts", "short_error")
    list_filter = ("state", "queue", "topic")
    search_fields = ("=report__code",)
    list_select_related = ("report",)
    ordering = ("-id",)
    actions = ("replay",)

    @display(description=_("state"), ordering="state", label=_STATE_COLOURS)
    def shown_state(self, row):
        return row.state, row.get_state_display()

    @display(description=_("last error"))
    def short_error(self, row):
        return row.last_error[:120]

    @admin.action(description=_("Try again what was given up"), permissions=["change"])
    def replay(self, request, queryset):
        count = outbox.replay(queryset.values_list("pk", flat=True), now=timezone.now())
        text = ngettext("%(count)d row will be tried again.", "%(count)d rows will be tried again.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS if count else messages.WARNING)
