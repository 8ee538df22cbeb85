"""Filters by who has a report, by what marks it, and by what its reporter thought of the repair."""

from django.db.models import Exists, F, OuterRef
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from city import roles
from complaints.models import Feedback, Report
from dispatch.admin.bulk import person_name
from dispatch.admin.filter_bar import BarFilter
from dispatch.services import casework as casework_service
from dispatch.services import worklist


def know_colleagues(request, people: list[tuple[int, str]]) -> None:
    """The page knows a department's people already: the filter need not ask again."""
    known = {request.user.department_id: [(str(pk), name) for pk, name in people]} if people else {}
    request.__dict__.setdefault("_colleagues", known)


class HandlerFilter(BarFilter):
    """Me, nobody, or somebody by name: of one's own department, or of the one that was filtered for."""

    title = _("Handler")
    parameter_name = "penangan"
    ME, NOBODY = "saya", "kosong"

    @staticmethod
    def groups():
        yield "", [(HandlerFilter.ME, _("me")), (HandlerFilter.NOBODY, _("nobody yet"))]

    def _built(self):
        choices, html = super()._built()
        people = self._people
        if not people:
            return choices, html
        options = format_html_join("", '<option value="{}">{}</option>', people)
        group = format_html('<optgroup label="{}">{}</optgroup>', _("By name"), options)
        return [*choices, *people], mark_safe(html + group)  # noqa: S308 - built with format_html

    @cached_property
    def _people(self) -> list[tuple[str, str]]:
        """Asked for once per request, however many views are put into words."""
        department_id = self._department_id()
        if department_id is None:
            return []
        known = self.request.__dict__.setdefault("_colleagues", {})
        if department_id not in known:
            found = casework_service.colleagues(department_id)
            known[department_id] = [(str(person.pk), person_name(person)) for person in found]
        return known[department_id]

    def _department_id(self) -> int | None:
        user = self.request.user
        if user.is_superuser or user.role in roles.CITY_WIDE:
            chosen = self.city.departments.get(self.request.GET.get("dinas", ""))
            return chosen.id if chosen else None
        return user.department_id

    def narrow(self, queryset, value):
        if value == self.ME:
            return queryset.filter(assignee_id=self.request.user.pk)
        if value == self.NOBODY:
            return queryset.filter(assignee__isnull=True)
        return queryset.filter(assignee_id=int(value))


class MarkFilter(BarFilter):
    """What asks for somebody's eye, whatever state it is in."""

    title = _("Mark")
    parameter_name = "tanda"
    FOR_ME, ANSWERED, CHECK, PRIVATE = "saya", "jawaban", "periksa", "pribadi"

    @staticmethod
    def groups():
        yield (
            "",
            [
                (MarkFilter.FOR_ME, _("waiting for me")),
                (MarkFilter.ANSWERED, _("the reporter has answered")),
                (MarkFilter.CHECK, _("to be checked first")),
                (MarkFilter.PRIVATE, _("private")),
            ],
        )

    def narrow(self, queryset, value):
        if value == self.PRIVATE:
            return queryset.filter(is_private=True)
        if value == self.CHECK:
            return queryset.filter(worklist.in_state(worklist.TO_CHECK))
        is_mine = value == self.FOR_ME
        return queryset.filter(worklist.waiting_for(self.request.user) if is_mine else worklist.answered())


class IncidentFilter(BarFilter):
    """Reports that carry the work of others, and those others."""

    title = _("Incident")
    parameter_name = "insiden"

    @staticmethod
    def groups():
        yield "", [("induk", _("carries joined reports")), ("tunggal", _("stands alone"))]

    def narrow(self, queryset, value):
        joined = Report.objects.filter(merged_into__isnull=False)
        if value == "induk":
            return queryset.filter(pk__in=joined.values("merged_into"))
        alone = queryset.filter(merged_into__isnull=True)
        return alone.exclude(Exists(joined.filter(merged_into=OuterRef("pk"))))


class RatingFilter(BarFilter):
    """The stars that the reporter gave last."""

    title = _("Rating")
    parameter_name = "nilai"
    RANGES = {"rendah": (1, 2), **{str(stars): (stars, stars) for stars in range(1, 6)}}

    @staticmethod
    def groups():
        one_by_one = [(str(stars), "★" * stars + "☆" * (5 - stars)) for stars in range(1, 6)]
        yield "", [("rendah", _("one or two stars")), *one_by_one]

    def narrow(self, queryset, value):
        rated = Feedback.objects.filter(rating__isnull=False)
        later = rated.filter(report=OuterRef("report"), id__gt=OuterRef("id"))
        wanted = rated.filter(~Exists(later), rating__range=self.RANGES[value])
        return queryset.filter(pk__in=wanted.values(pk=F("report")))
