"""incidents.yaml of a city pack: which kinds of reports the portal joins by itself, and what is an alarm."""

from django.utils.translation import gettext as _

from city.services.pack.fields import Fields
from city.services.pack.files import at
from city.services.pack.merge import Item, Merge, Table
from dispatch.models import IncidentRule

FILE = "incidents.yaml"
# What each number may be: radii as far as the search by cells reaches, times up to a week.
_NUMBERS = {
    "radius_m": (1, 1000),
    "hours": (1, 168),
    "burst_reports": (2, 1000),
    "burst_minutes": (1, 1440),
    "grows_by": (2, 100),
    "again_minutes": (1, 1440),
}

RULES = Table("incident_rule", IncidentRule, lambda row, keys: row.code, removal="delete")


def validate(pack) -> list[Item]:
    """Read and check; in a city whose pack has no such file only people join reports."""
    content = pack.files.yaml(FILE) if pack.files.exists(FILE) else None
    if content is None:
        return []
    top = Fields(content, pack.mistakes)
    top.only(["rules"])
    items: dict[str, Item] = {}
    for block in top.blocks("rules", required=True):
        fields = Fields(block, pack.mistakes)
        fields.only(["code", "categories", *_NUMBERS])
        item = _item(fields, pack)
        if item.key in items:
            fields.fault("code", "doubled_code", _("This rule stands here twice."))
        items[item.key] = item
    return list(items.values())


def _item(fields: Fields, pack) -> Item:
    code = fields.code(slug=True, max_length=40)
    categories = fields.texts("categories")
    if not categories:
        fields.fault("categories", "missing", _("Name at least one kind of report."))
    for category in categories:
        if category not in pack.codes("category"):
            text = _("There is no category with the code “%(value)s”.") % {"value": category}
            fields.fault("categories", "unknown_code", text)
    values = {"code": code, "categories": categories}
    for name, (low, high) in _NUMBERS.items():
        values[name] = fields.whole(name, low, high, required=True)
    return Item(code, values, at(fields.block))


def apply(items: list[Item], merge: Merge) -> None:
    merge.sync(RULES, items)
