"""The queue's filters: selects in one bar, kept in the address."""

from functools import lru_cache

from django.contrib import admin
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from city import roles
from city import snapshot as city
from complaints.domain import codes
from complaints.models import Photo, Report
from complaints.selectors_search import contact_meant
from complaints.web import words as public_words
from dispatch import words
from dispatch.services import worklist

ORDERS = {
    "": (_("nearest promise"), worklist.by_promise()),
    "terbaru": (_("newest first"), ("-created_at", "-id")),
    "terlama": (_("oldest first"), ("created_at", "id")),
    "tingkat": (_("most severe first"), ("-severity", *worklist.by_promise())),
    "perubahan": (_("last changed first"), ("-updated_at", "-id")),
}


@lru_cache(maxsize=64)
def _built(filter_class, version: int, language: str | None) -> tuple[list[tuple[str, str]], str]:
    """A filter's choices and their options as HTML: the same for everybody until the city changes."""
    choices, html = [], []
    for label, pairs in filter_class.groups():
        choices += [(value, str(text)) for value, text in pairs]
        options = format_html_join("", '<option value="{}">{}</option>', pairs)
        group = format_html('<optgroup label="{}">{}</optgroup>', label, options) if label else options
        html.append(group)
    return choices, "".join(html)


class BarFilter(admin.SimpleListFilter):
    """A filter shown as a select. `groups()` gives (group label or "", [(value, label)])."""

    all_label = _("all")

    def __init__(self, request, params, model, model_admin):
        self.request = request
        super().__init__(request, params, model, model_admin)

    def lookups(self, request, model_admin):
        return self._built()[0] if self.is_for(request.user) else []

    @property
    def city(self) -> city.CitySnapshot:
        """One picture of the city for the whole request."""
        if not hasattr(self.request, "_city"):
            self.request._city = city.current()
        return self.request._city

    def _built(self):
        return _built(type(self), self.city.version, get_language())

    @staticmethod
    def groups():
        raise NotImplementedError

    def is_for(self, user) -> bool:
        return True

    def has_output(self):
        return bool(self.lookup_choices)

    @property
    def is_active(self) -> bool:
        return bool(self.value())

    def options(self):
        """The select's options, the chosen one marked."""
        html = self._built()[1]
        value = self.value()
        if value and value in dict(self.lookup_choices):
            one = f'<option value="{escape(value)}"'
            html = html.replace(f"{one}>", f"{one} selected>", 1)
        return mark_safe(html)  # noqa: S308 - built with format_html

    def queryset(self, request, queryset):
        value = self.value()
        if not value or value not in dict(self.lookup_choices):
            return queryset
        return self.narrow(queryset, value)


class StateFilter(BarFilter):
    """Open reports unless asked otherwise; by a code or a reporter's contact they are found in any state."""

    title = _("State")
    parameter_name = "status"
    all_label = _("open")

    @staticmethod
    def groups():
        pairs = [(worklist.UNACCEPTED, _("not yet accepted")), (worklist.TO_CHECK, _("to be checked first"))]
        pairs.append((worklist.MERGED, _("joined to another one")))
        yield "", [*pairs, (worklist.ALL, _("also ended ones"))]
        yield _("One state"), list(Report.Status.choices)

    def queryset(self, request, queryset):
        value = self.value()
        text = request.GET.get("q", "")
        if not value and (codes.normalise(text) or contact_meant(request.user, text)):
            return queryset
        known = value in dict(self.lookup_choices)
        return queryset.filter(worklist.in_state(value if known else worklist.OPEN))


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


class HandlerFilter(BarFilter):
    title = _("Handler")
    parameter_name = "penangan"

    @staticmethod
    def groups():
        yield "", [("saya", _("me")), ("kosong", _("nobody yet"))]

    def narrow(self, queryset, value):
        if value == "saya":
            return queryset.filter(assignee_id=self.request.user.pk)
        return queryset.filter(assignee__isnull=True)


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
    department_id = user.department_id
    if user.is_superuser or user.role in roles.CITY_WIDE:
        chosen = city.current().departments.get(params.get(DepartmentFilter.parameter_name, ""))
        department_id = chosen.id if chosen else None
    return {
        "department_id": department_id,
        "is_open": worklist.is_surely_open(state if known else worklist.OPEN),
    }


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
    ChannelFilter,
    PhotoFilter,
    OrderFilter,
)
# Folded away behind "more filters" unless in use.
RARE = (ChannelFilter, PhotoFilter, HandlerFilter)
