"""categories.yaml: groups, kinds and their questions."""

from django.utils.translation import gettext as _

from city.models import Category, Question
from city.services.pack.fields import Fields
from city.services.pack.files import Block, at
from city.services.pack.merge import Item, Merge, Table

FILE = "categories.yaml"
CATEGORIES = Table(
    "category", Category, lambda row, keys: row.code, references={"parent": Category}, removal="deactivate"
)
QUESTIONS = Table(
    "question",
    Question,
    lambda row, keys: f"{keys[Category][row.category_id]}/{row.code}",
    references={"category": Category},
    removal="delete",
)
_COMMON = ("code", "name", "name_en", "hint", "hint_en", "icon", "ask")
_KIND = (
    *("synonyms", "severity", "network", "nearby_radius_m", "similar", "similar_within_days"),
    *("private_by_default", "needs_repair_photo", "is_active"),
)
_QUESTION = ("text", "text_en", "kind", "required", "choices", "yes", "no")
_CHOICE = ("value", "label", "label_en", "severity", "danger", "picture")
_YES_NO = {"yes": ("Ya", "Yes"), "no": ("Tidak", "No")}


def validate(pack) -> tuple[list[Item], list[Item]]:
    content = pack.files.yaml(FILE)
    if content is None:
        return [], []
    top = Fields(content, pack.mistakes)
    top.only(["questions", "groups"])
    reader = _Reader(pack, _library(top, pack))
    for order, block in enumerate(top.blocks("groups", required=True), start=1):
        reader.group(block, order)
    reader.check_similar()
    return reader.categories, reader.questions


def _library(top: Fields, pack) -> dict[str, dict]:
    """The questions by code."""
    blocks = top.block.get("questions") or Block()
    if not isinstance(blocks, Block):
        top.fault("questions", "not_mapping", _("This must be a group of `key: value` lines."))
        return {}
    library = {}
    for code, block in blocks.items():
        if not isinstance(block, Block):
            pack.mistakes.add(
                at(blocks, code), "not_mapping", _("This must be a group of `key: value` lines.")
            )
            continue
        pack.codes("question").add(code)
        library[code] = _question(Fields(block, pack.mistakes))
    return library


def _question(fields: Fields) -> dict:
    fields.only(_QUESTION)
    kind = fields.one_of("kind", Question.Kind.values, default=Question.Kind.CHOICE)
    choices = []
    if kind == Question.Kind.CHOICE:
        choices = [
            _choice(Fields(block, fields.mistakes)) for block in fields.blocks("choices", required=True)
        ]
        values = [choice["value"] for choice in choices]
        for block, choice in zip(fields.block.get("choices") or [], choices, strict=False):
            if values.count(choice["value"]) > 1:
                fields.mistakes.add(
                    at(block, "value"),
                    "doubled_choice",
                    _("The value “%(value)s” stands here twice.") % {"value": choice["value"]},
                )
    elif kind == Question.Kind.YES_NO:
        choices = [_yes_or_no(fields, value) for value in _YES_NO]
    return {
        "text": fields.text("text", required=True, max_length=200),
        "text_en": fields.text("text_en", required=True, max_length=200),
        "kind": str(kind),
        "choices": choices,
        "is_required": fields.flag("required"),
    }


def _yes_or_no(fields: Fields, value: str) -> dict:
    """`yes: {severity: 5, danger: true}` says what the answer means; the labels need not be said."""
    label, label_en = _YES_NO[value]
    block = fields.block.get(value)
    if block is None:
        return {"value": value, "label": label, "label_en": label_en}
    if not isinstance(block, Block):
        fields.fault(value, "not_mapping", _("This must be a group of `key: value` lines."))
        return {"value": value, "label": label, "label_en": label_en}
    inner = Fields(block, fields.mistakes)
    inner.only([key for key in _CHOICE if key != "value"])
    return {
        "value": value,
        "label": inner.text("label", max_length=120) or label,
        "label_en": inner.text("label_en", max_length=120) or label_en,
        **_meaning(inner),
    }


def _choice(fields: Fields) -> dict:
    fields.only(_CHOICE)
    return {
        "value": fields.code("value", max_length=40),
        "label": fields.text("label", required=True, max_length=120),
        "label_en": fields.text("label_en", required=True, max_length=120),
        **_meaning(fields),
    }


def _meaning(fields: Fields) -> dict:
    meaning = {
        "severity": fields.whole("severity", 1, 5),
        "danger": fields.flag("danger"),
        "picture": fields.text("picture", max_length=40),
    }
    return {key: value for key, value in meaning.items() if value}


class _Reader:
    def __init__(self, pack, library: dict[str, dict]):
        self.pack, self.library = pack, library
        self.categories: list[Item] = []
        self.questions: list[Item] = []

    def group(self, block: Block, order: int) -> None:
        fields = Fields(block, self.pack.mistakes)
        fields.only((*_COMMON, "kinds"))
        code = self._category(fields, None, order)
        for place, kind in enumerate(fields.blocks("kinds", required=True), start=1):
            inner = Fields(kind, self.pack.mistakes)
            inner.only((*_COMMON, *_KIND))
            self._category(inner, code, place)

    def _category(self, fields: Fields, group: str | None, order: int) -> str:
        code = fields.code(slug=True, max_length=48)
        if code in self.pack.codes("category"):
            fields.fault("code", "doubled_code", _("The code “%(code)s” stands here twice.") % {"code": code})
            return code
        if group and not code.startswith(f"{group}-"):
            fields.fault(
                "code",
                "bad_code",
                _("The code of a kind must begin with its group's: “%(group)s-…”.") % {"group": group},
            )
        self.pack.codes("category").add(code)
        values = {"code": code, "parent": group, **self._words(fields), **self._rules(fields, group)}
        self.categories.append(Item(code, {**values, "order": order}, at(fields.block)))
        self._ask(fields, code)
        return code

    def _words(self, fields: Fields) -> dict:
        return {
            "name": fields.text("name", required=True, max_length=120),
            "name_en": fields.text("name_en", required=True, max_length=120),
            "hint": fields.text("hint", max_length=240),
            "hint_en": fields.text("hint_en", required="hint" in fields.block, max_length=240),
            "icon": fields.text("icon", required=True, max_length=40),
            "synonyms": fields.texts("synonyms"),
        }

    def _rules(self, fields: Fields, group: str | None) -> dict:
        return {
            "severity": fields.whole("severity", 1, 5, default=3, required=group is not None),
            "network": fields.one_of("network", ("road", "water", "none"), default="none").replace(
                "none", ""
            ),
            "nearby_radius_m": fields.whole("nearby_radius_m", 1, 5000, default=100),
            "similar": fields.texts("similar"),
            "similar_within_days": fields.whole("similar_within_days", 0, 3650, default=365),
            "is_private_by_default": fields.flag("private_by_default"),
            "needs_repair_photo": fields.flag("needs_repair_photo"),
            "is_active": fields.flag("is_active", default=True),
        }

    def check_similar(self) -> None:
        """Similar kinds must be kinds; known only when all have been read."""
        for item in self.categories:
            for code in item.values["similar"]:
                if code not in self.pack.codes("category") or code == item.key:
                    self.pack.mistakes.add(
                        item.where,
                        "unknown_code",
                        _("There is no %(what)s with the code “%(value)s”.")
                        % {"what": _("category"), "value": code},
                    )

    def _ask(self, fields: Fields, category: str) -> None:
        names = fields.texts("ask")
        for order, name in enumerate(names, start=1):
            where = (
                at(fields.block["ask"], order - 1)
                if isinstance(fields.block["ask"], list)
                else at(fields.block)
            )
            if names.index(name) < order - 1:
                self.pack.mistakes.add(
                    where, "doubled_code", _("The code “%(code)s” stands here twice.") % {"code": name}
                )
                continue
            question = self.library.get(name)
            if question is None:
                self.pack.mistakes.add(
                    where,
                    "unknown_code",
                    _("There is no %(what)s with the code “%(value)s”.")
                    % {"what": _("question"), "value": name},
                )
                continue
            values = {"category": category, "code": name, **question, "order": order}
            self.questions.append(Item(f"{category}/{name}", values, at(fields.block, "ask")))


def apply(parsed, merge: Merge) -> None:
    categories, questions = parsed
    merge.sync(CATEGORIES, categories)
    merge.sync(QUESTIONS, questions)
