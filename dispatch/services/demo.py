"""A living city for newcomers: invented reports at real places, filed and worked on by the real services.

Places come from the city pack (recorded flood events, roads listed as damaged, main roads, kelurahan);
words from its `demo.yaml`. Every report carries the channel `demo`, and the pages say so.
"""

import logging
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from complaints.domain.actor import A_CITIZEN, PORTAL, THE_REPORTER, Actor
from complaints.domain.draft import ReportDraft
from complaints.models import Report
from complaints.services import conversation, place_figures, status
from complaints.services.photos import stage_photo
from complaints.services.submit import submit_report
from dispatch.models import Outbox
from dispatch.services import demo_crews, demo_pictures, route
from dispatch.services.demo_places import Place, Stories

log = logging.getLogger(__name__)

DAYS = 90
_PLACES_DRAWN = 12  # drawing is the slow part, so the streets repeat
_NAMESPACE = uuid.UUID("6f1c2d0e-52b1-5d4c-9a53-1f0f6a3c7e11")
# How the stories of a department go, in shares of a hundred. What has not happened by now has not happened.
_FATES = {
    "confirmed": 34,
    "silent": 20,
    "reopened": 8,
    "resolved": 10,
    "working": 6,
    "stalled": 9,
    "waiting_reporter": 3,
    "waiting_other": 4,
    "scheduled": 4,
    "rejected": 2,
}


_MOSTLY_DONE_AFTER = timedelta(days=16)


class _EndOfStory(Exception):
    """The next step would lie in the future."""


@dataclass
class _Clock:
    """The time in a story: it moves on by office hours and stops at the present."""

    at: datetime
    now: datetime
    dice: random.Random

    def later(self, low_h: float, high_h: float, *, office: bool = True) -> datetime:
        at = self.at + timedelta(hours=self.dice.uniform(low_h, high_h))
        if office:
            while at.weekday() > 4 or not 8 <= at.hour < 15:
                at = (at + timedelta(hours=1)).replace(minute=self.dice.randrange(60))
        if at >= self.now:
            raise _EndOfStory
        self.at = at
        return at


def file_demo(stories: Stories, *, now: datetime, count: int = 300, seed: int = 2023) -> int:
    """File `count` reports spread over the last DAYS days; returns how many were new.

    Each is one transaction under a key made from its number, so that an interrupted run goes on where it
    stopped and a second run adds nothing.
    """
    new, now = 0, timezone.localtime(now)
    for number, moment in enumerate(_moments(now, count, seed)):
        key = uuid.uuid5(_NAMESPACE, f"{seed}:{number}")
        if Report.objects.filter(idempotency_key=key).exists():
            continue
        dice = random.Random(f"{seed}:{number}")  # noqa: S311 - a demonstration, not a secret
        with transaction.atomic(), override("id"):
            _tell(stories, key, moment, now, dice)
        new += 1
    if new:
        place_figures.refresh(now=now)
        demo_crews.send_out(now=now)
    return new


def _moments(now: datetime, count: int, seed: int) -> Iterator[datetime]:
    """When the reports come in: by day mostly, more in the last weeks, a few within the last hours."""
    dice = random.Random(seed)  # noqa: S311
    for number in range(count):
        if number % 25 == 0:
            yield now - timedelta(minutes=dice.uniform(3, 360))
            continue
        day = now - timedelta(days=DAYS * dice.random() ** 1.25)
        at = day.replace(hour=min(23, int(dice.gauss(12, 4)) % 24), minute=dice.randrange(60))
        yield at if at < now else at - timedelta(days=1)


def _tell(stories: Stories, key: uuid.UUID, at: datetime, now: datetime, dice: random.Random) -> None:
    category, words = stories.pick(dice)
    place = stories.place(words["place"], dice)
    photos = ()
    if words.get("scene") and dice.random() < 0.7:
        photos = (_picture(words["scene"], False, key, key, at),)
    report = submit_report(_draft(category, words, place, key, photos, dice), now=at).report
    route.route_report(report.pk, now=at + timedelta(seconds=dice.uniform(0.2, 2)))
    report.refresh_from_db()
    clock = _Clock(at, now, dice)
    try:
        _others_are_affected(report, clock)
        _work(report, words, key, clock)
    except _EndOfStory:
        pass
    # The past is told now: what it leaves for the workers has not been waiting since then.
    Outbox.objects.filter(report=report).update(created_at=now, due_at=now)


def _draft(category, words, place: Place, key, photos, dice) -> ReportDraft:
    return ReportDraft(
        category=category,
        description=dice.choice(words["texts"]).format(place=place.name),
        answers={code: str(value) for code, value in dice.choice(words.get("answers") or [{}]).items()},
        latitude=place.latitude,
        longitude=place.longitude,
        area=place.area,
        street=place.street,
        place_source="map" if place.latitude is not None else "area",
        accuracy_m=round(dice.uniform(5, 30), 1) if place.latitude is not None else None,
        photos=photos,
        channel=Report.Channel.DEMO,
        idempotency_key=key,
    )


def _picture(scene: str, repaired: bool, key: uuid.UUID, draft_key: uuid.UUID, at: datetime) -> uuid.UUID:
    content = demo_pictures.draw(
        scene, repaired=repaired, seed=key.int % _PLACES_DRAWN, caption=_("Sample picture")
    )
    return stage_photo(content, draft_key, now=at).uuid


def _others_are_affected(report: Report, clock: _Clock) -> None:
    if report.is_private:
        return
    for number in range(clock.dice.choice((0, 0, 0, 1, 1, 2, 4))):
        at = clock.at + timedelta(minutes=20 * (number + 1))
        if at < clock.now:
            conversation.support(report.pk, f"demo:{report.pk}:{number}", actor=A_CITIZEN, now=at)


def _work(report: Report, words: dict[str, Any], key: uuid.UUID, clock: _Clock) -> None:
    """Play the story of one report until its end or until now."""
    if report.status == "triage":
        _settle_triage(report, words, clock)
    fate = _fate(clock)
    if fate == "stalled":
        return
    department = Actor("staff", department_id=report.department_id)
    if fate == "rejected":
        status.change_status(
            report.pk,
            "rejected",
            actor=department,
            now=clock.later(4, 30),
            reason_code="cannot_find",
            message=_(
                "Our crew searched the place twice and found nothing. Please report again with a photo."
            ),
        )
        return
    status.acknowledge(report.pk, actor=department, now=clock.later(0.3, 20))
    if fate in ("waiting_reporter", "waiting_other", "scheduled"):
        _pause(report, fate, department, words, clock)
        return
    status.change_status(report.pk, "in_progress", actor=department, now=clock.later(2, 30))
    if fate == "working":
        conversation.add_comment(
            report.pk, clock.dice.choice(words["progress"]), actor=department, now=clock.later(1, 20)
        )
        return
    _resolve(report, words, key, department, clock)
    _verdict(report, fate, words, key, department, clock)


def _fate(clock: _Clock) -> str:
    """How a story goes. What is older than _MOSTLY_DONE_AFTER has mostly come to an end."""
    fate = clock.dice.choices(list(_FATES), weights=list(_FATES.values()))[0]
    is_old = clock.now - clock.at > _MOSTLY_DONE_AFTER
    if (
        is_old
        and fate in ("working", "stalled", "waiting_reporter", "waiting_other")
        and clock.dice.random() < 0.8
    ):
        return "confirmed"
    return "silent" if is_old and fate == "resolved" else fate


def _settle_triage(report: Report, words: dict[str, Any], clock: _Clock) -> None:
    """The triage desk decides most of its cases after some hours; a few are still with it."""
    from city.models import Department

    if clock.dice.random() < 0.35:
        raise _EndOfStory
    department = Department.objects.get(code=words.get("department", "DPU"))
    route.decide_by_hand(
        report.pk,
        department_id=department.pk,
        reason=_("The triage desk has looked at the map and settled who is responsible."),
        actor=Actor("staff"),
        now=clock.later(1, 9),
    )
    report.refresh_from_db()


def _pause(report, fate, department, words, clock) -> None:
    if fate == "scheduled":
        planned: date = (clock.now + timedelta(days=clock.dice.randint(40, 260))).date()
        status.change_status(
            report.pk,
            "scheduled",
            actor=department,
            now=clock.later(6, 60),
            scheduled_for=planned,
            budget_line="Usulan anggaran perubahan; menunggu pengesahan.",
            message=_("This needs a larger repair. It is in the plan for the date shown here."),
        )
        return
    on_reporter = fate == "waiting_reporter"
    status.change_status(
        report.pk,
        "waiting",
        actor=department,
        now=clock.later(3, 40),
        waiting_on="reporter" if on_reporter else "other",
        waiting_reason=_(
            "Which side of the street is it on? A photo from a little further away would help us."
        )
        if on_reporter
        else _("Waiting for material from the warehouse."),
    )
    if on_reporter and clock.dice.random() < 0.5:
        conversation.add_comment(
            report.pk,
            clock.dice.choice(words["replies"]),
            actor=THE_REPORTER,
            now=clock.later(2, 30, office=False),
        )


def _resolve(report, words, key, department, clock) -> None:
    at = clock.later(4, 70)
    photos_key = uuid.uuid5(key, f"repair:{at.isoformat()}")
    scene = words.get("scene")
    photos = (_picture(scene, True, key, photos_key, at),) if scene else ()
    status.change_status(
        report.pk,
        "resolved",
        actor=department,
        now=at,
        message=clock.dice.choice(words["resolved"]),
        photos=photos,
        photos_key=photos_key,
    )


def _verdict(report, fate, words, key, department, clock) -> None:
    if fate == "resolved":
        return
    if fate == "silent":
        at = clock.later(240, 240, office=False)
        status.change_status(report.pk, "closed", actor=PORTAL, now=at, reason_code="silent")
        return
    if fate == "reopened":
        conversation.reopen(
            report.pk, clock.dice.choice(words["not_fixed"]), now=clock.later(3, 60, office=False)
        )
        status.change_status(report.pk, "in_progress", actor=department, now=clock.later(2, 30))
        _resolve(report, words, key, department, clock)
    conversation.confirm_fixed(
        report.pk,
        now=clock.later(1, 60, office=False),
        rating=clock.dice.choice((3, 4, 4, 5, 5, 5)),
        message=clock.dice.choice(words["thanks"]),
    )
