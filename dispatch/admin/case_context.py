"""Everything the case page shows, gathered."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from django.urls import reverse
from django.utils.translation import gettext as _

from city import snapshot as city
from city.models import Crew, User
from complaints import errors, selectors
from complaints.domain import taken_back, workflow
from complaints.models import Event, Photo, Report, StagedPhoto
from complaints.web import form_context
from complaints.web import words as public_words
from complaints.web.map_setup import map_setup
from dispatch import words
from dispatch.admin import case_parts, incidents, redaction, referrals, tags, told
from dispatch.admin.bulk import person_name
from dispatch.domain import casework, handover
from dispatch.models import RoutingDecision
from dispatch.services import casework as casework_service
from dispatch.services import learning, replies
from dispatch.services import redaction as redaction_service
from dispatch.services.step_preview import StepPreview


@dataclass(frozen=True, slots=True)
class Attempt:
    """A step that did not succeed: what was typed stays on the page."""

    step: str
    typed: Mapping[str, Any] = field(default_factory=dict)
    faults: Mapping[str, Any] = field(default_factory=dict)
    photos_key: uuid.UUID | None = None
    photos: tuple[uuid.UUID, ...] = ()
    error: errors.DomainError | None = None
    seen_event_id: int = 0
    # Nothing was tried: the page only comes back with a template filled in, or with a preview.
    is_draft: bool = False
    preview: StepPreview | None = None


def list_address(preserved_query: str) -> str:
    """The list with the filters it was left with."""
    filters = parse_qs(preserved_query).get("_changelist_filters", [""])[0]
    return reverse("admin:complaints_report_changelist") + (f"?{filters}" if filters else "")


def build(user, report: Report, attempt: Attempt | None, now: datetime, *, part: str = "") -> dict[str, Any]:
    """The page's context for this person. Never touches the reporter's contact."""
    events = selectors.timeline(report, public=False)
    redaction_service.cover_for(user, report, events)
    names = _names_in(events)
    category = city.current().categories_by_id.get(report.category_id)
    steps = _steps(user, report, attempt)
    decisions = _decisions(report)
    return {
        "report": report,
        "now": now,
        "category": category,
        "severity": words.SEVERITY.get(report.severity, report.severity),
        "answers": form_context.answered(category, report.answers) if category else [],
        "told": told.panel(report, events),
        "last_event_id": events[-1].pk if events else 0,
        "pauses": _pauses(events, now),
        "decisions": decisions,
        "suggestion": _suggestion(report, decisions, steps),
        "hands": _hands(decisions),
        "steps": steps,
        "first_steps": [step for step in steps if step["is_shown"]],
        "other_steps": [step for step in steps if not step["is_shown"]],
        "is_other_open": any(step["is_open"] for step in steps if not step["is_shown"]),
        "attempt": attempt,
        "is_lost": attempt is not None and attempt.step not in [step["name"] for step in steps],
        "meanwhile": _meanwhile(attempt, events, names),
        "map": map_setup(),
        **referrals.panel(user, report),
        **incidents.panel(user, report),
        **redaction.panel(user, report),
        **tags.panel(user, report),
        **_photos(report),
        **case_parts.parts(user, report, attempt, now),
        **case_parts.timeline([_line(event, names) for event in events], part),
        **_choices(report, [step["name"] for step in steps]),
    }


def _steps(user, report: Report, attempt: Attempt | None) -> list[dict[str, Any]]:
    offered = casework_service.steps_for(user, report)
    if report.assignee_id == user.pk and casework.TAKE in offered:
        offered.remove(casework.TAKE)
    key = attempt.photos_key if attempt else uuid.uuid4()
    templates = replies.choices(report, offered)
    shown = casework.first(offered, report.status)
    return [
        {
            "name": step,
            "label": words.step_label(step, report),
            "icon": words.STEP_ICON[step],
            "key": words.STEP_KEY.get(step, ""),
            "help": words.STEP_HELP.get(step, ""),
            "is_first": shown[:1] == [step],
            "is_shown": step in shown,
            "is_plain": step in (casework.ACCEPT, casework.TAKE),
            "is_open": attempt is not None and attempt.step == step,
            "faults": attempt.faults if attempt and attempt.step == step else {},
            "typed": attempt.typed if attempt and attempt.step == step else {},
            "is_telling": step in casework.TELLING,
            "templates": [item for item in templates if step in item.steps],
            "preview": attempt.preview if attempt and attempt.step == step else None,
            "photos_key": key,
            "staged": _staged(attempt) if attempt and attempt.step == step else [],
        }
        for step in offered
    ]


def _staged(attempt: Attempt) -> list[StagedPhoto]:
    return list(StagedPhoto.objects.filter(draft_key=attempt.photos_key, uuid__in=attempt.photos))


def _choices(report: Report, offered: list[str]) -> dict[str, Any]:
    """What the selects of the offered steps list; nothing is asked for steps that are not there."""
    found: dict[str, Any] = {}
    if casework.NOT_OURS in offered or casework.DECIDE in offered:
        everybody = city.current().departments.values()
        found["departments"] = [item for item in everybody if item.id != report.department_id]
    if casework.SEVERITY in offered:
        found["severities"] = words.SEVERITY
    if casework.DECIDE in offered:
        found["severities"] = words.SEVERITY
        known = city.current().departments
        found["likely"] = [known[code] for code in learning.likely_departments(report.description)]
    if casework.RECATEGORISE in offered:
        found["kinds_by_group"] = _kinds_by_group(report)
    if casework.ASSIGN in offered:
        people = casework_service.colleagues(report.department_id)
        found["colleagues"] = [(person.pk, person_name(person)) for person in people]
        crews = casework_service.crews_to_send(report.department_id)
        found["crews"] = list(crews.values_list("pk", "name"))
    if casework.REJECT in offered:
        found["rejections"] = public_words.REJECTION
    if casework.WAIT in offered:
        found["waiting_on"] = Report.WaitingOn.choices
    return found


def _kinds_by_group(report: Report) -> list[tuple[str, list[tuple[str, str]]]]:
    """All kinds but the report's own, under their groups."""
    kinds = city.current().categories.values()
    return [
        (
            public_words.local(group),
            [
                (kind.code, public_words.local(kind))
                for kind in kinds
                if kind.parent_code == group.code and kind.id != report.category_id
            ],
        )
        for group in kinds
        if group.parent_code is None
    ]


def _photos(report: Report) -> dict[str, list[Photo]]:
    pictures = list(report.photos.exclude(state=Photo.State.REFUSED).order_by("id"))
    return {
        "photo_pairs": case_parts.pairs(pictures),
        "photos_before": [item for item in pictures if item.kind == Photo.Kind.REPORT],
        "photos_added": [item for item in pictures if item.kind == Photo.Kind.COMMENT],
        "photos_after": [item for item in pictures if item.kind == Photo.Kind.REPAIR],
    }


def _names_in(events: list[Event]) -> dict[tuple[str, int], str]:
    """Names of the handlers and crews that were named; the actors come with their events."""
    people, crews = _ids_in(events, "user_id"), _ids_in(events, "crew_id")
    found = {}
    if people:
        found |= {("user_id", item.pk): person_name(item) for item in User.objects.filter(pk__in=people)}
    if crews:
        named = Crew.objects.filter(pk__in=crews).values_list("pk", "name")
        found |= {("crew_id", pk): name for pk, name in named}
    return found


def _ids_in(events: list[Event], key: str) -> set[int]:
    return {event.data.get(key) for event in events if event.kind == Event.Kind.ASSIGNED} - {None}


def lines(events: list[Event]) -> list[dict[str, Any]]:
    """Events in words: event, sentence, who."""
    names = _names_in(events)
    return [_line(event, names) for event in events]


def _line(event: Event, names: dict[tuple[str, int], str]) -> dict[str, Any]:
    return {
        "event": event,
        "sentence": _sentence(event, names),
        "who": _who(event),
    }


def _sentence(event: Event, names: dict[tuple[str, int], str]) -> str:
    if event.kind == Event.Kind.ASSIGNED and "crew_id" in event.data:
        name = names.get(("crew_id", event.data["crew_id"]))
        return _("Crew %(name)s has it.") % {"name": name} if name else _("No crew has it any more.")
    if event.kind == Event.Kind.ASSIGNED:
        name = names.get(("user_id", event.data.get("user_id")))
        return _("%(name)s handles it.") % {"name": name} if name else _("Nobody is named as handler.")
    if event.kind == Event.Kind.NOTE:
        return _("Internal note")
    if event.kind == Event.Kind.TAGGED:
        return tags.sentence(event)
    return public_words.event(event)


def _who(event: Event) -> str:
    if event.actor_kind == Event.ActorKind.STAFF and event.actor:
        name = person_name(event.actor)
        return f"{name}, {event.department.short_name or event.department.name}" if event.department else name
    return str(event.get_actor_kind_display())


def _pauses(events: list[Event], now: datetime) -> list[dict[str, Any]]:
    """When the clock stood still, for whom and why."""
    pauses: list[dict[str, Any]] = []
    for event in taken_back.standing(events):
        if not event.to_status:
            continue
        if pauses and pauses[-1]["until"] is None:
            pauses[-1]["until"] = event.at
        if event.to_status == workflow.WAITING:
            pauses.append(
                {
                    "since": event.at,
                    "until": None,
                    "reason": event.data.get("waiting_reason", ""),
                    "on": dict(Report.WaitingOn.choices).get(event.data.get("waiting_on", ""), ""),
                }
            )
    for pause in pauses:
        pause["span"] = public_words.span((pause["until"] or now) - pause["since"])
    return pauses


def _decisions(report: Report) -> list[dict[str, Any]]:
    """The routing decisions, newest first, in sentences."""
    found = RoutingDecision.objects.filter(report=report).select_related("department").order_by("-id")[:10]
    names = city.current().departments
    return [
        {
            "decision": item,
            "reasons": words.reasons(item),
            "triage": words.TRIAGE_REASON.get(item.triage_reason, ""),
            "is_by_hand": bool(item.facts.get("by_hand")),
            "moved": _moved(item.facts.get("relocated")),
            "runners_up": [_runner_up(other, names) for other in item.runners_up],
            "needs_check": item.needs_check and report.acknowledged_at is None and report.is_open,
        }
        for item in found
    ]


def _moved(relocated: dict[str, Any] | None) -> dict[str, Any] | None:
    """Where the report was before a person put its place right."""
    if not relocated:
        return None
    was = relocated["from"]
    area = city.current().areas.get(was["area"])
    return {**was, "area": area.name if area else was["area"], "metres": relocated["distance_m"]}


def _suggestion(report: Report, decisions: list[dict[str, Any]], steps: list[dict[str, Any]]):
    """The kind that the reporter's words speak of, while it is not the report's own and the latest decision
    of the rules says so; only for who may correct the kind."""
    if casework.RECATEGORISE not in [step["name"] for step in steps]:
        return None
    by_rules = next((row["decision"] for row in decisions if not row["is_by_hand"]), None)
    code = by_rules.facts.get("suggested_category") if by_rules else None
    kind = city.current().categories.get(code or "")
    return kind if kind and kind.id != report.category_id else None


def _hands(decisions: list[dict[str, Any]]) -> list[str]:
    """The offices a report went through, oldest first, by their short names; empty if it never moved on."""
    found = [row["decision"].department for row in reversed(decisions)]
    names = [(item.short_name or item.code) if item else str(_("the complaints desk")) for item in found]
    hands = handover.chain(names)
    return hands if len(hands) > 1 else []


def _runner_up(other: dict[str, Any], departments) -> dict[str, str]:
    department = departments.get(other.get("department") or "")
    why = other.get("why_en") if public_words.get_language() == "en" else other.get("why")
    return {
        "to": public_words.local(department) if department else _("the complaints desk"),
        "rule": other.get("rule", ""),
        "why": why or other.get("why", ""),
    }


def _meanwhile(attempt: Attempt | None, events: list[Event], names) -> list[dict[str, Any]]:
    """After a conflict: what others did since this page was opened."""
    if attempt is None or not isinstance(attempt.error, errors.Conflict):
        return []
    return [_line(event, names) for event in events if event.pk > attempt.seen_event_id]
