"""Home, list and map: filters, pages by key, counts that stay true, and no more queries with more reports."""

import gzip
import itertools
from datetime import timedelta

import h3.api.basic_int as h3
import pytest
from django.utils import timezone

from city.models import Category
from complaints.models import CellCount, Report
from complaints.services import cells, status
from complaints.web import map_query, paging
from complaints.web.boxes import BadBox, parse_box

from .test_report_pages import resolve, route

pytestmark = pytest.mark.django_db
DATA = "/peta/data.json"


@pytest.fixture
def many(make_report):
    """File `count` reports, a minute apart, spread around the middle of the city."""
    numbers = itertools.count()

    def make(count, **changes):
        start = timezone.now() - timedelta(days=2)
        made = []
        for _ in range(count):
            number = next(numbers)
            place = {"latitude": -6.99 + number % 7 * 0.002, "longitude": 110.42 + number % 5 * 0.002}
            made.append(make_report(now=start + timedelta(minutes=number), **(place | changes)))
        for report in made:
            cells.refresh(report.pk)
        return made

    return make


# --- List ---------------------------------------------------------------------------------------------


def test_the_list_takes_as_many_queries_for_many_as_for_few(client, many, django_assert_max_num_queries):
    many(3)
    client.get("/laporan/")
    with django_assert_max_num_queries(4) as few:
        client.get("/laporan/")
    many(30)
    with django_assert_max_num_queries(len(few)):
        client.get("/laporan/")


def test_walking_the_pages_meets_every_report_once(client, many):
    filed = {report.code for report in many(paging.PAGE_SIZE * 2 + 3)}
    met, cursor = [], ""
    for _ in range(3):
        page = client.get("/laporan/", {"sesudah": cursor} if cursor else {}).context["page"]
        met += [report.code for report in page.reports]
        cursor = page.older
    assert cursor == ""
    assert len(met) == len(set(met)) == len(filed)
    assert set(met) == filed
    back = client.get("/laporan/", {"sebelum": page.newer}).context["page"]
    assert [report.code for report in back.reports] == met[paging.PAGE_SIZE : 2 * paging.PAGE_SIZE]


@pytest.mark.parametrize("cursor", ["x", "1.2.3", "9" * 40 + ".1", "-5.1", "²³.1", "1.", "."])
def test_a_broken_cursor_shows_the_first_page(client, many, cursor):
    many(1)
    for name in ("sesudah", "sebelum"):
        page = client.get("/laporan/", {name: cursor})
        assert page.status_code == 200
        assert len(page.context["page"].reports) == 1


def test_filters_narrow_the_list(client, many, make_report, jpeg):
    pothole = route(many(1)[0])
    lamp = many(1, category="lain-pju", latitude=-7.05, longitude=110.39)[0]
    resolve(pothole, jpeg)

    def codes(**query):
        return [report.code for report in client.get("/laporan/", query).context["page"].reports]

    assert codes(status="done") == [pothole.code]
    assert codes(status="new") == [lamp.code]
    assert codes(kategori="jalan") == [pothole.code]
    assert codes(kategori="lain-pju") == [lamp.code]
    assert codes(wilayah=pothole.area.code) == [pothole.code]
    assert codes(wilayah=pothole.area.parent.code) == [pothole.code]
    assert codes(dinas="DPU") == [pothole.code]
    assert codes(dinas="DPU", kategori="lain") == []
    assert codes(status="apa", kategori="<script>", wilayah="x", dinas="'") == [lamp.code, pothole.code]


def test_filters_stay_while_turning_pages(client, many):
    many(paging.PAGE_SIZE + 1)
    html = client.get("/laporan/", {"kategori": "jalan"}).content.decode()
    assert "?kategori=jalan&amp;sesudah=" in html


def test_an_empty_list_says_what_to_do(client):
    html = client.get("/laporan/", {"kategori": "jalan"}).content.decode()
    assert 'class="empty"' in html
    assert 'href="/lapor/"' in html


# --- Home ---------------------------------------------------------------------------------------------


def test_the_figures_are_true(client, many, jpeg):
    first, second, third = many(3)
    resolve(route(first), jpeg)
    route(second, now=timezone.now() - timedelta(days=9))
    route(third)
    figures = client.get("/").context["figures"]
    assert (figures.reported, figures.resolved, figures.confirmed, figures.late) == (3, 1, 0, 1)


def test_home_takes_as_many_queries_for_many_as_for_few(client, many, django_assert_max_num_queries):
    client.get("/")
    with django_assert_max_num_queries(3) as few:
        client.get("/")
    many(10)
    with django_assert_max_num_queries(len(few)):
        client.get("/")


# --- Map ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bbox",
    [
        "",
        "1,2,3",
        "1,2,3,4,5",
        "a,b,c,d",
        "nan,-7,110,-6",
        "110.2,-7.2,inf,-6.9",
        "110.6,-7.2,110.2,-6.9",
        "110.2,-6.9,110.6,-7.2",
        "110,-95,111,-6",
        "-200,-7,110,-6",
    ],
)
def test_a_bad_box_is_refused(client, bbox):
    with pytest.raises(BadBox):
        parse_box(bbox)
    answer = client.get(DATA, {"bbox": bbox, "zoom": "12"})
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("zoom", ["", "-1", "25", "x", "1.5", "²", "1" * 5000])
def test_a_bad_zoom_is_refused(client, zoom):
    assert client.get(DATA, {"bbox": "110.2,-7.2,110.6,-6.9", "zoom": zoom}).status_code == 400


def test_the_whole_world_is_cut_to_the_city(client, many):
    many(2)
    body = client.get(DATA, {"bbox": "-180,-90,180,90", "zoom": "3"}).json()
    assert body["total"] == 2


def test_far_from_the_city_there_is_nothing(client, many):
    many(2)
    body = client.get(DATA, {"bbox": "100,0,101,1", "zoom": "12"}).json()
    assert body == {"cells": [], "reports": [], "total": 0, "is_exact": True}


def test_few_reports_are_shown_one_by_one_at_any_zoom(client, many):
    filed = many(3)
    for zoom in (9, 11, 12, 13, 14, 16):
        body = client.get(DATA, {"bbox": "110.3,-7.1,110.5,-6.95", "zoom": zoom}).json()
        assert {row[0] for row in body["reports"]} == {report.code for report in filed}
        assert body["cells"] == []


@pytest.mark.parametrize("zoom", [9, 11, 12, 13, 14])
def test_many_reports_are_counted_and_none_is_lost(client, many, monkeypatch, zoom):
    monkeypatch.setattr(map_query, "FEW", 5)
    monkeypatch.setattr(map_query, "MANY", 10)
    many(20)
    body = client.get(DATA, {"bbox": "110.3,-7.1,110.5,-6.95", "zoom": zoom}).json()
    assert body["reports"] == []
    assert body["total"] == sum(cell[2] for cell in body["cells"]) == 20


def test_too_many_near_ones_are_counted_instead_of_cut(client, many, monkeypatch):
    monkeypatch.setattr(map_query, "FEW", 5)
    monkeypatch.setattr(map_query, "MANY", 10)
    many(20)
    body = client.get(DATA, {"bbox": "110.41,-7.0,110.44,-6.97", "zoom": 16}).json()
    assert body["reports"] == []
    assert body["total"] == 20


def test_the_map_knows_the_lists_filters(client, many, monkeypatch):
    monkeypatch.setattr(map_query, "FEW", 0)
    pothole = route(many(1)[0])
    many(2, category="lain-pju", latitude=-7.05, longitude=110.39)
    cells.refresh(pothole.pk)

    def total(**query):
        return client.get(DATA, {"bbox": "110.2,-7.2,110.6,-6.9", "zoom": 12} | query).json()["total"]

    assert total() == 3
    assert total(kategori="lain") == 2
    assert total(status="new") == 3
    assert total(status="done") == 0
    assert total(dinas="DPU") == 1
    assert total(wilayah=pothole.area.parent.code) == 1


def test_private_reports_are_not_on_the_map(client, many):
    many(2, is_private=True)
    for zoom in (12, 16):
        body = client.get(DATA, {"bbox": "110.2,-7.2,110.6,-6.9", "zoom": zoom}).json()
        assert body["total"] == 0


def test_a_changed_state_moves_on_the_map(client, many, monkeypatch):
    monkeypatch.setattr(map_query, "FEW", 0)
    report = route(many(1)[0])
    officer = route.__globals__["Actor"]("staff", None, report.department_id)
    status.change_status(report.pk, "in_progress", actor=officer, now=timezone.now())
    cells.refresh(report.pk)
    body = client.get(DATA, {"bbox": "110.2,-7.2,110.6,-6.9", "zoom": 12}).json()
    assert body["cells"][0][3] == {"working": 1}


@pytest.mark.parametrize("zoom", [11, 13, 16])
def test_the_map_takes_as_many_queries_for_many_as_for_few(client, many, django_assert_max_num_queries, zoom):
    query = {"bbox": "110.41,-7.0,110.44,-6.97", "zoom": zoom}
    many(2)
    client.get(DATA, query)
    with django_assert_max_num_queries(4) as few:
        client.get(DATA, query)
    many(60)
    with django_assert_max_num_queries(len(few)):
        client.get(DATA, query)


@pytest.mark.parametrize("resolution", [5, 6, 7, 8])
def test_the_range_of_a_cells_children_is_exact(resolution):
    cell = h3.latlng_to_cell(-6.99, 110.42, resolution)
    children = h3.cell_to_children(cell, 9)
    assert map_query._child_range(cell) == (min(children), max(children))


def test_the_map_page_and_its_base_layers(client):
    assert client.get("/peta/", {"kategori": "jalan"}).status_code == 200
    for layer in ("kecamatan", "water", "roads"):
        answer = client.get(f"/peta/dasar/{layer}.json")
        assert answer.json()["type"] == "FeatureCollection"
        again = client.get(f"/peta/dasar/{layer}.json", headers={"if-none-match": answer["ETag"]})
        assert again.status_code == 304
        small = client.get(f"/peta/dasar/{layer}.json", headers={"accept-encoding": "gzip"})
        assert gzip.decompress(small.content) == answer.content
    assert client.get("/peta/dasar/rahasia.json").status_code == 404


def test_small_files(client):
    assert b"kunci" in client.get("/robots.txt").content
    assert client.get("/manifest.webmanifest").json()["start_url"] == "/"
    assert CellCount.objects.count() == Report.objects.count() == 0
    assert Category.objects.exists()
