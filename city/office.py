"""What every page of the office shares: a history in words, safe deletion, and no silent overwriting.

A mix-in, before ModelAdmin:

    class DepartmentAdmin(OfficePages, ModelAdmin): …
"""

from contextlib import suppress

from django.contrib import messages
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.forms.models import BaseInlineFormSet
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from city.domain import changes
from city.services import history, usage

STAMP = "_seen"  # the hidden field with the fingerprint of what the page showed
_LINES_A_PAGE = 50


class SafeFormSet(BaseInlineFormSet):
    """Rows on their parent's page: one that is in use cannot be ticked away."""

    def clean(self):
        super().clean()
        for form in self.deleted_forms:
            used = usage.uses(form.instance) if form.instance.pk else []
            if used:
                text = _("“%(name)s” cannot be deleted: it is used by %(uses)s.")
                raise ValidationError(text % {"name": form.instance, "uses": uses_in_words(used)})


class OfficePages:
    """Mix-in of a ModelAdmin whose objects people edit."""

    change_form_before_template = "city/admin/_stamp.html"
    object_history_template = "city/admin/history.html"
    delete_confirmation_template = "city/admin/delete.html"

    # --- history -----------------------------------------------------------------------------------

    def children(self) -> list[history.Children]:
        """The rows edited on this page, by the inlines."""
        found = []
        for inline in self.inlines:
            for relation in self.model._meta.related_objects:
                if relation.related_model is inline.model:
                    name = relation.get_accessor_name()
                    found.append(history.Children(name, inline.model, relation.field.name))
        return found

    def picture(self, obj) -> dict:
        return history.picture(obj, self.children())

    def get_object(self, request, object_id, from_field=None):
        """The object, and what it was before anybody's edit. A POST locks its row until it is answered, so
        that of two who save at once the second sees the first one's change."""
        obj = super().get_object(request, object_id, from_field)
        if obj is not None and from_field is None:
            if request.method == "POST" and transaction.get_connection().in_atomic_block:
                rows = self.model._base_manager.select_for_update().filter(pk=obj.pk).order_by()
                list(rows.values_list("pk", flat=True))
                with suppress(self.model.DoesNotExist):
                    obj.refresh_from_db()
            request.office_before = (obj.pk, self.picture(obj))
        return obj

    def construct_change_message(self, request, form, formsets, add=False):
        """The admin's own message, and before and after of every field."""
        message = super().construct_change_message(request, form, formsets, add)
        message = message if isinstance(message, list) else []
        values = self.values(request, form.instance, add)
        return [*message, {"values": values}] if values else message

    def values(self, request, obj, add: bool = False) -> list:
        now = self.picture(obj)
        if add:
            return changes.beginning(now)
        pk, before = getattr(request, "office_before", (None, None))
        return changes.differences(before, now) if pk == obj.pk else []

    def log_deletions(self, request, queryset):
        for obj in queryset:
            LogEntry.objects.log_actions(
                user_id=request.user.pk,
                queryset=[obj],
                action_flag=DELETION,
                change_message=[{"values": changes.ending(self.picture(obj))}],
                single_object=True,
            )

    def history_view(self, request, object_id, extra_context=None):
        """Everything that was ever changed about one object, from the record that nobody can change."""
        key = unquote(object_id)
        obj = super().get_object(request, key) if self._is_key(key) else None
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        first = max(0, int(request.GET["dari"])) if request.GET.get("dari", "").isdecimal() else 0
        found = list(history.lines_of(self.model, key)[first : first + _LINES_A_PAGE + 1])
        if obj is None and not found:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "object": obj,
            "original": obj,
            "title": _("History: %(name)s") % {"name": obj or found[0].object_name},
            "lines": [(line, history.changes_of(line)) for line in found[:_LINES_A_PAGE]],
            "older": first + _LINES_A_PAGE if len(found) > _LINES_A_PAGE else None,
            "is_first": first == 0,
            **(extra_context or {}),
        }
        return TemplateResponse(request, self.object_history_template, context)

    def _is_key(self, key: str) -> bool:
        try:
            self.model._meta.pk.to_python(key)
        except ValidationError:
            return False
        return True

    # --- nothing overwritten -----------------------------------------------------------------------

    def stamp_of(self, picture: dict) -> str:
        return history.stamp(picture, self.readonly_fields)

    def get_form(self, request, obj=None, change=False, **kwargs):
        base = super().get_form(request, obj, change=change, **kwargs)
        pk, before = getattr(request, "office_before", (None, None))
        if obj is None or pk != obj.pk:
            return base
        current, posted = self.stamp_of(before), request.POST.get(STAMP, "")
        told = self._meanwhile(obj) if posted and posted != current else ""

        def clean(form):
            cleaned = super(form.__class__, form).clean()
            if told:
                form.add_error(None, told)
            return cleaned

        return type(base)(base.__name__, (base,), {"clean": clean, "stamp": current, "Meta": base.Meta})

    def _meanwhile(self, obj) -> str:
        """What somebody else did to the object since the page was opened, as far as the last line says."""
        line = history.lines_of(self.model, obj.pk).first()
        said = "; ".join(
            f"{change.label}: {change.before} → {change.after}"
            for change in (history.changes_of(line) if line else ())
        )
        who = line.actor.get_username() if line and line.actor else _("a command")
        when = date_format(localtime(line.at), "j M H:i") if line else ""
        return _(
            "Somebody changed this while you were writing (%(who)s, %(when)s): %(what)s. Nothing was saved; "
            "what you typed is still below. Compare, then save again to keep yours."
        ) % {"who": who, "when": when, "what": said or "–"}

    # --- safe deletion -----------------------------------------------------------------------------

    def uses(self, obj) -> list[usage.Use]:
        return usage.uses(obj, owned=[child.model for child in self.children()])

    def get_deleted_objects(self, objs, request):
        """What is in use is protected, whatever the foreign keys would allow."""
        objs = list(objs)
        names, counts, lacking, protected = super().get_deleted_objects(objs, request)
        used = [(obj, self.uses(obj)) for obj in objs]
        said = [f"{obj}: {uses_in_words(found)}" for obj, found in used if found]
        return names, counts, lacking, said or protected

    def delete_view(self, request, object_id, extra_context=None):
        obj = super().get_object(request, unquote(object_id))
        if obj is not None and self.has_delete_permission(request, obj):
            can = self.may_switch_off(request, obj)
            extra_context = {
                **(extra_context or {}),
                "uses": self.uses(obj),
                "can_switch_off": can,
                "is_off": not getattr(obj, "is_active", True),
                "switch_off_url": self._url("switch_off", obj) if can else "",
                "change_url": self._url("change", obj),
            }
        return super().delete_view(request, object_id, extra_context)

    def _url(self, name: str, obj) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=[obj.pk])

    def may_switch_off(self, request, obj) -> bool:
        return (
            bool(getattr(obj, "is_active", False))
            and hasattr(obj, "is_active")
            and self.has_change_permission(request, obj)
        )

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_switch_off"
        own = path("<path:object_id>/matikan/", self.admin_site.admin_view(self.switch_off_view), name=name)
        return [own, *super().get_urls()]

    def switch_off_view(self, request, object_id: str):
        """Instead of deleting: it keeps its past and is offered nowhere any more."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        with transaction.atomic():
            obj = self.get_object(request, unquote(object_id))
            if not self.has_change_permission(request, obj):
                raise PermissionDenied
            if obj is None or not hasattr(obj, "is_active"):
                raise Http404
            if obj.is_active:
                obj.is_active = False
                self.switch_off(request, obj)
                self.log_change(request, obj, [{"values": self.values(request, obj)}])
        self.message_user(request, _("“%(name)s” is switched off.") % {"name": obj}, messages.SUCCESS)
        return HttpResponseRedirect(self._url("change", obj))

    def switch_off(self, request, obj) -> None:
        """Save what `is_active` says now, through the same service as an edit."""
        self.save_model(request, obj, None, True)


def uses_in_words(found: list[usage.Use]) -> str:
    return ", ".join(
        ngettext("%(count)d × %(what)s", "%(count)d × %(what)s", use.count)
        % {"count": use.count, "what": capfirst(use.label)}
        for use in found
    )
