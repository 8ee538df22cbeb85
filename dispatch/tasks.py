"""What Celery runs: each task calls one service."""

from celery import shared_task
from django.utils import timezone

from dispatch.services import (
    attempts,
    bulk_work,
    clocks,
    digests,
    escalation,
    exports,
    learning,
    office_figures,
    outbox,
    owner_news,
    owners,
    recompute,
    webhooks,
    worker,
)


@shared_task(name="dispatch.drain")
def drain(queue: str) -> None:
    """Work off one queue of the outbox, or the steps for many reports."""
    if queue == bulk_work.QUEUE:
        bulk_work.drain()
    else:
        worker.drain(queue)


@shared_task(name="dispatch.close_silent")
def close_silent() -> None:
    """Close as unconfirmed after ten silent days; ask once more after seven."""
    clocks.close_silent(now=timezone.now())
    clocks.remind_silent(now=timezone.now())


@shared_task(name="dispatch.escalate")
def escalate() -> None:
    """Let what is late climb its ladder."""
    escalation.climb_due(now=timezone.now())


@shared_task(name="dispatch.ask_owners")
def ask_owners() -> None:
    """Queue questions to owners' systems about what was passed on to them."""
    owner_news.queue_due(now=timezone.now())


@shared_task(name="dispatch.digests")
def prepare_digests() -> None:
    """Queue this morning's messages to staff, and watch what nobody watches yet."""
    digests.prepare_due(now=timezone.now())
    escalation.watch_missing(now=timezone.now())


@shared_task(name="dispatch.forget")
def forget() -> None:
    """Delete personal data that has served its purpose (docs/operations.md, "What is kept, and how long")."""
    from city.services import audit, lockout, sessions
    from complaints.services import retention

    retention.forget_expired(now=timezone.now())
    for staff_side in (audit, lockout, sessions):
        staff_side.sweep(now=timezone.now())
    attempts.prune(now=timezone.now())


@shared_task(name="dispatch.follow_calendars", time_limit=1800)
def follow_calendars() -> None:
    """Move the promises of offices whose hours or holidays have changed."""
    recompute.follow_calendars(now=timezone.now())


@shared_task(name="dispatch.count_places", time_limit=900)
def count_places() -> None:
    """Count what the public pages about places say."""
    from complaints.services import place_figures

    place_figures.refresh(now=timezone.now())


@shared_task(name="dispatch.count_offices", time_limit=900)
def count_offices() -> None:
    """Count what the heads of departments read about the last weeks."""
    office_figures.refresh(now=timezone.now())


@shared_task(name="dispatch.make_exports", time_limit=1800)
def make_exports() -> None:
    """Make the file that somebody waits for; two hundred thousand rows take some minutes."""
    exports.drain()


@shared_task(name="dispatch.learn", time_limit=1800)
def learn() -> None:
    """Learn from what staff confirmed; takes up to some minutes."""
    learning.train_all(now=timezone.now())


@shared_task(name="dispatch.prune")
def prune() -> None:
    """Forget finished work, photos whose report never came, and files that no photo needs; seal anew what was
    sealed under an older key."""
    from complaints.services import photo_files, photos

    outbox.prune(now=timezone.now())
    owners.reseal()
    webhooks.reseal()
    webhooks.prune(now=timezone.now())
    exports.sweep(now=timezone.now())
    photos.sweep_staged(now=timezone.now())
    photo_files.sweep_orphans(now=timezone.now())
