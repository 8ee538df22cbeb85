"""A department's crews: its head looks after its own, administrators after all."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from city import roles
from city.models import Crew, Department, User
from city.office import OfficePages
from city.services import crews
from dispatch.admin.bulk import person_name


class _People(forms.ModelMultipleChoiceField):
    def label_from_instance(self, person: User) -> str:
        return person_name(person)


class CrewForm(forms.ModelForm):
    members = _People(
        User.objects.none(), label=_("Members"), required=False, widget=forms.CheckboxSelectMultiple
    )

    own_department_id: int | None = None  # of a head, who can choose no other

    class Meta:
        model = Crew
        fields = ("name", "department", "members", "is_active")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        department_id = self.instance.department_id or self.own_department_id or self._chosen()
        people = crews.people_of(department_id)
        if self.instance.pk:  # who moved away meanwhile can be taken out
            people = people | User.objects.filter(crews=self.instance)
        self.fields["members"].queryset = people.distinct()
        if not department_id:
            self.fields["members"].help_text = _("Save first; then the department’s people can be ticked.")

    def _chosen(self) -> int | None:
        value = self.data.get("department", "")
        return int(value) if value.isascii() and value.isdigit() else None

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean(self):
        data = super().clean()
        department = data.get("department") or (self.instance.department if self.instance.pk else None)
        if self.instance.pk and self._is_taken(data.get("name", "")):
            raise ValidationError({"name": _("This department has a crew of this name already.")})
        members = data.get("members") or ()
        strangers = [item for item in members if department and item.department_id != department.pk]
        if strangers:
            names = ", ".join(person_name(item) for item in strangers)
            text = _("Only people who work for the crew’s department can belong to it: %(names)s.")
            raise ValidationError({"members": text % {"names": names}})
        return data

    def _is_taken(self, name: str) -> bool:
        """The constraint itself is not asked where the department is only shown."""
        others = Crew.objects.filter(department_id=self.instance.department_id, name__iexact=name)
        return others.exclude(pk=self.instance.pk).exists()


@admin.register(Crew)
class CrewAdmin(OfficePages, ModelAdmin):
    form = CrewForm
    list_display = ("name", "department", "shown_members", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("department",)
    search_fields = ("name",)
    show_full_result_count = False
    fields = ("name", "department", "members", "is_active")

    def get_queryset(self, request):
        found = super().get_queryset(request).prefetch_related("members")
        if _sees_all(request.user):
            return found
        return found.filter(department_id=request.user.department_id)

    def get_readonly_fields(self, request, obj=None):
        """A crew never moves to another department: its reports are there."""
        return ("department",) if obj else ()

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is None and "department" in form.base_fields and not _sees_all(request.user):
            field = form.base_fields["department"]
            field.queryset = Department.objects.filter(pk=request.user.department_id)
            field.initial = form.own_department_id = request.user.department_id
        return form

    def save_model(self, request, obj, form, change):
        crews.save(
            obj,
            name=form.cleaned_data["name"],
            department=obj.department,
            members=form.cleaned_data["members"],
            is_active=form.cleaned_data["is_active"],
        )

    def switch_off(self, request, obj):
        obj.save(update_fields=["is_active"])

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request, obj) and _is_theirs(request.user, obj)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and _is_theirs(request.user, obj)

    def has_delete_permission(self, request, obj=None):
        """Reports point at crews; one that is no longer sent out is switched off."""
        return False

    @admin.display(description=_("members"))
    def shown_members(self, crew) -> str:
        return ", ".join(person_name(person) for person in crew.members.all())


def _sees_all(user) -> bool:
    return user.is_superuser or user.role == roles.ADMIN


def _is_theirs(user, crew: Crew | None) -> bool:
    return crews.may_manage(user, crew.department_id if crew else None)
