"""`manage.py dispatch_status`: does the work get done?"""

import json
import sys
from datetime import timedelta

from django.core.management.base import BaseCommand
from django.utils import timezone

from dispatch.selectors import queue_states


class Command(BaseCommand):
    help = "Shows the outbox by queue: waiting, oldest, being worked on, given up. Exit code 1 if stuck."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", dest="as_json", help="print JSON")
        parser.add_argument(
            "--stuck-after",
            type=float,
            default=120.0,
            metavar="SECONDS",
            help="a row that has been due for longer than this is stuck (default: 120)",
        )

    def handle(self, *args, as_json: bool, stuck_after: float, **options):
        after = timedelta(seconds=stuck_after)
        states = queue_states(now=timezone.now())
        is_stuck = any(state.is_stuck(after) for state in states)
        if as_json:
            queues = {state.queue: {**state.as_json(), "is_stuck": state.is_stuck(after)} for state in states}
            self.stdout.write(json.dumps({"is_stuck": is_stuck, "queues": queues}, indent=2))
        else:
            self._table(states, after)
        if is_stuck:
            sys.exit(1)

    def _table(self, states, after: timedelta) -> None:
        self.stdout.write(f"{'queue':<10}{'pending':>9}{'oldest':>10}{'leased':>8}{'expired':>9}{'dead':>6}")
        for state in states:
            mark = "  STUCK" if state.is_stuck(after) else ""
            oldest = f"{max(state.oldest_pending_s, state.oldest_expired_s):.1f} s"
            self.stdout.write(
                f"{state.queue:<10}{state.pending:>9}{oldest:>10}{state.leased:>8}{state.expired:>9}"
                f"{state.dead:>6}{mark}"
            )
