"""Invented lives of reports for load tests: plausible steps in a lawful order. Plain Python, no database."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from complaints.domain import workflow

_ROUTED_AFTER_S = (0.2, 3.0)
_SENTENCES = {
    workflow.RESOLVED: (
        "Sudah kami perbaiki. Silakan dicek.",
        "Pekerjaan selesai hari ini.",
        "Sudah ditangani petugas lapangan.",
    ),
    workflow.REJECTED: (
        "Lokasi tidak ditemukan petugas di lapangan.",
        "Laporan ini sama dengan laporan lain.",
    ),
}
_WAITING = ("Menunggu material dari gudang.", "Menunggu cuaca membaik.", "Menunggu jawaban pelapor.")


@dataclass(frozen=True, slots=True)
class Step:
    """One timeline event to be."""

    kind: str
    at: datetime
    actor_kind: str
    from_status: str = ""
    to_status: str = ""
    text: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Story:
    """What has happened until now; the last status is the report's."""

    steps: list[Step]
    status: str
    status_since: datetime
    acknowledged_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    waiting_reason: str = ""
    scheduled_days: int | None = None
    reopen_count: int = 0
    handover_count: int = 0

    def go(self, to: str, at: datetime, actor: str, kind: str = "status", **details: Any) -> None:
        """Bring the report into another status; refuses what the workflow table refuses."""
        if not workflow.may_follow(self.status, to):
            raise ValueError(f"{self.status} -> {to}")
        self.steps.append(Step(kind, at, actor, self.status, to, **details))
        self.status, self.status_since = to, at


def tell(rng: Random, *, created_at: datetime, outcome: str, now: datetime, channel: str) -> Story:
    """The life of a report that was routed to `outcome` (assigned | referred | triage), as far as `now`."""
    first = Step("submitted", created_at, "reporter", "", workflow.RECEIVED, data={"channel": channel})
    story = Story([first], workflow.RECEIVED, created_at)
    at = created_at + timedelta(seconds=rng.uniform(*_ROUTED_AFTER_S))
    if at >= now:
        return story
    story.go(outcome, at, "system", "triaged" if outcome == workflow.TRIAGE else "routed")
    if outcome == workflow.TRIAGE:
        at += timedelta(hours=rng.expovariate(1 / 9))
        if at < now:
            story.go(workflow.ASSIGNED, at, "staff", "handed_over")
            story.handover_count = 1
    if story.status != workflow.TRIAGE:
        _work(rng, story, at, now)
    return story


def _work(rng: Random, story: Story, at: datetime, now: datetime) -> None:
    at += timedelta(hours=rng.expovariate(1 / 14))
    if at >= now:
        return
    if rng.random() < 0.05:
        text = rng.choice(_SENTENCES[workflow.REJECTED])
        story.go(workflow.REJECTED, at, "staff", text=text, data={"reason_code": "cannot_find"})
        return
    story.steps.append(Step("acknowledged", at, "staff"))
    story.acknowledged_at = at
    at += timedelta(hours=rng.expovariate(1 / 20))
    if at >= now:
        return
    story.go(workflow.IN_PROGRESS, at, "staff")
    at = _detour(rng, story, at, now)
    # A tenth of the work drags on for months: the backlog that queues and maps must bear.
    days = rng.expovariate(1 / 90) if rng.random() < 0.1 else rng.expovariate(1 / 5)
    at += timedelta(days=days)
    if at < now and story.status == workflow.IN_PROGRESS:
        _finish(rng, story, at, now)


def _detour(rng: Random, story: Story, at: datetime, now: datetime) -> datetime:
    chance = rng.random()
    if chance < 0.08:
        story.waiting_reason = rng.choice(_WAITING)
        data = {"waiting_on": "other", "waiting_reason": story.waiting_reason}
        at += timedelta(hours=1)
        if at < now:
            story.go(workflow.WAITING, at, "staff", data=data)
            at += timedelta(days=rng.expovariate(1 / 12))
            if at < now:
                story.go(workflow.IN_PROGRESS, at, "staff")
    elif chance < 0.11 and at + timedelta(hours=2) < now:
        at += timedelta(hours=2)
        story.scheduled_days = rng.randint(60, 400)
        story.go(workflow.SCHEDULED, at, "staff")
    return at


def _finish(rng: Random, story: Story, at: datetime, now: datetime) -> None:
    story.go(workflow.RESOLVED, at, "staff", text=rng.choice(_SENTENCES[workflow.RESOLVED]))
    story.resolved_at = at
    chance = rng.random()
    answered_at = at + timedelta(hours=rng.uniform(1, 200))
    silent_until = at + timedelta(days=workflow.CLOSE_AFTER_SILENT_DAYS)
    if chance < 0.07 and answered_at < now:
        story.go(workflow.REOPENED, answered_at, "reporter", "reopened", text="Masih belum beres.")
        story.resolved_at = story.acknowledged_at = None
        story.reopen_count = 1
    elif chance < 0.45 and answered_at < now:
        story.go(workflow.CLOSED, answered_at, "reporter", "confirmed")
        story.closed_at = answered_at
    elif silent_until < now:
        story.go(workflow.CLOSED, silent_until, "system", data={"reason_code": "silent"})
        story.closed_at = silent_until
