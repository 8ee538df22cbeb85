"""Accounts of staff, keys of programmes, and the record of who looked at what. Administrators only."""

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from city.models import User
from city.services import staff
from complaints.models import ApiClient
from dispatch.admin.outbox import ReadOnlyAdmin
from dispatch.services import identity, resend


class _NeedsDepartment:
    """A role and the department it may need, checked where both are known."""

    def clean(self):
        data = super().clean()
        if data.get("role"):
            try:
                staff.check_role(data["role"], data.get("department"))
            except staff.StaffError as exc:
                self.add_error("department", str(exc))
        else:
            self.add_error("role", _("Please choose a role; without one a person sees nothing."))
        return data


class StaffChangeForm(_NeedsDepartment, UserChangeForm):
    class Meta(UserChangeForm.Meta):
        model = User


class StaffCreationForm(_NeedsDepartment, UserCreationForm):
    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username", "role", "department")


@admin.register(User)
class StaffAdmin(DjangoUserAdmin, ModelAdmin):
    """Permissions come from the role's group, so neither groups nor single permissions are edited here."""

    form = StaffChangeForm
    add_form = StaffCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "shown_name", "role", "department", "is_active", "last_login")
    list_filter = ("role", "is_active", "department")
    list_select_related = ("department",)
    search_fields = ("username", "first_name", "last_name", "email")
    ordering = ("username",)
    filter_horizontal = ()
    autocomplete_fields = ()
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email")}),
        (_("Work"), {"fields": ("role", "department", "areas", "is_active")}),
        (_("Times"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "role", "department", "usable_password", "password1", "password2")}),
    )
    readonly_fields = ("last_login", "date_joined")

    @admin.display(description=_("name"))
    def shown_name(self, user):
        return user.get_full_name()

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name == "areas":
            kwargs["queryset"] = db_field.related_model.objects.filter(level="kecamatan").order_by("name")
            kwargs["help_text"] = _("None chosen: the whole city.")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change):
        obj.is_staff = True
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        staff.apply_role(form.instance)

    def has_delete_permission(self, request, obj=None):
        """People stand in timelines: an account is switched off, never deleted."""
        return False


admin.site.unregister(Group)  # groups follow the roles, see city.services.staff


@admin.register(ApiClient)
class ApiClientAdmin(ReadOnlyAdmin):
    """Keys are made by `create_api_client`, which shows them once; here they are seen and revoked."""

    list_display = ("name", "key_prefix", "shown_scopes", "is_active", "created_at", "last_used_at")
    list_filter = ("is_active",)
    search_fields = ("name", "key_prefix")
    fields = ("name", "key_prefix", "shown_scopes", "is_active", "created_at", "last_used_at")
    readonly_fields = fields
    actions = ("revoke",)

    def get_readonly_fields(self, request, obj=None):
        return self.fields

    def has_change_permission(self, request, obj=None):
        """Nothing is edited; the permission only opens the list's one action."""
        return obj is None and super().has_change_permission(request)

    @admin.display(description=_("scopes"))
    def shown_scopes(self, client):
        return ", ".join(client.scopes)

    @admin.action(description=_("Revoke the key"), permissions=["change"])
    def revoke(self, request, queryset):
        count = queryset.filter(is_active=True).update(is_active=False)
        text = ngettext("%(count)d key was revoked.", "%(count)d keys were revoked.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS if count else messages.WARNING)


@admin.register(LogEntry)
class LogAdmin(ReadOnlyAdmin):
    """Who looked at identities and who changed settings; nobody can change the record."""

    list_display = ("action_time", "user", "content_type", "object_repr", "shown_message")
    list_filter = ("content_type", "user")
    search_fields = ("object_repr", "user__username")
    list_select_related = ("user", "content_type")
    ordering = ("-action_time",)
    list_display_links = None

    @admin.display(description=_("what"))
    def shown_message(self, entry):
        if entry.change_message == identity.LOOKED:
            return _("looked at the reporter's identity")
        if entry.change_message == resend.SENT_AGAIN:
            return _("sent a message again")
        return entry.get_change_message() or entry.get_action_flag_display()

    def has_change_permission(self, request, obj=None):
        return False
