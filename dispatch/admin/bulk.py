"""Steps for many reports at once: one transaction each, and a summary that says what failed and why."""

from django.contrib import admin, messages
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from city.models import User
from complaints import errors
from complaints.models import Report
from dispatch.domain import casework
from dispatch.services import casework as casework_service

AT_ONCE = 200
NAMED_AT_MOST = 10


def choices_of_colleagues(user) -> list[tuple[int, str]]:
    """Whom this person can name as handlers in the list: their own department's people."""
    if user.department_id is None:
        return []
    return [(person.pk, person_name(person)) for person in casework_service.colleagues(user.department_id)]


def person_name(person: User) -> str:
    return person.get_full_name() or person.username


class BulkActions:
    """Actions of the report list."""

    actions = ("accept_many", "start_many", "take_many", "assign_many", "merge_many")

    @admin.action(description=gettext_lazy("Accept"), permissions=["work"])
    def accept_many(self, request, queryset):
        self._each(request, queryset, casework.ACCEPT)

    @admin.action(description=gettext_lazy("Start the work"), permissions=["work"])
    def start_many(self, request, queryset):
        self._each(request, queryset, casework.START)

    @admin.action(description=gettext_lazy("I take these"), permissions=["work"])
    def take_many(self, request, queryset):
        self._each(request, queryset, casework.TAKE)

    @admin.action(description=gettext_lazy("Name a handler"), permissions=["assign"])
    def assign_many(self, request, queryset):
        chosen = request.POST.get("assignee", "")
        if not (chosen.isascii() and chosen.isdigit()):
            self.message_user(request, _("Please choose the handler first."), messages.ERROR)
            return
        self._each(request, queryset, casework.ASSIGN, casework_service.Details(assignee_id=int(chosen)))

    def has_work_permission(self, request) -> bool:
        return casework.may(casework_service.role_of(request.user), casework.ACCEPT)

    def has_assign_permission(self, request) -> bool:
        """In the list colleagues come from the person's own department, so it needs one."""
        role = casework_service.role_of(request.user)
        return casework.may(role, casework.ASSIGN) and request.user.department_id is not None

    def _each(self, request, queryset, step: str, details=None) -> None:
        details = details or casework_service.Details()
        chosen = list(queryset.order_by("id").values_list("pk", "code")[: AT_ONCE + 1])
        if len(chosen) > AT_ONCE:
            text = _("At most %(count)s reports can be changed at once. Nothing was changed.")
            self.message_user(request, text % {"count": AT_ONCE}, messages.ERROR)
            return
        failed: dict[str, list[str]] = {}
        for pk, code in chosen:
            try:
                casework_service.take_step(request.user, pk, step, details, now=timezone.now())
            except errors.DomainError as exc:
                failed.setdefault(_sentence(exc), []).append(Report(code=code).spoken_code)
            except Report.DoesNotExist:
                failed.setdefault(_("It is no longer with your department."), []).append(code)
        self._tell(request, len(chosen), failed)

    def _tell(self, request, total: int, failed: dict[str, list[str]]) -> None:
        done = total - sum(map(len, failed.values()))
        if done:
            text = ngettext("%(count)s report was changed.", "%(count)s reports were changed.", done)
            self.message_user(request, text % {"count": done}, messages.SUCCESS)
        for why, which in failed.items():
            shown = ", ".join(which[:NAMED_AT_MOST])
            if len(which) > NAMED_AT_MOST:
                shown = _("%(codes)s and %(count)s more") % {
                    "codes": shown,
                    "count": len(which) - NAMED_AT_MOST,
                }
            text = _("Not changed: %(codes)s. %(why)s") % {"codes": shown, "why": why}
            self.message_user(request, text, messages.WARNING)


def _sentence(error: errors.DomainError) -> str:
    if isinstance(error, errors.InvalidReport):
        return " ".join(str(sentence) for _code, sentence in error.errors.values())
    return str(error.message)
