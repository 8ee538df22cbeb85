"""`manage.py create_staff USERNAME --role ROLE [--department CODE] [--password PW] [--update]`"""

from django.core.management.base import BaseCommand, CommandError

from city import roles
from city.services import staff


class Command(BaseCommand):
    help = "Make a staff account; prints a generated password once when none is given."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--role", required=True, help=f"one of: {', '.join(roles.ROLES)}")
        parser.add_argument("--department", default=None, help="a department's code, e.g. DPU")
        parser.add_argument("--password", default=None, help="left out: one is made and printed once")
        parser.add_argument("--update", action="store_true", help="change the account if it exists")

    def handle(self, username, role, department, password, update, **options):
        try:
            user, generated = staff.create_staff(
                username, role=role, department_code=department, password=password, update=update
            )
        except staff.StaffError as exc:
            raise CommandError(str(exc)) from exc
        where = f", {user.department.code}" if user.department else ""
        self.stdout.write(f"{user.username} ({user.role}{where})")
        if generated:
            self.stdout.write(f"password: {generated}")
