"""The queue's rows, made in Python: a page of a hundred must not cost more than its query.

Names come from the city in memory, so that no row drags its area's boundary out of the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from city import snapshot as city
from city.models import Category
from complaints.domain import workflow
from complaints.models import Report
from complaints.web import words as public_words
from dispatch import words
from dispatch.admin.bulk import person_name
from dispatch.admin.tags import chips
from dispatch.models import Tag
from dispatch.services import tags_known, worklist

# What a row shows; everything else stays in the database.
FIELDS = (
    *("id", "code", "category_id", "street", "area_id", "status", "is_open", "severity", "is_private"),
    *("version", "latitude", "longitude"),
    *(
        "supporter_count",
        "due_at",
        "make_safe_due_at",
        "made_safe_at",
        "status_since",
        "scheduled_for",
        "resolved_at",
        "created_at",
    ),
    *(
        "merged_into_id",
        "department_id",
        "assignee_id",
        "assignee__username",
        "assignee__first_name",
        "assignee__last_name",
    ),
)


@dataclass
class Rows:
    """The words and addresses that every row of one page shares."""

    now: datetime
    case_query: str
    has_ticks: bool
    shows_department: bool
    shows_map: bool = False
    snap: city.CitySnapshot = field(default_factory=city.current)
    tags: Sequence[Tag] = ()  # that the person sees

    def __post_init__(self):
        self._icons = static("icons.svg")
        self._case = reverse("admin:complaints_report_change", args=[0])
        self._query = f"?{self.case_query}" if self.case_query else ""
        self._states = dict(Report.Status.choices) | words.STATE_SHORT
        self._severities = {level: str(label) for level, label in words.SEVERITY.items()}
        self._nobody, self._photo, self._private = _("nobody yet"), _("with a photo"), _("Private")
        self._joined = _("Joined")
        self._check = _("Check first")
        self._is_id = (get_language() or "id").startswith("id")
        self._year = timezone.localtime(self.now).year

    def html(self, reports) -> SafeString:
        """All rows of a page."""
        self._kinds = self._kinds_of(reports)
        return mark_safe("".join(self._row(report) for report in reports))  # noqa: S308 - parts are escaped

    def _kinds_of(self, reports) -> dict:
        """Every kind on the page; the city in memory no longer knows those that were switched off."""
        kinds = {report.category_id: self.snap.categories_by_id.get(report.category_id) for report in reports}
        gone = [pk for pk, kind in kinds.items() if kind is None]
        return kinds | Category.objects.in_bulk(gone) if gone else kinds

    def _row(self, report) -> str:
        is_late = words.is_late(report, self.now)
        cells = [self._report(report), self._place(report), self._state(report), self._severity(report)]
        cells.append(self._due(report, is_late))
        if self.has_ticks:
            cells.insert(0, self._tick(report))
        if self.shows_department:
            cells.append(self._department(report))
        age = public_words.span(self.now - report.created_at)
        cells.append(f'<td class="col-age"><span>{escape(age)}</span></td>')
        late = ' class="is-late"' if is_late else ""
        here = f'data-id="{report.pk}" data-version="{report.version}"'
        if self.shows_map:
            here += f' data-at="{report.latitude:.6f},{report.longitude:.6f}"'
        return f'<tr{late} data-code="{report.code}" {here}>{"".join(cells)}</tr>'

    def _tick(self, report) -> SafeString:
        html = (
            '<td class="col-tick"><input type="checkbox" name="_selected_action"'
            ' value="{}" aria-label="{}"></td>'
        )
        return format_html(html, report.pk, report.spoken_code)

    def _icon(self, name: str, label: str = "") -> SafeString:
        if label:
            html = '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"/></svg>'
            return format_html(html, label, self._icons, name)
        return format_html(
            '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', self._icons, name
        )

    def _report(self, report) -> str:
        category = self._kinds[report.category_id]
        return format_html(
            '<td class="col-report"><a class="row-link" href="{}"><span class="kind-icon">{}</span><span>'
            '<strong>{}</strong><span class="mono" translate="no">{}</span></span></a>{}</td>',
            self._case.replace("/0/", f"/{report.pk}/") + self._query,
            self._icon(category.icon or "other"),
            public_words.local(category),
            report.spoken_code,
            self._tags(report),
        )

    def _tags(self, report) -> str:
        found = tags_known.on(report.tag_ids, self.tags)
        return format_html('<span class="row-tags">{}</span>', chips(found)) if found else ""

    def _place(self, report) -> str:
        area = self.snap.areas_by_id[report.area_id]
        around = self.snap.areas.get(area.parent_code or "")
        names = [area.name] if report.street else []
        names += [around.name] if around else []
        small = format_html("<small>{}</small>", ", ".join(names)) if names else ""
        return format_html('<td class="col-place"><span>{}</span>{}</td>', report.street or area.name, small)

    def _state(self, report) -> str:
        who = ""
        if report.assignee_id:
            name = person_name(report.assignee)
            who = format_html('<small class="with-icon">{}{}</small>', self._icon("user"), name)
        if report.merged_into_id:
            html = '<td class="col-state"><span class="state" data-status="merged">{}{}</span></td>'
            return format_html(html, self._icon("people"), self._joined)
        return format_html(
            '<td class="col-state"><span class="state state-{}" data-status="{}">{}{}</span>{}</td>',
            workflow.MAP_STATE[report.status],
            report.status,
            self._icon(public_words.STATUS_ICON[report.status]),
            self._states[report.status],
            who,
        )

    def _severity(self, report) -> str:
        marks = [self._icon("camera", self._photo)] if report.has_photo else []
        if report.is_private:
            marks.append(self._icon("lock", self._private))
        if report.supporter_count:
            count = format_html("{}{}", self._icon("people"), report.supporter_count)
            marks.append(format_html('<span class="with-icon">{}</span>', count))
        small = f'<small class="marks">{"".join(marks)}</small>' if marks else ""
        if report.asks_check:
            mark = '<small class="with-icon check-first" data-mark="check">{}{}</small>'
            small += format_html(mark, self._icon("eye"), self._check)
        label = self._severities.get(report.severity, report.severity)
        html = '<td class="col-severity"><span class="severity severity-{}">{}</span>{}</td>'
        return format_html(html, report.severity, label, mark_safe(small))  # noqa: S308 - escaped above

    def _due(self, report, is_late: bool) -> str:
        tone = " due-late" if is_late else " due-still" if report.status in worklist.PAUSED else ""
        icon = self._icon("warning") if is_late else ""
        text = self._standing(report)
        small = ""
        by = report.due_at or (report.make_safe_due_at if report.made_safe_at is None else None)
        if by and report.is_open and report.status not in worklist.PAUSED:
            small = format_html("<small>{}</small>", self._short(by))
        html = '<td class="col-due"><span class="due{}">{}{}</span>{}</td>'
        return format_html(html, tone, icon, text, small)

    def _standing(self, report) -> str:
        """How the report stands to its promise, in few words."""
        if report.status == workflow.SCHEDULED and report.scheduled_for:
            return _("Planned %(date)s") % {"date": date_format(report.scheduled_for, "j M Y")}
        if report.status == workflow.WAITING:
            return _("Paused for %(span)s") % {"span": public_words.span(self.now - report.status_since)}
        return words.due(report, self.now).rstrip(".") or "–"

    def _short(self, at: datetime) -> str:
        at = timezone.localtime(at)
        day = date_format(at, "D j M" if at.year == self._year else "D j M Y")
        return f"{day}, {at:%H.%M}" if self._is_id else f"{day}, {at:%H:%M}"

    def _department(self, report) -> str:
        department = self.snap.departments_by_id.get(report.department_id)
        if department is None:
            return format_html('<td class="col-department"><em>{}</em></td>', self._nobody)
        return format_html(
            '<td class="col-department">{}</td>', department.short_name or public_words.local(department)
        )
