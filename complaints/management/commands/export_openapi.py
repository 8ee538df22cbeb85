"""Write the OpenAPI document: `manage.py export_openapi docs/openapi.yaml` (`--check` only compares)."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from complaints.api import openapi


class Command(BaseCommand):
    help = "Write the API's OpenAPI document to a file, or check that the file is up to date."

    def add_arguments(self, parser):
        parser.add_argument("path", type=Path, nargs="?", default=Path("docs/openapi.yaml"))
        parser.add_argument("--check", action="store_true", help="write nothing, fail if it differs")

    def handle(self, *, path, check, **_options):
        document = openapi.as_yaml()
        if not check:
            path.write_text(document, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != document:
            raise CommandError(f"{path} is out of date: run manage.py export_openapi {path}")
