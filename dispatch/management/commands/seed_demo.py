"""File the demonstration's reports."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from dispatch.services.demo import file_demo
from dispatch.services.demo_places import Stories


class Command(BaseCommand):
    help = "File invented reports at real places, as the form would. Running it twice adds nothing."

    def add_arguments(self, parser):
        parser.add_argument("--count", type=int, default=300)
        parser.add_argument("--seed", type=int, default=2023)

    def handle(self, *, count: int, seed: int, **options):
        pack = settings.CITY_PACK
        if not Stories.available(pack):
            raise CommandError(f"The city pack '{pack}' has no demo.yaml, so there is nothing to file.")
        new = file_demo(Stories(pack), now=timezone.now(), count=count, seed=seed)
        self.stdout.write(f"{new} demonstration reports filed.")
