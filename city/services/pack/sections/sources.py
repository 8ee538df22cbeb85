"""`<file>.source.yaml`: where each file of the pack comes from and under which licence."""

from django.utils.translation import gettext as _

from city.services.pack.fields import Fields
from city.services.pack.mistakes import Where

_DATA = (".yaml", ".csv", ".geojson")
_SUFFIX = ".source.yaml"
_KEYS = ("title", "source", "url", "licence", "licence_url", "attribution", "changes")


def validate(pack) -> None:
    folder = pack.files.folder
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix not in _DATA or name.endswith(_SUFFIX):
            continue
        if not pack.files.exists(name + _SUFFIX):
            pack.mistakes.add(
                Where(name),
                "no_source",
                _("Say where this file comes from, in %(file)s.") % {"file": name + _SUFFIX},
            )
            continue
        content = pack.files.yaml(name + _SUFFIX)
        if content is None:
            continue
        fields = Fields(content, pack.mistakes)
        fields.only(_KEYS)
        for key in ("title", "source", "licence"):
            fields.text(key, required=True)
        fields.url("url")
        fields.url("licence_url")


def apply(parsed, merge) -> None:
    """Sources are read by people; nothing of them is in the database."""
