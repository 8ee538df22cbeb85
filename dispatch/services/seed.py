"""Many invented reports for load tests, written in bulk into the real tables.

The rows look as the services would have left them: events, decisions, promises and states agree. Nothing
is queued, so no worker wakes up and nobody is written to.
"""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from random import Random
from typing import Any

import h3.api.basic_int as h3
from django.db import transaction

from city import snapshot as city
from complaints.domain import codes, workflow
from complaints.domain.promise import Promise
from complaints.models import Event, Report, Reporter
from complaints.services import cells, place_figures
from dispatch.domain import promise as promises
from dispatch.domain.seed_stories import Story, tell
from dispatch.models import RoutingDecision
from dispatch.services import rules
from dispatch.services.bulk_rows import BulkTable
from dispatch.services.seed_places import Site, make_sites

CHANNEL = Report.Channel.SEED
SPREAD = timedelta(days=730)
CHUNK = 5_000
MAX_SITES = 4_000
_JITTER_DEG = 0.0002  # about 20 m: neighbours report the same hole from where they stand
# A permutation of all codes: unique without asking the database a million times.
_CODES = len(codes.ALPHABET) ** codes.LENGTH
_CODE_STEP, _CODE_START = 314_159_265_359, 271_828_182_845  # the step has no factor in common with 29
_STORM_SHARE, _STORMS, _STORM_H = 0.15, 24, 8
_PLACES = ("depan halte", "dekat pasar", "seberang sekolah", "di tikungan", "dekat jembatan", "depan masjid")
_DETAILS = (
    "Sudah seminggu begini.",
    "Semalam ada yang hampir jatuh.",
    "Makin parah setelah hujan.",
    "Mohon segera ditangani.",
    "Warga sudah memasang tanda seadanya.",
    "Terjadi lagi, bulan lalu sudah pernah.",
)


def seed_reports(
    count: int, *, seed: int, now: datetime, progress: Callable[[int], None] = lambda done: None
) -> int:
    """Write `count` reports spread over the two years before `now`; returns how many.

    The same seed, city and `now` on a database without load-test reports give the same reports. Each
    chunk commits by itself; the map's cells and the places' figures are counted
    anew at the end.
    """
    snap = city.current()
    book = rules.current(snap)
    offset = Report.objects.filter(channel=CHANNEL).count()
    rng = Random(f"{seed}:{offset}")  # noqa: S311 - load-test data, not secrets
    sites = make_sites(min(MAX_SITES, max(count, 1)), rng, snap, book)
    writer = _Writer(rng, snap, book, now)
    numbers = iter(zip(range(offset, offset + count), _times(count, rng, now), strict=True))
    done = 0
    while chunk := list(islice(numbers, CHUNK)):
        writer.write([(number, at, rng.choice(sites)) for number, at in chunk])
        done += len(chunk)
        progress(done)
    cells.rebuild()
    place_figures.refresh(now=now)
    return done


def _times(count: int, rng: Random, now: datetime) -> Iterator[datetime]:
    """When people report, in order: by day more than by night, and in storms all at once."""
    span_s = SPREAD.total_seconds()
    storms = [rng.uniform(0, span_s - _STORM_H * 3600) for _ in range(_STORMS)]
    seconds = []
    for _number in range(count):
        if rng.random() < _STORM_SHARE:
            seconds.append(rng.choice(storms) + rng.triangular(0, _STORM_H * 3600, 3600))
        else:
            day = rng.randrange(SPREAD.days)
            seconds.append(day * 86_400 + rng.triangular(0, 86_400, 36_000))
    start = now.astimezone(UTC) - SPREAD
    return (start + timedelta(seconds=min(s, span_s - 1)) for s in sorted(seconds))


def _closure(story: Story) -> str:
    """As complaints.services.status writes it."""
    if story.status != workflow.CLOSED:
        return ""
    return "confirmed" if story.steps[-1].kind == "confirmed" else "unconfirmed"


def code_of(number: int) -> str:
    """The code of the n-th load-test report."""
    value = (_CODE_START + number * _CODE_STEP) % _CODES
    letters = []
    for _position in range(codes.LENGTH):
        value, letter = divmod(value, len(codes.ALPHABET))
        letters.append(codes.ALPHABET[letter])
    return "".join(letters)


class _Writer:
    """Makes up reports and writes them with their events, decisions and reporters."""

    def __init__(self, rng: Random, snap: Any, book: rules.RuleBook, now: datetime):
        self._rng, self._snap, self._book, self._now = rng, snap, book, now
        self._reports, self._events = BulkTable(Report), BulkTable(Event)
        self._decisions, self._reporters = BulkTable(RoutingDecision), BulkTable(Reporter)
        inside = [item for item in snap.departments.values() if not item.is_external]
        self._desk_names = min(inside, key=lambda item: (item.kind != "city", item.code))

        @lru_cache(maxsize=200_000)
        def promise(level, calendar_code: str | None, start: datetime, is_triage: bool) -> Promise:
            compute = promises.triage_promise if is_triage else promises.promise
            return compute(level, snap.calendar(calendar_code), start)

        self._promise = promise

    def write(self, chunk: list[tuple[int, datetime, Site]]) -> None:
        """One chunk of (number, time, place), whole or not at all."""
        stories = [
            tell(
                self._rng, created_at=at, outcome=site.decision.outcome, now=self._now, channel=CHANNEL.value
            )
            for _number, at, site in chunk
        ]
        with transaction.atomic():
            pks = self._reports.take_pks(len(chunk))
            rows = [
                {"id": pk, **self._report(*item), **self._state(story, item[2])}
                for pk, item, story in zip(pks, chunk, stories, strict=True)
            ]
            for row in rows:
                row["counted_as"] = self._counted_as(row)
            told = list(zip(rows, stories, (site for _n, _at, site in chunk), strict=True))
            self._reports.append(rows)
            self._events.append(
                [event for row, story, site in told for event in self._lines(row, story, site)]
            )
            self._decisions.append([self._decision(*item) for item in told if len(item[1].steps) > 1])
            self._reporters.append([_reporter(row["id"]) for row in rows if row["id"] % 5 == 0])

    def _report(self, number: int, created_at: datetime, site: Site) -> dict[str, Any]:
        """What was said, when and where."""
        rng = self._rng
        latitude = site.latitude + rng.uniform(-_JITTER_DEG, _JITTER_DEG)
        longitude = site.longitude + rng.uniform(-_JITTER_DEG, _JITTER_DEG)
        return {
            "code": code_of(number),
            "idempotency_key": uuid.UUID(int=rng.getrandbits(128), version=4),
            "body_hash": f"{number:064x}",
            "channel": CHANNEL.value,
            "category_id": site.category.id,
            "description": f"{site.category.name} {rng.choice(_PLACES)}. {rng.choice(_DETAILS)}",
            "answers": site.answers,
            "severity": site.severity,
            "latitude": latitude,
            "longitude": longitude,
            "area_id": site.area_id,
            "street": f"{site.street} No. {1 + number % 180}" if number % 3 else site.street,
            "h3_r9": h3.latlng_to_cell(latitude, longitude, 9),
            "is_private": site.category.is_private_by_default,
            "created_at": created_at,
        }

    def _state(self, story: Story, site: Site) -> dict[str, Any]:
        """Where the story has led: status, department, promise."""
        row = {
            "status": story.status,
            "status_since": story.status_since,
            "is_open": story.status in workflow.OPEN,
            "acknowledged_at": story.acknowledged_at,
            "resolved_at": story.resolved_at,
            "closed_at": story.closed_at,
            "closure": _closure(story),
            "reopen_count": story.reopen_count,
            "handover_count": story.handover_count,
            "version": len(story.steps),
            "updated_at": story.steps[-1].at,
        }
        if story.status == workflow.WAITING:
            row |= {"waiting_on": "other", "waiting_reason": story.waiting_reason}
        if story.status == workflow.SCHEDULED:
            row["budget_line"] = "Usulan anggaran tahun depan"
            row["scheduled_for"] = (story.status_since + timedelta(days=story.scheduled_days)).date()
        if len(story.steps) > 1:
            row |= self._promised(story, site)
        return row

    @staticmethod
    def _counted_as(row: dict[str, Any]) -> str:
        """As complaints.services.cells writes it, so that counting anew finds nothing to write."""
        return cells.counted_as(
            row["status"],
            row["category_id"],
            row["h3_r9"],
            row.get("department_id"),
            row["area_id"],
            is_private=row["is_private"],
        )

    def _promised(self, story: Story, site: Site) -> dict[str, Any]:
        department = self._department_after(story, site)
        routed_at = story.steps[1].at
        # To the hour: promises then repeat and need not be computed a million times.
        start = routed_at.replace(minute=0, second=0, microsecond=0)
        calendar = department.calendar_code if department else None
        promise = self._promise(site.level, calendar, start, department is None)
        return {
            "department_id": department.id if department else None,
            "promised_at": routed_at,
            "acknowledge_due_at": promise.acknowledge_due_at,
            "make_safe_due_at": promise.make_safe_due_at,
            "due_at": promise.due_at,
        }

    def _department_after(self, story: Story, site: Site) -> Any:
        """The routing's department, or the one that the triage desk named."""
        if site.department is not None or story.status == workflow.TRIAGE:
            return site.department
        return self._desk_names

    def _lines(self, row: dict[str, Any], story: Story, site: Site) -> Iterator[dict[str, Any]]:
        """The timeline."""
        for step in story.steps:
            data: Any = step.data or "{}"
            if step.kind in ("routed", "triaged"):
                data = site.event_data
            yield {
                "report_id": row["id"],
                "kind": step.kind,
                "at": step.at,
                "actor_kind": step.actor_kind,
                "department_id": row.get("department_id") if step.actor_kind == "staff" else None,
                "from_status": step.from_status,
                "to_status": step.to_status,
                "text": step.text,
                "data": data,
            }

    def _decision(self, row: dict[str, Any], story: Story, site: Site) -> dict[str, Any]:
        return {
            "report_id": row["id"],
            "decided_at": story.steps[1].at,
            **site.decision_row,
            "rules_version": self._book.version,
            "boundaries_version": self._snap.boundaries_version,
        }


def _reporter(report_id: int) -> dict[str, Any]:
    """An invented reporter; no phone number, since every number may be somebody's."""
    return {"report_id": report_id, "name": "Warga Contoh", "email": f"warga{report_id}@contoh.example"}
