"""`manage.py replay_decisions`: decide again what the rules decided, and say what differs."""

from collections import Counter
from datetime import datetime, time

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date

from dispatch.services import replay

_SHOWN = 20


class Command(BaseCommand):
    help = "Replay decisions with the rules of their version; exit 1 if any gives another answer."

    def add_arguments(self, parser):
        parser.add_argument("--since", help="only decisions from this day on, like 2026-09-01")
        parser.add_argument("--sample", type=int, help="only so many of them, chosen by chance")
        parser.add_argument("--seed", type=int, default=0, help="another number, another choice")

    def handle(self, *args, since=None, sample=None, seed=0, **options):
        if sample is not None and sample < 1:
            raise CommandError("--sample must be at least 1.")
        counts: Counter[str] = Counter()
        for record, result in replay.replay_many(since=_moment(since), sample=sample, seed=seed):
            counts[result.state] += 1
            if result.state in (replay.DIFFERS, replay.UNREADABLE) and counts[result.state] <= _SHOWN:
                what = "; ".join(f"{name}: {was!r} -> {now!r}" for name, was, now in result.differences)
                self.stdout.write(f"{record.report.code} decision {record.pk} {result.state} {what}")
        states = (replay.SAME, replay.DIFFERS, replay.UNREADABLE, replay.UNRECORDED, replay.BY_HAND)
        self.stdout.write(", ".join(f"{state}: {counts[state]}" for state in states))
        if counts[replay.DIFFERS] or counts[replay.UNREADABLE]:
            raise SystemExit(1)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise CommandError(f"{text} is no date. Write it like 2026-09-01.")
    return timezone.make_aware(datetime.combine(day, time()))
