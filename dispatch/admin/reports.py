"""The officers' queue: only their reports, the nearest promise first."""

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from city import roles
from complaints import selectors
from complaints.models import Photo, Report
from complaints.selectors_search import contact_meant, search
from dispatch.admin import (
    bounded,
    bulk,
    case,
    exports,
    filters,
    incidents,
    notices,
    queue_map,
    queue_views,
    queue_walk,
    redaction,
    rows,
    tags,
    work_orders,
)
from dispatch.services import identity, saved_filters, tags_known, worklist

PER_PAGE = 100


class Queue(ChangeList):
    """The list never counts what the filters leave out, so it says nothing about it either."""

    def get_results(self, request):
        """The page first: where it holds all there is, nothing need be counted."""
        # Few are sorted at once; of many, those whose clocks run come off their index.
        is_short = getattr(request, "found_at_most", None) is not None
        self.is_sorted = is_short or bool(filters.wanted_order(request))
        start = (self.page_num - 1) * self.list_per_page
        found = self._rows(start, start + self.list_per_page + 1) if start <= bounded.COUNT_AT_MOST else []
        if len(found) <= self.list_per_page and (found or not start):
            request.known_count = start + len(found)
        super().get_results(request)
        self.full_result_count = self.result_count
        if start and not self.multi_page:  # a page that went meanwhile: what is left is on the first
            found = self._rows(0, self.list_per_page)
        self.result_list = found[: self.list_per_page]

    def _rows(self, start: int, stop: int) -> list[Report]:
        wanted = tags_known.with_tags(self.queryset.only(*rows.FIELDS))
        if self.is_sorted:
            return list(wanted[start:stop])
        return worklist.slice_by_promise(wanted, start, stop)


@admin.register(Report)
class ReportAdmin(
    bulk.BulkActions,
    queue_map.QueueMap,
    queue_views.QueueViews,
    queue_walk.QueueWalk,
    incidents.IncidentPages,
    redaction.RedactionPages,
    tags.TagPages,
    exports.ExportPages,
    work_orders.WorkOrderPages,
    case.CasePages,
    notices.NoticePages,
    ModelAdmin,
):
    """List, case page and bulk actions; every change goes through dispatch.services.casework."""

    change_list_template = "dispatch/admin/queue.html"
    list_display = ("code",)
    list_filter = filters.ALL
    list_per_page = PER_PAGE
    list_max_show_all = 0
    list_select_related = ("assignee",)
    show_full_result_count = False
    paginator = bounded.BoundedPaginator
    search_fields = ("code", "street", "description")
    list_fullwidth = True
    delete_confirmation_max_display = 0

    def get_queryset(self, request):
        has_photo = Photo.objects.filter(report=OuterRef("pk"), kind=Photo.Kind.REPORT)
        return selectors.for_staff(request.user).annotate(
            has_photo=Exists(has_photo), asks_check=worklist.asks_check()
        )

    def get_changelist(self, request, **kwargs):
        return Queue

    def get_paginator(self, request, queryset, per_page, *args, **kwargs):
        paginator = super().get_paginator(request, queryset, per_page, *args, **kwargs)
        if (count := getattr(request, "known_count", None)) is not None:
            paginator.count = min(count, bounded.COUNT_AT_MOST + 1)
        return paginator

    def get_ordering(self, request):
        return filters.ORDERS[filters.wanted_order(request)][1]

    def get_search_results(self, request, queryset, search_term):
        """A report's code in any writing, words of street, area and description (all of them), and for
        who may see identities a phone number or an e-mail address."""
        if not search_term.strip():
            return queryset, False
        address = contact_meant(request.user, search_term)
        if address:
            now = timezone.now()
            return identity.find_by_contact(request.user, queryset, address, now=now), False
        areas = filters.city_of(request).areas.values()
        found = search(queryset, search_term, areas=areas, **filters.known_scope(request))
        request.found_at_most = found.at_most
        if filters.is_whole_scope(request):
            more = bounded.COUNT_AT_MOST + 1
            request.known_count = more if found.at_most is None else min(found.at_most, more)
        return found.reports, False

    def changelist_view(self, request, extra_context=None):
        user, kept = request.user, saved_filters.setting(request.user)
        if first := self.view_to_open_with(request, kept):
            return first
        if contact_meant(user, request.GET.get(filters.SEARCH, "")):
            told = _("Reports filed with this phone number or e-mail address. Your search is recorded.")
            messages.info(request, told)
        colleagues = bulk.choices_of_colleagues(user)
        filters.know_colleagues(request, colleagues)
        page = {
            "title": _("Reports"),
            "is_city_wide": user.is_superuser or user.role in roles.CITY_WIDE,
            "rare_filters": [item.parameter_name for item in filters.RARE],
            "count_at_most": bounded.COUNT_AT_MOST,
        }
        response = super().changelist_view(request, page | (extra_context or {}))
        if getattr(response, "context_data", None) and "cl" in response.context_data:
            context = response.context_data
            context |= self.queue_context(request, kept) | (queue_map.context() if kept.shows_map else {})
            context["chips"] = filters.chips(context["cl"].filter_specs, request.GET)
            self._add_rows(request, context)
        return response

    def _add_rows(self, request, context) -> None:
        builder = rows.Rows(
            now=timezone.now(),
            case_query=self.get_preserved_filters(request),
            has_ticks=bool(context.get("action_form")),
            shows_department=context["is_city_wide"],
            shows_map=context["setting"].shows_map,
            snap=filters.city_of(request),
            tags=tags_known.visible(request.user, filters.city_of(request)),
        )
        context["rows"] = builder.html(context["cl"].result_list)

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("complaints.view_report")

    def has_change_permission(self, request, obj=None):
        """Opens the list's actions; which step is whose business is decided per report."""
        return request.user.has_perm("complaints.change_report")

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
