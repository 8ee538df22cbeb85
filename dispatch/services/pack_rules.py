"""routing.yaml of a city pack: who is responsible for what, as rules that a civil servant can read."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations

from django.db.models import F
from django.utils.translation import gettext as _

from city.models import Department
from city.services.pack.fields import Fields
from city.services.pack.files import Block, at
from city.services.pack.merge import Item, Merge, Table
from dispatch.domain import conflicts
from dispatch.domain.facts import NO_LINE, UNKNOWN
from dispatch.models import RoutingRule
from dispatch.services import rules
from dispatch.services.pack_words import Words

FILE = "routing.yaml"
RULES = Table(
    "routing_rule",
    RoutingRule,
    lambda row, keys: row.code,
    references={"department": Department},
    removal="delete",
)
_KEYS = (
    *("code", "categories", "areas", "line_owners", "line_classes", "answers", "min_severity"),
    *("to", "reason", "reason_en", "basis", "order", "is_active"),
)
_OUTCOMES = (RoutingRule.Outcome.LINE_OWNER, RoutingRule.Outcome.SUBDISTRICT, RoutingRule.Outcome.TRIAGE)


@dataclass
class Parsed:
    """What was read, and what deserves a look without being wrong."""

    items: list[Item] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def validate(pack) -> Parsed:
    """Read and check; a pack without the file sends every report to the triage desk."""
    content = pack.files.yaml(FILE) if pack.files.exists(FILE) else None
    if content is None:
        return Parsed()
    top = Fields(content, pack.mistakes)
    top.only(["rules"])
    words, items = Words.of(pack), {}
    for block in top.blocks("rules", required=True):
        fields = Fields(block, pack.mistakes)
        fields.only(_KEYS)
        item = _item(fields, pack, words)
        if item.key in items:
            fields.fault(
                "code", "doubled_code", _("The code “%(code)s” stands here twice.") % {"code": item.key}
            )
        _note_unreachable(fields, item, words)
        items[item.key] = item
    _note_conflicts(items.values(), pack)
    return Parsed(list(items.values()), _notes(items.values(), words))


def _item(fields: Fields, pack, words: Words) -> Item:
    outcome, department = _target(fields, pack)
    areas = pack.codes("kecamatan") | pack.codes("kelurahan")
    owners = pack.codes("department") | {UNKNOWN, NO_LINE}
    values = {
        "code": fields.code(slug=True, max_length=80),
        "categories": _codes(fields, "categories", pack.codes("category"), _("category")),
        "areas": _codes(fields, "areas", areas, _("area")),
        "line_owners": _codes(fields, "line_owners", owners, _("department")),
        "line_classes": _codes(fields, "line_classes", words.line_classes, _("class of road or waterway")),
        "answers": _answers(fields, words),
        "min_severity": fields.whole("min_severity", 1, 5),
        "outcome": outcome,
        "department": department,
        "reason": fields.text("reason", required=True),
        "reason_en": fields.text("reason_en", required=True),
        "basis": fields.text("basis"),
        "order": fields.whole("order", 0, 30000, default=100),
        "is_active": fields.flag("is_active", default=True),
    }
    return Item(values["code"], values, at(fields.block))


def _target(fields: Fields, pack) -> tuple[str, str | None]:
    """`to` is a department's code, or one of three words."""
    word = fields.text("to", required=True, max_length=80)
    if word in _OUTCOMES:
        return str(word), None
    return str(RoutingRule.Outcome.DEPARTMENT), fields.known("to", pack.codes("department"), _("department"))


def _codes(fields: Fields, key: str, known: Iterable[str], what) -> list[str]:
    values = fields.texts(key)
    listed = fields.block.get(key)
    for index, value in enumerate(values):
        if value not in known:
            where = at(listed, index) if isinstance(listed, list) else at(fields.block, key)
            text = _("There is no %(what)s with the code “%(value)s”.") % {"what": what, "value": value}
            fields.mistakes.add(where, "unknown_code", text)
    return values


def _answers(fields: Fields, words: Words) -> dict[str, list[str]]:
    block = fields.block.get("answers")
    if block is None:
        return {}
    if not isinstance(block, Block):
        fields.fault("answers", "not_mapping", _("This must be a group of `key: value` lines."))
        return {}
    inner, answers = Fields(block, fields.mistakes), {}
    for question in block:
        if question not in words.choices:
            text = _("There is no %(what)s with the code “%(value)s”.")
            inner.fault(question, "unknown_code", text % {"what": _("question"), "value": question})
            continue
        answers[question] = _codes(inner, question, words.choices[question], _("answer to this question"))
    return answers


def _note_unreachable(fields: Fields, item: Item, words: Words) -> None:
    """A rule whose conditions no kind can meet is a mistake: it looks as if it did something."""
    kinds = words.kinds_of(item.values["categories"])
    for question in item.values["answers"]:
        if not any(question in kind.questions for kind in kinds):
            text = _("None of these kinds asks “%(question)s”, so this rule can never hold.")
            fields.fault("answers", "unreachable", text % {"question": question})
    looks_at_lines = item.values["line_owners"] or item.values["line_classes"]
    key = "line_owners" if item.values["line_owners"] else "line_classes"
    if item.values["outcome"] == RoutingRule.Outcome.LINE_OWNER:
        looks_at_lines, key = True, "to"
    if looks_at_lines and not any(kind.network for kind in kinds):
        text = _("None of these kinds looks at roads or waterways, so this rule can never hold.")
        fields.fault(key, "unreachable", text)


def _note_conflicts(items: Iterable[Item], pack) -> None:
    """Two rules with the very same conditions: one of them never holds, or both always tie."""
    active = [item for item in items if item.values["is_active"]]
    for earlier, later in combinations(active, 2):
        if conflicts.same_conditions(earlier.values, later.values):
            text = _("The rule “%(code)s” has exactly the same conditions; only one of the two can count.")
            pack.mistakes.add(later.where, "conflict", text % {"code": earlier.key})


def _notes(items: Iterable[Item], words: Words) -> list[str]:
    """Not wrong, but worth a look: possible ties, and kinds that some reports of which no rule covers."""
    active = [item.values for item in items if item.values["is_active"]]
    notes = [
        _("routing.yaml: “%(a)s” and “%(b)s” can tie for %(kind)s; such reports go to the triage desk.")
        % {"a": a, "b": b, "kind": kind.code}
        for kind in words.kinds
        for a, b in conflicts.possible_ties(active, kind.code, kind.group)
    ]
    notes += [
        _("routing.yaml: no rule covers every report of the kind %(kind)s.") % {"kind": kind.code}
        for kind in words.kinds
        if not any(conflicts.always_holds(rule, kind.code, kind.group) for rule in active)
    ]
    return notes


def apply(parsed: Parsed, merge: Merge) -> None:
    """Bring the table in line; a rule that changed gets a new version, and so does the table."""
    before = _rows()
    merge.sync(RULES, parsed.items)
    merge.notes += parsed.notes
    if RULES.kind not in merge.changed_kinds():
        return
    after = _rows()
    changed = [pk for pk, values in after.items() if pk in before and before[pk] != values]
    RoutingRule.objects.filter(pk__in=changed).update(version=F("version") + 1)
    rules.bump()


def _rows() -> dict[int, dict]:
    rows = RoutingRule.objects.values()
    ignored = ("version", "updated_at")
    return {row["id"]: {key: value for key, value in row.items() if key not in ignored} for row in rows}
