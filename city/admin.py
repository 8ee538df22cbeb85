"""Staff's view of the reference data. Every change raises the city's version, so that all processes see it.

What is edited here stays when the city pack is loaded again (see `city.services.pack.merge`).
"""

from django.contrib import admin
from django.db import models, transaction
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, StackedInline

from city.forms import DAYS, CalendarPeriodForm, CategoryForm, QuestionForm, WorkCalendarForm
from city.models import (
    Area,
    CalendarPeriod,
    Category,
    Department,
    Question,
    QuietHours,
    Road,
    Waterway,
    WorkCalendar,
)
from city.office import OfficePages, SafeFormSet
from city.owners_admin import OwnerAction
from city.services import versions

_WEEK = tuple(day for day, _label in DAYS)
# Four in a row would be wider than a screen of 1280 px.
_WEEK_IN_PAIRS = (_WEEK[:2], _WEEK[2:4], _WEEK[4:6], _WEEK[6:])


class ReferenceAdmin(OfficePages, ModelAdmin):
    """Reference data: codes never change once given, and each change is told to every process."""

    are_boundaries = False  # areas, roads, waterways
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def get_readonly_fields(self, request, obj=None):
        readonly = tuple(super().get_readonly_fields(request, obj))
        return (*readonly, "code") if obj is not None and "code" not in readonly else readonly

    def save_related(self, request, form, formsets, change):
        with transaction.atomic():
            super().save_related(request, form, formsets, change)
            versions.bump(self.are_boundaries)

    def switch_off(self, request, obj):
        obj.save(update_fields=["is_active"])
        versions.bump(self.are_boundaries)

    def delete_model(self, request, obj):
        with transaction.atomic():
            super().delete_model(request, obj)
            versions.bump(self.are_boundaries)

    def delete_queryset(self, request, queryset):
        with transaction.atomic():
            super().delete_queryset(request, queryset)
            versions.bump(self.are_boundaries)


@admin.register(Department)
class DepartmentAdmin(ReferenceAdmin):
    list_display = ("code", "name", "short_name", "kind", "calendar", "is_active")
    list_display_links = ("code", "name")
    list_filter = ("kind", "is_active")
    search_fields = ("code", "name", "name_en", "short_name", "handles")
    list_select_related = ("calendar",)
    autocomplete_fields = ("area",)
    fieldsets = (
        (None, {"fields": ("code", "kind", "is_active", "name", "name_en", "short_name")}),
        (_("Work"), {"fields": ("handles", "handles_en", "calendar", "area")}),
        (_("Contact"), {"fields": ("email", "phone", "website")}),
    )


@admin.register(Area)
class AreaAdmin(ReferenceAdmin):
    """Names and figures; the boundary has a page of its own (`dispatch.admin.boundaries`)."""

    are_boundaries = True
    list_display = ("code", "name", "level", "parent", "population", "slum_hectares")
    list_display_links = ("code", "name")
    list_filter = ("level",)
    search_fields = ("code", "name", "regency")
    list_select_related = ("parent",)
    readonly_fields = (
        "code",
        "level",
        "parent",
        "boundary",
        "centre_latitude",
        "centre_longitude",
        "area_km2",
    )
    fieldsets = (
        (None, {"fields": ("code", "name", "level", "parent")}),
        (_("Figures"), {"fields": ("population", "slum_hectares", "area_km2")}),
        (_("Neighbouring regency"), {"fields": ("regency", "portal_url")}),
        (_("Boundary"), {"fields": ("boundary", "centre_latitude", "centre_longitude")}),
    )

    def get_queryset(self, request):
        return super().get_queryset(request).defer("geometry", "parent__geometry")

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description=_("boundary"))
    def boundary(self, obj):
        link = reverse("admin:area_boundary", args=[obj.code])
        return format_html('{} · <a href="{}">{}</a>', _points_text(obj.geometry), link, _("Map and editing"))


class OwnedLineAdmin(OwnerAction, ReferenceAdmin):
    """Who owns a stretch: an empty owner means that nobody knows yet, and reports go to the triage desk."""

    are_boundaries = True
    list_display = ("name", "code", "line_class", "owner", "owner_basis", "valid_from", "valid_to", "quality")
    list_display_links = ("name", "code")
    list_filter = (("owner", admin.EmptyFieldListFilter), "owner", "line_class", "quality")
    search_fields = ("code", "name", "owner_basis")
    list_select_related = ("owner",)
    autocomplete_fields = ("owner",)
    readonly_fields = ("code", "course", "area", "length_m")
    fieldsets = (
        (None, {"fields": ("code", "name", "line_class", "area")}),
        (_("Owner"), {"fields": ("owner", "owner_basis", "valid_from", "valid_to")}),
        (_("Course"), {"fields": ("course", "quality", "accuracy_m", "length_m", "condition", "source")}),
    )

    def get_queryset(self, request):
        return super().get_queryset(request).defer("geometry", "area__geometry")

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description=_("course"))
    def course(self, obj):
        return _points_text(obj.geometry)


@admin.register(Road)
class RoadAdmin(OwnedLineAdmin):
    pass


@admin.register(Waterway)
class WaterwayAdmin(OwnedLineAdmin):
    pass


class QuestionInline(StackedInline):
    model = Question
    form = QuestionForm
    formset = SafeFormSet
    extra = 0
    fields = (("code", "kind"), ("text", "text_en"), "choices", ("is_required", "order"))


@admin.register(Category)
class CategoryAdmin(ReferenceAdmin):
    form = CategoryForm
    inlines = (QuestionInline,)
    list_display = ("name", "code", "parent", "severity", "network", "is_private_by_default", "is_active")
    list_display_links = ("name", "code")
    list_filter = ("parent", "severity", "is_active")
    search_fields = ("code", "name", "name_en", "synonyms")
    list_select_related = ("parent",)
    fieldsets = (
        (None, {"fields": ("code", "parent", "is_active", "order")}),
        (_("Words"), {"fields": ("name", "name_en", "hint", "hint_en", "search_words", "icon")}),
        (
            _("Rules"),
            {
                "fields": (
                    *("severity", "network", "nearby_radius_m", "similar_kinds", "similar_within_days"),
                    *("is_private_by_default", "needs_repair_photo"),
                )
            },
        ),
    )


class CalendarPeriodInline(StackedInline):
    model = CalendarPeriod
    form = CalendarPeriodForm
    formset = SafeFormSet
    extra = 0
    fields = ("name", ("first_day", "last_day"), ("closed", "overrides_holidays"), *_WEEK_IN_PAIRS)


@admin.register(WorkCalendar)
class WorkCalendarAdmin(ReferenceAdmin):
    form = WorkCalendarForm
    inlines = (CalendarPeriodInline,)
    list_display = ("name", "code", "country")
    search_fields = ("code", "name")
    fieldsets = (
        (None, {"fields": ("code", "name", "country")}),
        (_("Weekly hours"), {"fields": _WEEK_IN_PAIRS}),
    )


@admin.register(QuietHours)
class QuietHoursAdmin(ReferenceAdmin):
    """When messages wait until morning; the same time twice means never."""

    list_display = ("code", "starts_at", "ends_at")
    fields = ("code", "starts_at", "ends_at")


def _points_text(geometry) -> str:
    """A shape in words: nobody edits coordinates by hand."""
    if not geometry:
        return str(_("none: known by name only"))
    points = _count(geometry["coordinates"])
    return ngettext("%(count)d point", "%(count)d points", points) % {"count": points}


def _count(coordinates) -> int:
    if coordinates and isinstance(coordinates[0], (int, float)):
        return 1
    return sum(_count(part) for part in coordinates)
