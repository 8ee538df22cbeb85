"""Loading a city pack: read and check everything, then apply it whole or not at all.

Another room adds its own files by registering a section (in its AppConfig.ready):

    register_section("routing", validate, apply)

* `validate(pack: Pack) -> object`: read your files with `pack.files.yaml(…)` / `.csv(…)`, check them with
  `Fields(block, pack.mistakes)`, compare codes with `pack.codes("department" | "category" | "area" |
  "calendar" | "question" | "road" | "waterway")`, and note what is wrong in `pack.mistakes`. It must
  not touch the database. Whatever it returns is handed to `apply`. It runs after the city's own
  sections, also when they found mistakes.
* `apply(parsed, merge: Merge) -> None`: called inside the transaction, only for a pack without mistakes,
  after the city's own sections. Use `merge.sync(Table(…), items)`, which returns the counts of what
  happened; `merge.changed_kinds()` names the kinds that changed.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from city.errors import BadPack, UnknownPack
from city.models import CityVersion
from city.services import history, versions
from city.services.pack import sections
from city.services.pack.files import PackFiles
from city.services.pack.merge import Merge
from city.services.pack.mistakes import Mistake, Mistakes

PACKS = Path(__file__).resolve().parent.parent / "packs"


class Pack:
    """A pack while it is being checked."""

    def __init__(self, name: str, folder: Path):
        self.name = name
        self.mistakes = Mistakes()
        self.files = PackFiles(folder, self.mistakes)
        self._codes: dict[str, set[str]] = {}
        self.boundaries: dict[str, Any] = {}  # area code → shapely geometry, degrees

    def codes(self, kind: str) -> set[str]:
        """All codes of a kind that the pack defines; a section adds its own with `.add`."""
        return self._codes.setdefault(kind, set())


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    validate: Callable[[Pack], Any]
    apply: Callable[[Any, Merge], None]


@dataclass(frozen=True)
class LoadResult:
    """`counts`: kind → {"created": n, "updated": n, "unchanged": n, "kept": n, "removed": n}; `notes`: what
    was kept and why. Both are empty after a check."""

    pack: str
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    changed: bool = False
    seconds: float = 0.0


_registered: dict[str, Section] = {}


def register_section(name: str, validate: Callable[[Pack], Any], apply: Callable[[Any, Merge], None]) -> None:
    """Add files of another room to every pack. Registering a name again replaces it."""
    _registered[name] = Section(name, validate, apply)


def all_sections() -> list[Section]:
    return [Section(*section) for section in sections.OWN] + list(_registered.values())


def load_pack(
    name: str,
    *,
    overwrite_staff_edits: bool = False,
    check_only: bool = False,
    folder: Path | None = None,
) -> LoadResult:
    """Load or update a city from `city/packs/<name>/` (or from `folder`).

    Raises UnknownPack, or BadPack with every mistake; then nothing has changed. Loading the same pack again
    changes nothing. Locks: the city's version row, so that two loads run one after the other.
    """
    started = time.monotonic()
    folder = folder or PACKS / name
    if not folder.is_dir():
        raise UnknownPack(
            _("There is no city pack “%(name)s” in %(folder)s.") % {"name": name, "folder": PACKS}
        )
    pack, parsed = _check(name, folder)
    if check_only:
        return LoadResult(name, seconds=time.monotonic() - started)
    with transaction.atomic():
        merge = _apply(pack, parsed, overwrite_staff_edits)
    return LoadResult(
        name,
        counts={kind: dict(counts) for kind, counts in merge.counts.items()},
        notes=merge.notes,
        changed=merge.changed,
        seconds=time.monotonic() - started,
    )


def check_pack(name: str, folder: Path | None = None) -> list[Mistake]:
    """All mistakes of a pack, by file and line; empty when it can be loaded."""
    try:
        load_pack(name, check_only=True, folder=folder)
    except BadPack as fault:
        return fault.mistakes
    return []


def _check(name: str, folder: Path) -> tuple[Pack, list[tuple[Section, Any]]]:
    pack = Pack(name, folder)
    parsed = [(section, section.validate(pack)) for section in all_sections()]
    if pack.mistakes:
        raise BadPack(pack.mistakes.sorted())
    return pack, parsed


def _apply(pack: Pack, parsed: list[tuple[Section, Any]], overwrite: bool) -> Merge:
    CityVersion.objects.get_or_create(pk=1, defaults={"version": 0, "boundaries_version": 0})
    CityVersion.objects.select_for_update().get(pk=1)
    merge = Merge(pack.name, overwrite_staff_edits=overwrite)
    for section, content in parsed:
        section.apply(content, merge)
    history.record_command(merge.edits, now=timezone.now(), via="load_city")
    was = CityVersion.objects.values_list("pack", flat=True).get(pk=1)
    if merge.changed or was != pack.name:
        versions.bump(boundaries=merge.boundaries_changed, pack=pack.name)
    return merge
