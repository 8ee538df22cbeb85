"""departments.yaml: everybody who can be responsible."""

from django.utils.translation import gettext as _

from city.models import Area, Department, WorkCalendar
from city.services.pack.fields import Fields
from city.services.pack.files import at
from city.services.pack.merge import Item, Merge, Table

FILE = "departments.yaml"
DEPARTMENTS = Table(
    "department",
    Department,
    lambda row, keys: row.code,
    references={"calendar": WorkCalendar, "area": Area},
    removal="deactivate",
)
_KEYS = (
    *("code", "name", "name_en", "short_name", "kind", "handles", "handles_en"),
    *("email", "phone", "website", "calendar", "area", "is_active"),
)


def validate(pack) -> list[Item]:
    content = pack.files.yaml(FILE)
    if content is None:
        return []
    top = Fields(content, pack.mistakes)
    top.only(["departments"])
    items = []
    for block in top.blocks("departments", required=True):
        fields = Fields(block, pack.mistakes)
        fields.only(_KEYS)
        code = fields.code()
        if code in pack.codes("department"):
            fields.fault("code", "doubled_code", _("The code “%(code)s” stands here twice.") % {"code": code})
            continue
        pack.codes("department").add(code)
        items.append(Item(code, _values(fields, code, pack), at(block)))
    return items


def _values(fields: Fields, code: str, pack) -> dict:
    kind = fields.one_of("kind", Department.Kind.values, default=Department.Kind.CITY)
    area = fields.known("area", pack.codes("area"), _("area"))
    if kind == Department.Kind.SUBDISTRICT and area is None:
        fields.fault("area", "missing", _("A sub-district needs the code of the area it looks after."))
    return {
        "code": code,
        "name": fields.text("name", required=True, max_length=160),
        "name_en": fields.text("name_en", required=True, max_length=160),
        "short_name": fields.text("short_name", max_length=40),
        "kind": str(kind),
        "handles": fields.text("handles", max_length=300),
        "handles_en": fields.text("handles_en", max_length=300),
        "email": fields.email("email"),
        "phone": fields.text("phone", max_length=40),
        "website": fields.url("website"),
        "calendar": fields.known("calendar", pack.codes("calendar"), _("calendar")),
        "area": area,
        "is_active": fields.flag("is_active", default=True),
    }


def apply(items: list[Item], merge: Merge) -> None:
    merge.sync(DEPARTMENTS, items)
