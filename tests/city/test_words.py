"""words.yaml: what the search over people's own words needs besides the kinds' own."""

import pytest

from city import snapshot
from city.models import PackRecord
from city.services.load import check_pack, load_pack

pytestmark = pytest.mark.django_db
SOURCE = "title: Kata\nsource: Uji\nlicence: CC0-1.0\n"


def write(folder, text: str) -> None:
    (folder / "words.yaml").write_text(text)
    (folder / "words.yaml.source.yaml").write_text(SOURCE)


def suggested(text: str) -> list[str]:
    return [item.code for item in snapshot.current().suggest_categories(text)]


def test_words_are_loaded_changed_and_taken_away(tiny):
    load_pack("mini", folder=tiny)
    assert suggested("wkq") == []
    write(tiny, "stop_words: [yang]\nshort_forms:\n  wkq: lampu\n")
    assert load_pack("mini", folder=tiny).counts["words"] == {"created": 1}
    assert "mini-lampu" in suggested("yang wkq")  # Semarang's kinds are there as well
    assert load_pack("mini", folder=tiny).changed is False
    write(tiny, "stop_words: [lampu]\n")
    assert load_pack("mini", folder=tiny).counts["words"] == {"updated": 1}
    assert suggested("lampu") == []
    (tiny / "words.yaml").unlink()
    (tiny / "words.yaml.source.yaml").unlink()
    assert load_pack("mini", folder=tiny).changed is True
    assert not PackRecord.objects.filter(pack="mini", kind="words").exists()
    assert "mini-lampu" in suggested("lampu")


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("kata: [a]\n", 1, "unknown_key"),
        ("stop_words: {a: b}\n", 1, "not_list"),
        ("stop_words:\n  - [a]\n", 2, "not_text"),
        ("short_forms: [a]\n", 1, "not_mapping"),
        ("short_forms:\n  jln:\n", 2, "missing"),
        ("short_forms:\n  jln: [jalan]\n", 2, "not_text"),
    ],
)
def test_mistakes_name_their_line(tiny, text, line, code):
    write(tiny, text)
    assert [(str(fault.where), fault.code) for fault in check_pack("mini", tiny)] == [
        (f"words.yaml:{line}", code)
    ]


def test_semarangs_words_are_in_the_snapshot(city):
    assert city.suggest_categories("jln bolong")[0].code == "jalan-lubang"
    assert city.suggest_categories("yang di ke") == []


def test_a_kind_that_is_switched_off_is_not_suggested(db):
    from city.models import Category
    from city.services import versions

    Category.objects.filter(code="jalan-lubang").update(is_active=False)
    versions.bump()
    snapshot.recheck()
    assert "jalan-lubang" not in suggested("dalan bolong")
