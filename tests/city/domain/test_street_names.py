import pytest

from city.domain.street_names import normalise


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Jl. Gaharu  Utara", "gaharu utara"),
        ("JALAN GAHARU UTARA", "gaharu utara"),
        ("jln gaharu utara", "gaharu utara"),
        ("Jl. Jalan Raya", "raya"),
        ("Gg. Mawar III", "gang mawar iii"),
        ("Jl. Prof. H. S. Sudharto, Sh", "prof h s sudharto sh"),
        ("Jalancagak", "jalancagak"),
        ("Kafé Ñandu", "kafe nandu"),
        ("", ""),
        ("Jl.", ""),
    ],
)
def test_normalise(written, name):
    assert normalise(written) == name
