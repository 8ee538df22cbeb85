"""Bring a database up to date in one go: migrations, the city pack, and on a first start the accounts."""

import secrets

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from city.models import User
from complaints.models import Report
from complaints.services import push_keys

# Readable over a shoulder and typed without mistakes; 5 words of 32 and 4 digits are 38 bits.
_WORDS = (
    "angin awan batu bukit bulan daun desa fajar hujan hutan jambu kali kapal kebun kota langit "
    "laut mawar melati padi pagar pantai pasar perahu pisang rumah sawah senja surya tebu teras wayang"
)


def new_password() -> str:
    words = "-".join(secrets.choice(_WORDS.split()) for _ in range(5))
    return f"{words}-{secrets.randbelow(10_000):04d}"


class Command(BaseCommand):
    """Safe to run at every start: each step does nothing when there is nothing to do.

    With --first-start, an installation without any member of staff gets its first accounts. Lines that
    begin with `@` are for the process runner: `@account NAME PASSWORD NOTE` and `@demo` (nobody has filed a
    real report yet).
    """

    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument(
            "--first-start", action="store_true", help="make the first accounts if there are none"
        )
        parser.add_argument("--no-demo", action="store_true", help="no demonstration data and accounts")

    def handle(self, *, first_start=False, no_demo=False, **options):
        call_command("migrate", interactive=False, verbosity=0)
        call_command("load_city", settings.CITY_PACK, verbosity=0)
        if "webpush" in settings.CHANNELS:
            push_keys.public_key()  # made and kept before the first page asks for it
        if not first_start:
            return
        if not User.objects.exists():
            self._account("admin", "admin")
            if not no_demo:
                self._account("petugas-dpu", "handler", department="DPU")
        if not no_demo and not Report.objects.exclude(channel=Report.Channel.DEMO).exists():
            self.stdout.write("@demo")

    def _account(self, name: str, role: str, department: str | None = None) -> None:
        password = new_password()
        place = ["--department", department] if department else []
        call_command(
            "create_staff", name, "--role", role, *place, "--password", password, stdout=_Quiet(), verbosity=0
        )
        self.stdout.write(f"@account {name} {password} {role} {department or ''}".rstrip())


class _Quiet:
    """Takes the command's own announcement: the runner shows the password, once."""

    def write(self, text: str) -> None:
        pass
