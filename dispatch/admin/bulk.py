"""Steps for many reports: chosen in the list, shown before they are done, followed while they are, taken
back within ten minutes."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from city import snapshot as city
from city.models import Crew, Department, User
from complaints import errors, selectors
from complaints.models import Report
from complaints.web import words as public_words
from dispatch.admin import bulk_form, bulk_words
from dispatch.domain import bulk, casework
from dispatch.models import BulkItem, BulkOperation
from dispatch.services import bulk_preview, bulk_undo, bulk_work, tags
from dispatch.services import casework as casework_service

ROWS_SHOWN = 500
OPERATIONS_SHOWN = 100
_RUNNING = (BulkOperation.State.QUEUED, BulkOperation.State.RUNNING, BulkOperation.State.UNDOING)


def person_name(person: User) -> str:
    return person.get_full_name() or person.username


def choices_of_colleagues(user) -> list[tuple[int, str]]:
    """The people of this person's own department, for the list's filters."""
    if user.department_id is None:
        return []
    return [(person.pk, person_name(person)) for person in casework_service.colleagues(user.department_id)]


def _action(step: str):
    def run(modeladmin, request, queryset):
        return modeladmin.first_look(request, queryset, step)

    run.__name__ = f"{step}_many"
    return admin.action(description=bulk_words.label(step))(run)


class BulkActions:
    """Actions of the report list, and the pages they lead to."""

    actions = ("merge_many",)

    def get_urls(self):
        view = self.admin_site.admin_view
        own = [
            path("massal/", view(self.bulk_list_view), name="complaints_report_bulk_list"),
            path("massal/pratinjau/", view(self.bulk_preview_view), name="complaints_report_bulk"),
            path("massal/<int:pk>/", view(self.bulk_view), name="complaints_report_bulk_one"),
            path("massal/<int:pk>/batalkan/", view(self.bulk_undo_view), name="complaints_report_bulk_undo"),
        ]
        return own + super().get_urls()

    def get_actions(self, request):
        """Only the steps that are this person's business."""
        role = casework_service.role_of(request.user)
        own = {f"{step}_many": _action(step) for step in bulk.STEPS if bulk.may(role, step)}
        mine = {name: (run, name, run.short_description) for name, run in own.items()}
        return mine | super().get_actions(request) if self.has_change_permission(request) else {}

    # --- Before ----------------------------------------------------------------------------------------

    def first_look(self, request, queryset, step: str):
        """The list's action: what was ticked, or everything that matches, becomes a preview."""
        seen = _chosen(request, queryset)
        try:
            bulk_work.check_number(len(seen))
        except errors.InvalidReport as exc:
            self.message_user(request, bulk_work.sentence(exc), messages.ERROR)
            return None
        key, back = bulk_form.new_key(), request.GET.urlencode()
        return self._preview_page(request, step, {}, seen, {"key": key, "back": back}, is_first=True)

    def bulk_preview_view(self, request):
        """Show what would be done; with `do=confirm`, and nothing else said than was shown, do it."""
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:complaints_report_changelist"))
        form = bulk_form.BulkForm(request.POST)
        form.is_valid()
        data = form.cleaned_data
        if not {"step", "key", "seen"} <= data.keys():
            raise Http404
        step = data["step"]
        if not bulk.may(casework_service.role_of(request.user), step):
            raise PermissionDenied
        said = form.said()
        wrong = {name: found[0] for name, found in form.errors.items()}
        is_shown = data.get("previewed") == bulk_form.digest(step, said)
        if request.POST.get("do") == "confirm" and is_shown and not wrong:
            wrong = bulk_preview.faults(step, said, now=timezone.now())
            if not wrong:
                return self._begin(request, bulk_work.Wish(data["key"], step, said, data["seen"]))
        carried = {"key": data["key"], "back": data.get("back", "")}
        is_other = request.POST.get("do") == "confirm" and not is_shown
        return self._preview_page(request, step, said, data["seen"], carried, wrong=wrong, is_other=is_other)

    def _begin(self, request, wish: bulk_work.Wish):
        try:
            now, language = timezone.now(), get_language() or "id"
            operation = bulk_work.begin(request.user, wish, now=now, language=language)
        except errors.InvalidReport as exc:
            messages.error(request, bulk_work.sentence(exc))
            return HttpResponseRedirect(reverse("admin:complaints_report_changelist"))
        bulk_work.start(operation)
        return HttpResponseRedirect(_address(operation))

    def _preview_page(
        self,
        request,
        step: str,
        said: Mapping[str, Any],
        seen: Mapping[int, int],
        carried: Mapping[str, Any],
        *,
        wrong: Mapping[str, Any] | None = None,
        is_first: bool = False,
        is_other: bool = False,
    ):
        now, language = timezone.now(), get_language() or "id"
        found = bulk_preview.look(request.user, step, said, seen, now=now, language=language)
        faults = {**found.faults, **(wrong or {})}
        snap = city.current()
        shown = [_row(report, step, found.target, snap) for report in found.changing[:ROWS_SHOWN]]
        context = {
            **self._frame(request, _("%(step)s: look before you do it") % {"step": bulk_words.label(step)}),
            "step": step,
            "label": bulk_words.label(step),
            "found": found,
            "rows": shown,
            "more": len(found.changing) - len(shown),
            "kept": [(why, len(rows), rows[:ROWS_SHOWN]) for why, rows in found.kept.items()],
            "stays": len(seen) - len(found.changing),
            "fields": bulk.FIELDS.get(step, ()),
            "faults": {} if is_first else faults,
            "is_ready": not faults and bool(found.changing),
            "is_other": is_other,
            "typed": request.POST if not is_first else {},
            "seen": bulk_form.write_seen(seen),
            "previewed": bulk_form.digest(step, said),
            "minutes": bulk.UNDO.seconds // 60,
            "chosen_tags": said.get("tags", ()),
            "is_delayed": step in bulk.DELAYED,
            **carried,
            **_choices(request.user, step, seen),
        }
        status = 422 if faults and not is_first else 200
        return TemplateResponse(request, "dispatch/admin/bulk_preview.html", context, status=status)

    # --- While and after -------------------------------------------------------------------------------

    def bulk_view(self, request, pk: int):
        """How far it is and what became of it; `?format=json` for the page's own script."""
        operation = self._operation(request, pk)
        counts = dict.fromkeys(BulkItem.State.values, 0)
        counts |= dict(operation.items.order_by().values_list("state").annotate(number=Count("pk")))
        is_running = operation.state in _RUNNING
        if request.GET.get("format") == "json":
            done = operation.total - counts[BulkItem.State.PENDING]
            return JsonResponse({"state": operation.state, "done": done, "is_running": is_running, **counts})
        context = {
            **self._frame(request, bulk_words.label(operation.step)),
            "operation": operation,
            "label": bulk_words.label(operation.step),
            "icon": bulk_words.STATE_ICON[operation.state],
            "said": bulk_words.said(operation),
            "counts": counts,
            "done": operation.total - counts[BulkItem.State.PENDING],
            "is_running": is_running,
            "may_undo": bulk_undo.may_undo(request.user, operation, now=timezone.now()),
            "groups": _groups(operation, request.user),
        }
        return TemplateResponse(request, "dispatch/admin/bulk_operation.html", context)

    def bulk_undo_view(self, request, pk: int):
        operation = self._operation(request, pk)
        if request.method == "POST":
            try:
                operation = bulk_undo.ask(request.user, operation.pk, now=timezone.now())
            except errors.NotPermitted as exc:
                raise PermissionDenied from exc
            except errors.CannotTakeBack as exc:
                messages.error(request, bulk_work.sentence(exc))
            else:
                bulk_undo.start(operation)
        return HttpResponseRedirect(_address(operation))

    def bulk_list_view(self, request):
        """The record: what this person, or their office, did for many at once."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = list(bulk_undo.seen_by(request.user).order_by("-id")[: OPERATIONS_SHOWN + 1])
        context = self._frame(request, _("Steps for many reports"))
        context["rows"] = [
            (row, bulk_words.label(row.step), bulk_words.STATE_ICON[row.state], person_name(row.by))
            for row in rows[:OPERATIONS_SHOWN]
        ]
        context["has_more"], context["shown_at_most"] = len(rows) > OPERATIONS_SHOWN, OPERATIONS_SHOWN
        return TemplateResponse(request, "dispatch/admin/bulk_list.html", context)

    def _operation(self, request, pk: int) -> BulkOperation:
        operation = bulk_undo.seen_by(request.user).filter(pk=pk).first()
        if operation is None:
            raise Http404
        return operation

    def _frame(self, request, title: str) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts, "title": title}


def _address(operation: BulkOperation) -> str:
    return reverse("admin:complaints_report_bulk_one", args=[operation.pk])


def _chosen(request, queryset) -> dict[int, int]:
    """The reports asked for with the versions they have now; 0 for what is not this person's to see.

    What was ticked counts as it was sent: the list's own filters may have let go of a report meanwhile.
    """
    at_most = bulk.AT_MOST + 1
    if request.POST.get("select_across"):
        return dict(queryset.order_by("pk").values_list("pk", "version")[:at_most])
    ids = bulk_form.ticked(request.POST.getlist("_selected_action"))[:at_most]
    theirs = dict(selectors.for_staff(request.user).filter(pk__in=ids).values_list("pk", "version"))
    return {pk: theirs.get(pk, 0) for pk in ids}


def _row(report: Report, step: str, target: bulk_preview.Target, snap: city.CitySnapshot) -> dict[str, Any]:
    before, after = bulk_words.change(report, step, target)
    return {
        "report": report,
        "kind": bulk_words.kind(report, snap),
        "place": bulk_words.place(report, snap),
        "before": before,
        "after": after,
    }


def _choices(user, step: str, seen: Mapping[int, int]) -> dict[str, Any]:
    """What the selects of a step list."""
    if step == casework.ASSIGN:
        offices = _offices(user, seen)
        return {"colleagues": _by_office(offices, casework_service.workers()), "crews": _crews(offices)}
    if step in (casework.TAG, bulk.UNTAG):
        return {
            "tags": list(
                tags.visible(user).filter(is_active=True) if step == casework.TAG else tags.visible(user)
            )
        }
    if step == casework.WAIT:
        return {"waiting_on": Report.WaitingOn.choices}
    if step == casework.REJECT:
        return {"rejections": public_words.REJECTION}
    return {}


def _offices(user, seen: Mapping[int, int]) -> list[Department]:
    """The departments that have the chosen reports."""
    chosen = selectors.for_staff(user).filter(pk__in=seen, department__isnull=False).order_by()
    return list(Department.objects.filter(pk__in=chosen.values("department")).order_by("short_name", "name"))


def _by_office(offices: list[Department], rows) -> list[tuple[str, list[Any]]]:
    """Handlers or crews under the name of their office."""
    found = {office.pk: (office.short_name or office.name, []) for office in offices}
    for row in rows.filter(department_id__in=found):
        found[row.department_id][1].append(row)
    return [group for group in found.values() if group[1]]


def _crews(offices: list[Department]) -> list[tuple[str, list[Any]]]:
    return _by_office(offices, Crew.objects.filter(is_active=True).order_by("name"))


def _groups(operation: BulkOperation, user) -> list[dict[str, Any]]:
    """The reports by what became of them and why, what needs a look first. Codes only of what this person
    may see now."""
    order = (BulkItem.State.KEPT, BulkItem.State.FAILED, BulkItem.State.CANCELLED)
    order += (BulkItem.State.UNDONE, BulkItem.State.DONE, BulkItem.State.PENDING)
    theirs = set(
        selectors.for_staff(user)
        .filter(pk__in=operation.items.values("report_id"))
        .values_list("pk", flat=True)
    )
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    items = operation.items.select_related("report").only("state", "why", "report__code", "operation_id")
    for item in items.order_by("pk"):
        key = (item.state, item.why if item.state in (BulkItem.State.KEPT, BulkItem.State.FAILED) else "")
        names = {
            "state": item.state,
            "name": item.get_state_display(),
            "why": key[1],
            "count": 0,
            "reports": [],
        }
        group = groups.setdefault(key, names)
        group["count"] += 1
        if item.report_id in theirs and len(group["reports"]) < ROWS_SHOWN:
            group["reports"].append(item.report)
    return sorted(groups.values(), key=lambda group: (order.index(group["state"]), -group["count"]))
