"""reply_templates.yaml: the texts we ship, every mistake with its line, and what staff edited stays."""

import shutil

import pytest

from city.services.load import PACKS, Pack, load_pack
from dispatch.domain import casework
from dispatch.models import ReplyTemplate
from dispatch.services import pack_replies

GOOD = "templates:\n  - code: uji\n    name: Uji\n    steps: [reply]\n    text: Halo.\n"


@pytest.fixture
def check(tmp_path):
    """Mistakes of a file's content, as (line, code)."""

    def run(content):
        (tmp_path / pack_replies.FILE).write_text(content)
        pack = Pack("uji", tmp_path)
        pack.codes("category").update({"jalan", "jalan-lubang"})
        pack.codes("department").add("DPU")
        items = pack_replies.validate(pack)
        assert {mistake.where.file for mistake in pack.mistakes.sorted()} <= {pack_replies.FILE}
        return items, [(mistake.where.line, mistake.code) for mistake in pack.mistakes.sorted()]

    return run


def test_a_good_file(check):
    items, mistakes = check(GOOD)
    assert mistakes == []
    assert items[0].values == {
        "code": "uji",
        "name": "Uji",
        "category": None,
        "department": None,
        "steps": ["reply"],
        "text": "Halo.",
        "text_en": "",
        "order": 100,
    }


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("Halo.", "Halo {nama}.", (5, "bad_text")),
        ("Halo.", "Halo <b>x</b>.", (5, "bad_text")),
        ("    text: Halo.\n", "", (2, "missing")),
        ("[reply]", "[note]", (4, "unknown_step")),
        ("[reply]", "[]", (4, "unknown_step")),
        ("name: Uji", "nama: Uji", (3, "unknown_key")),
        ("name: Uji", "name: Uji\n    category: laut", (4, "unknown_code")),
        ("name: Uji", "name: Uji\n    department: XX", (4, "unknown_code")),
        ("Halo.\n", "Halo.\n  - {code: uji, name: Dua, steps: [reply], text: B}\n", (6, "doubled_code")),
    ],
)
def test_a_mistake_is_named_with_its_line(old, new, found, check):
    assert found in check(GOOD.replace(old, new, 1))[1]


def test_the_citys_own_texts_are_there_in_both_languages(db):
    rows = list(ReplyTemplate.objects.all())
    assert len(rows) >= 19
    assert all(row.text and row.text_en and set(row.steps) <= set(casework.TELLING) for row in rows)
    assert {"reply", "resolve", "reject", "wait", "start"} <= {step for row in rows for step in row.steps}


def test_what_staff_edited_stays_when_the_pack_is_loaded_again(db, tmp_path):
    folder = shutil.copytree(PACKS / "semarang", tmp_path / "semarang")
    ReplyTemplate.objects.filter(code="pju-selesai").update(text="Diubah petugas.")
    file = folder / pack_replies.FILE
    file.write_text(file.read_text().replace("name: Lampu menunggu suku cadang", "name: Menunggu komponen"))
    load_pack("semarang", folder=folder)
    assert ReplyTemplate.objects.get(code="pju-selesai").text == "Diubah petugas."
    assert ReplyTemplate.objects.get(code="pju-suku-cadang").name == "Menunggu komponen"
