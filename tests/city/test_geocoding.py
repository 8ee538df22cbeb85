"""A search server outside: asked, cut to the city, never waited for, never relied on. By a real socket."""

import contextlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from city.services import geocoding

pytestmark = pytest.mark.django_db
IN_CITY = {
    "lat": "-6.9903",
    "lon": "110.4229",
    "name": "Warung Pojok",
    "boundingbox": ["-6.9904", "-6.9902", "110.4228", "110.4230"],
}
IN_BOX_BUT_OUTSIDE = {**IN_CITY, "lat": "-6.93", "lon": "110.515", "name": "Di Demak"}
FAR = {**IN_CITY, "lat": "-6.2", "lon": "106.8", "name": "Jakarta"}


class Server(ThreadingHTTPServer):
    """Answers every search with `body` after `delay_s`, and remembers what it was asked."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.body, self.status, self.delay_s, self.asked = b"[]", 200, 0.0, []


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        time.sleep(self.server.delay_s)
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(self.server.body)

    def log_message(self, *_args):
        """Quietly."""


@pytest.fixture
def server(settings):
    running = Server()
    thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    settings.GEOCODER = "city.services.geocoding.NominatimGeocoder"
    settings.GEOCODER_URL = f"http://127.0.0.1:{running.server_port}"
    geocoding.awake()
    yield running
    geocoding.awake()
    running.shutdown()
    running.server_close()


def answer(server, *rows):
    server.body = json.dumps(rows).encode()


def names(query):
    return [entry.name for entry in geocoding.search(query)]


def test_by_default_nobody_is_asked():
    assert names("psr johar") == ["Pasar Johar"]


def test_its_places_are_used_if_they_lie_in_the_city(server):
    answer(server, FAR, IN_BOX_BUT_OUTSIDE, IN_CITY)
    entry = geocoding.search("warung pojok")[0]
    assert names("warung pojok") == ["Warung Pojok"]
    assert (entry.kind, entry.latitude, entry.longitude, entry.is_point) == (
        "geocoded",
        -6.9903,
        110.4229,
        True,
    )
    asked = parse_qs(urlsplit(server.asked[0]).query)
    assert asked["q"] == ["warung pojok"]
    assert asked["bounded"] == ["1"]
    west, north, east, south = map(float, asked["viewbox"][0].split(","))
    assert west < 110.42 < east
    assert south < -6.99 < north


def test_a_large_place_is_no_point(server):
    answer(server, {**IN_CITY, "boundingbox": ["-7.0", "-6.98", "110.41", "110.43"]})
    entry = geocoding.search("warung")[0]
    assert not entry.is_point
    assert entry.bbox == (110.41, -7.0, 110.43, -6.98)
    assert entry.accuracy_m > 1000


def test_nothing_found_there_is_looked_up_here(server):
    answer(server)
    assert names("pasar johar") == ["Pasar Johar"]
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[]", 500),
        (b"[]", 429),
        (b"not json", 200),
        (b'{"error": "x"}', 200),
        (b"\xff\xfe", 200),
        (b"[" + b" " * 600_000 + b"]", 200),
    ],
)
def test_whatever_it_answers_the_gazetteer_is_there(server, body, status):
    server.body, server.status = body, status
    assert names("pasar johar") == ["Pasar Johar"]


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"lat": "x", "lon": "y", "name": "N"},
        {"lat": "nan", "lon": "1", "name": "N"},
        [],
        7,
        {**IN_CITY, "boundingbox": ["1"]},
    ],
)
def test_a_row_that_makes_no_sense_is_left_out(server, row):
    answer(server, row, IN_CITY)
    assert names("warung") == ["Warung Pojok"]


def test_after_a_failure_it_is_left_alone_for_a_while(server):
    server.status = 503
    names("pasar johar")
    names("pasar johar")
    assert len(server.asked) == 1
    geocoding.awake()
    names("pasar johar")
    assert len(server.asked) == 2


def test_nobody_waits_for_a_slow_one(server, monkeypatch):
    server.delay_s = 1.5
    monkeypatch.setattr(geocoding, "_made", lambda _path, _url: geocoding.NominatimGeocoder(timeout_s=0.2))
    started = time.monotonic()
    assert names("pasar johar") == ["Pasar Johar"]
    assert time.monotonic() - started < 1.2


@pytest.mark.parametrize("url", ["", "ftp://example.test", "file:///etc/passwd", "nominatim.test"])
def test_an_address_that_is_none_is_a_failure_not_an_error(server, settings, url):
    settings.GEOCODER_URL = url
    assert names("pasar johar") == ["Pasar Johar"]
    assert server.asked == []


def test_the_length_of_a_query_is_bounded(server):
    answer(server)
    geocoding.search("johar " + "x" * 10_000)
    assert len(parse_qs(urlsplit(server.asked[0]).query)["q"][0]) <= geocoding.MAX_QUERY_CHARS


@pytest.mark.parametrize(
    "key", ["", "x", "geocoded:", "geocoded:1", "geocoded:nan,1", "geocoded:1,2,3", "landmark:none"]
)
def test_keys_that_name_nothing(key):
    assert geocoding.by_key(key) is None


def test_keys():
    assert geocoding.by_key("landmark:pasar-johar").name == "Pasar Johar"
    assert geocoding.by_key("geocoded:-6.99,110.42").latitude == -6.99
