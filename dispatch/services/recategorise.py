"""Putting a report's kind right: decided anew by the rules, promised anew, and told."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from city import snapshot as city
from city.domain import answers as answers_of
from complaints import errors
from complaints.domain import text, workflow
from complaints.domain.actor import Actor
from complaints.models import Report
from complaints.services import routing as complaints_routing
from complaints.services import timeline
from dispatch.models import RoutingDecision
from dispatch.services import recompute, route, rules

_UNKNOWN = _("This kind of problem is not known. Choose one from the list.")
_SAME = _("The report is of this kind already. Choose another one.")


@transaction.atomic
def recategorise(
    report_id: int,
    category_code: str,
    *,
    actor: Actor,
    now: datetime,
    message: str = "",
    expected_version: int | None = None,
) -> Report:
    """Give an open report another kind and let the rules decide anew.

    Answers to questions that the new kind asks as well are kept; severity starts from the new kind and what
    is left of the answers. The earlier decision stays, with what was dropped in the new one. If the same
    department is responsible, the state stays and the promise is computed from when it got the report;
    another department gets it with a new promise. `message` is a sentence that the citizen may read.
    Raises InvalidReport (category), Conflict, TransitionNotAllowed. Locks the report's row.
    """
    report = timeline.lock(report_id, expected_version)
    if not report.is_open or report.status == workflow.RECEIVED:
        raise errors.TransitionNotAllowed(status=report.status, to="recategorise", version=report.version)
    snap = city.current()
    category = _category(report, category_code, snap)
    before = snap.categories_by_id.get(report.category_id)
    dropped = _change(report, category, snap, actor, now, text.clean(message), before)
    said = {
        "from": before.code if before else None,
        "user_id": actor.user_id,
        "dropped_answers": dropped,
    }
    decide_anew(report, "category", actor, now, recategorised=said)
    report.refresh_from_db()
    return report


def _category(report: Report, code: str, snap: Any):
    category = snap.categories.get(code)
    if category is None or category.parent_code is None:
        raise errors.InvalidReport({"category": ("category_unknown", _UNKNOWN)})
    if category.id == report.category_id:
        raise errors.InvalidReport({"category": ("same_category", _SAME)})
    return category


def _change(report: Report, category, snap, actor: Actor, now: datetime, message: str, before) -> dict:
    """Write the new kind; returns the answers that it does not ask for."""
    checked = answers_of.check(category, report.answers)
    dropped = {key: value for key, value in report.answers.items() if key not in checked.answers}
    complaints_routing.change_category(
        report,
        category_id=category.id,
        answers=checked.answers,
        severity=checked.severity,
        makes_private=category.is_private_by_default,
        actor=actor,
        now=now,
        message=message,
        event_data={
            "from_category": before.code if before else None,
            "to_category": category.code,
            "reasons": [_said(before, category, "name", "Jenisnya dibetulkan: {} menjadi {}.")],
            "reasons_en": [_said(before, category, "name_en", "The kind was corrected: {} became {}.")],
        },
    )
    return dropped


def _said(before, after, name: str, sentence: str) -> str:
    old = getattr(before, name) if before else "–"
    return sentence.format(old, getattr(after, name))


def decide_anew(
    report: Report, reason_code: str, actor: Actor, now: datetime, **further: Any
) -> RoutingDecision:
    """Let the rules decide about a locked report whose facts were put right, and carry it out; `further` is
    kept with the decision. The same office keeps it in its state, with its promise counted from the day it
    got it; another one gets it with a new promise. `reason_code`: why the promise moves."""
    snap = city.current()
    book = rules.current(snap)
    decision = route.decide(report, snap, book)
    record = route.record_decision(report, decision, snap, book, now, **further)
    if record.department_id == report.department_id:
        complaints_routing.set_severity(report, decision.severity, now)
        recompute.renew(report, reason_code, actor, now)
        return record
    department = snap.departments_by_id[record.department_id] if record.department_id else None
    report.severity = decision.severity
    route.assign_decided(report, record, route.promise_for(report, department, snap, book, now), now)
    return record
