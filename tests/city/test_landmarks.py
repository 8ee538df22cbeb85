"""landmarks.csv: every mistake with its line, loading again changes nothing."""

import pytest

from city import snapshot
from city.models import CityVersion, PackRecord
from city.services.load import check_pack, load_pack
from tests.city.tiny import SOURCE, edit

pytestmark = pytest.mark.django_db
CSV = """\
code,name,kind,area,latitude,longitude,accuracy_m,aliases,basis
pasar-mini,Pasar Mini,market,M.1.1,1.005,100.005,100,Pasar Kecil;Psr. M,Peta
balai,Balai Kota,office,,1.015,100.015,50,,Peta
"""


@pytest.fixture(autouse=True)
def _no_picture_is_left():
    """The next test sees the city that the database holds again."""
    yield
    snapshot.invalidate()


@pytest.fixture
def pack(tiny):
    (tiny / "landmarks.csv").write_text(CSV)
    (tiny / "landmarks.csv.source.yaml").write_text(SOURCE)
    return tiny


def load(folder):
    return load_pack("mini", folder=folder)


def test_they_are_loaded_and_found(pack):
    assert load(pack).counts["landmark"] == {"created": 2}
    city = snapshot.current()
    assert [(item.code, item.aliases) for item in city.landmarks] == [
        ("pasar-mini", ("Pasar Kecil", "Psr. M")),
        ("balai", ()),
    ]
    found = city.gazetteer.search("pasar kecil")[0].entry
    assert (found.name, found.area_code, found.accuracy_m, found.detail) == (
        "Pasar Mini",
        "M.1.1",
        100.0,
        "market",
    )


def test_again_changes_nothing(pack):
    load(pack)
    version = CityVersion.objects.values().get()
    result = load(pack)
    assert (result.changed, result.counts["landmark"]) == (False, {"unchanged": 2})
    assert CityVersion.objects.values().get() == version


def test_a_change_is_one_and_moves_the_map(pack):
    load(pack)
    before = CityVersion.objects.get().boundaries_version
    edit(pack, "landmarks.csv", "Pasar Mini", "Pasar Mini Raya")
    assert load(pack).counts["landmark"] == {"updated": 1, "unchanged": 1}
    assert CityVersion.objects.get().boundaries_version == before + 1
    assert snapshot.current().gazetteer.search("mini raya")[0].entry.name == "Pasar Mini Raya"


def test_without_the_file_they_are_gone(pack):
    load(pack)
    (pack / "landmarks.csv").unlink()
    assert load(pack).counts["landmark"] == {"removed": 2}
    assert snapshot.current().landmarks == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        ("1.005,100.005", "1.5,100.005", 2, "outside_city"),
        ("M.1.1,1.005,100.005", "M.1.2,1.005,100.005", 2, "not_in_area"),
        ("market", "bazaar", 2, "not_allowed"),
        ("M.1.1", "M.9", 2, "unknown_code"),
        ("1.005", "north", 2, "not_in_range"),
        ("100,Pasar Kecil", "0,Pasar Kecil", 2, "not_in_range"),
        (",,Peta", ",,", 3, "missing"),
        ("balai,", "pasar-mini,", 3, "doubled_code"),
        ("balai,", "Balai!,", 3, "bad_code"),
        ("aliases", "names", 1, "missing_column"),
    ],
)
def test_mistakes_are_named_and_nothing_is_loaded(pack, old, new, line, code):
    edit(pack, "landmarks.csv", old, new)
    mistakes = [(mistake.where.line, mistake.code) for mistake in check_pack("mini", folder=pack)]
    assert (line, code) in mistakes
    assert not PackRecord.objects.filter(pack="mini").exists()


def test_a_point_may_miss_its_area_by_its_accuracy(pack):
    edit(pack, "landmarks.csv", "M.1.1,1.005,100.005,100", "M.1.2,1.005,100.0095,100")
    assert check_pack("mini", folder=pack) == []
