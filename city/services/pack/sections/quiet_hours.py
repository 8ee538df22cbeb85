"""quiet_hours.yaml: when a channel's messages to citizens wait until morning."""

import re

from django.utils.translation import gettext as _

from city.models import QuietHours
from city.services.pack.fields import Fields
from city.services.pack.files import at
from city.services.pack.merge import Item, Merge, Table

FILE = "quiet_hours.yaml"
HOURS = Table("quiet hours", QuietHours, lambda row, keys: row.code, removal="delete")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d\Z")


def validate(pack) -> list[Item]:
    """A city without the file has no quiet hours."""
    content = pack.files.yaml(FILE) if pack.files.exists(FILE) else None
    if content is None:
        return []
    top = Fields(content, pack.mistakes)
    top.only(["channels"])
    items: dict[str, Item] = {}
    for block in top.blocks("channels", required=True):
        fields = Fields(block, pack.mistakes)
        fields.only(["channel", "from", "until"])
        code = fields.one_of("channel", QuietHours.Channel.values)
        if code in items:
            fields.fault("channel", "doubled_code", _("This channel stands here twice."))
        values = {"code": code, "starts_at": _time(fields, "from"), "ends_at": _time(fields, "until")}
        items[code] = Item(code, values, at(block))
    return list(items.values())


def _time(fields: Fields, key: str) -> str:
    value = fields.text(key, required=True, max_length=5)
    if value and not _TIME.match(value):
        fields.fault(
            key, "bad_time", _("“%(value)s” is not a time of day. Write it like “21:00”.") % {"value": value}
        )
    return value


def apply(items: list[Item], merge: Merge) -> None:
    merge.sync(HOURS, items)
