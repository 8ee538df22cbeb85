"""What the people of an incident are told: of their own report, with what became of its primary."""

import copy

from django.utils.translation import gettext as _

from complaints import selectors_incident
from complaints.domain import codes, incident, workflow
from complaints.models import Event, Report


def as_told(report: Report, event: Event) -> tuple[Report, Event]:
    """The report and the event as a message about them tells them; neither is ever to be saved.

    Of a merged report it tells the work of its primary. An event of a private primary loses its words to
    whoever has another report, and so does the office. A message that was prepared before the merge was
    undone still tells what happened while it held.
    """
    if event.report_id == report.pk:
        return report, event
    primary = event.report
    if report.merged_into_id == event.report_id:
        report.merged_into = primary
        report = selectors_incident.shown(report)
    else:
        report = _with_work_of(report, primary)
    return (report, _bare(event)) if primary.is_private else (report, event)


def _with_work_of(report: Report, primary: Report) -> Report:
    view = copy.copy(report)
    for name in incident.SHOWN_OF_PRIVATE if primary.is_private else incident.SHOWN:
        setattr(view, name, getattr(primary, name))
    view.is_open = primary.is_open
    return view


def _bare(event: Event) -> Event:
    bare = copy.copy(event)
    bare.text, bare.department, bare.department_id = "", None, None
    bare.data = {key: value for key, value in event.data.items() if key in ("closes_at", "from_report_id")}
    if not bare.to_status:  # not a step of its state: that there is news is all there is to say
        bare.kind = ""
    return bare


def note(report: Report, event: Event) -> str:
    """Why a message about one's own report tells of somebody else's; empty where it does not."""
    if event.kind == Event.Kind.MERGED and event.report_id == report.pk:
        primary = Report.objects.filter(pk=event.data.get("primary_id")).first()
        if primary is None or primary.is_private:
            return _("The office handles it together with another report. You hear everything that happens.")
        return _(
            "The office handles it together with report %(code)s, which tells of the same thing. You hear "
            "everything that happens; your report keeps its number and its link."
        ) % {"code": codes.spoken(primary.code)}
    if event.kind == Event.Kind.UNMERGED:
        return _("It was handled together with another report, and is now handled by itself again.")
    if event.report_id != report.pk and event.to_status in (*workflow.OPEN, *workflow.REOPENABLE):
        return _("The office handles your report together with others that tell of the same thing.")
    return ""
