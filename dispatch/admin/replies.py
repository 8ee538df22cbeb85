"""Prepared texts of answers: an office's own, and the city's."""

from django import forms
from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from city import roles
from city.models import Category
from city.office import OfficePages
from dispatch import words
from dispatch.domain import casework, merge_fields
from dispatch.models import ReplyTemplate
from dispatch.services import casework as casework_service
from dispatch.services import message_preview, replies

_CITY_WIDE = (roles.ADMIN, roles.P3M)
_HELP = {
    "code": _("the report’s code"),
    "category": _("the kind of problem"),
    "area": _("the kelurahan"),
    "street": _("the street"),
    "department": _("the office’s name"),
    "due": _("the promised date"),
    "portal": _("the portal’s name"),
    "link": _("the report’s public page"),
}


class TemplateForm(forms.ModelForm):
    steps = forms.MultipleChoiceField(
        label=_("Steps"),
        choices=[(step, words.STEP[step]) for step in casework.TELLING],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Where it is offered."),
    )

    class Meta:
        model = ReplyTemplate
        fields = ("name", "steps", "category", "department", "text", "text_en", "order", "is_active")

    def clean(self):
        data = super().clean()
        for name, may_be_empty in (("text", False), ("text_en", True)):
            for sentence in replies.faults(data.get(name) or "", may_be_empty=may_be_empty):
                if name not in self.errors:
                    self.add_error(name, sentence)
        return data


@admin.register(ReplyTemplate)
class ReplyTemplateAdmin(OfficePages, ModelAdmin):
    """Department heads keep their own office's; the desk and administrators all of them."""

    form = TemplateForm
    list_display = ("name", "where", "about", "whose", "used_count", "is_active")
    list_filter = ("is_active", "department")
    search_fields = ("name", "text")
    list_select_related = ("category", "department")
    ordering = ("order", "name")
    readonly_fields = ("fields_help", "sample", "used_count", "last_used_at")

    def get_fieldsets(self, request, obj=None):
        whose = ("department",) if self._is_city_wide(request) else ()
        return (
            (None, {"fields": ("name", "steps", "category", *whose)}),
            (_("Text"), {"fields": ("text", "text_en", "fields_help", "sample")}),
            (None, {"fields": ("order", "is_active", "used_count", "last_used_at")}),
        )

    def get_queryset(self, request):
        rows = super().get_queryset(request)
        return (
            rows
            if self._is_city_wide(request)
            else rows.filter(department_id=request.user.department_id or 0)
        )

    def has_module_permission(self, request):
        return self.has_view_permission(request)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "category":
            kwargs["queryset"] = Category.objects.filter(is_active=True).order_by(
                "parent__order", "order", "code"
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change):
        if not self._is_city_wide(request):
            obj.department_id = request.user.department_id
        if not obj.code:
            obj.code = _free_code(obj.name)
        super().save_model(request, obj, form, change)

    @staticmethod
    def _is_city_wide(request) -> bool:
        return casework_service.role_of(request.user) in _CITY_WIDE

    @display(description=_("steps"))
    def where(self, row):
        return ", ".join(str(words.STEP[step]) for step in row.steps if step in words.STEP)

    @display(description=_("category"))
    def about(self, row):
        return row.category or gettext("all kinds")

    @display(description=_("department"))
    def whose(self, row):
        return (
            (row.department.short_name or row.department.name)
            if row.department
            else gettext("the whole city")
        )

    @display(description=_("Fields"))
    def fields_help(self, row):
        known = ", ".join(f"{{{name}}} = {_HELP[name]}" for name in replies.FIELDS)
        return gettext("What stands in braces is filled in for each report: %(known)s.") % {"known": known}

    @display(description=_("How it reads"))
    def sample(self, row):
        """The saved text about an invented report."""
        if not row.pk:
            return gettext("Save it once to see it about an invented report.")
        parts = []
        for language, text in (("id", row.text), ("en", row.text_en)):
            filled = merge_fields.fill(text, replies.values(message_preview.invented_report(), language))
            lines = format_html_join(mark_safe("<br>"), "{}", ((line,) for line in filled.splitlines()))
            if text:
                parts.append((language, lines))
        return format_html_join(mark_safe("<hr>"), '<p lang="{}">{}</p>', parts)


def _free_code(name: str) -> str:
    start = slugify(name)[:50] or "templat"
    taken = set(ReplyTemplate.objects.filter(code__startswith=start).values_list("code", flat=True))
    number = next(n for n in range(1, len(taken) + 2) if (start if n == 1 else f"{start}-{n}") not in taken)
    return start if number == 1 else f"{start}-{number}"
