"""Tags on the staff's pages: the small editor of a case, and which tags there are."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin

from city import roles
from city.models import Department
from city.office import OfficePages
from complaints import errors
from complaints.models import Report
from dispatch.admin import bulk_form
from dispatch.admin.filter_bar import BarFilter
from dispatch.models import Tag
from dispatch.services import casework as casework_service
from dispatch.services import tags as service
from dispatch.services import tags_known


def chips(found: list[Tag]):
    """Tags as small coloured words."""
    rows = ((tag.colour, tag.name) for tag in found)
    return format_html_join(" ", '<span class="tag-chip tag-{}">{}</span>', rows)


def sentence(event) -> str:
    """A `tagged` event in words."""
    added, removed = event.data.get("added", ()), event.data.get("removed", ())
    said = []
    if added:
        said.append(_("Tags put on: %(names)s.") % {"names": ", ".join(added)})
    if removed:
        said.append(_("Tags taken off: %(names)s.") % {"names": ", ".join(removed)})
    return " ".join(said)


def panel(user, report: Report) -> dict[str, object]:
    """The case page's part: what the report has, and what could be put on it."""
    has = service.of_reports(user, [report.pk]).get(report.pk, [])
    may = service.may_tag(user)
    given = {tag.pk for tag in has}
    offered = [tag for tag in service.visible(user) if tag.is_active or tag.pk in given] if may else []
    return {"tags": has, "tags_offered": offered, "tags_given": given, "may_tag": may}


class TagPages:
    """Mix-in of the reports' admin: the address the case page's tags post to."""

    def get_urls(self):
        view = self.admin_site.admin_view
        own = path("<int:report_id>/label/", view(self.tags_view), name="complaints_report_tags")
        return [own, *super().get_urls()]

    def tags_view(self, request, report_id: int):
        """The ticked tags are the report's from now on; tags that this person does not see stay."""
        report = self._report(request, report_id)
        if request.method == "POST":
            wanted = set(bulk_form.ticked(request.POST.getlist("tags")))
            has = {tag.pk for tag in service.of_reports(request.user, [report.pk]).get(report.pk, [])}
            try:
                service.change(
                    request.user, report.pk, add=wanted - has, remove=has - wanted, now=timezone.now()
                )
            except errors.NotPermitted as exc:
                raise PermissionDenied from exc
            except errors.InvalidReport as exc:
                messages.error(request, " ".join(str(text) for _code, text in exc.errors.values()))
        return HttpResponseRedirect(self._address(request, report.pk) + "#label")


class TagFilter(BarFilter):
    """Reports with one tag. The choices are the person's own, so they are not kept for everybody."""

    title = gettext_lazy("Tag")
    parameter_name = "label"

    @staticmethod
    def groups():
        yield "", []

    def _built(self):
        choices = [(str(tag.pk), _name(tag)) for tag in tags_known.visible(self.request.user, self.city)]
        return choices, format_html_join("", '<option value="{}">{}</option>', choices)

    def narrow(self, queryset, value):
        return queryset.filter(report_tags__tag_id=int(value))


def _name(tag: Tag) -> str:
    return f"{tag.name} ({tag.department.short_name or tag.department.code})" if tag.department else tag.name


class TagForm(forms.ModelForm):
    class Meta:
        model = Tag
        fields = ("name", "code", "colour", "department", "is_active")


@admin.register(Tag)
class TagAdmin(OfficePages, ModelAdmin):
    """A head of department looks after the own department's tags, the desk and administrators after all."""

    form = TagForm
    list_display = ("shown", "code", "department", "is_active")
    list_select_related = ("department",)
    list_filter = ("is_active",)
    search_fields = ("name", "code")
    prepopulated_fields = {"code": ("name",)}

    class Media:
        css = {"all": ("admin-bulk.css",)}

    @admin.display(description=gettext_lazy("tag"), ordering="name")
    def shown(self, tag: Tag):
        return format_html('<span class="desk">{}</span>', chips([tag]))

    def get_queryset(self, request):
        return super().get_queryset(request).filter(pk__in=service.visible(request.user).values("pk"))

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        field = form.base_fields.get("department")
        if field is not None and not _sees_all(request.user):
            field.queryset = Department.objects.filter(pk=request.user.department_id)
            field.initial, field.required, field.empty_label = request.user.department_id, True, None
        return form

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        tags_known.changed()

    def get_readonly_fields(self, request, obj=None):
        """The rules name a tag by its code; a tag never moves to another department."""
        return ("code", "department") if obj else ()

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else self.prepopulated_fields

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and _is_theirs(request.user, obj)

    def has_delete_permission(self, request, obj=None):
        """Timelines speak of tags; one that is no longer given is switched off."""
        return False


def _sees_all(user) -> bool:
    return casework_service.role_of(user) in (roles.ADMIN, roles.P3M)


def _is_theirs(user, tag: Tag | None) -> bool:
    return _sees_all(user) or tag is None or tag.department_id == user.department_id
