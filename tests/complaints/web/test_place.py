"""The place in the form: searching, what is at a point, and the same without JavaScript."""

import pytest

from complaints.services import place_words
from tests.complaints.web.conftest import hidden_fields

pytestmark = pytest.mark.django_db
SEARCH, ADDRESS = "/lapor/cari-tempat.json", "/lapor/alamat.json"


def results(client, query, **headers):
    return client.get(SEARCH, {"q": query}, headers=headers).json()["results"]


def test_a_search_says_what_and_where(client):
    market = results(client, "psr johar")[0]
    assert (market["title"], market["where"]) == (
        "Pasar Johar",
        "Pasar · Kelurahan Kauman, Kecamatan Semarang Tengah",
    )
    assert (market["is_point"], market["accuracy_m"], market["street"]) == (True, 150, "Pasar Johar")
    assert set(market) == {
        *(
            "key",
            "kind",
            "title",
            "where",
            "note",
            "street",
            "latitude",
            "longitude",
            "accuracy_m",
            "is_point",
        ),
        *("bbox", "area"),
    }


def test_two_of_one_name_are_told_apart(client):
    both = [(item["title"], item["where"]) for item in results(client, "mangunharjo")[:2]]
    assert sorted(both) == [
        ("Kelurahan Mangunharjo", "Kecamatan Tembalang"),
        ("Kelurahan Mangunharjo", "Kecamatan Tugu"),
    ]


def test_a_street_without_a_place_says_that_the_pin_must_be_put(client):
    street = results(client, "gaharu utara")[0]
    assert (street["kind"], street["is_point"], street["where"]) == (
        "street",
        False,
        "Jalan · Kecamatan Banyumanik",
    )
    assert "letakkan pin" in street["note"]
    assert street["bbox"]


def test_every_kind_of_landmark_has_a_name():
    from city.services.pack.sections.landmarks import KINDS

    assert set(place_words.LANDMARK_KIND) == KINDS


@pytest.mark.parametrize("query", ["", "j", "zzzzzz", "<script>", "%", "'; DROP TABLE", "zq" * 2500, "\x00"])
def test_odd_searches_find_nothing_and_break_nothing(client, query):
    assert results(client, query) == []


def test_neither_address_asks_the_database(client, django_assert_num_queries):
    results(client, "johar")  # the city is in memory
    with django_assert_num_queries(0):
        assert len(results(client, "tlogosari")) == 6
        client.get(ADDRESS, {"lat": "-6.99", "lon": "110.42"})


def test_what_is_at_a_point(client):
    found = client.get(ADDRESS, {"lat": "-6.99267", "lon": "110.44717"}).json()
    assert found["text"] == "Dekat Jalan Gajah Raya, Kelurahan Pandean Lamper, Kecamatan Gayamsari"
    assert (found["street"], found["kelurahan"], found["kecamatan"], found["is_outside"]) == (
        "Jalan Gajah Raya",
        "33.74.04.1006",
        "33.74.04",
        False,
    )
    assert found["street_distance_m"] < 60


@pytest.mark.parametrize(
    ("accuracy_m", "text", "street"),
    [
        (
            "12",
            "Dekat Jalan Gajah Raya, Kelurahan Pandean Lamper, Kecamatan Gayamsari (ketelitian sekitar 12 m)",
            "Jalan Gajah Raya",
        ),
        (
            "800",
            "Di sekitar Kelurahan Pandean Lamper, Kecamatan Gayamsari (ketelitian sekitar 800 m)",
            "",
        ),
        ("x", "Dekat Jalan Gajah Raya, Kelurahan Pandean Lamper, Kecamatan Gayamsari", "Jalan Gajah Raya"),
    ],
)
def test_a_vague_position_names_no_street(client, accuracy_m, text, street):
    found = client.get(ADDRESS, {"lat": "-6.99267", "lon": "110.44717", "accuracy_m": accuracy_m}).json()
    assert (found["text"], found["street"]) == (text, street)


def test_at_a_landmark_and_in_english(client):
    english = client.get(
        ADDRESS, {"lat": "-6.9903", "lon": "110.4229"}, headers={"cookie": "bahasa=en"}
    ).json()
    assert english["text"].startswith("Around Simpang Lima, Kelurahan ")


def test_outside_names_the_neighbour(client):
    found = client.get(ADDRESS, {"lat": "-7.14", "lon": "110.41"}).json()
    assert found["is_outside"]
    assert found["regency"] == "Kabupaten Semarang"
    assert "Kabupaten Semarang" in found["text"]


@pytest.mark.parametrize(
    "params", [{}, {"lat": "x", "lon": "y"}, {"lat": "nan", "lon": "1"}, {"lat": "110", "lon": "-7"}]
)
def test_an_address_needs_a_point(client, params):
    refused = client.get(ADDRESS, params)
    assert refused.status_code == 400
    assert refused.json()["error"]


def test_looking_too_often_is_refused_with_a_time(client, monkeypatch):
    monkeypatch.setattr("complaints.web.limits.LOOKS_PER_DEVICE", 2)
    statuses = [client.get(SEARCH, {"q": "johar"}).status_code for _ in range(5)]
    assert statuses[0] == 200
    assert statuses[-1] == 429
    assert client.get(ADDRESS, {"lat": "-7", "lon": "110.4"})["Retry-After"]


# --- without JavaScript ------------------------------------------------------------------------------------


def find(client, data):
    answer = client.post("/lapor/", {**data, "action": "find_place"})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def typed(filled):
    """A form without a place."""
    return lambda **changes: filled(
        **{"latitude": "", "longitude": "", "place_mode": "", "street": "", **changes}
    )


def test_results_are_radio_buttons_and_keep_what_was_typed(client, typed):
    html = find(client, typed(place_query="mangunharjo"))
    assert html.count('name="place_choice" value="kelurahan:33.74.1') == 2
    assert "Kecamatan Tembalang" in html
    assert "Ada lubang di depan halte" in html
    assert 'value="mangunharjo"' in html


def test_nothing_found_says_what_to_do(client, typed):
    assert "pilih kelurahan" in find(client, typed(place_query="zzzzzz"))


def test_a_point_becomes_the_place_and_can_be_filed(client, typed):
    answer = client.post(
        "/lapor/",
        typed(place_query="johar", place_choice="landmark:pasar-johar", action="edit", area="33.74.10.1003"),
    )
    html = answer.content.decode()
    fields = hidden_fields(html)
    assert (fields["latitude"], fields["longitude"]) == (["-6.971800"], ["110.425000"])
    assert (fields["place_mode"], fields["accuracy_m"]) == (["map"], ["150"])
    assert 'name="street" value="Pasar Johar"' in html
    assert 'data-testid="place-chosen"' in html
    assert "selected" not in html.split('id="id_area"')[1].split("</select>")[0]
    preview = client.post("/lapor/", typed(place_choice="landmark:pasar-johar"))
    assert preview.context["checked"].area.name == "Kauman"


def test_a_street_that_was_typed_stays(client, typed):
    data = typed(place_choice="landmark:pasar-johar", street="Gang Melati", action="edit")
    assert 'name="street" value="Gang Melati"' in client.post("/lapor/", data).content.decode()


def test_a_kelurahan_becomes_the_kelurahan(client, typed):
    checked = client.post("/lapor/", typed(place_choice="kelurahan:33.74.16.1007")).context["checked"]
    assert (checked.area.code, checked.draft.place_source) == ("33.74.16.1007", "area")


def test_of_a_street_the_kelurahan_is_still_asked(client, typed):
    key = "street:dpu-33-74-11-jl-gaharu-utara"
    answer = client.post("/lapor/", typed(place_choice=key, action="preview"))
    assert answer.status_code == 422
    assert 'name="street" value="Jl. Gaharu Utara"' in answer.content.decode()
    checked = client.post("/lapor/", typed(place_choice=key, area="33.74.11.1005")).context["checked"]
    assert (checked.area.code, checked.draft.street) == ("33.74.11.1005", "Jl. Gaharu Utara")


def test_a_choice_can_be_taken_back(client, filled):
    html = client.post("/lapor/", filled(place_choice="clear", action="edit")).content.decode()
    assert hidden_fields(html)["latitude"] == [""]
    assert 'data-testid="place-chosen"' not in html


@pytest.mark.parametrize("key", ["x", "landmark:none", "geocoded:nan,1", "kecamatan:33.74.01", "<b>"])
def test_a_choice_that_names_no_place_changes_nothing(client, filled, key):
    html = client.post("/lapor/", filled(place_choice=key, action="edit")).content.decode()
    assert hidden_fields(html)["latitude"] == ["-6.9903"]


def test_the_choice_is_not_made_again_on_the_way_back(client, typed):
    preview = client.post("/lapor/", typed(place_query="johar", place_choice="landmark:pasar-johar"))
    fields = hidden_fields(preview.content.decode())
    assert "place_choice" not in fields
    assert fields["latitude"] == ["-6.971800"]
