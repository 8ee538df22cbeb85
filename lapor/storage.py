"""Static files whose names carry a hash of their content, so that browsers may keep them for ever."""

import re
from pathlib import Path

from django.conf import settings
from whitenoise.storage import CompressedManifestStaticFilesStorage

from lapor import bundles

# Comments that stand on lines of their own; what follows code on its line stays.
_BLOCK = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*\n", re.MULTILINE | re.DOTALL)
_LINE = re.compile(r"^[ \t]*//.*\n", re.MULTILINE)
_OURS = ("js/", "css/")


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites the imports between ES modules: after an upgrade no page mixes old and new scripts.

    Our own scripts and styles lose their comments on the way: people on prepaid cards pay for every byte.
    """

    support_js_module_import_aggregation = True

    def _join(self) -> dict[str, tuple]:
        """Write the joined files; they are processed like those that were collected."""

        def read(name: str) -> str:
            return Path(self.path(name)).read_text(encoding="utf-8")

        texts = {
            name: bundles.joined_modules(entry, read, name.rpartition("/")[0])
            for name, entry in settings.SCRIPT_BUNDLES.items()
        }
        texts |= {name: bundles.joined_styles(parts, read) for name, parts in settings.STYLE_BUNDLES.items()}
        for name, text in texts.items():
            path = Path(self.path(name))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return {name: (self, name) for name in texts}

    def post_process(self, paths, dry_run=False, **options):
        if not dry_run:
            paths = {**paths, **self._join()}
            for name in paths:
                if name.startswith(_OURS) and name.endswith((".js", ".css")):
                    path = Path(self.path(name))
                    path.write_text(
                        without_comments(path.read_text(encoding="utf-8"), name), encoding="utf-8"
                    )
        yield from super().post_process(paths, dry_run, **options)


def without_comments(text: str, name: str) -> str:
    """The text of a script or style without the comments that stand on lines of their own."""
    text = _BLOCK.sub("", text)
    return _LINE.sub("", text) if name.endswith(".js") else text
