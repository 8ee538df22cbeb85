"""From case to case of a list, and the steps that one key takes."""

from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from complaints.models import Event, Report
from dispatch.domain import queue_query
from dispatch.models import QueueSetting
from dispatch.services import walk
from tests.conftest import NOW
from tests.dispatch.admin.conftest import LIST, case_url, copies, due, everything_about


def next_url(report, **params) -> str:
    return _url("admin:complaints_report_next", report, params)


def previous_url(report, **params) -> str:
    return _url("admin:complaints_report_previous", report, params)


def _url(name, report, params) -> str:
    query = urlencode({"_changelist_filters": urlencode(params)}) if params else ""
    return reverse(name, args=[report.pk]) + (f"?{query}" if query else "")


def from_list(**params) -> str:
    return "?" + urlencode({"_changelist_filters": urlencode(params or {"status": "open"})})


def quick(client, report, step, **data):
    address = reverse("admin:complaints_report_quick", args=[report.pk, step])
    return client.post(address, {"version": report.version, "list": "status=open", **data})


@pytest.fixture
def varied(report_at, take):
    """Running clocks, equal promises, none, waiting, planned and equal plans, of several severities."""
    reports = [report_at("DPU") for _ in range(10)]
    for report, days in zip(reports[:6], (-9, -1, 2, 2, 2, None), strict=True):
        due(report, timedelta(days=days) if days is not None else None)
    Report.objects.filter(pk=reports[3].pk).update(due_at=Report.objects.get(pk=reports[2].pk).due_at)
    for report in reports[6:8]:
        take(report, "wait", waiting_reason="Pipa PDAM")
    due(reports[6], None)
    for report in reports[8:]:
        take(
            report, "schedule", scheduled_for=date(2027, 2, 1), budget_line="APBD", message="Tunggu anggaran."
        )
    for number, report in enumerate(reports):
        Report.objects.filter(pk=report.pk).update(
            severity=2 + number % 3, created_at=NOW + timedelta(hours=number % 4), updated_at=NOW
        )
    return reports


@pytest.mark.parametrize("order", queue_query.ORDERS)
@pytest.mark.parametrize("is_forward", [True, False])
def test_walking_on_passes_every_case_once_in_the_lists_order(order, is_forward, varied, listed):
    """The attack: whatever a report's values, walking and the list never disagree."""
    codes = listed(urut=order) if order else listed()
    assert len(codes) == 10
    ids = [Report.objects.get(code=code).pk for code in (codes if is_forward else codes[::-1])]
    everything = Report.objects.filter(is_open=True)
    walked = [ids[0]]
    while len(walked) < 20:
        place = walk.place_of(Report.objects.get(pk=walked[-1]))
        found = walk.neighbour(everything, place, order, is_forward=is_forward)
        if found is None:
            break
        walked.append(found)
    assert walked == ids


def test_next_and_previous_keep_the_list(report_at, browser, handler):
    first, second = (due(report_at("DPU"), timedelta(hours=hour)) for hour in (3, 5))
    due(report_at("DLH"), timedelta(hours=4))
    page = browser(handler)
    asked = {"tingkat": str(first.severity), "p": "1"}
    answer = page.get(next_url(first, **asked))
    assert answer.url == case_url(second) + "?" + urlencode({"_changelist_filters": urlencode(asked)})
    assert page.get(previous_url(second)).url == case_url(first)
    for address, report in ((next_url(second), second), (previous_url(first), first)):
        answer = page.get(address, follow=True)
        assert answer.redirect_chain == [(case_url(report), 302)]
        assert len(list(answer.context["messages"])) == 1


def test_nobody_walks_from_anothers_case(report_at, browser, handler):
    theirs = report_at("DLH")
    page = browser(handler)
    assert page.get(next_url(theirs)).status_code == 404
    assert page.get(reverse("admin:complaints_report_people", args=[theirs.pk])).status_code == 404
    before = everything_about(theirs)
    assert quick(page, theirs, "accept").status_code == 404
    assert everything_about(theirs) == before


@pytest.mark.parametrize(
    ("step", "details"),
    [
        ("reject", {"reason_code": "cannot_find", "message": "Tidak ada."}),
        ("not_ours", {"message": "Ini jalan nasional.", "department": "DLH"}),
        ("wait", {"waiting_on": "other", "waiting_reason": "Pipa PDAM"}),
    ],
)
def test_the_next_case_opens_when_one_is_done(step, details, report_at, browser, handler):
    take_step = reverse("admin:complaints_report_step", args=[0, step])
    before, done, after = (due(report_at("DPU"), timedelta(hours=hour)) for hour in (1, 2, 3))
    page = browser(handler)
    address = take_step.replace("/0/", f"/{done.pk}/") + from_list()
    answer = page.post(address, {"version": done.version, "seen": 0, **details}, follow=True)
    assert answer.redirect_chain == [(case_url(after) + from_list(), 302)]
    (said,) = answer.context["messages"]
    assert done.spoken_code in str(said)
    assert f'href="{case_url(done)}' in str(said)
    assert before.pk != after.pk


def test_the_last_case_leads_back_to_its_list(report_at, browser, handler, step):
    earlier, done = (due(report_at("DPU"), timedelta(hours=hour)) for hour in (1, 2))
    answer = step(
        *(browser(handler), done, "reject"),
        query=from_list(tingkat=done.severity),
        reason_code="cannot_find",
        message="Tidak ada.",
    )
    assert answer.url == reverse(LIST) + f"?tingkat={done.severity}"
    assert Report.objects.get(pk=earlier.pk).status == "assigned"


@pytest.mark.parametrize("why", ["switched off", "not from a list", "not at its end"])
def test_otherwise_the_case_stays(why, report_at, browser, handler, step):
    report, _other = (due(report_at("DPU"), timedelta(hours=hour)) for hour in (1, 2))
    if why == "switched off":
        QueueSetting.objects.create(user=handler, opens_next=False)
    query = "" if why == "not from a list" else from_list()
    name = "start" if why == "not at its end" else "reject"
    details = {} if name == "start" else {"reason_code": "cannot_find", "message": "Tidak ada."}
    answer = step(browser(handler), report, name, query=query, **details)
    assert answer.url == case_url(report) + query


def test_walking_costs_the_same_at_any_size(report_at, browser, handler, count_queries):
    page = browser(handler)
    first = due(report_at("DPU"), timedelta(hours=1))
    copies(due(report_at("DPU"), timedelta(hours=2)), 1)
    few = count_queries(lambda: page.get(next_url(first)))
    copies(due(report_at("DPU"), timedelta(hours=3)), 80)
    assert count_queries(lambda: page.get(next_url(first))) <= few <= 10


# --- One key --------------------------------------------------------------------------------------------


def test_one_key_takes_the_sensible_step_until_words_are_needed(report_at, browser, handler):
    report = report_at("DPU")
    Report.objects.filter(pk=report.pk).update(make_safe_due_at=None)
    page = browser(handler)
    for status, accepted in (("assigned", True), ("in_progress", True)):
        answer = quick(page, report, "next")
        assert answer.status_code == 200, answer.content
        report.refresh_from_db()
        assert (report.status, report.acknowledged_at is not None) == (status, accepted)
        data = answer.json()
        assert report.spoken_code in data["said"]
        assert (f'data-version="{report.version}"' in data["row"], data["is_listed"]) == (True, True)
        assert f'href="{case_url(report)}?_changelist_filters=status%3Dopen"' in data["row"]
    before = everything_about(report)
    answer = quick(page, report, "next").json()
    assert answer["open"] == f"{case_url(report)}?_changelist_filters=status%3Dopen#langkah-resolve"
    assert everything_about(report) == before


def test_a_row_that_leaves_the_list_says_so(report_at, browser, handler):
    report = report_at("DPU")
    answer = quick(browser(handler), report, "next", list="status=new", ticks="1").json()
    assert answer["is_listed"] is False
    assert 'name="_selected_action"' in answer["row"]


def test_somebody_was_faster(report_at, browser, handler, take):
    seen = report_at("DPU")
    take(Report.objects.get(pk=seen.pk), "start", handler)
    before = everything_about(seen)
    answer = quick(browser(handler), seen, "take")
    assert answer.status_code == 409
    assert f'data-version="{seen.version + 1}"' in answer.json()["row"]
    assert everything_about(seen) == before


def test_naming_a_handler_from_the_list(report_at, browser, staff, handler):
    report, stranger = report_at("DPU"), staff("handler", "DLH")
    page = browser(staff("department_admin", "DPU"))
    people = page.get(reverse("admin:complaints_report_people", args=[report.pk])).json()["people"]
    assert handler.pk in [pk for pk, _name in people]
    assert stranger.pk not in [pk for pk, _name in people]
    before = everything_about(report)
    for wrong in (stranger.pk, "x", ""):
        assert quick(page, report, "assign", assignee=wrong).status_code == 422
    assert everything_about(report) == before
    assert quick(page, report, "assign", assignee=handler.pk).status_code == 200
    report.refresh_from_db()
    assert report.assignee == handler
    assert Event.objects.filter(report=report, kind="assignee").count() == 1


@pytest.mark.parametrize("role", ["viewer", "planner", "operator", "duty_officer"])
@pytest.mark.parametrize("step", ["accept", "start", "take", "assign", "resolve"])
def test_one_key_is_no_way_round_the_roles(role, step, report_at, browser, staff, handler):
    report = report_at("DPU")
    before = everything_about(report)
    page = browser(staff(role, "DPU" if role == "viewer" else None))
    assert quick(page, report, step, assignee=handler.pk).status_code == 403
    assert page.get(reverse("admin:complaints_report_people", args=[report.pk])).status_code == 403
    assert everything_about(report) == before


@pytest.mark.parametrize("step", ["resolve", "reject", "not_ours"])
def test_what_needs_words_is_never_taken_by_a_key(step, report_at, browser, handler):
    report = report_at("DPU")
    before = everything_about(report)
    answer = quick(browser(handler), report, step, message="Selesai.")
    assert answer.json()["open"].endswith(f"#langkah-{step}")
    assert everything_about(report) == before


def test_looking_at_a_quick_address_changes_nothing(report_at, browser, handler):
    report = report_at("DPU")
    before = everything_about(report)
    address = reverse("admin:complaints_report_quick", args=[report.pk, "accept"])
    assert browser(handler).get(address).url == case_url(report)
    assert everything_about(report) == before


def test_the_list_knows_that_keys_are_off(report_at, browser, handler):
    report = report_at("DPU")
    page = browser(handler)
    assert "data-keys-off" not in page.get(reverse(LIST)).content.decode()
    QueueSetting.objects.create(user=handler, has_keys=False)
    for address in (reverse(LIST), case_url(report)):
        assert "data-keys-off" in page.get(address).content.decode()
