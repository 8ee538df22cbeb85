"""Staff's view of the routing table, the service levels and the decisions that came of them."""

from django.contrib import admin
from django.urls import path
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from city.office import OfficePages
from dispatch.admin import office, quality
from dispatch.admin.outbox import ReadOnlyAdmin
from dispatch.admin.rule_form import RoutingRuleForm
from dispatch.admin.rule_tools import ReplayPage, RuleTools
from dispatch.models import RoutingDecision, RoutingRule, ServiceLevel
from dispatch.services import rules


@admin.register(RoutingRule)
class RoutingRuleAdmin(RuleTools, OfficePages, ModelAdmin):
    form = RoutingRuleForm
    list_display = ("code", "outcome", "department", "reason", "order", "is_active", "version")
    list_filter = ("outcome", "is_active", "department")
    warn_unsaved_form = True
    fieldsets = (
        (None, {"fields": ("code", "is_active", "order")}),
        (_("What the report is about"), {"fields": ("categories", "answers", "text_words", "min_severity")}),
        (_("Where"), {"fields": ("areas", "line_owners", "line_classes", "line_names")}),
        (
            _("When and how it came"),
            {
                "fields": (
                    *("hours", "weekdays", "months", ("first_day", "last_day")),
                    *("office", "holiday", "period", "channels"),
                ),
            },
        ),
        (
            _("What happens then"),
            {
                "fields": (
                    *("outcome", "department", ("severity_change", "severity_to")),
                    *("asks_check", "tags", "reason", "reason_en", "basis"),
                )
            },
        ),
    )
    search_fields = ("code", "reason", "reason_en", "categories")
    list_select_related = ("department",)

    def save_model(self, request, obj, form, change):
        rules.save_rule(obj)

    def delete_model(self, request, obj):
        rules.delete_rules([obj.pk])

    def delete_queryset(self, request, queryset):
        rules.delete_rules(list(queryset.values_list("pk", flat=True)))


@admin.register(ServiceLevel)
class ServiceLevelAdmin(OfficePages, ModelAdmin):
    list_display = (
        *("severity", "category", "clock", "acknowledge_minutes", "make_safe_minutes"),
        *("resolve_minutes", "resolve_working_days"),
    )
    list_filter = ("severity", "clock")
    list_select_related = ("category",)

    def save_model(self, request, obj, form, change):
        rules.save_level(obj)

    def delete_model(self, request, obj):
        rules.delete_levels([obj.pk])

    def delete_queryset(self, request, queryset):
        rules.delete_levels(list(queryset.values_list("pk", flat=True)))


@admin.register(RoutingDecision)
class RoutingDecisionAdmin(ReplayPage, ReadOnlyAdmin):
    def get_urls(self):
        view = self.admin_site.admin_view
        own = [
            path("mutu/", view(quality.page), name="dispatch_quality"),
            path("kantor/", view(office.page), name="dispatch_office"),
        ]
        return own + super().get_urls()

    list_display = ("report", "decided_at", "outcome", "department", "rule_code", "triage_reason")
    list_filter = ("outcome", "triage_reason", "department")
    search_fields = ("=report__code", "=rule_code")
    list_select_related = ("report", "department")

    def has_change_permission(self, request, obj=None):
        return False
