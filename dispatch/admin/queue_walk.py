"""From case to case of the list one came from, and the steps that one key of the list takes."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect, JsonResponse, QueryDict
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from city import roles
from complaints import errors
from complaints.models import Report
from dispatch import words
from dispatch.admin import bulk, case_context, filters, rows
from dispatch.domain import casework, queue_query
from dispatch.services import casework as casework_service
from dispatch.services import saved_filters, tags_known, walk

FROM_LIST = "_changelist_filters"
NEXT = "next"  # the most sensible step, whichever that is
_STATUS_CODE = {"conflict": 409, "not_permitted": 403}


def _sentence(error: errors.DomainError) -> str:
    """What to do next, in words; of a form's faults the faults themselves."""
    if isinstance(error, errors.InvalidReport):
        return " ".join(str(text) for _code, text in error.errors.values())
    return str(error.message)


class QueueWalk:
    """Addresses: the case after and before this one; one key's step."""

    def get_urls(self):
        view = self.admin_site.admin_view
        own = [
            path("<int:report_id>/berikut/", view(self.next_view), name="complaints_report_next"),
            path("<int:report_id>/sebelum/", view(self.previous_view), name="complaints_report_previous"),
            path("<int:report_id>/cepat/<slug:step>/", view(self.quick_view), name="complaints_report_quick"),
            path("<int:report_id>/orang/", view(self.people_view), name="complaints_report_people"),
        ]
        return own + super().get_urls()

    # --- from case to case ------------------------------------------------------------------------------

    def next_view(self, request, report_id: int):
        return self._walk(request, report_id, is_forward=True)

    def previous_view(self, request, report_id: int):
        return self._walk(request, report_id, is_forward=False)

    def _walk(self, request, report_id: int, *, is_forward: bool):
        report = self._report(request, report_id)
        found = self._neighbour(request, walk.place_of(report), is_forward=is_forward)
        if found is None:
            text = _("This was the last case of the list.") if is_forward else _("This is the first case.")
            messages.info(request, text)
            return HttpResponseRedirect(self._address(request, report.pk))
        return HttpResponseRedirect(self._address(request, found))

    def _neighbour(self, request, place: walk.Place, *, is_forward: bool) -> int | None:
        params = QueryDict(request.GET.get(FROM_LIST) or queue_query.EVERYTHING_OPEN)
        reports = filters.narrowed(self, request, params)
        order = params.get(filters.OrderFilter.parameter_name, "")
        return walk.neighbour(reports, place, order, is_forward=is_forward)

    def after_finishing(self, request, before: Report, step: str):
        """The next case of the list that this one came from, if the step ended the work on it and the person
        wants that; None: stay. `before`: the report as it was before the step."""
        if step not in casework.FINISHES or not request.GET.get(FROM_LIST):
            return None
        if not saved_filters.setting(request.user).opens_next:
            return None
        found = self._neighbour(request, walk.place_of(before), is_forward=True)
        done = format_html(
            '<a href="{}">{}</a>: {}',
            self._address(request, before.pk),
            before.spoken_code,
            words.STEP_DONE[step],
        )
        if found is None:
            messages.success(request, format_html("{} {}", done, _("That was the last case of this list.")))
            return HttpResponseRedirect(case_context.list_address(self.get_preserved_filters(request)))
        messages.success(request, format_html("{} {}", done, _("This is the next case of your list.")))
        return HttpResponseRedirect(self._address(request, found))

    def walk_context(self, request, report: Report) -> dict:
        """What the case page needs to go on from here, by key or by link."""
        query = self.get_preserved_filters(request)
        more = f"?{query}" if query else ""
        return {
            "setting": saved_filters.setting(request.user),
            "next_url": reverse("admin:complaints_report_next", args=[report.pk]) + more,
            "previous_url": reverse("admin:complaints_report_previous", args=[report.pk]) + more,
            "here": request.get_full_path(),
            "is_from_list": bool(request.GET.get(FROM_LIST)),
        }

    # --- one key ----------------------------------------------------------------------------------------

    def quick_view(self, request, report_id: int, step: str):
        """Take a step that needs nothing to be said: JSON for the list's script. `next` takes the most
        sensible one, or says where its form is."""
        report = self._report(request, report_id)
        if request.method != "POST":
            return HttpResponseRedirect(self._address(request, report.pk))
        step = self._sensible(request.user, report) if step == NEXT else step
        if step is None:
            return self._said(_("There is no step for you to take on this report."), 422)
        if step not in casework.AT_ONCE:
            known = step in casework.STEPS and casework.may(casework_service.role_of(request.user), step)
            if not known:
                raise PermissionDenied
            return JsonResponse({"open": f"{self._case_of(request, report.pk)}#langkah-{step}"})
        return self._take(request, report, step)

    def _sensible(self, user, report: Report) -> str | None:
        offered = [step for step in casework_service.steps_for(user, report) if step != casework.TAKE]
        first = casework.first(offered, report.status)
        return first[0] if first else None

    def _take(self, request, report: Report, step: str):
        version, chosen = request.POST.get("version", ""), request.POST.get("assignee", "")
        details = casework_service.Details(assignee_id=int(chosen[:18]) if chosen.isdecimal() else None)
        try:
            casework_service.take_step(
                request.user,
                report.pk,
                step,
                details,
                now=timezone.now(),
                expected_version=int(version[:9]) if version.isdecimal() else None,
            )
        except errors.DomainError as exc:
            return self._said(
                _sentence(exc), _STATUS_CODE.get(exc.code, 422), self._fresh_row(request, report)
            )
        except Report.DoesNotExist:
            return self._said(_("It is no longer with your department."), 409)
        answer = {
            "said": f"{report.spoken_code}: {words.STEP_DONE[step]}",
            **self._fresh_row(request, report),
        }
        return JsonResponse(answer)

    def _said(self, text: str, status: int, row: dict | None = None):
        return JsonResponse({"said": str(text), **(row or {})}, status=status)

    def _fresh_row(self, request, report: Report) -> dict:
        """The report's row as it stands now, and whether it is still one of the list's."""
        params = QueryDict(request.POST.get("list", ""))
        wanted = tags_known.with_tags(self.get_queryset(request).filter(pk=report.pk))
        found = wanted.select_related("assignee").first()
        if found is None:
            return {"row": "", "is_listed": False}
        user = request.user
        builder = rows.Rows(
            now=timezone.now(),
            case_query=self._list_query(request),
            has_ticks=bool(request.POST.get("ticks")),
            shows_department=user.is_superuser or user.role in roles.CITY_WIDE,
            shows_map=bool(request.POST.get("map")),
            snap=filters.city_of(request),
            tags=tags_known.visible(user, filters.city_of(request)),
        )
        is_listed = filters.narrowed(self, request, params).filter(pk=report.pk).exists()
        return {"row": builder.html([found]), "is_listed": is_listed}

    def _list_query(self, request) -> str:
        query = QueryDict(mutable=True)
        query[FROM_LIST] = request.POST.get("list") or queue_query.EVERYTHING_OPEN
        return query.urlencode()

    def _case_of(self, request, report_id: int) -> str:
        address = reverse("admin:complaints_report_change", args=[report_id])
        return f"{address}?{self._list_query(request)}"

    def people_view(self, request, report_id: int):
        """Whom a report can be given to, for the list's small box: JSON, [id, name] each."""
        report = self._report(request, report_id)
        if not casework.may(casework_service.role_of(request.user), casework.ASSIGN):
            raise PermissionDenied
        people = casework_service.colleagues(report.department_id)
        return JsonResponse({"people": [[person.pk, bulk.person_name(person)] for person in people]})
