from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from city.errors import BadPack, UnknownPack
from city.services.load import load_pack


class Command(BaseCommand):
    """Load or update a city from its pack (city/packs/NAME/).

    Everything is checked first, and every mistake is named with its file and line; a pack with a mistake
    changes nothing. What staff edited in the admin stays, unless --overwrite says otherwise.
    """

    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("name", help="the folder under city/packs/")
        parser.add_argument("--check", action="store_true", help="only say what is wrong with the pack")
        parser.add_argument(
            "--overwrite", action="store_true", help="the pack wins over what staff edited in the admin"
        )

    def handle(self, *, name, check=False, overwrite=False, verbosity=1, **options):
        try:
            result = load_pack(name, overwrite_staff_edits=overwrite, check_only=check)
        except UnknownPack as fault:
            raise CommandError(str(fault)) from None
        except BadPack as fault:
            for mistake in fault.mistakes:
                self.stderr.write(f"city/packs/{name}/{mistake}")
            count = len(fault.mistakes)
            raise CommandError(
                ngettext(
                    "%(count)d mistake; nothing was changed.",
                    "%(count)d mistakes; nothing was changed.",
                    count,
                )
                % {"count": count}
            ) from None
        if verbosity:
            self._report(result, check)

    def _report(self, result, check: bool) -> None:
        if check:
            self.stdout.write(_("The pack %(name)s has no mistakes.") % {"name": result.pack})
            return
        words = {
            "created": _("created"),
            "updated": _("updated"),
            "unchanged": _("unchanged"),
            "kept": _("kept"),
            "removed": _("removed"),
        }
        for kind, counts in result.counts.items():
            numbers = ", ".join(f"{counts[key]} {word}" for key, word in words.items() if counts.get(key))
            self.stdout.write(f"{kind}: {numbers or '-'}")
        for note in result.notes:
            self.stdout.write(note)
        self.stdout.write(_("Done in %(seconds).1f s.") % {"seconds": result.seconds})
