"""The queue's filters: selects in one bar, kept in the address."""

import copy

from django.contrib.admin.views.main import PAGE_VAR
from django.db.models import Exists, OuterRef
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from city import roles
from city import snapshot as city
from complaints import selectors
from complaints.domain import codes
from complaints.models import Photo, Report
from complaints.selectors_search import contact_meant
from complaints.web import words as public_words
from dispatch import words
from dispatch.admin.filter_bar import BarFilter, city_of
from dispatch.admin.filters_work import (
    HandlerFilter,
    IncidentFilter,
    MarkFilter,
    RatingFilter,
    know_colleagues,
)
from dispatch.admin.tags import TagFilter
from dispatch.services import worklist

__all__ = [
    "ALL",
    "RARE",
    "chips",
    "city_of",
    "is_whole_scope",
    "know_colleagues",
    "known_scope",
    "narrowed",
    "specs",
    "wanted_order",
]
SEARCH = "q"
ORDERS = {
    "": (_("nearest promise"), worklist.by_promise()),
    "terbaru": (_("newest first"), ("-created_at", "-id")),
    "terlama": (_("oldest first"), ("created_at", "id")),
    "tingkat": (_("most severe first"), ("-severity", *worklist.by_promise())),
    "perubahan": (_("last changed first"), ("-updated_at", "-id")),
}


class StateFilter(BarFilter):
    """Open reports unless asked otherwise; by a code or a reporter's contact they are found in any state, and
    so is what its reporter has rated: the rated ones have ended."""

    title = _("State")
    parameter_name = "status"
    all_label = _("open")
    all_value = worklist.OPEN  # so that an address without any parameter is one's own first view

    @staticmethod
    def groups():
        pairs = [(worklist.UNACCEPTED, _("not yet accepted")), (worklist.TO_CHECK, _("to be checked first"))]
        pairs.append((worklist.MERGED, _("joined to another one")))
        yield "", [*pairs, (worklist.ALL, _("also ended ones"))]
        yield _("One state"), list(Report.Status.choices)

    def queryset(self, request, queryset):
        if not self.chosen:
            text = request.GET.get(SEARCH, "")
            named = codes.normalise(text) or contact_meant(request.user, text)
            if named or request.GET.get(RatingFilter.parameter_name) in RatingFilter.RANGES:
                return queryset
        return queryset.filter(worklist.in_state(self.chosen or worklist.OPEN))


class CategoryFilter(BarFilter):
    title = _("Kind")
    parameter_name = "kategori"

    @staticmethod
    def groups():
        kinds = city.current().categories.values()
        for group in (item for item in kinds if item.parent_code is None):
            name = public_words.local(group)
            pairs = [(group.code, _("%(group)s: all") % {"group": name})]
            pairs += [(k.code, public_words.local(k)) for k in kinds if k.parent_code == group.code]
            yield name, pairs

    def narrow(self, queryset, value):
        kinds = self.city.categories.values()
        return queryset.filter(category_id__in=[k.id for k in kinds if value in (k.code, k.parent_code)])


class SeverityFilter(BarFilter):
    title = _("Severity")
    parameter_name = "tingkat"

    @staticmethod
    def groups():
        yield "", [(str(level), label) for level, label in words.SEVERITY.items()]

    def narrow(self, queryset, value):
        return queryset.filter(severity=int(value))


class AreaFilter(BarFilter):
    title = _("Area")
    parameter_name = "wilayah"

    @staticmethod
    def groups():
        areas = city.current().areas.values()
        for kecamatan in sorted((a for a in areas if a.level == "kecamatan"), key=lambda a: a.name):
            pairs = [(kecamatan.code, _("Kecamatan %(name)s") % {"name": kecamatan.name})]
            parts = sorted((a for a in areas if a.parent_code == kecamatan.code), key=lambda a: a.name)
            yield kecamatan.name, pairs + [(part.code, part.name) for part in parts]

    def narrow(self, queryset, value):
        areas = self.city.areas.values()
        return queryset.filter(area_id__in=[a.id for a in areas if value in (a.code, a.parent_code)])


class DepartmentFilter(BarFilter):
    title = _("Department")
    parameter_name = "dinas"

    def is_for(self, user):
        return user.is_superuser or user.role in roles.CITY_WIDE

    @staticmethod
    def groups():
        departments = list(city.current().departments.values())
        for label, wanted in (
            (_("City departments"), "city"),
            (_("Owners outside the city"), "external"),
            (_("Sub-districts"), "subdistrict"),
        ):
            yield label, [(d.code, d.short_name or d.name) for d in departments if d.kind == wanted]

    def narrow(self, queryset, value):
        return queryset.filter(department_id=self.city.departments[value].id)


class DueFilter(BarFilter):
    title = _("Promise")
    parameter_name = "tenggat"

    @staticmethod
    def groups():
        yield (
            "",
            [
                (worklist.OVERDUE, _("overdue")),
                (worklist.TODAY, _("due today")),
                (worklist.WEEK, _("due within seven days")),
            ],
        )

    def narrow(self, queryset, value):
        return queryset.filter(worklist.due(value, timezone.now()))


class ChannelFilter(BarFilter):
    title = _("Channel")
    parameter_name = "kanal"

    @staticmethod
    def groups():
        yield "", list(Report.Channel.choices)

    def narrow(self, queryset, value):
        return queryset.filter(channel=value)


class PhotoFilter(BarFilter):
    title = _("Photo")
    parameter_name = "foto"

    @staticmethod
    def groups():
        yield "", [("ada", _("with a photo")), ("tanpa", _("without a photo"))]

    def narrow(self, queryset, value):
        has_photo = Exists(Photo.objects.filter(report=OuterRef("pk"), kind=Photo.Kind.REPORT))
        return queryset.filter(has_photo if value == "ada" else ~has_photo)


class OrderFilter(BarFilter):
    """Narrows nothing: it names the order, which ReportAdmin.get_ordering applies."""

    title = _("Order")
    parameter_name = "urut"
    all_label = ORDERS[""][0]

    @staticmethod
    def groups():
        yield "", [(name, label) for name, (label, _by) in ORDERS.items() if name]

    def narrow(self, queryset, value):
        return queryset


def known_scope(request) -> dict:
    """What is true of every report that the filters leave, as far as the search's index knows of it."""
    user, params = request.user, request.GET
    state = params.get(StateFilter.parameter_name, "")
    known = state in (worklist.ALL, worklist.MERGED) or state in Report.Status.values
    is_rated = not known and params.get(RatingFilter.parameter_name) in RatingFilter.RANGES
    department_id = user.department_id
    if user.is_superuser or user.role in roles.CITY_WIDE:
        chosen = city_of(request).departments.get(params.get(DepartmentFilter.parameter_name, ""))
        department_id = chosen.id if chosen else None
    return {
        "department_id": department_id,
        "is_open": not is_rated and worklist.is_surely_open(state if known else worklist.OPEN),
    }


def is_whole_scope(request) -> bool:
    """Whether nothing narrows the list but what the search's index knows of: then what the index names need
    not be counted again."""
    user, params = request.user, request.GET
    known = (StateFilter, DepartmentFilter, OrderFilter)
    if any(params.get(item.parameter_name) for item in ALL if item not in known):
        return False
    if params.get(StateFilter.parameter_name, "") not in ("", worklist.OPEN, worklist.ALL):
        return False
    is_city_wide = user.is_superuser or user.role in roles.CITY_WIDE
    return is_city_wide or not selectors.staff_area_ids(user)


def wanted_order(request) -> str:
    """The name of the order asked for; empty for the usual one and for what nobody knows."""
    name = request.GET.get(OrderFilter.parameter_name, "")
    return name if name in ORDERS else ""


ALL = (
    StateFilter,
    DueFilter,
    CategoryFilter,
    SeverityFilter,
    AreaFilter,
    DepartmentFilter,
    HandlerFilter,
    MarkFilter,
    ChannelFilter,
    PhotoFilter,
    IncidentFilter,
    RatingFilter,
    TagFilter,
    OrderFilter,
)
# The others are folded away behind "more filters"; those in use stand as chips below.
FIRST = (StateFilter, DueFilter, CategoryFilter, SeverityFilter, OrderFilter)
RARE = tuple(item for item in ALL if item not in FIRST)


def specs(model_admin, request, params: QueryDict) -> list[BarFilter]:
    """The filters as they stand for these parameters, whatever the request's own are."""
    city_of(request)
    request.__dict__.setdefault("_colleagues", {})  # both are shared with the copy
    asked = copy.copy(request)
    asked.GET = params
    left = dict(params.lists())
    return [filter_class(asked, left, Report, model_admin) for filter_class in ALL]


def narrowed(model_admin, request, params: QueryDict):
    """The reports that the list shows this person for these parameters, in no order."""
    reports, asked = selectors.for_staff(request.user), request
    for spec in specs(model_admin, request, params):
        asked = spec.request
        reports = spec.queryset(asked, reports)
    term = params.get(SEARCH, "").replace("\0", "")
    return model_admin.get_search_results(asked, reports, term)[0] if term else reports


def chips(specs, params: QueryDict) -> list[dict[str, str]]:
    """One chip per filter that narrows the list, with the address of the list without it."""
    found = [(SEARCH, _("Text"), params[SEARCH])] if params.get(SEARCH) else []
    found += [
        (spec.parameter_name, spec.title, spec.chosen_label)
        for spec in specs
        if spec.is_active and spec.parameter_name != OrderFilter.parameter_name
    ]
    return [
        {"name": name, "title": title, "label": label, "url": _without(params, name)}
        for name, title, label in found
    ]


def _without(params: QueryDict, name: str) -> str:
    """The address without one parameter, from the first page on."""
    left = params.copy()
    for gone in (name, PAGE_VAR):
        left.pop(gone, None)
    if not left:
        left[StateFilter.parameter_name] = StateFilter.all_value
    return f"?{left.urlencode()}"
