"""Reading incidents: what a merged report shows of its primary, and whom an incident affects."""

import copy
from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from complaints import selectors
from complaints.domain import incident
from complaints.models import Event, Merge, Report


@dataclass(frozen=True, slots=True)
class Incident:
    """What everybody may know. `primary` is None where it is private (its own page says nothing of it);
    `reports` counts the public ones, the primary among them, `people` also who else is affected."""

    primary: Report | None
    is_primary: bool
    reports: int
    people: int


def of_public(report: Report) -> Incident | None:
    """The incident a report is part of; None if there is none, or nothing public of it. Two queries."""
    primary = primary_of(report) or report
    if primary.is_private:
        return Incident(None, is_primary=False, reports=0, people=0) if primary.pk != report.pk else None
    known = Q(is_private=False)
    found = Report.objects.filter(merged_into_id=primary.pk).aggregate(
        reports=Count("pk", filter=known), supporters=Sum("supporter_count", filter=known)
    )
    if not found["reports"] and primary.pk == report.pk:
        return None
    reports = 1 + found["reports"]
    people = reports + primary.supporter_count + (found["supporters"] or 0)
    return Incident(primary, primary.pk == report.pk, reports, people)


def primary_of(report: Report) -> Report | None:
    """The report that carries a merged one's work; None if it carries its own. One query, asked once."""
    if report.merged_into_id is None:
        return None
    if not Report.merged_into.is_cached(report):
        rows = Report.objects.select_related("category", "department")
        report.merged_into = rows.get(pk=report.merged_into_id)
    return report.merged_into


def shown(report: Report) -> Report:
    """The report as its page shows it: with its primary's work in place of its own, which stands still.

    Never to be saved. Of a private primary only the state is shown.
    """
    primary = primary_of(report)
    if primary is None:
        return report
    view = copy.copy(report)
    view._state = copy.copy(report._state)
    view._state.fields_cache = dict(report._state.fields_cache)
    names = incident.SHOWN_OF_PRIVATE if primary.is_private else incident.SHOWN
    for name in incident.SHOWN:
        blank = Report._meta.get_field(name).get_default() if name not in names else None
        setattr(view, name, getattr(primary, name) if name in names else blank)
    view.is_open = primary.is_open
    if view.department_id is not None and Report.department.is_cached(primary):
        view.department = primary.department
    return view


def timeline(report: Report, *, public: bool = True) -> list[Event]:
    """A report's events, and those of its primary since it was merged, in the order in which they happened.

    In public, of a private primary only the steps of its state are there, without a word.
    """
    own = selectors.timeline(report, public=public)
    primary = primary_of(report)
    if primary is None:
        return own
    merge = Merge.objects.filter(report=report, undone_at=None).first()
    since = [event for event in selectors.timeline(primary, public=True) if merge and event.at >= merge.at]
    verdicts = (Event.Kind.CONFIRMED, Event.Kind.REOPENED)
    theirs = [
        event for event in since if event.kind in verdicts or event.data.get("from_report_id") != report.pk
    ]
    if primary.is_private:
        theirs = [bare(event) for event in theirs if event.to_status and event.to_status != event.from_status]
    return sorted([*own, *theirs], key=lambda event: event.pk)


def bare(event: Event) -> Event:
    """The step alone: no words, no office, no reasons. Never to be saved."""
    event.text, event.data, event.department, event.department_id = "", {}, None, None
    return event


def members(report: Report) -> list[Report]:
    """The reports merged into this one, first joined first."""
    rows = Report.objects.filter(merged_into_id=report.pk).select_related("category", "area", "department")
    return list(rows.defer("area__geometry").order_by("pk"))
