"""Loading a pack: whole or not at all, twice without effect, and kind to what staff edited."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from city import snapshot
from city.errors import BadPack, UnknownPack
from city.models import (
    Area,
    CalendarPeriod,
    Category,
    CityVersion,
    Department,
    PackRecord,
    Question,
    Road,
    Waterway,
    WorkCalendar,
)
from city.services import load
from city.services.load import check_pack, load_pack, register_section
from city.services.pack.fields import Fields
from city.services.pack.merge import Item, Table
from tests.city.tiny import edit

pytestmark = pytest.mark.django_db
MODELS = (Area, CalendarPeriod, Category, Department, PackRecord, Question, Road, Waterway, WorkCalendar)


def everything() -> dict:
    """All reference data, to see that nothing changed."""
    rows = {model.__name__: list(model.objects.order_by("pk").values()) for model in MODELS}
    for row in rows["PackRecord"]:
        row.pop("loaded_at")
    return rows | {"version": CityVersion.objects.values("version", "boundaries_version", "pack").get()}


def load_tiny(folder, **options):
    return load_pack("mini", folder=folder, **options)


def test_a_new_city_is_loaded_whole(tiny):
    version = CityVersion.objects.get()
    result = load_tiny(tiny)
    assert result.changed
    assert {kind: counts["created"] for kind, counts in result.counts.items() if counts} == {
        "calendar": 1,
        "calendar period": 2,
        "area": 5,
        "department": 3,
        "road": 3,
        "waterway": 1,
        "category": 3,
        "question": 2,
        "city": 1,
    }
    kelurahan = Area.objects.get(code="M.1.1")
    assert (kelurahan.parent.code, kelurahan.slum_hectares, kelurahan.population) == ("M.1", 2.5, None)
    assert Area.objects.get(code="M.1").population == 1000
    assert Department.objects.get(code="MINI-KEC").area.code == "M.1"
    assert Road.objects.get(code="mini-melati").owner is None
    assert Question.objects.get(code="anyone").choices[0] == {
        "value": "yes",
        "label": "Ya",
        "label_en": "Yes",
        "severity": 4,
    }
    assert WorkCalendar.objects.get(code="mini-kantor").weekly_hours == [
        [["08:00", "12:00"], ["13:00", "16:00"]],
        [],
        [],
        [],
        [["07:30", "14:00"]],
        [],
        [],
    ]
    after = CityVersion.objects.get()
    assert (after.version, after.boundaries_version) == (version.version + 1, version.boundaries_version + 1)
    assert after.pack == "mini"


def test_loading_twice_changes_nothing(tiny):
    load_tiny(tiny)
    before = everything()
    result = load_tiny(tiny)
    assert not result.changed
    assert {what for counts in result.counts.values() for what in counts} == {"unchanged"}
    assert everything() == before


def test_the_real_pack_loaded_again_changes_nothing():
    before = everything()
    result = load_pack("semarang")
    assert not result.changed
    assert result.notes == []
    assert everything() == before


def test_an_edited_pack_changes_just_that(tiny):
    load_tiny(tiny)
    boundaries = CityVersion.objects.get().boundaries_version
    edit(tiny, "departments.yaml", "Mini Works", "Mini Public Works")
    edit(tiny, "categories.yaml", "Seberapa dalam?", "Sedalam apa?")
    result = load_tiny(tiny)
    assert result.counts["department"] == {"updated": 1, "unchanged": 2}
    assert result.counts["question"] == {"updated": 1, "unchanged": 1}
    assert Department.objects.get(code="MINI-PU").name_en == "Mini Public Works"
    assert Question.objects.get(code="how_deep").text == "Sedalam apa?"
    assert CityVersion.objects.get().boundaries_version == boundaries


def test_a_moved_road_raises_the_version_of_the_boundaries(tiny):
    load_tiny(tiny)
    before = CityVersion.objects.get().boundaries_version
    edit(tiny, "roads.geojson", "[100.02, 1.01]", "[100.03, 1.01]")
    assert load_tiny(tiny).counts["road"] == {"updated": 1, "unchanged": 2}
    assert CityVersion.objects.get().boundaries_version == before + 1


def test_what_staff_edited_is_kept_field_by_field(tiny):
    load_tiny(tiny)
    Department.objects.filter(code="MINI-PU").update(name="Dinas Pilihan Petugas")
    edit(
        tiny, "departments.yaml", "name: Dinas Mini\n    name_en: Mini Works", "name: Dinas X\n    name_en: X"
    )
    result = load_tiny(tiny)
    department = Department.objects.get(code="MINI-PU")
    assert (department.name, department.name_en) == ("Dinas Pilihan Petugas", "X")
    assert result.counts["department"] == {"kept": 1, "updated": 1, "unchanged": 2}
    assert len(result.notes) == 1
    assert "MINI-PU" in result.notes[0]
    assert load_tiny(tiny).counts["department"] == {"kept": 1, "unchanged": 2}, "and it stays kept"


def test_overwrite_lets_the_pack_win(tiny):
    load_tiny(tiny)
    Department.objects.filter(code="MINI-PU").update(name="Dinas Pilihan Petugas")
    Road.objects.filter(code="mini-raya").update(owner=Department.objects.get(code="MINI-SUNGAI"))
    result = load_tiny(tiny, overwrite_staff_edits=True)
    assert Department.objects.get(code="MINI-PU").name == "Dinas Mini"
    assert Road.objects.get(code="mini-raya").owner.code == "MINI-PU"
    assert result.counts["department"] == {"updated": 1, "unchanged": 2}


def test_an_owner_chosen_by_staff_is_kept(tiny):
    load_tiny(tiny)
    Waterway.objects.filter(code="mini-kali").update(owner=Department.objects.get(code="MINI-SUNGAI"))
    edit(tiny, "waterways.geojson", '"owner": ""', '"owner": "MINI-PU"')
    assert load_tiny(tiny).counts["waterway"] == {"kept": 1}
    assert Waterway.objects.get(code="mini-kali").owner.code == "MINI-SUNGAI"


def test_what_staff_deleted_stays_deleted_unless_overwritten(tiny):
    load_tiny(tiny)
    Question.objects.filter(code="how_deep").delete()
    assert load_tiny(tiny).counts["question"] == {"kept": 1, "unchanged": 1}
    assert not Question.objects.filter(code="how_deep").exists()
    assert load_tiny(tiny, overwrite_staff_edits=True).counts["question"] == {"created": 1, "unchanged": 1}


def test_a_row_that_staff_made_is_theirs(tiny):
    Department.objects.create(code="MINI-PU", name="Milik petugas", name_en="Mini Works")
    result = load_tiny(tiny)
    assert result.counts["department"] == {"kept": 1, "updated": 1, "created": 2}
    department = Department.objects.get(code="MINI-PU")
    assert (department.name, department.website) == ("Milik petugas", "https://mini.example"), (
        "gaps are filled"
    )


def test_a_field_that_a_newer_pack_begins_to_fill_is_filled(tiny):
    load_tiny(tiny)
    for record in PackRecord.objects.filter(pack="mini", kind="department"):
        record.values.pop("website")
        record.save()
    Department.objects.filter(code="MINI-PU").update(website="")
    Department.objects.filter(code="MINI-SUNGAI").update(website="https://petugas.example")
    assert load_tiny(tiny).counts["department"] == {"updated": 1, "kept": 1, "unchanged": 1}
    assert Department.objects.get(code="MINI-PU").website == "https://mini.example"
    assert Department.objects.get(code="MINI-SUNGAI").website == "https://petugas.example"


def test_what_left_the_pack_is_switched_off_deleted_or_reported(tiny):
    load_tiny(tiny)
    start = (tiny / "categories.yaml").read_text().index("      - code: mini-lampu")
    text = (tiny / "categories.yaml").read_text()
    (tiny / "categories.yaml").write_text(text[:start].replace("    ask: [anyone]\n", ""))
    edit(tiny, "city_roads.csv", "mini-melati,Jl. Melati,M.1,80,Rusak,,Belum diketahui\n", "")
    result = load_tiny(tiny)
    assert not Category.objects.get(code="mini-lampu").is_active
    assert result.counts["category"] == {"removed": 1, "unchanged": 2}
    assert not Question.objects.filter(code="anyone").exists()
    assert Road.objects.filter(code="mini-melati").exists()
    assert [note for note in result.notes if "mini-melati" in note]
    assert not load_tiny(tiny).changed

    (tiny / "categories.yaml").write_text(text)
    load_tiny(tiny)
    assert Category.objects.get(code="mini-lampu").is_active, "back in the pack, back in use"


def test_a_kind_that_staff_switched_on_again_stays_on(tiny):
    load_tiny(tiny)
    text = (tiny / "categories.yaml").read_text()
    (tiny / "categories.yaml").write_text(text[: text.index("      - code: mini-lampu")])
    load_tiny(tiny)
    Category.objects.filter(code="mini-lampu").update(is_active=True)
    load_tiny(tiny)
    assert Category.objects.get(code="mini-lampu").is_active


def test_check_only_changes_nothing(tiny):
    before = everything()
    assert load_tiny(tiny, check_only=True).counts == {}
    assert everything() == before


def test_an_unknown_pack():
    with pytest.raises(UnknownPack):
        load_pack("atlantis")


def test_an_error_while_applying_changes_nothing(tiny):
    def explode(parsed, merge):
        raise RuntimeError("midway")

    before = everything()
    register_section("explode", lambda pack: None, explode)
    try:
        with pytest.raises(RuntimeError):
            load_tiny(tiny)
    finally:
        del load._registered["explode"]
    assert everything() == before


def test_a_reference_to_something_staff_deleted_is_a_mistake(tiny):
    load_tiny(tiny)
    Road.objects.filter(code="mini-raya").update(owner=None)
    Road.objects.filter(code="mini-mawar").delete()
    Department.objects.filter(code="MINI-PU").delete()
    edit(tiny, "city_roads.csv", "mini-mawar", "mini-kenanga")
    before = everything()
    with pytest.raises(BadPack) as caught:
        load_tiny(tiny)
    [mistake] = caught.value.mistakes
    assert (mistake.code, str(mistake.where)) == ("deleted_reference", "city_roads.csv:2")
    assert everything() == before


def test_another_room_adds_a_section(tiny):
    """What dispatch does for routing.yaml, with the same line-accurate mistakes."""
    (tiny / "extra.yaml").write_text(
        "things:\n  - code: a\n    department: MINI-PU\n  - code: b\n    department: NIX\n"
    )
    (tiny / "extra.yaml.source.yaml").write_text("title: x\nsource: x\nlicence: x\n")
    table = Table("thing", WorkCalendar, lambda row, keys: row.code)

    def validate(pack):
        items = []
        for block in Fields(pack.files.yaml("extra.yaml"), pack.mistakes).blocks("things"):
            fields = Fields(block, pack.mistakes)
            fields.known("department", pack.codes("department"), "department")
            items.append(Item(fields.code(), {"code": fields.code(), "name": "x", "weekly_hours": [[]] * 7}))
        return items

    register_section("things", validate, lambda items, merge: merge.sync(table, items))
    try:
        assert [str(m.where) for m in check_pack("mini", tiny)] == ["extra.yaml:5"]
        edit(tiny, "extra.yaml", "NIX", "MINI-KEC")
        assert load_tiny(tiny).counts["thing"] == {"created": 2}
    finally:
        del load._registered["things"]


def test_the_command_names_every_mistake_and_fails(tiny, monkeypatch, capsys):
    monkeypatch.setattr(load, "PACKS", tiny.parent)
    edit(tiny, "departments.yaml", "code: MINI-SUNGAI", "code: MINI-PU")
    with pytest.raises(CommandError):
        call_command("load_city", "mini")
    assert "city/packs/mini/departments.yaml:7: " in capsys.readouterr().err
    with pytest.raises(CommandError):
        call_command("load_city", "atlantis")


def test_the_command_counts(tiny, monkeypatch, capsys):
    monkeypatch.setattr(load, "PACKS", tiny.parent)
    call_command("load_city", "mini", "--check")
    assert not Department.objects.filter(code="MINI-PU").exists()
    call_command("load_city", "mini")
    assert "department: 3 " in capsys.readouterr().out
    Department.objects.filter(code="MINI-PU").update(name="Lain")
    call_command("load_city", "mini", "--overwrite", verbosity=0)
    assert Department.objects.get(code="MINI-PU").name == "Dinas Mini"


def test_the_snapshot_follows_a_load(tiny):
    snapshot.invalidate()
    assert "mini-banjir" not in snapshot.current().categories
    load_tiny(tiny)
    city = snapshot.current()
    assert city.city.name == "Kota Mini"
    assert [question.code for question in city.categories["mini-banjir"].questions] == ["how_deep", "anyone"]
    assert city.locate(1.01, 100.015).area_code == "M.1.2"
    assert city.locate(1.01, 100.03).regency == "Kabupaten Lain"
    snapshot.invalidate()
