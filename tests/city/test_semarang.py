"""The pack that ships: complete, in both languages, and what the field demands."""

from pathlib import Path

import pytest

from city.models import Area, Category, Department, Question, Road, Waterway
from city.services.load import PACKS

pytestmark = pytest.mark.django_db
PACK = PACKS / "semarang"
ROOT = Path(__file__).resolve().parents[2]


def test_areas_roads_and_waters_are_all_there():
    assert {level: Area.objects.filter(level=level).count() for level in Area.Level.values} == {
        "city": 1,
        "kecamatan": 16,
        "kelurahan": 177,
        "neighbour": 13,
    }
    assert Road.objects.exclude(quality="none").count() == 99
    assert Road.objects.filter(quality="none").count() == 923
    assert Waterway.objects.count() == 395


def test_people_and_slums_are_told():
    kecamatan = Area.objects.filter(level="kecamatan")
    assert sum(area.population for area in kecamatan) == Area.objects.get(code="33.74").population
    assert Area.objects.get(code="33.74.05.1005").slum_hectares == 28.15
    assert Area.objects.filter(slum_hectares__isnull=False).count() == 45


def test_every_kecamatan_has_its_office():
    offices = Department.objects.filter(kind="subdistrict").order_by("code")
    assert [office.code for office in offices] == [f"KEC-33.74.{number:02}" for number in range(1, 17)]
    assert all(office.code == f"KEC-{office.area.code}" for office in offices)


@pytest.mark.parametrize(
    "code", ["BBWS", "BBPJN", "DPUBMCK", "PUSDATARU", "JASAMARGA", "KAI", "PLN", "TELKOM", "PELINDO"]
)
def test_owners_outside_the_city(code):
    assert Department.objects.get(code=code).is_external


def test_departments_say_what_they_do_in_both_languages():
    for department in Department.objects.all():
        assert department.name_en, department.code
        assert department.handles, department.code
        assert department.handles_en, department.code


def test_groups_and_kinds():
    groups = Category.objects.filter(parent=None).order_by("order")
    assert [group.code for group in groups] == ["jalan", "banjir", "lain"]
    kinds = {group.code: set(group.children.values_list("code", flat=True)) for group in groups}
    assert len(kinds["jalan"]) == 8
    assert len(kinds["banjir"]) == 8
    assert {"jalan-lubang", "banjir-rob", "banjir-saluran", "lain-pju", "lain-pungli"} <= set.union(
        *kinds.values()
    )
    assert all(code.startswith(f"{group}-") for group, codes in kinds.items() for code in codes)


def test_everything_a_citizen_reads_is_in_both_languages():
    for category in Category.objects.all():
        assert category.name_en, category.code
        assert bool(category.hint) == bool(category.hint_en), category.code
        assert category.synonyms or category.parent is None, category.code
    for question in Question.objects.all():
        assert question.text_en, question
        assert all(choice["label"] and choice["label_en"] for choice in question.choices), question


def test_every_icon_and_picture_is_drawn():
    symbols = (ROOT / "static" / "icons.svg").read_text()
    for category in Category.objects.all():
        assert f'id="{category.icon}"' in symbols, category.code
    pictures = {choice.get("picture") for question in Question.objects.all() for choice in question.choices}
    drawn = (ROOT / "static" / "pictures.svg").read_text()
    for picture in pictures - {None}:
        assert f'id="{picture}"' in drawn, picture


def test_only_complaints_about_officials_are_private_by_default():
    assert list(Category.objects.filter(is_private_by_default=True).values_list("code", flat=True)) == [
        "lain-pungli"
    ]


@pytest.mark.parametrize(
    ("kind", "answers", "severity", "danger"),
    [
        ("jalan-lubang", {}, 3, False),
        ("jalan-lubang", {"size": "over_60"}, 4, False),
        ("jalan-lubang", {"passable": "none"}, 4, False),
        ("jalan-retak", {}, 2, False),
        ("banjir-banjir", {"depth": "calf"}, 3, False),
        ("banjir-banjir", {"depth": "knee"}, 4, False),
        ("banjir-banjir", {"depth": "waist"}, 5, True),
        ("banjir-genangan", {"live_electricity": "yes"}, 5, True),
        ("banjir-tanggul", {"dike_state": "seeping"}, 4, False),
        ("banjir-tanggul", {"dike_state": "breached"}, 5, True),
        ("banjir-bandang", {}, 5, True),
        ("lain-pju", {"lamp_count": "one"}, 2, False),
        ("lain-pju", {"lamp_count": "several"}, 3, False),
    ],
)
def test_severity_follows_the_answers(city, kind, answers, severity, danger):
    from city.domain.answers import check

    checked = check(city.categories[kind], answers)
    assert (checked.severity, checked.danger, checked.errors) == (severity, danger, {})


def test_a_report_can_be_filed_without_answering_anything():
    assert not Question.objects.filter(is_required=True).exists()


def test_every_line_says_on_what_evidence():
    for model in (Road, Waterway):
        assert not model.objects.filter(owner_basis="").exists()
    assert Road.objects.filter(line_class="motorway").exclude(owner__code="JASAMARGA").count() == 0
    assert Road.objects.get(code="jalan-merak").owner is None


def test_the_pack_stays_small_and_every_file_has_its_source():
    files = [path for path in PACK.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 1_500_000
    for path in files:
        if not path.name.endswith(".source.yaml"):
            text = path.with_name(path.name + ".source.yaml").read_text()
            assert "licence:" in text
            if path.name in ("roads.geojson", "waterways.geojson"):
                assert "ODbL" in text
                assert "OpenStreetMap" in text
            if path.parent.name == "areas" and path.suffix == ".geojson":
                assert "CC BY-IGO" in text
