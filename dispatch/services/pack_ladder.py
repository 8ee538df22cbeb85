"""escalation.yaml of a city pack: who hears of what is late, and when."""

from django.utils.translation import gettext as _

from city.models import Department
from city.services.pack.fields import Fields
from city.services.pack.files import at
from city.services.pack.merge import Item, Merge, Table
from dispatch.domain import escalation
from dispatch.models import LadderRung

FILE = "escalation.yaml"
EVERY_DEPARTMENT = "*"
_KEYS = ("level", "department", "minutes_after_due", "tells", "repeat_hours")
_MOST_MINUTES = 90 * 24 * 60


def _key(row: LadderRung, keys) -> str:
    return f"{keys[Department][row.department_id] if row.department_id else EVERY_DEPARTMENT}/{row.level}"


RUNGS = Table("ladder_rung", LadderRung, _key, references={"department": Department}, removal="delete")


def validate(pack) -> list[Item]:
    """Read and check; a pack without the file has the ladder that stands in the code."""
    content = pack.files.yaml(FILE) if pack.files.exists(FILE) else None
    if content is None:
        return []
    top = Fields(content, pack.mistakes)
    top.only(["rungs"])
    items: dict[str, Item] = {}
    for block in top.blocks("rungs", required=True):
        fields = Fields(block, pack.mistakes)
        fields.only(_KEYS)
        item = _item(fields, pack)
        if item.key in items:
            fields.fault("level", "doubled_code", _("This rung stands here twice for the same department."))
        items[item.key] = item
    return list(items.values())


def _item(fields: Fields, pack) -> Item:
    level = fields.whole("level", 1, 9, required=True)
    department = fields.known("department", pack.codes("department"), _("department"))
    values = {
        "department": department,
        "level": level,
        "minutes_after_due": fields.whole("minutes_after_due", -_MOST_MINUTES, _MOST_MINUTES, required=True),
        "target": fields.one_of("tells", escalation.TARGETS),
        "repeat_hours": fields.whole("repeat_hours", 1, 24 * 30),
    }
    return Item(f"{department or EVERY_DEPARTMENT}/{level}", values, at(fields.block))


def apply(items: list[Item], merge: Merge) -> None:
    merge.sync(RUNGS, items)
