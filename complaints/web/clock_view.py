"""The clock of a report's promise in words and as a bar: both say the same."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from city import snapshot as city
from complaints.domain import clock as clocks
from complaints.domain import privacy, workflow
from complaints.web import words

_ICON = {
    clocks.REPORTED: "inbox",
    clocks.ACCEPTED: "check",
    clocks.ACCEPT_BY: "clock",
    clocks.SAFE: "shield",
    clocks.SAFE_BY: "clock",
    clocks.DUE: "clock",
    clocks.PLANNED: "calendar",
    clocks.RESOLVED: "check-circle",
    clocks.REOPENED: "reopen",
    clocks.CLOSED: "shield",
    clocks.HANDED_OVER: "handover",
    clocks.REFERRED: "handover",
    clocks.REJECTED: "x-circle",
}


def view(report, events, now: datetime) -> dict:
    """What templates/complaints/_clock.html draws: `bars` and `dots` in percent, `lines` in words."""
    clock = clocks.clock(report, events, now, timezone.get_default_timezone())
    at = clocks.places(clock)
    numbers, lines = {}, []
    for moment, line in sorted(_lines(clock, report), key=lambda item: item[0]):
        numbers.setdefault(moment, len(numbers) + 1)
        lines.append(line | {"number": numbers[moment]})
    return {
        "bars": [
            {"kind": item.kind, "x": at[item.began], "width": round(at[item.ended] - at[item.began], 3)}
            for item in clock.segments
        ],
        "dots": [{"x": at[moment], "number": number} for moment, number in numbers.items()],
        "now_x": at.get(now) if report.is_open else None,
        "lines": lines,
        "moves": [_move(move) for move in clock.moves],
        "kinds": {segment.kind for segment in clock.segments},
        "summary": summary(clock, report),
        "is_late": clock.late is not None and report.is_open,
    }


def summary(clock: clocks.Clock, report) -> str:
    """One sentence for who hears the bar instead of seeing it."""
    if clock.pauses and clock.pauses[-1].ended is None:
        return _("Paused: the clock stands still.")
    if clock.late is not None:
        told = _("Late by %(span)s.") if report.is_open else _("Done %(span)s late.")
        return told % {"span": words.span(clock.late)}
    return words.due(report, clock.now) or _("Nothing is promised yet.")


def _lines(clock: clocks.Clock, report) -> list[tuple[datetime, dict]]:
    lines = [(mark.at, _mark_line(mark, clock, report)) for mark in clock.marks]
    return lines + [(pause.began, _pause_line(pause, clock.now)) for pause in clock.pauses]


def _mark_line(mark: clocks.Mark, clock: clocks.Clock, report) -> dict:
    text = _mark_text(mark)
    note, is_late = "", False
    if mark.kind in (clocks.DUE, clocks.PLANNED):
        note, is_late = _stand(clock, report), clock.late is not None
    elif mark.kind == clocks.ACCEPTED:
        note = _("%(span)s after the report") % {"span": words.span(mark.at - clock.began)}
    elif mark.kind in (clocks.ACCEPT_BY, clocks.SAFE_BY) and mark.at < clock.now:
        paused = report.status in (workflow.WAITING, workflow.SCHEDULED)
        note, is_late = ("", False) if paused else (_late(clock.now - mark.at), True)
    return {"kind": mark.kind, "icon": _ICON[mark.kind], "text": text, "at": mark.at, "note": note} | {
        "is_late": is_late,
        "until": None,
    }


def _late(delta: timedelta) -> str:
    return _("%(span)s late") % {"span": words.span(delta)}


def _stand(clock: clocks.Clock, report) -> str:
    """How the promise stands, beside its date."""
    if clock.late is not None:
        return _late(clock.late)
    if report.status == workflow.WAITING:
        return _("moves by the length of the pause")
    if report.is_open and report.due_at is not None and report.due_at > clock.now:
        return _("%(span)s left") % {"span": words.span(report.due_at - clock.now)}
    return _("promise kept") if report.resolved_at is not None else ""


def _mark_text(mark: clocks.Mark) -> str:
    department = city.current().departments_by_id.get(mark.department_id)
    name = words.local(department) if department else _("The office")
    return {
        clocks.REPORTED: _("Reported"),
        clocks.ACCEPTED: _("Accepted by the office"),
        clocks.ACCEPT_BY: _("Promise: accepted by"),
        clocks.SAFE: _("Made safe"),
        clocks.SAFE_BY: _("Promise: made safe by"),
        clocks.DUE: _("Promise: resolved by"),
        clocks.PLANNED: _("Planned for"),
        clocks.RESOLVED: _("Done, says the office"),
        clocks.REOPENED: _("Not fixed, says the reporter"),
        clocks.CLOSED: _("Closed"),
        clocks.REJECTED: _("Not accepted"),
        clocks.HANDED_OVER: _("Handed over to %(department)s") % {"department": name},
        clocks.REFERRED: _("Referred to %(department)s") % {"department": name},
    }[mark.kind]


def _pause_line(pause: clocks.Pause, now: datetime) -> dict:
    span = words.span((pause.ended or now) - pause.began)
    text = _("The work was paused for %(span)s")
    if pause.ended is None:
        text = _("Paused for %(span)s so far, and still paused")
    who = _("the reporter") if pause.waiting_on == "reporter" else _("somebody else")
    note = _("Waited for: %(who)s. Why: %(reason)s") % {"who": who, "reason": privacy.mask(pause.reason)}
    return {
        "kind": "paused",
        "icon": "pause",
        "text": text % {"span": span},
        "note": note,
        "is_late": False,
    } | {
        "at": pause.began,
        "until": pause.ended,
    }


def _move(move: clocks.Move) -> str:
    """`Originally A, now B, because …`."""
    why = {
        "paused": _("because the work was paused"),
        "reopened": _("because the report was opened again"),
        "severity": _("because the urgency changed"),
        "calendar": _("because the office hours changed"),
        "scheduled": _("because it needs a budget first"),
        "handed_over": _("because another office has it now"),
    }.get(move.reason_code, _("because the office changed it"))
    if move.after is None:
        return _("Originally %(before)s; now without a date, %(why)s.") % {
            "before": words.moment(move.before),
            "why": why,
        }
    if move.before is None:
        return _("First without a date; now %(after)s, %(why)s.") % {
            "after": words.moment(move.after),
            "why": why,
        }
    return _("Originally %(before)s, now %(after)s, %(why)s.") % {
        "before": words.moment(move.before),
        "after": words.moment(move.after),
        "why": why,
    }
