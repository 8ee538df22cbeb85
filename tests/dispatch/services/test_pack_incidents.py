# ruff: noqa: E501 - a table with one mistake a line reads best
"""incidents.yaml: every mistake with its file and line; a pack with one changes nothing; staff's figures stay."""

import pytest

from city.errors import BadPack
from city.models import CityVersion, PackRecord
from city.services.load import check_pack, load_pack
from dispatch.models import IncidentRule
from tests.city.tiny import SOURCE, edit, write_tiny_pack

pytestmark = pytest.mark.django_db
NAME = "incidents.yaml"
INCIDENTS = """\
rules:
  - code: air
    categories: [mini-banjir]
    radius_m: 300
    hours: 6
    burst_reports: 10
    burst_minutes: 30
    grows_by: 3
    again_minutes: 60
  - code: lampu
    categories:
      - mini-lampu
    radius_m: 50
    hours: 168
    burst_reports: 2
    burst_minutes: 1440
    grows_by: 100
    again_minutes: 1
"""


@pytest.fixture
def pack(tmp_path):
    folder = write_tiny_pack(tmp_path / "mini")
    (folder / NAME).write_text(INCIDENTS)
    (folder / f"{NAME}.source.yaml").write_text(SOURCE)
    return folder


def found(folder) -> list[tuple[str, str]]:
    return [(str(mistake.where), mistake.code) for mistake in check_pack("mini", folder)]


def stands() -> list[tuple]:
    return sorted(IncidentRule.objects.values_list("code", "radius_m", "hours", "burst_reports"))


def test_it_has_no_mistakes_and_is_loaded_as_it_stands(pack):
    assert found(pack) == []
    load_pack("mini", folder=pack)
    rule = IncidentRule.objects.get(code="air")
    assert (rule.categories, rule.radius_m, rule.hours) == (["mini-banjir"], 300, 6)
    assert (rule.burst_reports, rule.burst_minutes, rule.grows_by, rule.again_minutes) == (10, 30, 3, 60)
    assert rule.is_active
    assert IncidentRule.objects.get(code="lampu").hours == 168


@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        # The ends of every figure's range, from both sides (the second rule stands on them).
        ("radius_m: 300", "radius_m: 0", 4, "not_in_range"),
        ("radius_m: 300", "radius_m: 1001", 4, "not_in_range"),
        ("hours: 6", "hours: 0", 5, "not_in_range"),
        ("hours: 6", "hours: 169", 5, "not_in_range"),
        ("burst_reports: 10", "burst_reports: 1", 6, "not_in_range"),
        ("burst_reports: 10", "burst_reports: 1001", 6, "not_in_range"),
        ("burst_minutes: 30", "burst_minutes: 0", 7, "not_in_range"),
        ("burst_minutes: 30", "burst_minutes: 1441", 7, "not_in_range"),
        ("grows_by: 3", "grows_by: 1", 8, "not_in_range"),
        ("grows_by: 3", "grows_by: 101", 8, "not_in_range"),
        ("again_minutes: 60", "again_minutes: 0", 9, "not_in_range"),
        ("again_minutes: 60", "again_minutes: 1441", 9, "not_in_range"),
        # What is no whole number.
        ("hours: 6", "hours: 6.5", 5, "not_whole"),
        ("hours: 6", "hours: enam", 5, "not_in_range"),
        ("hours: 6", "hours: [6]", 5, "not_in_range"),
        ("hours: 6", "hours: true", 5, "not_in_range"),
        ("hours: 6", "hours: -6", 5, "not_in_range"),
        ("hours: 6", "hours: .nan", 5, "not_in_range"),
        ("hours: 6", "hours:", 5, "missing"),
        ("    hours: 6\n", "", 2, "missing"),
        # What it is about.
        ("[mini-banjir]", "[mini-kucing]", 3, "unknown_code"),
        ("[mini-banjir]", "[mini-banjir, mini-kucing]", 3, "unknown_code"),
        ("[mini-banjir]", "mini-kucing", 3, "unknown_code"),
        ("[mini-banjir]", "[]", 3, "missing"),
        ("    categories: [mini-banjir]\n", "", 2, "missing"),
        ("[mini-banjir]", "{a: b}", 3, "not_list"),
        # What it is called.
        ("code: air", "code: Banjir Besar", 2, "bad_code"),
        ("code: air", "code: " + "x" * 41, 2, "too_long"),
        ("code: lampu", "code: air", 10, "doubled_code"),
        # Typing errors.
        ("radius_m: 50", "radius: 50", 13, "unknown_key"),
        ("hours: 6", "hours: 6\n    hours: 7", 6, "doubled_key"),
        ("rules:\n", "aturan:\n", 1, "unknown_key"),
        ("rules:\n", "rules: 7\nlain:\n", 1, "not_list"),
        ("rules:\n", "rules: [\n", 2, "yaml"),
    ],
)  # fmt: skip
def test_a_mistake_is_found_where_it_stands(pack, old, new, line, code):
    edit(pack, NAME, old, new)
    assert (f"{NAME}:{line}", code) in found(pack)


def test_a_group_or_a_single_kind_may_stand_for_the_list(pack):
    edit(pack, NAME, "[mini-banjir]", "mini")
    assert found(pack) == []
    load_pack("mini", folder=pack)
    assert IncidentRule.objects.get(code="air").categories == ["mini"]


def test_a_file_without_its_source(pack):
    (pack / f"{NAME}.source.yaml").unlink()
    assert found(pack) == [(NAME, "no_source")]


def test_a_bad_pack_changes_nothing(pack):
    load_pack("mini", folder=pack)
    before = stands(), CityVersion.objects.get().version, PackRecord.objects.count()
    edit(pack, NAME, "radius_m: 300", "radius_m: 400")
    edit(pack, NAME, "hours: 168", "hours: 200")
    edit(pack, NAME, "burst_reports: 2\n", "burst_reports: dua\n")
    with pytest.raises(BadPack) as caught:
        load_pack("mini", folder=pack)
    assert [(str(m.where), m.code) for m in caught.value.mistakes] == [
        (f"{NAME}:14", "not_in_range"),
        (f"{NAME}:15", "not_in_range"),
    ]
    assert (stands(), CityVersion.objects.get().version, PackRecord.objects.count()) == before


def test_what_staff_changed_stays_unless_told_otherwise(pack):
    load_pack("mini", folder=pack)
    IncidentRule.objects.filter(code="air").update(radius_m=500, is_active=False)
    edit(pack, NAME, "hours: 6", "hours: 8")
    load_pack("mini", folder=pack)
    rule = IncidentRule.objects.get(code="air")
    assert (rule.radius_m, rule.hours, rule.is_active) == (500, 8, False)
    load_pack("mini", folder=pack, overwrite_staff_edits=True)
    assert IncidentRule.objects.get(code="air").radius_m == 300


def test_a_rule_that_vanished_is_removed(pack):
    load_pack("mini", folder=pack)
    text = (pack / NAME).read_text()
    (pack / NAME).write_text(text[: text.index("  - code: lampu")])
    load_pack("mini", folder=pack)
    assert not IncidentRule.objects.filter(code="lampu").exists()
    assert IncidentRule.objects.filter(code="air").exists()


def test_a_city_without_the_file_joins_by_hand_alone(pack):
    (pack / NAME).unlink()
    (pack / f"{NAME}.source.yaml").unlink()
    assert found(pack) == []
