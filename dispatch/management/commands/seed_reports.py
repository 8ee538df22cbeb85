"""Invented reports in bulk for load tests: `manage.py seed_reports 200000 --seed 7`."""

import time

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from city import snapshot as city
from dispatch.services.seed import seed_reports


class Command(BaseCommand):
    help = "Write N realistic load-test reports with events and decisions; the same seed, the same reports."

    def add_arguments(self, parser):
        parser.add_argument("count", type=int, metavar="N")
        parser.add_argument("--seed", type=int, default=1, help="another number, other reports (default 1)")

    def handle(self, *, count, seed, verbosity, **_options):
        if count < 0:
            raise CommandError("N must not be negative.")
        if not any(item.parent_code for item in city.current().categories.values()):
            raise CommandError("There is no city yet: run manage.py load_city first.")
        started = time.monotonic()

        def progress(done: int) -> None:
            if verbosity > 1 or done % 50_000 == 0:
                rate = done / (time.monotonic() - started)
                self.stderr.write(f"  {done:,} of {count:,} reports, {rate:,.0f}/s")

        # To the midnight before: the same seed gives the same reports all day long.
        now = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        done = seed_reports(count, seed=seed, now=now, progress=progress)
        seconds = time.monotonic() - started
        self.stdout.write(f"{done:,} reports in {seconds:.1f} s")
