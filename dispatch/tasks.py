"""What Celery runs: each task calls one service."""

from celery import shared_task
from django.utils import timezone

from dispatch.services import clocks, digests, escalation, outbox, worker


@shared_task(name="dispatch.drain")
def drain(queue: str) -> None:
    """Work off one queue of the outbox."""
    worker.drain(queue)


@shared_task(name="dispatch.close_silent")
def close_silent() -> None:
    """Close what was resolved ten silent days ago."""
    clocks.close_silent(now=timezone.now())


@shared_task(name="dispatch.escalate")
def escalate() -> None:
    """Let what is late climb its ladder."""
    escalation.climb_due(now=timezone.now())


@shared_task(name="dispatch.digests")
def prepare_digests() -> None:
    """Queue this morning's messages to staff, and watch what nobody watches yet."""
    digests.prepare_due(now=timezone.now())
    escalation.watch_missing(now=timezone.now())


@shared_task(name="dispatch.prune")
def prune() -> None:
    """Forget finished work, photos whose report never came, and files that no photo needs."""
    from complaints.services import photo_files, photos

    outbox.prune(now=timezone.now())
    photos.sweep_staged(now=timezone.now())
    photo_files.sweep_orphans(now=timezone.now())
