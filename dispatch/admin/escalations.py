"""The ladder that late reports climb, and what has climbed it."""

from django.contrib import admin, messages
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from city.office import OfficePages
from complaints import errors, selectors
from dispatch.admin.outbox import ReadOnlyAdmin
from dispatch.models import Escalation, LadderRung
from dispatch.services import escalation


@admin.register(LadderRung)
class LadderRungAdmin(OfficePages, ModelAdmin):
    list_display = ("level", "department", "minutes_after_due", "target", "repeat_hours")
    list_filter = ("department", "target")
    list_select_related = ("department",)
    ordering = ("department", "level")


@admin.register(Escalation)
class EscalationAdmin(ReadOnlyAdmin):
    """What was told to whom and who has taken care of it; each person sees their own reports' only."""

    list_display = ("report", "department", "clock", "level", "target", "due_at", "told_count", "seen")
    list_filter = ("target", "clock", ("acknowledged_at", admin.EmptyFieldListFilter), "department")
    search_fields = ("=report__code",)
    list_select_related = ("report", "department", "acknowledged_by")
    ordering = ("-id",)

    def get_queryset(self, request):
        visible = selectors.for_staff(request.user).values("pk")
        return super().get_queryset(request).filter(report__in=visible)

    def get_urls(self):
        view = self.admin_site.admin_view(self.acknowledge_view)
        own = path("<int:escalation_id>/tangani/", view, name="dispatch_escalation_acknowledge")
        return [own, *super().get_urls()]

    def has_change_permission(self, request, obj=None):
        return False

    @admin.display(description=_("taken care of"))
    def seen(self, row):
        return row.acknowledged_by or ("–" if row.ended_at is None else gettext("over"))

    def acknowledge_view(self, request, escalation_id: int):
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            escalation.acknowledge(request.user, escalation_id, now=timezone.now())
            messages.success(request, gettext("Thank you. Nobody is told again about this one."))
        except Escalation.DoesNotExist as exc:
            raise Http404 from exc
        except errors.NotPermitted as refused:
            messages.error(request, str(refused))
        return HttpResponseRedirect(reverse("admin:index") + "#eskalasi")
