"""What leaves the portal: previews, the picture, the sheet of paper, the feeds; nothing private among it."""

import io
import re
import time
import xml.etree.ElementTree as ET
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from complaints import links
from complaints.domain.actor import Actor
from complaints.models import Event, Report
from complaints.services import cards, conversation
from complaints.web import feeds, qr, share
from tests.complaints.web.test_story import give, prepare_all, resolve

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def routed(make_report):
    now = timezone.now()
    return give(make_report(now=now), now)


@pytest.fixture
def private(make_report):
    return make_report(is_private=True, now=timezone.now())


def entries(response) -> list:
    return ET.fromstring(response.content).findall(f"{ATOM}entry")


# --- Previews -----------------------------------------------------------------------------------------


def test_a_public_page_has_a_preview(client, routed):
    html = client.get(f"/laporan/{routed.code}/").content.decode()
    url = f"http://localhost:8000/laporan/{routed.code}/"
    meta = dict(re.findall(r'<meta property="(og:[^"]+)" content="([^"]*)"', html))
    assert meta["og:url"] == url
    assert meta["og:image"] == f"{url}kartu.png?v={routed.version}"
    assert (meta["og:image:width"], meta["og:image:height"]) == ("1200", "630")
    assert "Dinas Pekerjaan Umum" in meta["og:description"]
    assert f"https://wa.me/?text={quote('“')}" in html
    assert quote(url, safe="") in html


def test_neither_private_reports_nor_private_links_have_a_preview(client, private, routed):
    for report in (private, routed):
        html = client.get(links.private_path(report)).content.decode()
        assert "og:" not in html
        assert "wa.me/?text=" not in html or report is routed


# --- The picture --------------------------------------------------------------------------------------


def test_the_picture_of_a_preview(client, routed):
    answer = client.get(f"/laporan/{routed.code}/kartu.png")
    image = Image.open(io.BytesIO(answer.content))
    assert (answer["Content-Type"], image.size) == ("image/png", (1200, 630))
    assert len(answer.content) < 150_000
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_the_picture_is_drawn_once_and_again_when_the_state_changes(client, routed, monkeypatch):
    drawn = []
    monkeypatch.setattr(cards, "card", lambda facts: drawn.append(facts) or b"png")
    address = f"/laporan/{routed.code}/kartu.png"
    tag = client.get(address)["ETag"]
    client.get(address)
    assert client.get(address, headers={"if-none-match": tag}).status_code == 304
    assert len(drawn) == 1
    Report.objects.filter(pk=routed.pk).update(due_at=timezone.now() - timedelta(days=3))
    assert client.get(address, headers={"if-none-match": tag}).status_code == 200
    assert [facts.look for facts in drawn] == ["new", "late"]
    assert drawn[1].state.endswith("Terlambat 3 hari")


def test_bots_cannot_make_us_draw_for_ever(client, make_report, monkeypatch):
    monkeypatch.setattr(cards, "card", lambda facts: b"png")
    monkeypatch.setattr("complaints.web.limits.POSTS_PER_WINDOW", 2)
    reports = [make_report(now=timezone.now()) for _ in range(3)]
    answers = [Client().get(f"/laporan/{report.code}/kartu.png") for report in reports]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2]["Retry-After"] == "600"
    assert client.get(f"/laporan/{reports[0].code}/kartu.png").status_code == 200  # kept: costs nothing


def test_personal_data_is_not_on_the_picture(client, make_report, monkeypatch):
    seen = []
    monkeypatch.setattr(cards, "card", lambda facts: seen.append(facts) or b"png")
    report = make_report(street="Rumah 0813 9999 0000", now=timezone.now())
    client.get(f"/laporan/{report.code}/kartu.png")
    assert seen[0].place.startswith("Rumah •••, ")


@pytest.mark.parametrize("look", cards.STATE_LOOK)
def test_every_state_can_be_drawn_even_with_very_long_words(look):
    facts = cards.CardFacts(
        *("Lapor Semarang", "K7QM-4TPX", "Saluran tersumbat " * 12, "Jalan – panjang " * 20),
        *("Ditutup tanpa konfirmasi pelapor " * 3, look, "Dinas " * 30, "Janji · " * 40, -6.99, 110.42),
    )
    assert Image.open(io.BytesIO(cards.card(facts))).size == (1200, 630)


def test_a_picture_costs_less_than_150_ms_of_a_processor(client, routed):
    facts = share.card_facts(routed, timezone.now())
    cards.card(facts)  # the base map is read once per process

    def cost_s() -> float:
        began = time.process_time()
        cards.card(facts)
        return time.process_time() - began

    assert min(cost_s() for _ in range(5)) < 0.150


# --- On paper -----------------------------------------------------------------------------------------


def paths_of(address: str) -> str:
    drawn = qr.code(address).svg_inline(svgclass="qr-svg", lineclass=None, omitsize=True)
    return re.search(r'd="[^"]+"', drawn).group()


def test_the_sheet_has_the_public_code_even_for_the_reporter(client, routed, jpeg):
    resolve(routed, jpeg, timezone.now())
    prepare_all()
    public = f"http://localhost:8000/laporan/{routed.code}/"
    for query in ({}, {"kunci": links.secret_of(routed)}, {"bentuk": "poster"}):
        html = client.get(f"/laporan/{routed.code}/cetak/", query).content.decode()
        sheet = html[html.index('data-testid="sheet"') :]
        assert paths_of(public) in sheet
        assert f'data-qr="{public}"' in sheet
        assert routed.spoken_code in sheet


def test_the_private_code_is_printed_only_when_its_holder_asks(client, routed):
    secret = links.secret_of(routed)
    address = f"/laporan/{routed.code}/cetak/"
    stranger = Client().get(address, {"untuk": "saya"}).content.decode()
    assert secret not in stranger
    assert paths_of(f"http://localhost:8000/laporan/{routed.code}/") in stranger
    mine = client.get(address, {"untuk": "saya", "kunci": secret})
    assert paths_of(f"http://localhost:8000{links.private_path(routed)}") in mine.content.decode()
    assert mine["Cache-Control"] == "private, no-store"


def test_the_poster_says_it_is_reported_already(client, routed):
    html = client.get(f"/laporan/{routed.code}/cetak/", {"bentuk": "poster"}).content.decode()
    assert "Sudah dilaporkan" in html
    assert routed.spoken_code in html
    assert "Ada lubang di depan halte" not in html


def test_the_map_for_paper(client, routed):
    answer = client.get(f"/laporan/{routed.code}/peta.png")
    assert Image.open(io.BytesIO(answer.content)).size == (900, 460)


# --- Nothing private ----------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["kartu.png", "peta.png", "cetak/", "umpan.atom"])
def test_of_a_private_report_others_get_nothing(client, private, part):
    assert client.get(f"/laporan/{private.code}/{part}").status_code == 404
    assert client.get(f"/laporan/{private.code}/{part}", {"kunci": "salah"}).status_code == 404
    assert Report.objects.get(pk=private.pk).version == private.version
    assert client.get(f"/laporan/ABCDEFGH/{part}").status_code == 404


@pytest.mark.parametrize(
    ("part", "expected"), [("kartu.png", 404), ("umpan.atom", 404), ("peta.png", 200), ("cetak/", 200)]
)
def test_of_a_private_report_its_reporter_gets_the_paper(client, private, part, expected):
    answer = client.get(f"/laporan/{private.code}/{part}", {"kunci": links.secret_of(private)})
    assert answer.status_code == expected
    if expected == 200:
        assert answer["Cache-Control"] == "private, no-store"


# --- Feeds --------------------------------------------------------------------------------------------


def test_the_feed_of_a_report_is_valid_atom(client, routed):
    answer = client.get(f"/laporan/{routed.code}/umpan.atom")
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ET.fromstring(answer.content)
    url = f"http://localhost:8000/laporan/{routed.code}/"
    assert feed.find(f"{ATOM}id").text == f"{url}umpan.atom"
    assert {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")} == {
        "alternate": url,
        "self": f"{url}umpan.atom",
    }
    for name in ("title", "updated", "author/{http://www.w3.org/2005/Atom}name"):
        assert feed.find(ATOM + name).text
    found = feed.findall(f"{ATOM}entry")
    ids = [entry.find(f"{ATOM}id").text for entry in found]
    assert ids == [
        f"{url}#peristiwa-{pk}" for pk in Event.objects.order_by("-id").values_list("pk", flat=True)
    ]
    assert all(entry.find(f"{ATOM}updated").text and entry.find(f"{ATOM}title").text for entry in found)


def test_a_feed_masks_and_leaves_out_what_is_not_public(client, routed):
    now = timezone.now()
    conversation.add_comment(routed.pk, "Catatan dalam", actor=Actor("staff"), now=now, is_public=False)
    conversation.add_comment(routed.pk, "<b>Hubungi</b> 0812 3456 7890", actor=Actor("reporter"), now=now)
    Event.objects.create(report=routed, kind="comment", at=now, actor_kind="citizen", text="a\x01\x0bb & c")
    text = client.get(f"/laporan/{routed.code}/umpan.atom").content.decode()
    newest = ET.fromstring(text).find(f"{ATOM}entry/{ATOM}summary").text
    assert newest == "<p>ab &amp; c</p>"
    assert "Catatan dalam" not in text
    assert "7890" not in text
    assert "&lt;p&gt;&amp;lt;b&amp;gt;Hubungi" in text


@pytest.mark.parametrize("kind", ["area", "kecamatan", "category", "group"])
def test_feeds_of_places_and_kinds(client, make_report, django_assert_max_num_queries, kind):
    first = make_report(now=timezone.now())
    make_report(is_private=True, now=timezone.now())
    address = {
        "area": f"/wilayah/{first.area.code}/umpan.atom",
        "kecamatan": f"/wilayah/{first.area.parent.code}/umpan.atom",
        "category": "/kategori/jalan-lubang/umpan.atom",
        "group": "/kategori/jalan/umpan.atom",
    }[kind]
    found = entries(client.get(address))
    assert [item.find(f"{ATOM}id").text for item in found] == [f"http://localhost:8000/laporan/{first.code}/"]
    for _ in range(4):
        make_report(now=timezone.now())
    from django.core.cache import cache

    cache.clear()
    with django_assert_max_num_queries(1):
        assert len(entries(client.get(address))) == 5


def test_a_feed_has_at_most_fifty_entries(client, routed):
    now = timezone.now()
    rows = [
        Event(report=routed, kind="comment", at=now, actor_kind="citizen", text=str(n)) for n in range(60)
    ]
    Event.objects.bulk_create(rows)
    assert len(entries(client.get(f"/laporan/{routed.code}/umpan.atom"))) == feeds.MAX_ENTRIES == 50


def test_an_unchanged_feed_is_not_sent_again(client, routed):
    address = f"/laporan/{routed.code}/umpan.atom"
    first = client.get(address)
    for headers in ({"if-none-match": first["ETag"]}, {"if-modified-since": first["Last-Modified"]}):
        again = client.get(address, headers=headers)
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == first["ETag"]
    conversation.add_comment(
        routed.pk, "Sudah dilihat.", actor=Actor("reporter"), now=timezone.now() + timedelta(seconds=2)
    )
    assert client.get(address, headers={"if-none-match": first["ETag"]}).status_code == 200


def test_an_empty_feed_is_valid_and_does_not_change(client):
    one, other = (client.get("/kategori/banjir-rob/umpan.atom") for _ in range(2))
    assert (one.status_code, entries(one)) == (200, [])
    assert one["ETag"] == other["ETag"]


def test_a_feed_speaks_the_language_asked_for(client, routed):
    address = f"/laporan/{routed.code}/umpan.atom"
    english = client.get(address, {"bahasa": "en"}).content.decode()
    assert "The report was received." in english
    assert f'href="http://localhost:8000{address}?bahasa=en" rel="self"' in english
    assert "Laporan diterima." in client.get(address, {"bahasa": "xx"}).content.decode()


@pytest.mark.parametrize("address", ["/wilayah/99.99/umpan.atom", "/kategori/tidak-ada/umpan.atom"])
def test_unknown_feeds(client, address):
    assert client.get(address).status_code == 404


def test_pages_tell_readers_where_the_feeds_are(client, routed):
    html = client.get(f"/laporan/{routed.code}/").content.decode()
    found = re.findall(r'<link rel="alternate" type="application/atom\+xml" href="([^"]+)"', html)
    assert found == [
        f"/laporan/{routed.code}/umpan.atom",
        f"/wilayah/{routed.area.code}/umpan.atom",
        "/kategori/jalan-lubang/umpan.atom",
    ]
    assert all(client.get(address).status_code == 200 for address in found)
