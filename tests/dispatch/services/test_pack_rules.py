"""routing.yaml and service_levels.yaml: every mistake with its file and line, and what a reload changes."""

import shutil

import pytest

from city.models import CityVersion
from city.services.load import PACKS, Pack, load_pack
from city.services.pack.sections import OWN
from dispatch.models import RoutingRule, RulesVersion, ServiceLevel
from dispatch.services import pack_levels, pack_rules, rules

KINDS = ("area", "kecamatan", "kelurahan", "department", "category", "question", "calendar")
RULE = """
  - code: uji
    categories: [jalan-lubang]
    answers: {size: [over_60]}
    to: DPU
    reason: Uji.
    reason_en: Test.
"""


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    return shutil.copytree(PACKS / "semarang", tmp_path_factory.mktemp("pack") / "semarang")


@pytest.fixture(scope="module")
def codes(original):
    """The codes that the city's own files define, read once: reading them takes most of a second."""
    checked = Pack("semarang", original)
    for _name, validate, _apply in OWN:
        validate(checked)
    return {kind: checked.codes(kind) for kind in KINDS}


@pytest.fixture
def mistakes(codes):
    """Check the two files of a pack: (file, line, code) of each mistake."""

    def check(pack):
        checked = Pack("semarang", pack.folder)
        for kind, known in codes.items():
            checked.codes(kind).update(known)
        pack_rules.validate(checked)
        pack_levels.validate(checked)
        return [(m.where.file, m.where.line, m.code) for m in checked.mistakes.sorted()]

    return check


@pytest.fixture
def pack(original):
    """A copy of the pack: `pack.add(rule)`, `pack.edit(old, new)`; restored afterwards."""
    routing, levels = original / "routing.yaml", original / "service_levels.yaml"
    kept = {file: file.read_text() for file in (routing, levels)}

    class Copy:
        folder = original

        def add(self, text: str) -> int:
            """Append a rule; returns the line on which it begins."""
            before = routing.read_text().rstrip("\n")
            routing.write_text(f"{before}\n{text.strip(chr(10))}\n")
            return before.count("\n") + 2

        def edit(self, old: str, new: str, file=routing) -> None:
            assert file.read_text().count(old) == 1
            file.write_text(file.read_text().replace(old, new))

    copy = Copy()
    copy.levels = levels
    yield copy
    for file, text in kept.items():
        file.write_text(text)


def test_the_pack_has_no_mistakes_and_nothing_to_note(db, pack, mistakes):
    assert mistakes(pack) == []
    assert load_pack("semarang", folder=pack.folder).notes == []


@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        ("to: DPU", "to: DPUU", 3, "unknown_code"),
        ("    to: DPU\n", "", 0, "missing"),
        ("[jalan-lubang]", "[jalan-lobang]", 1, "unknown_code"),
        ("{size: [over_60]}", "{sizes: [over_60]}", 2, "unknown_code"),
        ("{size: [over_60]}", "{size: [huge]}", 2, "unknown_code"),
        ("{size: [over_60]}", "{depth: [knee]}", 2, "unreachable"),
        ("{size: [over_60]}", "[size]", 2, "not_mapping"),
        ("code: uji", "code: jalan-kota", 0, "doubled_code"),
        ("code: uji", "code: UJI!", 0, "bad_code"),
        ("reason_en: Test.", "reason_eng: Test.", 5, "unknown_key"),
        ("to: DPU", "to: DPU\n    areas: [33.74.99]", 4, "unknown_code"),
        ("to: DPU", "to: DPU\n    line_owners: [NOBODY]", 4, "unknown_code"),
        ("to: DPU", "to: DPU\n    line_classes: [highway]", 4, "unknown_code"),
        ("to: DPU", "to: DPU\n    min_severity: 9", 4, "not_in_range"),
        ("to: DPU", "to: DPU\n    words: ['...']", 4, "bad_words"),
        ("to: DPU", "to: DPU\n    when: malam", 4, "not_mapping"),
        ("to: DPU", "to: DPU\n    when: {jam: [18:00-19:00]}", 4, "bad_time"),
        ("to: DPU", "to: DPU\n    when: {hours: [18-19]}", 4, "bad_time"),
        ("to: DPU", "to: DPU\n    when: {weekdays: [senin]}", 4, "bad_time"),
        ("to: DPU", "to: DPU\n    when: {months: [13]}", 4, "bad_time"),
        ("to: DPU", "to: DPU\n    when: {from: 2026-02-30}", 4, "bad_time"),
        ("to: DPU", "to: DPU\n    when: {closed: pabrik}", 4, "unknown_code"),
        ("to: DPU", "to: DPU\n    when: {holiday: mungkin}", 4, "bad_time"),
        ("to: DPU", "to: DPU\n    channels: [fax]", 4, "unknown_code"),
        ("to: DPU", "to: DPU\n    severity: 4", 4, "not_mapping"),
        ("to: DPU", "to: DPU\n    severity: {at_least: 6}", 4, "not_in_range"),
        ("to: DPU", "to: DPU\n    severity: {at_least: 4, exactly: 2}", 4, "not_one"),
        ("to: DPU", "to: DPU\n    tags: [Musim Hujan]", 4, "bad_code"),
        ("to: DPU", "to: DPU\n    check: barangkali", 4, "not_flag"),
    ],
)
def test_a_mistake_names_its_line(pack, mistakes, old, new, line, code):
    assert RULE.count(old) == 1
    begins = pack.add(RULE.replace(old, new))
    found = mistakes(pack)
    assert ("routing.yaml", begins + line, code) in found, found


def test_all_that_a_rule_can_say_is_loaded_and_decides(db, pack, make_report, route):
    pack.add(
        RULE.replace("answers: {size: [over_60]}", "words: [dekat sekolah]").replace(
            "to: DPU",
            """when: {hours: ["06:00-18:00"], weekdays: [tuesday], months: [9], open: kantor,
           from: 2026-09-01, holiday: false}
    channels: [web]
    to: DISHUB
    severity: {at_least: 4}
    tags: [sekolah]
    check: yes""",
        )
    )
    load_pack("semarang", folder=pack.folder)
    rule = RoutingRule.objects.get(code="uji")
    assert rule.times == {
        "hours": ["06:00-18:00"],
        "weekdays": ["tuesday"],
        "months": [9],
        "from": "2026-09-01",
        "open": "kantor",
        "holiday": False,
    }
    assert (rule.severity_change, rule.severity_to, rule.tags, rule.asks_check) == (
        "raise",
        4,
        ["sekolah"],
        True,
    )
    report = route(make_report(description="Lubang dekat sekolah"))
    decision = report.decisions.get()
    assert (report.department.code, report.severity) == ("DISHUB", 4)
    assert (decision.tags, decision.needs_check, decision.rule_code) == (["sekolah"], True, "uji")


def test_line_conditions_for_kinds_without_lines_can_never_hold(pack, mistakes):
    pack.add(
        RULE.replace("[jalan-lubang]", "[lain-sampah]").replace(
            "answers: {size: [over_60]}", "line_owners: [DPU]"
        )
    )
    assert [code for _file, _line, code in mistakes(pack)] == ["unreachable"]


def test_two_rules_with_the_same_conditions_are_a_conflict(pack, mistakes):
    pack.add(RULE)
    line = pack.add(RULE.replace("code: uji", "code: uji-lagi").replace("to: DPU", "to: DISHUB"))
    assert mistakes(pack) == [("routing.yaml", line, "conflict")]


def test_a_possible_tie_is_noted_and_loads(db, pack):
    pack.add(RULE.replace("size: [over_60]", "lane: [middle]").replace("to: DPU", "to: DISHUB"))
    result = load_pack("semarang", folder=pack.folder)
    assert result.counts["routing_rule"]["created"] == 1
    assert any("“jalan-gang”" in note and "“uji”" in note for note in result.notes), result.notes


def test_a_kind_that_no_rule_covers_is_noted(db, pack):
    pack.edit("    categories: [lain-bus]\n", "    categories: [lain-bus]\n    min_severity: 4\n")
    assert any("lain-bus" in note for note in load_pack("semarang", folder=pack.folder).notes)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (
            "    clock: clock\n    acknowledge_minutes: 10",
            "    clock: jam\n    acknowledge_minutes: 10",
            "not_allowed",
        ),
        ("severity: 5", "severity: 4", "doubled_code"),
        ("severity: 5", "severity: 6", "not_in_range"),
        ("make_safe_minutes: 60", "make_safe: 60", "unknown_key"),
        ("resolve_working_days: 5", "resolve_working_days: 5\n    resolve_minutes: 5", "doubled_promise"),
        ("    make_safe_minutes: 60", "    category: jalan-lobang", "unknown_code"),
    ],
)
def test_mistakes_in_service_levels(pack, mistakes, old, new, code):
    pack.edit(
        f"  - {old}\n" if old.startswith("severity") else f"{old}\n",
        f"  - {new}\n" if old.startswith("severity") else f"{new}\n",
        file=pack.levels,
    )
    assert code in [found for file, _line, found in mistakes(pack) if file == "service_levels.yaml"]


def test_a_bad_pack_changes_nothing(db, pack):
    from city.errors import BadPack

    before = (RoutingRule.objects.count(), RulesVersion.objects.get().version)
    pack.add(RULE.replace("to: DPU", "to: DPUU"))
    with pytest.raises(BadPack):
        load_pack("semarang", folder=pack.folder)
    assert (RoutingRule.objects.count(), RulesVersion.objects.get().version) == before


def test_loading_again_changes_nothing(db, pack):
    before = (RulesVersion.objects.get().version, CityVersion.objects.get().version)
    assert load_pack("semarang", folder=pack.folder).changed is False
    assert (RulesVersion.objects.get().version, CityVersion.objects.get().version) == before


def test_an_edited_rule_gets_a_new_version_and_the_others_keep_theirs(db, pack):
    before = RulesVersion.objects.get().version
    pack.edit("    to: DISTARU\n", "    to: DPMPTSP\n")
    load_pack("semarang", folder=pack.folder)
    changed = RoutingRule.objects.filter(version__gt=1).values_list("code", "department__code")
    assert list(changed) == [("bangunan-izin", "DPMPTSP")]
    assert RulesVersion.objects.get().version == before + 1


def test_a_rule_may_change_its_kind_of_outcome(db, pack):
    pack.edit("    to: DISTARU\n", "    to: triage\n")
    load_pack("semarang", folder=pack.folder)
    rule = RoutingRule.objects.get(code="bangunan-izin")
    assert (rule.outcome, rule.department) == ("triage", None)


def test_what_staff_edited_stays_unless_told_otherwise(db, pack):
    from city.models import Department

    rule = RoutingRule.objects.get(code="pohon")
    rule.department = Department.objects.get(code="DLH")
    rules.save_rule(rule)
    result = load_pack("semarang", folder=pack.folder)
    assert RoutingRule.objects.get(code="pohon").department.code == "DLH"
    assert result.counts["routing_rule"]["kept"] == 1
    load_pack("semarang", folder=pack.folder, overwrite_staff_edits=True)
    assert RoutingRule.objects.get(code="pohon").department.code == "DISPERKIM"


def test_a_rule_that_vanished_is_removed(db, pack):
    text = (pack.folder / "routing.yaml").read_text()
    begin = text.index("  - code: bus\n")
    end = text.index("  - code: bansos\n")
    (pack.folder / "routing.yaml").write_text(text[:begin] + text[end:])
    load_pack("semarang", folder=pack.folder)
    assert not RoutingRule.objects.filter(code="bus").exists()


def test_a_pack_without_rules_and_levels_loads(db, pack):
    for name in ("routing.yaml", "service_levels.yaml"):
        (pack.folder / name).unlink()
    load_pack("semarang", folder=pack.folder)
    assert not RoutingRule.objects.exists()
    assert not ServiceLevel.objects.exists()
