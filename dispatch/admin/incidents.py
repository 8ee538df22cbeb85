"""Incidents on the staff's pages: what may be the same, joining with a preview, taking apart; the rules."""

from collections.abc import Callable

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin

from city.office import OfficePages
from complaints import errors, selectors, selectors_incident
from complaints.models import Merge, Report
from dispatch.models import IncidentRule
from dispatch.services import incident_work

_STATUS_CODE = {"conflict": 409, "not_permitted": 403}
BULK_AT_MOST = 100
_MEMBERS_SHOWN = 50


class MergeForm(forms.Form):
    """Shape only; the rules are the service's. `confirmed` is the second step, after the preview."""

    version = forms.IntegerField(min_value=1)
    primary = forms.CharField(max_length=20)
    why = forms.CharField(required=False, strip=False, max_length=2000)
    confirmed = forms.BooleanField(required=False)


class TakeOutForm(forms.Form):
    version = forms.IntegerField(min_value=1)
    why = forms.CharField(required=False, strip=False, max_length=2000)


class IncidentPages:
    """Mix-in of the reports' admin: the addresses the case page's incident box posts to."""

    def get_urls(self):
        view = self.admin_site.admin_view
        own = [
            path("<int:report_id>/gabung/", view(self.merge_view), name="complaints_report_merge"),
            path("<int:report_id>/pisah/", view(self.take_out_view), name="complaints_report_take_out"),
            path("gabung/", view(self.merge_many_view), name="complaints_report_merge_many"),
        ]
        return own + super().get_urls()

    def merge_view(self, request, report_id: int):
        """First what it would do, then do it."""
        report = self._to_merge(request, report_id)
        form = MergeForm(request.POST)
        if request.method != "POST" or not form.is_valid():
            return self._merge_page(request, [report], "", _("Write the code of the report that carries on."))
        data = form.cleaned_data
        if not data["confirmed"]:
            return self._merge_page(request, [report], data["primary"])

        def act():
            incident_work.merge(
                request.user,
                report.pk,
                data["primary"],
                why=data["why"],
                now=timezone.now(),
                expected_version=data["version"],
            )

        if error := _tried(act):
            status = _STATUS_CODE.get(error.code, 422)
            report = self._to_merge(request, report_id)
            return self._merge_page(request, [report], data["primary"], _sentence(error), status=status)
        messages.success(request, _("Joined. The reporter hears what happens to the other report."))
        return HttpResponseRedirect(self._address(request, report.pk) + "#insiden")

    def merge_many_view(self, request):
        """The same for ticked reports: each in a transaction of its own, and a sentence for what failed."""
        if not incident_work.may_merge(request.user):
            raise PermissionDenied
        ids = [int(pk) for pk in request.POST.getlist("report") if pk.isascii() and pk.isdigit()]
        reports = list(
            selectors.for_staff(request.user)
            .filter(pk__in=ids[:BULK_AT_MOST])
            .select_related("category", "area", "department")
            .defer("area__geometry")
            .order_by("pk")
        )
        typed, why = request.POST.get("primary", ""), request.POST.get("why", "")
        if request.method != "POST" or not reports:
            raise Http404
        if "confirmed" not in request.POST:
            return self._merge_page(request, reports, typed)
        primary = incident_work.find(request.user, typed)
        others = [report for report in reports if primary is None or report.pk != primary.pk]
        failed: dict[str, list[str]] = {}
        for report in others:
            run = _merging(request.user, report, typed, why)
            if error := _tried(run):
                failed.setdefault(_sentence(error), []).append(report.spoken_code)
        if len(failed) == 1 and len(others) == sum(map(len, failed.values())):
            return self._merge_page(request, reports, typed, next(iter(failed)), status=422)
        done = len(others) - sum(map(len, failed.values()))
        text = ngettext("%(count)s report was joined.", "%(count)s reports were joined.", done)
        messages.success(request, text % {"count": done})
        for sentence, codes in failed.items():
            text = _("Not changed: %(codes)s. %(why)s") % {"codes": ", ".join(codes), "why": sentence}
            messages.warning(request, text)
        return HttpResponseRedirect(reverse("admin:complaints_report_changelist"))

    def take_out_view(self, request, report_id: int):
        """Undo: the report's own work goes on exactly as it stood."""
        if not incident_work.may_merge(request.user):
            raise PermissionDenied
        report = Report.objects.filter(pk=report_id).first()
        back = request.POST.get("back", "")
        back_id = int(back) if back.isascii() and back.isdigit() else report_id
        if report is None or request.method != "POST":
            raise Http404
        form = TakeOutForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Somebody changed this report meanwhile. Please look again."))
            return HttpResponseRedirect(self._address(request, back_id) + "#insiden")

        def act():
            data = form.cleaned_data
            incident_work.take_out(
                request.user,
                report.pk,
                why=data["why"],
                now=timezone.now(),
                expected_version=data["version"],
            )

        try:
            error = _tried(act)
        except Report.DoesNotExist as exc:
            raise Http404 from exc
        if error:
            messages.error(request, _sentence(error))
        else:
            messages.success(request, _("Taken out. Its own work goes on exactly as it stood."))
        return HttpResponseRedirect(self._address(request, back_id) + "#insiden")

    @admin.action(description=gettext_lazy("Join into one incident …"), permissions=["merge"])
    def merge_many(self, request, queryset):
        """The list's action: the preview comes first, with the oldest one carrying the work."""
        reports = list(
            queryset.select_related("category", "area", "department")
            .defer("area__geometry")
            .order_by("created_at", "pk")[: BULK_AT_MOST + 1]
        )
        if not 2 <= len(reports) <= BULK_AT_MOST:
            text = _("Tick at least two and at most %(count)s reports. Nothing was changed.")
            self.message_user(request, text % {"count": BULK_AT_MOST}, messages.ERROR)
            return None
        return self._merge_page(request, reports, reports[0].code)

    def has_merge_permission(self, request) -> bool:
        return incident_work.may_merge(request.user)

    def _to_merge(self, request, report_id: int) -> Report:
        if not incident_work.may_merge(request.user):
            raise PermissionDenied
        return self._report(request, report_id)

    def _merge_page(self, request, reports, typed: str, fault: str = "", *, status: int = 200):
        """The preview: what is joined to what, what it means, and the reason to be given."""
        primary = incident_work.find(request.user, typed) if typed else None
        if typed and primary is None and not fault:
            fault, status = _("No report with this code is among those you may see."), 422
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Join reports"),
            "reports": [report for report in reports if primary is None or report.pk != primary.pk],
            "ticked": reports,
            "is_one": len(reports) == 1,
            "primary": primary,
            "typed": typed,
            "why": request.POST.get("why", ""),
            "fault": fault,
            "now": timezone.now(),
        }
        return TemplateResponse(request, "dispatch/admin/merge.html", context, status=status)


def _merging(user, report: Report, typed: str, why: str) -> Callable[[], object]:
    return lambda: incident_work.merge(user, report.pk, typed, why=why, now=timezone.now())


def _tried(act: Callable[[], object]) -> errors.DomainError | None:
    """Do it; what the service refused, or nothing."""
    try:
        act()
    except errors.DomainError as error:
        return error
    return None


def _sentence(error: errors.DomainError) -> str:
    if isinstance(error, errors.InvalidReport):
        return " ".join(str(text) for _code, text in error.errors.values())
    return str(error.message)


def panel(user, report: Report) -> dict:
    """What the case page shows of an incident, and of what may be the same. At most five queries."""
    members = selectors_incident.members(report) if report.merged_into_id is None else []
    theirs = selectors.for_staff(user).filter(pk__in=[row.pk for row in members])
    visible = set(theirs.values_list("pk", flat=True)) if members else set()
    primary = selectors_incident.primary_of(report)
    may_see = primary is not None and selectors.for_staff(user).filter(pk=primary.pk).exists()
    merge = None
    if primary is not None:
        merge = Merge.objects.filter(report=report, undone_at=None).select_related("by").first()
    may = incident_work.may_merge(user)
    return {
        "incident_members": [row for row in members if row.pk in visible][:_MEMBERS_SHOWN],
        "incident_size": 1 + len(members),
        "incident_primary": primary,
        "may_see_primary": may_see,
        "merge": merge,
        "may_merge": may,
        "suggested": incident_work.suggestions(user, report, now=timezone.now()) if may else [],
    }


@admin.register(IncidentRule)
class IncidentRuleAdmin(OfficePages, ModelAdmin):
    list_display = ("code", "radius_m", "hours", "burst_reports", "burst_minutes", "is_active")
    ordering = ("code",)
