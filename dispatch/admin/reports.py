"""The officers' queue: only their reports, the nearest promise first."""

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from city import roles
from complaints import selectors
from complaints.domain import codes
from complaints.models import Photo, Report
from dispatch.admin import bulk, case, filters, incidents, queue_map, queue_views, queue_walk, rows
from dispatch.services import saved_filters, worklist

COUNT_AT_MOST = worklist.COUNT_AT_MOST
PER_PAGE = 100


class BoundedPaginator(Paginator):
    """Counts no further than COUNT_AT_MOST: a queue longer than that is narrowed, not leafed through.

    The page says so where the count stops, so nothing is cut in silence.
    """

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[: COUNT_AT_MOST + 1].count()

    @property
    def is_bounded(self) -> bool:
        return self.count > COUNT_AT_MOST


class Queue(ChangeList):
    """The list never counts what the filters leave out, so it says nothing about it either."""

    def get_results(self, request):
        super().get_results(request)
        self.full_result_count = self.result_count
        if self.multi_page and not filters.wanted_order(request):
            start = (self.page_num - 1) * self.list_per_page
            wanted = self.queryset.only(*rows.FIELDS)
            self.result_list = worklist.slice_by_promise(wanted, start, start + self.list_per_page)
        else:
            self.result_list = list(self.result_list.only(*rows.FIELDS))


@admin.register(Report)
class ReportAdmin(
    bulk.BulkActions,
    queue_map.QueueMap,
    queue_views.QueueViews,
    queue_walk.QueueWalk,
    incidents.IncidentPages,
    case.CasePages,
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
    paginator = BoundedPaginator
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

    def get_ordering(self, request):
        return filters.ORDERS[filters.wanted_order(request)][1]

    def get_search_results(self, request, queryset, search_term):
        """A report's code in any writing, or words of street, area and description (all of them)."""
        code = codes.normalise(search_term)
        if code and queryset.filter(code=code).exists():
            return queryset.filter(code=code), False
        for word in search_term.split()[:6]:
            queryset = queryset.filter(
                Q(street__icontains=word) | Q(description__icontains=word) | Q(area__name__icontains=word)
            )
        return queryset, False

    def changelist_view(self, request, extra_context=None):
        user, kept = request.user, saved_filters.setting(request.user)
        if first := self.view_to_open_with(request, kept):
            return first
        colleagues = bulk.choices_of_colleagues(user)
        filters.know_colleagues(request, colleagues)
        page = {
            "title": _("Reports"),
            "is_city_wide": user.is_superuser or user.role in roles.CITY_WIDE,
            "rare_filters": [item.parameter_name for item in filters.RARE],
            "colleagues": colleagues,
            "count_at_most": COUNT_AT_MOST,
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
