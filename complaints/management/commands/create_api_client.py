"""Make a key for a programme: `manage.py create_api_client "Mobile app" --scope report:create`."""

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from complaints.services import api_clients


class Command(BaseCommand):
    help = "Make an API client and print its key, once."

    def add_arguments(self, parser):
        parser.add_argument("name", help="who uses the key; unique")
        parser.add_argument(
            "--scope",
            action="extend",
            nargs="+",
            choices=api_clients.SCOPES,
            help="what it may do; repeatable (default: everything)",
        )

    def handle(self, *, name, scope, **_options):
        try:
            client, key = api_clients.create_client(name, scope or api_clients.SCOPES)
        except IntegrityError as error:
            raise CommandError(f"There is already an API client called {name!r}.") from error
        self.stderr.write(f"{client.name}: {', '.join(client.scopes)}. Keep the key; it is shown only now:")
        self.stdout.write(key)
