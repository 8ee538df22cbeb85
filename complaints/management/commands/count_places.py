"""`manage.py count_places`: count what the pages about places say, now instead of with the next sweep."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from complaints.services import place_figures


class Command(BaseCommand):
    help = "Count the figures of all kelurahan, kecamatan and departments anew."

    def handle(self, *args, **options) -> None:
        self.stdout.write(str(place_figures.refresh(now=timezone.now())))
