"""Which road a point belongs to, and when the map cannot say."""

import pytest

from dispatch.domain import lines
from dispatch.domain.facts import Line, Party

TOLL, CITY = Party("JASAMARGA", "Jasa Marga", is_external=True), Party("DPU", "DPU")


def line(name, distance_m, owner=CITY, accuracy_m=30.0):
    return Line("road", name, name, "x", owner, distance_m, accuracy_m)


def names(found):
    return [item.name if item else None for item in found]


def test_only_lines_within_their_own_accuracy_count_nearest_first():
    found = lines.within_tolerance([line("far", 31), line("b", 29), line("sketch", 80, accuracy_m=100)], None)
    assert names(found) == ["b", "sketch"]


@pytest.mark.parametrize(("device_error_m", "is_in"), [(None, False), (45.0, True), (5000.0, False)])
def test_a_phones_error_widens_the_search_up_to_a_cap(device_error_m, is_in):
    assert bool(lines.within_tolerance([line("a", 40 if is_in else 51)], device_error_m)) is is_in


@pytest.mark.parametrize(
    ("near", "expected"),
    [
        ([], [None]),
        ([line("a", 3)], ["a"]),
        ([line("a", 3), line("b", 5)], ["a"]),  # the same owner: no matter which
        ([line("a", 3), line("toll", 17, TOLL)], ["a", "toll"]),
        ([line("a", 3), line("toll", 18, TOLL)], ["a"]),  # 15 m apart: half of the mean accuracy
        ([line("a", 3), line("toll", 60, TOLL, 150.0)], ["a"]),
        ([line("a", 20), line("toll", 60, TOLL, 150.0)], ["a", "toll"]),
        ([line("sketch", 29, accuracy_m=100)], ["sketch"]),
        ([line("sketch", 31, accuracy_m=100)], ["sketch", None]),
        ([line("unknown", 3, None), line("b", 4)], ["unknown", "b"]),
    ],
)
def test_candidates(near, expected):
    assert names(lines.candidates(near)) == expected


@pytest.mark.parametrize(
    ("street", "expected"),
    [
        ("Jl. Kaligawe KM 3 depan pasar", ["Jalan Kaligawe Raya"]),
        ("jalan raya kaligawe", ["Jalan Kaligawe Raya"]),
        ("Gg. Kaligawe 2", ["Jalan Kaligawe Raya", "Jalan Tol"]),
        ("depan masjid", ["Jalan Kaligawe Raya", "Jalan Tol"]),
        ("", ["Jalan Kaligawe Raya", "Jalan Tol"]),
    ],
)
def test_a_named_street_settles_it(street, expected):
    near = [line("Jalan Kaligawe Raya", 8), line("Jalan Tol", 10, TOLL)]
    assert names(lines.candidates(near, street)) == expected


def test_titles_may_be_left_out():
    assert lines.is_named("Jalan Jenderal Urip Sumoharjo", "Jl. Urip Sumoharjo no. 4")
    assert not lines.is_named("Jalan Jenderal Urip Sumoharjo", "Jl. Urip")
