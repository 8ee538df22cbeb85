"""What a citizen would read if a step were taken: it is taken, looked at, and taken back.

No rendering of its own: the step runs through its service, the messages are those that a delivery would
send, and the transaction ends in a rollback. What belongs to one person (their private link, the one-tap
links) is made for nobody: of a link version and a subscription that do not exist.
"""

import copy
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from complaints.domain.privacy import mask
from complaints.models import Event, Report, Subscription
from dispatch.services import casework, listeners, messages
from dispatch.services.casework import Details
from dispatch.services.message_preview import Preview, rendered

NOBODY = 0  # no link has this version, no subscription this number


@dataclass(frozen=True, slots=True)
class Told:
    """One message as `people` people of one role would get it by one channel."""

    role: str
    channel: str
    language: str
    people: int
    message: Preview


@dataclass(frozen=True, slots=True)
class StepPreview:
    """`entries`: what would stand in the public timeline, with `report` as it would be. `others`: who follows
    a report that is joined to this one, told in the same words about their own."""

    report: Report
    entries: tuple[Event, ...]
    told: tuple[Told, ...]
    others: int
    is_masked: bool


def preview(
    user,
    report_id: int,
    step: str,
    details: Details,
    *,
    now: datetime,
    expected_version: int | None = None,
) -> StepPreview:
    """Raises what `casework.take_step` raises. Leaves nothing behind; holds the report's row for as long as
    the step itself would."""
    with transaction.atomic():
        last = Event.objects.filter(report_id=report_id).order_by("-id").values_list("pk", flat=True).first()
        casework.take_step(user, report_id, step, details, now=now, expected_version=expected_version)
        seen = _look(report_id, last or 0)
        transaction.set_rollback(True)
    return seen


def _look(report_id: int, after_id: int) -> StepPreview:
    reports = Report.objects.select_related("category", "area", "department").defer("area__geometry")
    report = reports.get(pk=report_id)
    events = Event.objects.filter(report_id=report_id, pk__gt=after_id, is_public=True)
    entries = tuple(events.select_related("department", "actor", "report").order_by("id"))
    told, others = [], 0
    for event in entries:
        people = listeners.of_event(event, messages.audience_of(event))
        own = [pk for pk, of_report, _channel, _hash in people if of_report == report_id]
        others += len(people) - len(own)
        told += _told(report, event, own)
    is_masked = any(mask(event.text) != event.text for event in entries)
    return StepPreview(report, entries, tuple(told), others, is_masked)


def _told(report: Report, event: Event, subscription_ids: list[int]) -> list[Told]:
    """The messages about one event, once for each way in which it is told."""
    wanted = set(subscription_ids)
    rows = Subscription.objects.filter(report_id=report.pk).values_list("pk", "role", "channel", "language")
    ways = Counter(tuple(way) for pk, *way in rows if pk in wanted) if wanted else Counter()
    whose, event = copy.copy(report), copy.copy(event)
    whose.link_version = NOBODY
    event.report = whose
    found = []
    for (role, channel, language), people in sorted(ways.items()):
        nobody = Subscription(pk=NOBODY, report=whose, role=role, channel=channel, language=language)
        message = messages.compose(whose, event, language, nobody)
        found.append(Told(role, channel, language, people, rendered(message, message.language)))
    return sorted(found, key=lambda item: item.role != Subscription.Role.REPORTER)
