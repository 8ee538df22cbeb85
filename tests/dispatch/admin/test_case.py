"""The case page: what an officer reads, and what each step does, refuses and keeps."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from city import snapshot as city
from complaints import selectors
from complaints.models import Event
from dispatch.domain import casework
from dispatch.models import RoutingDecision
from tests.conftest import NOW
from tests.dispatch.admin.conftest import LIST, case_url, everything_about


@pytest.fixture
def handler(staff):
    return staff("handler", "DPU")


@pytest.fixture
def page(browser, handler):
    return browser(handler)


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_the_page_tells_the_whole_case(report_at, page, take, handler):
    report = report_at("DPU", description="Lubang & genangan di tikungan.", street="Jl. Pandanaran")
    take(report, "accept", handler)
    take(report, "note", handler, message="Bawa aspal dingin.")
    html = text_of(page.get(case_url(report)))
    assert report.spoken_code in html
    assert "Lubang &amp; genangan di tikungan." in html
    assert "Dinas Pekerjaan Umum" in html
    assert "Ruas ini milik kota." in html  # the decision's reason
    assert "Bawa aspal dingin." in html
    assert 'class="is-internal"' in html
    assert f'data-lat="{report.latitude:.6f}"' in html


def test_answers_stand_in_words(report_at, page):
    category = city.current().categories["jalan-lubang"]
    question = next(item for item in category.questions if item.choices)
    choice = question.choices[0]
    html = text_of(page.get(case_url(report_at("DPU", answers={question.code: choice.value}))))
    assert question.text in html
    assert choice.label in html


def test_the_steps_follow_the_state(report_at, page, take, handler):
    report = report_at("DPU")

    def offered():
        return [item["name"] for item in page.get(case_url(report)).context["steps"]]

    ends = ["not_ours", "severity", "recategorise", "relocate", "reject", "take", "reply", "note"]
    assert offered() == ["accept", "start", "make_safe", "resolve", "wait", "schedule", *ends]
    take(report, "accept", handler)
    assert offered() == ["start", "make_safe", "resolve", "wait", "schedule", *ends]
    take(report, "start", handler)
    assert offered() == ["make_safe", "resolve", "wait", "schedule", *ends]
    take(report, "make_safe", handler)
    assert offered() == ["resolve", "wait", "schedule", *ends]
    take(report, "take", handler)
    assert "take" not in offered()
    take(report, "reject", handler, reason_code="cannot_find", message="Tidak ada.")
    assert offered() == ["reply", "note"]


ALL_STEPS = list(casework.STEPS)


@pytest.mark.parametrize(
    ("status", "offered", "first"),
    [
        ("assigned", [step for step in ALL_STEPS if step != "decide"], ["accept", "start", "not_ours"]),
        ("assigned", ["start", "resolve", "wait", "not_ours", "note"], ["start", "resolve", "not_ours"]),
        ("referred", ["accept", "start", "resolve", "reject"], ["accept", "start", "resolve"]),
        ("in_progress", ["resolve", "wait", "schedule", "reply"], ["resolve", "wait", "reply"]),
        ("waiting", ["start", "resolve", "schedule", "reply", "note"], ["start", "resolve", "reply"]),
        ("triage", ["decide", "reply", "note"], ["decide", "reply"]),
        ("received", ["reply", "note"], ["reply", "note"]),  # an operator, where only others can go on
        ("closed", ["reply", "note"], ["reply", "note"]),
        ("assigned", [], []),
    ],
)
def test_the_likeliest_steps_stand_first(status, offered, first):
    assert casework.first(offered, status) == first


def test_every_step_is_offered_once_and_the_unlikely_ones_are_folded(report_at, page, step):
    report = report_at("DPU")
    html = page.get(case_url(report)).content.decode()
    before, folded = html.split("data-other-steps>", 1)
    folded = folded.split('aria-labelledby="h-janji"')[0]
    for name in ("accept", "start", "not_ours"):
        assert f'data-step="{name}"' in before
    for name in ("make_safe", "resolve", "wait", "schedule", "reject", "take", "reply", "note"):
        assert f'data-step="{name}"' in folded
        assert html.count(f'data-step="{name}"') == 1
    failed = step(page, report, "resolve", message="")  # what went wrong is not folded away
    assert "data-other-steps open>" in failed.content.decode()


def test_accepting_starting_and_waiting(report_at, page, step, handler):
    report = report_at("DPU")
    assert step(page, report, "accept").url == case_url(report)
    report.refresh_from_db()
    assert report.acknowledged_at is not None
    step(page, report, "start", message="Tim berangkat.")
    report.refresh_from_db()
    assert report.status == "in_progress"
    step(page, report, "wait", waiting_on="reporter", waiting_reason="Mohon foto dari dekat")
    report.refresh_from_db()
    assert (report.status, report.waiting_on) == ("waiting", "reporter")
    assert report.waiting_reason == "Mohon foto dari dekat"
    pauses = page.get(case_url(report)).context["pauses"]
    assert [(pause["reason"], pause["until"]) for pause in pauses] == [("Mohon foto dari dekat", None)]
    events = Event.objects.filter(report=report, actor=handler).order_by("id")
    assert [event.kind for event in events] == ["acknowledged", "status", "status"]
    assert {event.department_id for event in events} == {handler.department_id}


def test_scheduling_needs_a_day_to_come(report_at, page, step):
    report = report_at("DPU")
    response = step(
        page,
        report,
        "schedule",
        scheduled_for="2020-01-01",
        budget_line="APBD 2027",
        message="Menunggu anggaran.",
    )
    assert response.status_code == 422
    assert "scheduled_for" in response.context["attempt"].faults
    assert "Menunggu anggaran." in text_of(response)
    assert (
        step(page, report, "schedule", scheduled_for="2099-02-03", budget_line="APBD 2027").status_code == 302
    )
    report.refresh_from_db()
    assert report.scheduled_for.isoformat() == "2099-02-03"


@pytest.mark.parametrize(
    ("name", "data", "field"),
    [
        ("wait", {"waiting_on": "other"}, "waiting_reason"),
        ("reject", {"message": "Tidak ditemukan."}, "reason_code"),
        ("reject", {"reason_code": "cannot_find"}, "message"),
        ("reject", {"reason_code": "because", "message": "Tidak."}, "reason_code"),
        ("resolve", {}, "message"),
        ("not_ours", {}, "message"),
        ("not_ours", {"message": "Milik lain.", "department": "TIDAK-ADA"}, "department"),
        ("not_ours", {"message": "Milik lain.", "department": "DPU"}, "department"),
        ("reply", {}, "message"),
        ("note", {"message": "   "}, "message"),
        ("schedule", {"scheduled_for": "besok"}, "scheduled_for"),
    ],
)
def test_what_is_missing_is_said_at_its_field(name, data, field, report_at, page, step):
    report = report_at("DPU")
    before = everything_about(report)
    response = step(page, report, name, **data)
    assert response.status_code == 422
    assert field in response.context["attempt"].faults
    assert str(response.context["attempt"].faults[field]) in response.content.decode()
    assert everything_about(report) == before
    opened = [item["name"] for item in response.context["steps"] if item["is_open"]]
    assert opened == [name]


def test_the_slower_of_two_officers_sees_what_happened_and_keeps_the_text(
    report_at, staff, browser, step, page
):
    report = report_at("DPU")
    seen = Event.objects.filter(report=report).latest("id").pk
    faster = staff("handler", "DPU")
    step(browser(faster), report, "start", message="Sudah kami mulai.")
    before = everything_about(report)
    response = step(page, report, "reply", message="Kami datang besok pagi.", seen=seen)
    assert response.status_code == 409
    html = text_of(response)
    assert "Kami datang besok pagi." in html
    assert faster.username in html
    assert [line["event"].kind for line in response.context["meanwhile"]] == ["status"]
    assert everything_about(report) == before
    # The page now carries the version it shows: sending again goes through.
    report.refresh_from_db()
    assert f'name="version" value="{report.version}"' in html
    assert step(page, report, "reply", message="Kami datang besok pagi.").status_code == 302


def test_a_step_that_no_longer_fits_hands_the_text_back(report_at, staff, browser, step, page):
    report = report_at("DPU")
    step(
        browser(staff("handler", "DPU")),
        report,
        "reject",
        reason_code="cannot_find",
        message="Tidak ditemukan.",
    )
    response = step(page, report, "wait", waiting_on="other", waiting_reason="PDAM menutup pipa")
    assert response.status_code == 409
    assert response.context["is_lost"]
    assert "PDAM menutup pipa" in text_of(response)


def test_a_report_handed_over_meanwhile_is_gone_with_a_message(report_at, desk, take, step, page):
    report = report_at("DPU")
    take(report, "not_ours", desk, message="Milik DLH.", department_id=city.current().departments["DLH"].id)
    before = everything_about(report)
    response = step(page, report, "start", version=1)
    assert response.status_code == 404
    assert everything_about(report) == before


def test_a_step_that_the_state_forbids_is_explained(report_at, take, handler, step, page):
    report = report_at("DPU")
    take(report, "accept", handler)
    before = everything_about(report)
    response = step(page, report, "accept")
    assert response.status_code == 422
    assert response.context["attempt"].error.code == "transition_not_allowed"
    assert everything_about(report) == before


@pytest.mark.parametrize("version", ["", "abc", "0", "99"])
def test_a_step_without_the_version_that_was_seen_changes_nothing(version, report_at, page):
    report = report_at("DPU")
    before = everything_about(report)
    url = reverse("admin:complaints_report_step", args=[report.pk, "accept"])
    assert page.post(url, {"version": version}).status_code in (409, 422)
    assert everything_about(report) == before


# --- Not ours ------------------------------------------------------------------------------------------


def test_not_ours_without_a_department_goes_to_the_desk(report_at, page, step, handler, staff, browser):
    report = report_at("DPU")
    query = "?_changelist_filters=tenggat%3Doverdue"
    response = step(page, report, "not_ours", query=query, message="Ini saluran provinsi.")
    assert (response.status_code, response.url) == (302, reverse(LIST) + "?tenggat=overdue")
    report.refresh_from_db()
    assert (report.status, report.department_id, report.handover_count) == ("triage", None, 2)
    assert page.get(case_url(report)).status_code == 404
    event = Event.objects.filter(report=report).latest("id")
    assert (event.kind, event.text, event.is_public) == ("handed_over", "Ini saluran provinsi.", True)
    desk_page = browser(staff("p3m")).get(case_url(report))
    assert "Ini saluran provinsi." in text_of(desk_page)


def test_not_ours_with_a_department_goes_there_with_a_new_promise(report_at, page, step, staff):
    report = report_at("DPU", now=NOW - timedelta(days=20))
    due_before = report.due_at
    step(page, report, "not_ours", department="DLH", message="Ini sampah, bukan saluran.")
    report.refresh_from_db()
    assert (report.status, report.department.code) == ("assigned", "DLH")
    assert report.due_at > due_before
    assert report.acknowledged_at is None
    assert selectors.for_staff(staff("handler", "DLH")).filter(pk=report.pk).exists()
    assert RoutingDecision.objects.filter(report=report).latest("id").reasons == [
        "Ini sampah, bukan saluran."
    ]


def test_not_ours_to_an_owner_outside_the_city_is_a_referral(report_at, page, step):
    report = report_at("DPU")
    step(page, report, "not_ours", department="BBWS", message="Kanal banjir milik BBWS.")
    report.refresh_from_db()
    assert (report.status, report.department.code, report.is_open) == ("referred", "BBWS", True)


def test_the_desk_decides_with_another_severity(report_at, staff, browser, step):
    report = report_at(None)
    desk = browser(staff("p3m"))
    assert desk.get(case_url(report)).context["steps"][0]["name"] == "decide"
    assert step(desk, report, "decide", message="Jalan kota.").status_code == 422
    step(desk, report, "decide", department="DPU", severity="4", message="Jalan kota, lubang besar.")
    report.refresh_from_db()
    assert (report.status, report.department.code, report.severity) == ("assigned", "DPU", 4)


# --- Handlers, replies, the way back -------------------------------------------------------------------


def test_only_a_colleague_of_the_department_can_be_named(report_at, staff, browser, step):
    report = report_at("DPU")
    head = browser(staff("department_admin", "DPU"))
    before = everything_about(report)
    for stranger in (staff("handler", "DLH").pk, staff("viewer", "DPU").pk, 999_999):
        assert step(head, report, "assign", assignee=stranger).status_code == 422
    assert everything_about(report) == before
    colleague = staff("handler", "DPU")
    assert step(head, report, "assign", assignee=colleague.pk).status_code == 302
    report.refresh_from_db()
    assert report.assignee == colleague


def test_a_reply_is_public_and_a_note_is_not(report_at, page, step, client):
    report = report_at("DPU")
    step(page, report, "reply", message="Tim kami datang besok.")
    report.refresh_from_db()
    step(page, report, "note", message="Cek anggaran pos 4.")
    public = client.get(reverse("report_detail", args=[report.code])).content.decode()
    assert "Tim kami datang besok." in public
    assert "Cek anggaran pos 4." not in public


def test_the_filters_lead_back(report_at, page, step):
    report = report_at("DPU")
    query = "?_changelist_filters=tingkat%3D4%26urut%3Dterbaru"
    response = page.get(case_url(report) + query)
    assert response.context["list_url"] == reverse(LIST) + "?tingkat=4&urut=terbaru"
    assert step(page, report, "accept", query=query).url == case_url(report) + query


def test_the_history_is_the_timeline(report_at, page):
    report = report_at("DPU")
    response = page.get(reverse("admin:complaints_report_history", args=[report.pk]))
    assert (response.status_code, response.url) == (302, case_url(report) + "#riwayat")


@pytest.mark.parametrize("pk", ["999999", "0", "abc", "99999999999999999999999"])
def test_an_unknown_report_is_not_found(pk, page):
    assert page.get(f"/admin/complaints/report/{pk}/change/").status_code == 404


def test_what_a_citizen_typed_cannot_run(report_at, page, take, handler):
    report = report_at(
        "DPU", description="<script>alert(1)</script>", street='"><img src=x onerror=alert(1)>'
    )
    take(report, "note", handler, message="<b onclick=alert(1)>x</b>")
    for url in (case_url(report), reverse(LIST), reverse("admin:index")):
        html = page.get(url).content.decode()
        assert "<script>alert(1)" not in html
        assert "<img src=x" not in html
        assert "<b onclick" not in html


def test_the_page_costs_the_same_few_queries_whatever_the_story(report_at, page, take, handler, settings):
    settings.CITY_VERSION_MAX_AGE_S = 60.0
    report = report_at("DPU")
    page.get(case_url(report))
    costs = []
    for more in (1, 12):
        for number in range(more):
            take(report, "note", handler, message=f"Catatan {number}")
        with CaptureQueriesContext(connection) as queries:
            page.get(case_url(report))
        costs.append(len(queries))
    assert costs[0] == costs[1]
    assert costs[1] <= 21  # alike reports three, what lies around three, colleagues three
