"""What citizens see of an incident: their own report, its primary's progress, nothing private."""

import json

import pytest
from django.urls import reverse

from complaints import links
from complaints.models import Report
from complaints.services import incidents
from complaints.services.status import change_status
from dispatch.services.casework import actor_of
from tests.conftest import NOW


@pytest.fixture
def officer(staff):
    return actor_of(staff("p3m"))


@pytest.fixture
def pair(make_report, route, officer):
    primary, report = route(make_report()), route(make_report(latitude=-6.99035))
    incidents.merge_reports(report.pk, primary.pk, actor=officer, now=NOW, why="Lubang yang sama.")
    for row in (primary, report):
        row.refresh_from_db()
    return primary, report


def api(client, report, secret="") -> dict:
    headers = {"X-Report-Secret": secret} if secret else {}
    answer = client.get(f"/api/v1/reports/{report.code}/", headers=headers)
    assert answer.status_code == 200
    return json.loads(answer.content)


def test_a_members_page_shows_the_primarys_progress(pair, client, officer):
    primary, report = pair
    change_status(primary.pk, "in_progress", actor=officer, now=NOW, message="Regu di lokasi.")
    page = client.get(links.public_path(report))
    text = page.content.decode()
    assert page.context["report"].status == "in_progress"
    assert "Regu di lokasi." in text
    assert links.public_path(primary) in text
    assert primary.spoken_code in text
    assert Report.objects.get(pk=report.pk).status == "assigned"


def test_the_primarys_page_says_how_many_are_affected(pair, client):
    page = client.get(links.public_path(pair[0]))
    found = page.context["incident"]
    assert (found.is_primary, found.reports, found.people) == (True, 2, 2)
    assert "2 laporan tentang hal ini" in page.content.decode()


def printed(client, report, **query) -> str:
    return client.get(f"{links.public_path(report)}cetak/", query).content.decode()


def test_the_printed_sheet_says_where_the_incident_stands_now(pair, client, officer):
    primary, report = pair
    before = printed(client, report)
    assert primary.spoken_code in before
    primary.category.needs_repair_photo = False
    primary.category.save()
    change_status(primary.pk, "in_progress", actor=officer, now=NOW, message="Regu di lokasi.")
    change_status(primary.pk, "resolved", actor=officer, now=NOW, message="Sudah ditambal.")
    sheet, poster = printed(client, report), printed(client, report, bentuk="poster")
    assert 'data-status="assigned"' in before
    for paper in (sheet, poster):
        assert 'data-status="resolved"' in paper
        assert 'data-status="assigned"' not in paper
        assert report.spoken_code in paper
    assert "Sudah ditambal." in sheet
    assert f"Ditangani bersama laporan {primary.spoken_code}" in sheet
    assert "2 laporan tentang hal ini" in printed(client, primary)
    assert Report.objects.get(pk=report.pk).status == "assigned"


def test_the_sheet_of_a_report_that_was_taken_out_is_its_own_again(pair, client, officer):
    primary, report = pair
    change_status(primary.pk, "in_progress", actor=officer, now=NOW, message="Regu di lokasi.")
    incidents.unmerge_report(report.pk, actor=officer, now=NOW, why="Lain.")
    sheet = printed(client, report)
    assert "Regu di lokasi." not in sheet
    assert primary.spoken_code not in sheet


def test_the_sheet_tells_nothing_of_a_private_primary(pair, client, officer):
    primary, report = pair
    Report.objects.filter(pk=primary.pk).update(is_private=True)
    change_status(primary.pk, "in_progress", actor=officer, now=NOW, message="Rahasia sekali.")
    sheet = printed(client, report)
    assert 'data-status="in_progress"' in sheet
    assert primary.spoken_code not in sheet
    assert primary.code not in sheet
    assert "Rahasia" not in sheet


def test_the_page_is_sent_anew_when_the_primary_changes(pair, client, officer):
    primary, report = pair
    client.get(links.public_path(report))  # sets the cookie that forms need
    tag = client.get(links.public_path(report))["ETag"]
    again = client.get(links.public_path(report), headers={"If-None-Match": tag})
    assert again.status_code == 304
    change_status(primary.pk, "in_progress", actor=officer, now=NOW)
    assert client.get(links.public_path(report), headers={"If-None-Match": tag}).status_code == 200


def test_lists_have_an_incident_once(pair, client):
    primary, report = pair
    codes = [row["code"] for row in json.loads(client.get("/api/v1/reports/").content)["results"]]
    assert codes == [primary.code]
    listed = client.get("/laporan/").content.decode()
    assert links.public_path(primary) in listed
    assert links.public_path(report) not in listed


def test_the_api_tells_of_it(pair, client, officer):
    primary, report = pair
    change_status(primary.pk, "in_progress", actor=officer, now=NOW)
    told = api(client, report)
    assert (told["status"], told["is_open"]) == ("in_progress", True)
    assert told["incident"]["primary"] == primary.code
    assert told["incident"]["self"].endswith(f"/api/v1/reports/{primary.code}/")
    assert {key: told["incident"][key] for key in ("is_primary", "reports", "people")} == {
        "is_primary": False,
        "reports": 2,
        "people": 2,
    }
    incidents.unmerge_report(report.pk, actor=officer, now=NOW, why="Lain.")
    told = api(client, report)
    assert (told["status"], told["incident"]) == ("assigned", None)


def test_nothing_tells_of_a_private_primary(pair, client, officer):
    primary, report = pair
    Report.objects.filter(pk=primary.pk).update(is_private=True)
    change_status(primary.pk, "in_progress", actor=officer, now=NOW, message="Rahasia sekali.")
    page = client.get(links.public_path(report)).content.decode()
    told = api(client, report)
    for text in (page, json.dumps(told)):
        assert primary.code not in text
        assert primary.spoken_code not in text
        assert "Rahasia" not in text
    assert told["status"] == "in_progress"
    assert told["incident"] == {
        "is_primary": False,
        "primary": None,
        "reports": 0,
        "people": 0,
        "self": None,
    }


def test_nothing_public_tells_of_a_private_member(make_report, route, officer, client):
    primary, hidden = route(make_report()), route(make_report(is_private=True))
    incidents.merge_reports(hidden.pk, primary.pk, actor=officer, now=NOW, why="Rahasia.")
    page = client.get(links.public_path(primary)).content.decode()
    told = api(client, primary)
    assert told["incident"] is None
    for text in (page, json.dumps(told)):
        assert hidden.code not in text
        assert hidden.spoken_code not in text
        assert "Rahasia" not in text
    assert client.get(links.public_path(hidden)).status_code == 404
    own = client.get(links.private_path(hidden))
    assert primary.spoken_code in own.content.decode()


def test_a_members_reporter_answers_for_the_incident(pair, client, officer):
    primary, report = pair
    primary.category.needs_repair_photo = False
    primary.category.save()
    change_status(primary.pk, "in_progress", actor=officer, now=NOW)
    change_status(primary.pk, "resolved", actor=officer, now=NOW, message="Sudah ditambal.")
    page = client.get(links.private_path(report))
    assert page.context["can_confirm"]
    sent = {"kunci": links.secret_of(report), "text": "Terima kasih."}
    answer = client.post(reverse("report_confirm", args=[report.code]), sent)
    assert answer.status_code in (302, 303)
    primary.refresh_from_db()
    assert (primary.status, primary.closure) == ("closed", "confirmed")
