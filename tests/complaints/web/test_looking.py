"""The filters of list and map: each narrows both alike, and the address holds them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from complaints import selectors_debt
from complaints.domain.actor import PORTAL, Actor
from complaints.domain.promise import Promise
from complaints.models import CellCount, Report
from complaints.services import cells, conversation, routing, status
from complaints.web import filters as web_filters
from complaints.web import map_query

pytestmark = pytest.mark.django_db
BOX = "110.2,-7.2,110.6,-6.9"
FAR = {"latitude": -7.05, "longitude": 110.39}


def _move_on(made, dpu, now):
    """One is planned, one is done, one is opened again; all are counted."""
    officer = Actor("staff", None, dpu)
    status.change_status(
        made["planned"].pk,
        "scheduled",
        actor=officer,
        now=now,
        scheduled_for=now.date() + timedelta(days=30),
        budget_line="Usulan perubahan",
    )
    for name in ("again", "done"):
        Report.objects.filter(pk=made[name].pk).update(status="resolved", is_open=False, resolved_at=now)
    conversation.reopen(made["again"].pk, "Masih berlubang.", now=now)
    for report in made.values():
        cells.refresh(report.pk)
        report.refresh_from_db()


@pytest.fixture
def city_of(make_report):
    """Six reports, one of a kind each; returns them by name."""
    from city.models import Department

    now = timezone.now()
    dpu, dishub = (Department.objects.get(code=code).pk for code in ("DPU", "DISHUB"))

    def given(report, department_id, due_at):
        routing.assign(
            report.pk,
            status="assigned",
            department_id=department_id,
            severity=report.severity,
            promise=Promise(None, None, due_at),
            actor=PORTAL,
            now=report.created_at,
            event_data={},
        )
        return report

    def file(days, category="lain-parkir", **place):
        return make_report(now=now - timedelta(days=days), category=category, **place)

    made = {
        "new": file(0.001),
        "late": given(file(40), dpu, now - timedelta(days=1)),
        "old": given(file(100, **FAR), dishub, now + timedelta(days=1)),
        "planned": given(file(10), dpu, now + timedelta(days=1)),
        "again": given(file(5, "jalan-lubang"), dpu, now + timedelta(days=9)),
        "done": given(file(3), dishub, now + timedelta(days=1)),
    }
    _move_on(made, dpu, now)
    return made


EVERYBODY = {"new", "late", "old", "planned", "again", "done"}
CASES = [
    ("", EVERYBODY),
    ("status=new", {"new", "late", "old", "again"}),
    ("status=new&status=scheduled", {"new", "late", "old", "again", "planned"}),
    ("status=done", {"done"}),
    ("hanya=telat", {"late"}),
    ("hanya=dibuka-lagi", {"again"}),
    ("hanya=telat&hanya=dibuka-lagi", set()),
    ("kategori=jalan", {"again"}),
    ("kategori=lain-parkir", EVERYBODY - {"again"}),
    ("umur=hari-ini", {"new"}),
    ("umur=7-hari", {"new", "again", "done"}),
    ("umur=30-hari", {"new", "again", "done", "planned"}),
    ("umur=terbuka-30", {"late", "old"}),
    ("umur=terbuka-90", {"old"}),
    ("dinas=DPU", {"late", "planned", "again"}),
    ("dinas=DPU&status=scheduled", {"planned"}),
    ("dinas=DISHUB&umur=terbuka-30", {"old"}),
    ("wilayah=33.74.04", None),  # where HERE lies, whatever the pack calls it: filled in below
    ("status=ngawur&umur=kemarin&hanya=x&kategori=<b>&wilayah=9&dinas=0&dekat=a,b", EVERYBODY),
]


@pytest.mark.parametrize(("query", "names"), CASES)
@pytest.mark.parametrize("few", [0, 40])
def test_list_and_map_agree_on_every_filter(client, city_of, monkeypatch, query, names, few):
    monkeypatch.setattr(map_query, "FEW", few)
    if names is None:
        query = f"wilayah={city_of['new'].area.parent.code}"
        names = EVERYBODY - {"old"}
    if query == "umur=hari-ini" and timezone.localtime().hour == 0:
        pytest.skip("the report of a minute ago may be yesterday's")
    page = client.get(f"/laporan/?{query}")
    assert {report.code for report in page.context["page"].reports} == {city_of[name].code for name in names}
    assert (page.context["total"].number, page.context["total"].is_more) == (len(names), False)
    for zoom in (9, 11, 13):
        body = client.get(f"/peta/data.json?bbox={BOX}&zoom={zoom}&{query}").json()
        assert body["total"] == len(names)
        if few:
            assert {row[0] for row in body["reports"]} == {city_of[name].code for name in names}


def test_the_map_says_which_single_report_is_late(client, city_of):
    rows = client.get("/peta/data.json", {"bbox": BOX, "zoom": 12}).json()["reports"]
    assert {row[0]: row[5] for row in rows} == {
        report.code: int(name == "late") for name, report in city_of.items()
    }


def test_a_count_that_may_reach_over_the_edge_is_said_to_be_about(client, city_of, monkeypatch):
    monkeypatch.setattr(map_query, "FEW", 0)
    place = city_of["new"]
    inside = client.get("/peta/data.json", {"bbox": BOX, "zoom": 12}).json()
    assert inside["is_exact"] is True
    box = f"{place.longitude},{place.latitude},{place.longitude + 0.1},{place.latitude + 0.1}"
    assert client.get("/peta/data.json", {"bbox": box, "zoom": 12}).json()["is_exact"] is False


def test_every_count_equals_the_reports_whatever_happens_to_them(city_of):
    """The invariant of the pre-counted cells: a rebuild from nothing finds what following found."""

    def rows():
        fields = ("resolution", "cell", "category_id", "department_id", "area_id", "state", "count")
        return set(CellCount.objects.filter(count__gt=0).values_list(*fields))

    Report.objects.filter(pk=city_of["done"].pk).update(is_private=True)
    Report.objects.filter(pk=city_of["late"].pk).update(department_id=city_of["done"].department_id)
    Report.objects.filter(pk=city_of["old"].pk).update(area_id=city_of["new"].area_id)
    for report in city_of.values():
        cells.refresh(report.pk)
    followed = rows()
    cells.rebuild()
    assert rows() == followed
    assert {row[4] for row in followed if row[0] != 9} == {0}
    assert 0 not in {row[4] for row in followed if row[0] == 9}


def test_filters_and_address_say_the_same_both_ways():
    text = (
        "status=new&status=done&hanya=telat&kategori=jalan&umur=7-hari&wilayah=33.74.04&dinas=DPU"
        "&bbox=110.41000,-7.00000,110.43000,-6.98000&dekat=-6.990,110.423&jarak=2000&urut=lama"
    )
    filters = web_filters.read(QueryDict(text))
    assert filters.list_query() == text
    assert filters.query() == text.split("&bbox")[0]
    assert web_filters.read(QueryDict(filters.list_query())) == filters
    assert filters.without("states", "new").states == ("done",)
    assert filters.without("near").near is None


def test_a_position_is_made_coarse_even_if_the_browser_did_not(client, city_of):
    answer = client.get("/laporan/?dekat=-6.990312345,110.422912345&status=new")
    assert answer.status_code == 302
    assert answer["Location"] == "/laporan/?status=new&dekat=-6.990,110.423&jarak=1000"
    page = client.get(answer["Location"])
    assert page.context["filters"].near == (-6.99, 110.423)
    assert "Laporan di sekitar Anda" in page.content.decode()
    assert 'name="robots" content="noindex"' in page.content.decode()


@pytest.mark.parametrize("text", ["nan,110", "-6.9", "x,y", "91,110", "-6,inf", "1,2,3", ","])
def test_a_position_that_is_none_is_ignored(text):
    assert web_filters.read(QueryDict(f"dekat={text}")).near is None


def test_around_a_point_the_nearest_come_first_page_by_page(client, make_report):
    now, filed = timezone.now(), []
    for number in range(60):
        place = {"latitude": -6.99 + number * 0.0001, "longitude": 110.423}
        filed.append(make_report(now=now - timedelta(hours=number % 7), **place).code)
    make_report(now=now, is_private=True, latitude=-6.99, longitude=110.423)
    met, cursor = [], ""
    for _page in range(3):
        query = {"dekat": "-6.990,110.423", "jarak": "1000"} | ({"sesudah": cursor} if cursor else {})
        page = client.get("/laporan/", query).context["page"]
        met += [report.code for report in page.reports]
        cursor = page.older
    assert met == filed
    assert cursor == ""
    near = client.get("/laporan/", {"dekat": "-6.990,110.423", "jarak": "500"})
    assert len(near.context["page"].reports) == 25
    assert near.context["page"].reports[1].distance_m == pytest.approx(11.1, abs=0.2)


def test_a_box_that_is_none_is_ignored(client, city_of):
    assert client.get("/laporan/?bbox=1,2").context["total"].number == 6


def test_the_longest_open_come_first(client, city_of):
    page = client.get("/laporan/?urut=lama").context["page"]
    assert [report.code for report in page.reports] == [
        city_of[name].code for name in ("old", "late", "planned", "again", "new")
    ]


def test_chips_take_one_filter_away_and_leave_the_rest(client, city_of):
    html = client.get("/laporan/?status=new&hanya=telat&dinas=DPU").content.decode()
    assert 'href="/laporan/?hanya=telat&amp;dinas=DPU"' in html
    assert 'href="/laporan/?status=new&amp;dinas=DPU"' in html
    assert 'href="/laporan/?status=new&amp;hanya=telat"' in html
    assert "data-keep-hash" in client.get("/peta/?status=new&hanya=telat").content.decode()


def test_a_total_is_not_counted_without_end(client, city_of, monkeypatch):
    monkeypatch.setattr("complaints.web.views_lists.COUNTED_UP_TO", 3)
    total = client.get("/laporan/?umur=30-hari").context["total"]
    assert (total.number, total.is_more) == (3, True)


def test_the_card_of_a_report_and_the_cards_in_view(
    client, city_of, make_report, django_assert_max_num_queries
):
    card = client.get(f"/peta/laporan/{city_of['late'].code}.html")
    assert card.status_code == 200
    assert f'href="/laporan/{city_of["late"].code}/"' in card.content.decode()
    hidden = make_report(is_private=True)
    assert client.get(f"/peta/laporan/{hidden.code}.html").status_code == 404
    assert client.get("/peta/laporan/xyz.html").status_code == 404
    with django_assert_max_num_queries(3):
        html = client.get("/peta/laporan.html", {"bbox": BOX}).content.decode()
    assert {code for code in (r.code for r in city_of.values()) if code in html} == {
        report.code for report in city_of.values()
    }
    assert hidden.code not in html
    assert client.get("/peta/laporan.html", {"bbox": "x"}).status_code == 400


def test_around_me_reaches_as_far_as_it_says(client, make_report):
    """Reports spread along a line to the south-west, the last of them just inside five kilometres."""
    centre = (-6.990, 110.423)
    for metres in (4_930, 4_960, 4_990, 5_010):
        make_report(latitude=centre[0] - metres / 111_195, longitude=centre[1])
    page = client.get("/laporan/", {"dekat": "-6.990,110.423", "jarak": "5000"}).context["page"]
    assert [round(report.distance_m, -1) for report in page.reports] == [4930, 4960, 4990]


SEA, SUBURB = "110.30000,-6.91000,110.34000,-6.87000", "110.40000,-7.01000,110.44500,-6.97000"


@pytest.mark.parametrize(("box", "expected"), [(SEA, 0), (SUBURB, 3), ("111,-6.5,112,-6", 0)])
def test_a_box_with_few_reports_does_not_read_all_of_them(client, make_report, box, expected):
    """Too large for its cells, too empty for reading in order: the counts say where its reports are."""
    for number in range(3):
        cells.refresh(make_report(latitude=-6.9903 + number / 1000, longitude=110.4229).pk)
    cells.refresh(make_report(latitude=-7.05, longitude=110.4229).pk)
    with CaptureQueriesContext(connection) as queries:
        page = client.get("/laporan/", {"bbox": box}).context["page"]
    assert len(page.reports) == expected
    for query in queries.captured_queries:
        sql = query["sql"]
        if "complaints_report" in sql and "latitude" in sql.split("WHERE")[-1]:
            assert '"id" IN (' in sql, sql


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL plans by statistics")
@pytest.mark.parametrize("query", [{"department": "DPU"}, {"area": "33.74.01"}])
def test_the_debts_of_an_office_are_not_looked_for_among_all_it_ever_had(query):
    plan = selectors_debt.debts(**query)[:5].explain()
    assert "INDEX" in plan
    assert [name for name in ("report_department", "report_area", "report_open") if name in plan] == []
