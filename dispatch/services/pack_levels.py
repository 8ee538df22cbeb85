"""service_levels.yaml of a city pack: how fast the city promises to be."""

from django.utils.translation import gettext as _

from city.models import Category
from city.services.pack.fields import Fields
from city.services.pack.files import at
from city.services.pack.merge import Item, Merge, Table
from dispatch.models import ServiceLevel
from dispatch.services import rules

FILE = "service_levels.yaml"
EVERY_KIND = "*"
_KEYS = (
    *("severity", "category", "clock", "acknowledge_minutes", "make_safe_minutes"),
    *("resolve_minutes", "resolve_working_days", "basis"),
)
_MOST_MINUTES = 366 * 24 * 60


def _key(row: ServiceLevel, keys) -> str:
    return f"{keys[Category][row.category_id] if row.category_id else EVERY_KIND}/{row.severity}"


LEVELS = Table("service_level", ServiceLevel, _key, references={"category": Category}, removal="delete")


def validate(pack) -> list[Item]:
    """Read and check; a pack without the file promises nothing."""
    content = pack.files.yaml(FILE) if pack.files.exists(FILE) else None
    if content is None:
        return []
    top = Fields(content, pack.mistakes)
    top.only(["levels"])
    items: dict[str, Item] = {}
    for block in top.blocks("levels", required=True):
        fields = Fields(block, pack.mistakes)
        fields.only(_KEYS)
        item = _item(fields, pack)
        if item.key in items:
            fields.fault("severity", "doubled_code", _("This severity stands here twice for the same kind."))
        items[item.key] = item
    return list(items.values())


def _item(fields: Fields, pack) -> Item:
    severity = fields.whole("severity", 1, 5, required=True)
    category = fields.known("category", pack.codes("category"), _("category"))
    values = {
        "category": category,
        "severity": severity,
        "clock": fields.one_of("clock", ServiceLevel.Clock.values),
        "acknowledge_minutes": fields.whole("acknowledge_minutes", 1, _MOST_MINUTES),
        "make_safe_minutes": fields.whole("make_safe_minutes", 1, _MOST_MINUTES),
        "resolve_minutes": fields.whole("resolve_minutes", 1, _MOST_MINUTES),
        "resolve_working_days": fields.whole("resolve_working_days", 1, 260),
        "basis": fields.text("basis", required=True),
    }
    if values["resolve_minutes"] and values["resolve_working_days"]:
        fields.fault(
            "resolve_working_days", "doubled_promise", _("Promise minutes or working days, not both.")
        )
    return Item(f"{category or EVERY_KIND}/{severity}", values, at(fields.block))


def apply(items: list[Item], merge: Merge) -> None:
    merge.sync(LEVELS, items)
    if LEVELS.kind in merge.changed_kinds():
        rules.bump()
