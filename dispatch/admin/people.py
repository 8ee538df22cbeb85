"""Accounts of staff and keys of programmes. Administrators only."""

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from city.models import User
from city.office import OfficePages
from city.services import second_factor, sessions, signin, staff
from complaints.models import ApiClient
from complaints.services import api_clients
from dispatch.admin.outbox import ReadOnlyAdmin


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


class NewPasswordForm(AdminPasswordChangeForm):
    """Somebody else's new password: whoever has the old one open somewhere is signed out."""

    def save(self, commit=True):
        user = super().save(commit)
        sessions.end_all(user, by=None, now=timezone.now())
        return user


class AccessActions:
    """What an administrator can do for people who cannot get in, or must not stay in."""

    actions = ("unlock", "reset_factor", "end_sessions")

    def _for_each(self, request, queryset, act) -> int:
        """Do it for all but oneself: one's own factor goes with password and code, on "My account"."""
        now = timezone.now()
        others = [person for person in queryset if person.pk != request.user.pk]
        for person in others:
            act(person, now)
        if len(others) < len(queryset):
            self.message_user(request, _("Your own account was left out."), messages.WARNING)
        return len(others)

    def _say(self, request, text: str, count: int) -> None:
        if count:
            self.message_user(request, text % {"count": count}, messages.SUCCESS)

    @admin.action(description=_("Lift locks after failed sign-ins"), permissions=["change"])
    def unlock(self, request, queryset):
        now = timezone.now()
        for person in queryset:
            signin.unlock(person, by=request.user, now=now)
        count = len(queryset)
        text = ngettext(
            "%(count)d account can sign in again.", "%(count)d accounts can sign in again.", count
        )
        self._say(request, text, count)

    @admin.action(description=_("Reset the second factor"), permissions=["change"])
    def reset_factor(self, request, queryset):
        def act(person, now):
            second_factor.reset(person, by=request.user, now=now)
            sessions.end_all(person, by=request.user, now=now)

        count = self._for_each(request, queryset, act)
        text = ngettext(
            "The second factor of %(count)d account was reset.",
            "The second factors of %(count)d accounts were reset.",
            count,
        )
        self._say(request, text, count)

    @admin.action(description=_("End all sessions"), permissions=["change"])
    def end_sessions(self, request, queryset):
        count = self._for_each(
            request, queryset, lambda person, now: sessions.end_all(person, by=request.user, now=now)
        )
        text = ngettext("%(count)d account was signed out.", "%(count)d accounts were signed out.", count)
        self._say(request, text, count)


@admin.register(User)
class StaffAdmin(AccessActions, OfficePages, DjangoUserAdmin, ModelAdmin):
    """Permissions come from the role's group, so neither groups nor single permissions are edited here."""

    form = StaffChangeForm
    add_form = StaffCreationForm
    change_password_form = NewPasswordForm
    list_display = ("username", "shown_name", "role", "department", "is_active", "has_factor", "last_login")
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
        (_("Signing in"), {"fields": ("last_login", "date_joined", "second_factor_since", "shown_sessions")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "role", "department", "usable_password", "password1", "password2")}),
    )
    readonly_fields = ("last_login", "date_joined", "second_factor_since", "shown_sessions")

    @admin.display(description=_("name"))
    def shown_name(self, user):
        return user.get_full_name()

    @admin.display(description=_("second factor"), boolean=True)
    def has_factor(self, user):
        return user.second_factor_since is not None

    @admin.display(description=_("open sessions"))
    def shown_sessions(self, user):
        url = reverse("admin:staff_sessions", args=[user.pk])
        return format_html('<a href="{}">{}</a>', url, len(sessions.of(user, now=timezone.now())))

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name == "areas":
            kwargs["queryset"] = db_field.related_model.objects.filter(level="kecamatan").order_by("name")
            kwargs["help_text"] = _("None chosen: the whole city.")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change):
        obj.is_staff = True
        stored = User.objects.select_related("department").get(pk=obj.pk) if change else None
        super().save_model(request, obj, form, change)
        before = staff.rights_of(stored) if stored else None
        staff.record_rights(obj, before, by=request.user)

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
        count = api_clients.revoke(queryset, by=request.user, now=timezone.now())
        text = ngettext("%(count)d key was revoked.", "%(count)d keys were revoked.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS if count else messages.WARNING)
