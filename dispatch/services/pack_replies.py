"""reply_templates.yaml of a city pack: texts that staff begin their answers with."""

from django.utils.translation import gettext as _

from city.models import Category, Department
from city.services.pack.fields import Fields
from city.services.pack.files import at
from city.services.pack.merge import Item, Merge, Table
from complaints.domain.text import MESSAGE_MAX_CHARS
from dispatch.domain import casework
from dispatch.models import ReplyTemplate
from dispatch.services import replies

FILE = "reply_templates.yaml"
_KEYS = ("code", "name", "category", "department", "steps", "text", "text_en", "order")

TEMPLATES = Table(
    "reply_template",
    ReplyTemplate,
    lambda row, keys: row.code,
    references={"category": Category, "department": Department},
    removal="deactivate",
)


def validate(pack) -> list[Item]:
    """Read and check; a pack without the file begins without templates."""
    content = pack.files.yaml(FILE) if pack.files.exists(FILE) else None
    if content is None:
        return []
    top = Fields(content, pack.mistakes)
    top.only(["templates"])
    items: dict[str, Item] = {}
    for block in top.blocks("templates", required=True):
        fields = Fields(block, pack.mistakes)
        fields.only(_KEYS)
        item = _item(fields, pack)
        if item.key in items:
            fields.fault("code", "doubled_code", _("This template stands here twice."))
        items[item.key] = item
    return list(items.values())


def _item(fields: Fields, pack) -> Item:
    values = {
        "code": fields.code(slug=True, max_length=60),
        "name": fields.text("name", required=True, max_length=80),
        "category": fields.known("category", pack.codes("category"), _("category")),
        "department": fields.known("department", pack.codes("department"), _("department")),
        "steps": fields.texts("steps"),
        "text": fields.text("text", required=True, max_length=MESSAGE_MAX_CHARS),
        "text_en": fields.text("text_en", max_length=MESSAGE_MAX_CHARS),
        "order": fields.whole("order", 0, 999, default=100),
    }
    unknown = [step for step in values["steps"] if step not in casework.TELLING]
    if unknown or not values["steps"]:
        known = ", ".join(casework.TELLING)
        fields.fault(
            "steps", "unknown_step", _("Name at least one step. Possible: %(known)s.") % {"known": known}
        )
    for key in ("text", "text_en"):
        for sentence in replies.faults(values[key], may_be_empty=True):
            fields.fault(key, "bad_text", sentence)
    return Item(values["code"], values, at(fields.block))


def apply(items: list[Item], merge: Merge) -> None:
    merge.sync(TEMPLATES, items)
