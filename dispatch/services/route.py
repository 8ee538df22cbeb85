"""Sending a report to whoever is responsible, by the rules or by hand, with its reasons and its promise."""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from city import snapshot as city
from complaints import errors
from complaints.domain import text, workflow
from complaints.domain.actor import PORTAL, Actor
from complaints.domain.promise import Promise
from complaints.models import Report
from complaints.services import routing as complaints_routing
from dispatch.domain import handover, routing, sentences
from dispatch.domain import promise as promises
from dispatch.models import RoutingDecision
from dispatch.services import facts, rules, suggestions, tags_of_rules

log = logging.getLogger(__name__)

_SAME_DEPARTMENT = _("The report is already with this department. Choose another one.")
_UNKNOWN_DEPARTMENT = _("This department is not known or no longer active. Choose another one.")


@transaction.atomic(savepoint=False)
def route_report(report_id: int, *, now: datetime) -> RoutingDecision | None:
    """Decide who is responsible and write it down. None, and nothing happens, unless the report is new.

    Locks the report's row, so that a repeated outbox row finds it decided already.
    """
    report = _lock(report_id)
    if report.status != workflow.RECEIVED:
        return None
    snap = city.current()
    book = rules.current(snap)
    decision = decide(report, snap, book)
    return _carry_out(report, decision, snap, book, now)


@transaction.atomic(savepoint=False)
def route_again(report_id: int, *, now: datetime) -> RoutingDecision | None:
    """Decide anew after the reporter has corrected what the decision rests on.

    None, and nothing happens, where a person has taken it up (accepted, handed over, begun), or where the
    rules say what they said before. Locks the report's row.
    """
    report = _lock(report_id)
    untouched = report.acknowledged_at is None and report.handover_count == 0
    if report.status not in (workflow.TRIAGE, workflow.ASSIGNED, workflow.REFERRED) or not untouched:
        return None
    snap = city.current()
    book = rules.current(snap)
    decision = decide(report, snap, book)
    department = snap.departments[decision.department.code] if decision.department else None
    if (department.id if department else None) == report.department_id:
        return None
    return _carry_out(report, decision, snap, book, now)


def decide(report: Report, snap: Any, book: rules.RuleBook) -> routing.Decision:
    """What the rules say of a report; a rule that fails is logged, which alerts."""
    decision = routing.decide(facts.gather(report, snap), book.rules)
    if decision.failed_rules:
        log.error("routing rules failed: %s (report %s)", ", ".join(decision.failed_rules), report.code)
    return decision


def _carry_out(report, decision: routing.Decision, snap, book, now: datetime) -> RoutingDecision:
    """Write a decision down and give the report to whom it names, with the severity it sets."""
    department = snap.departments[decision.department.code] if decision.department else None
    record = record_decision(report, decision, snap, book, now)
    report.severity = decision.severity
    assign_decided(report, record, promise_for(report, department, snap, book, now), now)
    return record


def assign_decided(report: Report, record: RoutingDecision, promise: Promise, now: datetime) -> Report:
    """Give a report to whom a decision of the rules names, with the severity that it carries by now."""
    return _assign(report, record, promise, PORTAL, now)


def record_decision(
    report, decision: routing.Decision, snap, book, now: datetime, **further: Any
) -> RoutingDecision:
    """The row that explains a decision of the rules and lets it be replayed; `further` goes beside."""
    department = snap.departments[decision.department.code] if decision.department else None
    also = {
        "failed_rules": list(decision.failed_rules),
        "adjusted_by": list(decision.adjusted_by),
        "suggested_category": suggestions.better_category(report, snap),
    }
    tags_of_rules.from_rules(report, decision.tags, now=now)
    return RoutingDecision.objects.create(
        report=report,
        decided_at=now,
        outcome=decision.outcome,
        department_id=department.id if department else None,
        rule_code=decision.rule_code,
        rule_version=decision.rule_version,
        triage_reason=decision.triage_reason,
        facts={**decision.facts, **also, **further},
        runners_up=list(decision.runners_up),
        reasons=list(decision.reasons),
        reasons_en=list(decision.reasons_en),
        severity=decision.severity,
        tags=list(decision.tags),
        needs_check=decision.needs_check,
        rules_version=book.version,
        boundaries_version=snap.boundaries_version,
    )


@transaction.atomic
def send_to_triage(report_id: int, *, now: datetime) -> RoutingDecision | None:
    """The last resort when deciding failed again and again: a person decides, nothing gets lost."""
    report = _lock(report_id)
    if report.status != workflow.RECEIVED:
        return None
    snap = city.current()
    book = rules.current(snap)
    reason, reason_en = sentences.triage("routing_failed")
    record = _record_by_hand(
        report, None, (reason,), (reason_en,), {}, snap, book, now, triage_reason="routing_failed"
    )
    _assign(report, record, promise_for(report, None, snap, book, now), PORTAL, now)
    return record


@transaction.atomic
def hand_over(
    report_id: int,
    *,
    reason: str,
    target_department_id: int | None,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Report:
    """ "Not ours": on to the department named, with a new promise, or back to the triage desk.

    `reason` is a sentence that the citizen reads. From the third hand-over on the desk decides, whoever was
    named. Raises MissingReason, InvalidReport (department), Conflict, TransitionNotAllowed. Locks the row.
    """
    report = _lock(report_id, expected_version)
    by_office = actor.department_id is not None
    to_desk = by_office and handover.goes_to_desk(_hand_overs(report))
    if to_desk:
        _named_department(report, target_department_id, city.current())  # what cannot be is still refused
    return _by_hand(
        report_id,
        None if to_desk else target_department_id,
        reason=reason,
        severity=None,
        triage_reason="ping_pong" if to_desk else "",
        actor=actor,
        now=now,
        expected_version=expected_version,
    )


def _hand_overs(report: Report) -> int:
    """How often offices have given the report away so far; what the desk decided is none."""
    decisions = RoutingDecision.objects.filter(report=report, facts__by_hand=True)
    said = [facts for facts in decisions.values_list("facts", flat=True) if facts.get("by_office")]
    return len(said)


def decide_by_hand(
    report_id: int,
    *,
    department_id: int,
    reason: str,
    actor: Actor,
    now: datetime,
    severity: int | None = None,
    expected_version: int | None = None,
) -> Report:
    """The triage desk names the department, perhaps with another severity. Errors as `hand_over`."""
    return _by_hand(
        report_id,
        department_id,
        reason=reason,
        severity=severity,
        actor=actor,
        now=now,
        expected_version=expected_version,
    )


@transaction.atomic
def _by_hand(
    report_id: int,
    department_id: int | None,
    *,
    reason: str,
    severity: int | None,
    actor: Actor,
    now: datetime,
    expected_version: int | None,
    triage_reason: str = "",
) -> Report:
    report = _lock(report_id, expected_version)
    reason = text.clean(reason)
    if not reason:
        raise errors.MissingReason
    snap = city.current()
    book = rules.current(snap)
    department = _named_department(report, department_id, snap)
    report.severity = severity or report.severity
    said = {
        "by_hand": True,
        "by_office": actor.department_id is not None,
        "user_id": actor.user_id,
        "from_department_id": report.department_id,
    }
    record = _record_by_hand(
        report, department, (reason,), (reason,), said, snap, book, now, triage_reason=triage_reason
    )
    return _assign(
        report, record, promise_for(report, department, snap, book, now), actor, now, message=reason
    )


def _named_department(report: Report, department_id: int | None, snap: Any):
    if department_id is None:
        return None
    department = snap.departments_by_id.get(department_id)
    if department is None or not department.is_active:
        raise errors.InvalidReport({"department": ("department_unknown", _UNKNOWN_DEPARTMENT)})
    if department_id == report.department_id:
        raise errors.InvalidReport({"department": ("same_department", _SAME_DEPARTMENT)})
    return department


def _record_by_hand(
    report, department, reasons, reasons_en, said, snap, book, now, triage_reason=""
) -> RoutingDecision:
    return RoutingDecision.objects.create(
        report=report,
        decided_at=now,
        outcome=status_for(department),
        department_id=department.id if department else None,
        triage_reason=triage_reason or ("" if department else "by_hand"),
        facts=said,
        reasons=list(reasons),
        reasons_en=list(reasons_en),
        rules_version=book.version,
        boundaries_version=snap.boundaries_version,
    )


def _assign(
    report: Report, record: RoutingDecision, promise: Promise, actor: Actor, now: datetime, message: str = ""
) -> Report:
    event_data = {
        "decision_id": record.pk,
        "triage_reason": record.triage_reason,
        "due_at": promise.due_at.isoformat() if promise.due_at else None,
    }
    if not message:
        event_data |= {"reasons": record.reasons, "reasons_en": record.reasons_en}
    return complaints_routing.assign(
        report.pk,
        status=record.outcome,
        department_id=record.department_id,
        severity=report.severity,
        promise=promise,
        actor=actor,
        now=now,
        event_data=event_data,
        message=message,
        expected_version=report.version,
    )


def status_for(department: Any) -> str:
    """The status of a report that lies with this department (None: the triage desk)."""
    if department is None:
        return workflow.TRIAGE
    return workflow.REFERRED if department.is_external else workflow.ASSIGNED


def promise_for(report: Report, department: Any, snap: Any, book: rules.RuleBook, start: datetime) -> Promise:
    """What the report's severity promises from `start` on, by the department's calendar."""
    level = level_of(report, snap, book)
    calendar = snap.calendar(department.calendar_code if department else None)
    compute = promises.promise if department else promises.triage_promise
    return compute(level, calendar, start)


def level_of(report: Report, snap: Any, book: rules.RuleBook) -> promises.Level | None:
    """The service level that applies to a report."""
    category = snap.categories_by_id.get(report.category_id)
    if category is None:  # a kind that was closed meanwhile: the city's level
        return promises.level_for(book.levels, "", (), report.severity)
    groups = (category.parent_code,) if category.parent_code else ()
    return promises.level_for(book.levels, category.code, groups, report.severity)


def _lock(report_id: int, expected_version: int | None = None) -> Report:
    report = Report.objects.select_for_update(of=("self",)).get(pk=report_id)
    if expected_version is not None and report.version != expected_version:
        raise errors.Conflict(version=report.version, status=report.status, expected_version=expected_version)
    return report
