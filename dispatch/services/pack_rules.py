"""routing.yaml of a city pack: who is responsible for what, as rules that a civil servant can read."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations

from django.db.models import F
from django.utils.translation import gettext as _

from city.models import Department
from city.services.pack.fields import Fields
from city.services.pack.files import Block, at
from city.services.pack.merge import Item, Merge, Table
from complaints.models import Report
from dispatch.domain import conflicts, phrases, times
from dispatch.domain.facts import NO_LINE, UNKNOWN
from dispatch.models import RoutingRule
from dispatch.services import rules, time_words
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
    *("code", "categories", "areas", "line_owners", "line_classes", "line_names", "answers"),
    *("words", "when", "channels", "min_severity"),
    *("to", "severity", "tags", "check", "reason", "reason_en", "basis", "order", "is_active"),
)
_OUTCOMES = tuple(item for item in RoutingRule.Outcome if item != RoutingRule.Outcome.DEPARTMENT)
_TAG = re.compile(r"[-a-z0-9]{1,30}\Z")


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
        "line_names": fields.texts("line_names"),
        "answers": _answers(fields, words),
        "text_words": _words(fields),
        "times": _times(fields, pack),
        "channels": _codes(fields, "channels", set(Report.Channel.values), _("reporting channel")),
        "min_severity": fields.whole("min_severity", 1, 5),
        "outcome": outcome,
        "department": department,
        **_severity(fields),
        "tags": _tags(fields),
        "asks_check": fields.flag("check"),
        "reason": fields.text("reason", required=True),
        "reason_en": fields.text("reason_en", required=True),
        "basis": fields.text("basis"),
        "order": fields.whole("order", 0, 30000, default=100),
        "is_active": fields.flag("is_active", default=True),
    }
    return Item(values["code"], values, at(fields.block))


def _target(fields: Fields, pack) -> tuple[str, str | None]:
    """`to` is a department's code, or one of four words."""
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


def _words(fields: Fields) -> list[str]:
    """Phrases, any of which the text may say; each needs at least one letter or digit."""
    found = fields.texts("words")
    for phrase in found:
        if not phrases.fold(phrase):
            fields.fault("words", "bad_words", _("“%(value)s” has no word in it.") % {"value": phrase})
    return found


def _times(fields: Fields, pack) -> dict:
    block = fields.block.get("when")
    if block is None:
        return {}
    if not isinstance(block, Block):
        fields.fault("when", "not_mapping", str(time_words.FAULTS["not_mapping"]))
        return {}
    inner = Fields(block, fields.mistakes)
    window = {key: _plain(key, value) for key, value in block.items()}
    for fault in times.faults(window):
        inner.fault(fault.key or None, "bad_time", str(time_words.FAULTS[fault.fault]))
    for key in ("open", "closed"):
        if key in block:
            inner.known(key, pack.codes("calendar"), _("work calendar"))
    return window


def _plain(key: str, value):
    """A value of a time window as the database keeps it; YAML reads everything as text."""
    if key in ("hours", "weekdays"):
        return [str(item) for item in value] if isinstance(value, list) else [str(value)]
    if key == "months":
        listed = value if isinstance(value, list) else [value]
        return [int(item) if str(item).isdecimal() else str(item) for item in listed]
    if key == "holiday":
        return {"true": True, "yes": True, "false": False, "no": False}.get(str(value).lower(), value)
    return str(value)


def _severity(fields: Fields) -> dict:
    """`severity: {at_least: 4}` or `{exactly: 2}`."""
    block = fields.block.get("severity")
    if block is None:
        return {"severity_change": "", "severity_to": None}
    if not isinstance(block, Block):
        fields.fault("severity", "not_mapping", _("Write it like {at_least: 4} or {exactly: 2}."))
        return {"severity_change": "", "severity_to": None}
    inner = Fields(block, fields.mistakes)
    inner.only(["at_least", "exactly"])
    if len(block) != 1:
        fields.fault("severity", "not_one", _("Write it like {at_least: 4} or {exactly: 2}."))
    key = "at_least" if "at_least" in block else "exactly"
    change = RoutingRule.SeverityChange.RAISE if key == "at_least" else RoutingRule.SeverityChange.SET
    level = inner.whole(key, 1, 5, required=True)
    return {"severity_change": str(change) if level else "", "severity_to": level}


def _tags(fields: Fields) -> list[str]:
    tags = fields.texts("tags")
    for tag in tags:
        if not _TAG.match(tag):
            text = _("“%(value)s” is no tag: small letters, digits and hyphens, at most 30.")
            fields.fault("tags", "bad_code", text % {"value": tag})
    return tags


def _note_unreachable(fields: Fields, item: Item, words: Words) -> None:
    """A rule whose conditions no kind can meet is a mistake: it looks as if it did something."""
    kinds = words.kinds_of(item.values["categories"])
    for question in item.values["answers"]:
        if not any(question in kind.questions for kind in kinds):
            text = _("None of these kinds asks “%(question)s”, so this rule can never hold.")
            fields.fault("answers", "unreachable", text % {"question": question})
    lists = ("line_owners", "line_classes", "line_names")
    key = next((name for name in lists if item.values[name]), "")
    looks_at_lines = bool(key)
    if item.values["outcome"] == RoutingRule.Outcome.LINE_OWNER:
        looks_at_lines, key = True, "to"
    if looks_at_lines and not any(kind.network for kind in kinds):
        text = _("None of these kinds looks at roads or waterways, so this rule can never hold.")
        fields.fault(key, "unreachable", text)


def _note_conflicts(items: Iterable[Item], pack) -> None:
    """Two rules with the very same conditions: one of them never holds, or both always tie."""
    active = [item for item in items if item.values["is_active"] and conflicts.decides(item.values)]
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
