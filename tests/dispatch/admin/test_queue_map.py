"""The data of the map beside the list."""

import pytest
from django.urls import reverse

from city.models import User
from complaints.models import Report
from dispatch.admin import queue_map
from dispatch.models import QueueSetting
from dispatch.services import worklist
from tests.dispatch.admin.conftest import LIST, copies

MAP = "admin:complaints_report_map"
CITY = "110.26,-7.12,110.52,-6.90"


@pytest.fixture
def drawn(browser, handler):
    page = browser(handler)

    def get(**params) -> dict:
        response = page.get(reverse(MAP), {"bbox": CITY, "zoom": "12", **params})
        assert response.status_code == 200
        return response.json()

    return get


def test_the_map_draws_what_the_list_shows(report_at, drawn, take, handler):
    one, other = report_at("DPU"), take(report_at("DPU"), "start", handler)
    report_at("DLH")
    report_at(None)
    answer = drawn()
    assert {point[0] for point in answer["points"]} == {one.pk, other.pk}
    assert (answer["total"], answer["is_bounded"], answer["cells"]) == (2, False, [])
    point = next(point for point in answer["points"] if point[0] == other.pk)
    assert point[1:5] == [round(other.latitude, 6), round(other.longitude, 6), "working", other.category_id]
    assert answer["kinds"] == {str(other.category_id): other.category.name}
    assert [point[0] for point in drawn(status="in_progress")["points"]] == [other.pk]
    assert drawn(bbox="110.26,-7.12,110.27,-7.11")["total"] == 0


def test_nothing_of_the_reporter_is_in_it(report_at, browser, handler):
    report = report_at("DPU")
    text = browser(handler).get(reverse(MAP), {"bbox": CITY}).content.decode()
    assert str(report.pk) in text
    assert report.description not in text


def test_many_are_counted_in_cells_and_none_is_lost(report_at, drawn, monkeypatch):
    copies(report_at("DPU"), 6)
    monkeypatch.setattr(queue_map, "POINTS_AT_MOST", 5)
    answer = drawn()
    assert answer["points"] == []
    assert (answer["total"], sum(cell[2] for cell in answer["cells"])) == (7, 7)
    assert [sum(cell[3].values()) for cell in answer["cells"]] == [cell[2] for cell in answer["cells"]]


def test_too_many_are_said_not_cut(report_at, drawn, monkeypatch):
    copies(report_at("DPU"), 6)
    monkeypatch.setattr(worklist, "COUNT_AT_MOST", 3)
    answer = drawn()
    assert (answer["points"], answer["cells"]) == ([], [])
    assert (answer["total"], answer["is_bounded"]) == (3, True)


@pytest.mark.parametrize("bbox", ["x", "1,2,3", "nan,1,2,3", "1,2,3,inf"])
def test_a_bad_box_is_refused(bbox, browser, handler):
    assert browser(handler).get(reverse(MAP), {"bbox": bbox}).status_code == 400


@pytest.mark.parametrize("zoom", ["", "x", "-1", "99", "²"])
def test_a_bad_zoom_does_no_harm(zoom, report_at, drawn):
    report_at("DPU")
    assert drawn(zoom=zoom)["total"] == 1


def test_who_sees_no_reports_sees_no_map(client, db, browser, report_at):
    report_at("DPU")
    assert client.get(reverse(MAP)).status_code == 302
    nobody = User.objects.create_user("tanpa-peran", password="x", is_staff=True)
    assert browser(nobody).get(reverse(MAP)).status_code == 403


def test_the_map_costs_the_same_at_any_size(report_at, drawn, count_queries):
    report = report_at("DPU")
    drawn()
    few = count_queries(drawn)
    copies(report, 80)
    assert count_queries(drawn) == few <= 9
    assert Report.objects.count() == 81


def test_the_page_has_a_map_for_who_wants_one(report_at, browser, handler):
    report = report_at("DPU")
    page = browser(handler)
    assert 'id="peta-antrean"' not in page.get(reverse(LIST)).content.decode()
    QueueSetting.objects.create(user=handler, shows_map=True)
    html = page.get(reverse(LIST), {"tingkat": str(report.severity)}).content.decode()
    assert f'data-query="tingkat={report.severity}"' in html
    assert f'data-at="{report.latitude:.6f},{report.longitude:.6f}"' in html
