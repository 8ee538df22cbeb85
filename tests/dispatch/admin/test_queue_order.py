"""What the queue shows first, and how its pages are cut."""

from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone

from complaints.models import Report
from dispatch.services import worklist
from tests.dispatch.admin.conftest import LIST, codes_in, copies, due


def test_what_is_planned_or_waits_stands_after_every_running_clock(report_at, listed, browser, take, handler):
    """Their old promise is no longer due, however long ago it was."""
    later, sooner, waiting = (report_at("DPU") for _ in range(3))
    for report, month in ((later, 4), (sooner, 2)):
        take(
            report,
            "schedule",
            handler,
            scheduled_for=date(2027, month, 1),
            budget_line="APBD 2027",
            message="Menunggu anggaran.",
        )
    take(waiting, "wait", handler, waiting_reason="Pipa PDAM")
    late, soon, unpromised = (report_at("DPU") for _ in range(3))
    for report, delta in (
        (later, -90),
        (sooner, -80),
        (waiting, -70),
        (late, -1),
        (soon, 3),
        (unpromised, None),
    ):
        due(report, delta if delta is None else timedelta(days=delta))
    running = [late.code, soon.code, unpromised.code]
    assert listed() == [*running, waiting.code, sooner.code, later.code]
    Report.objects.update(severity=3)
    assert listed(urut="tingkat") == [*running, waiting.code, sooner.code, later.code]
    html = browser(handler).get(reverse(LIST)).content.decode()
    assert html.count('class="is-late"') == html.count("due-late") == 1
    row = html.split(f'data-code="{sooner.code}"')[1].split("</tr>")[0]
    assert "Rencana 1 Feb 2027</span></td>" in row  # and no date of the old promise below it
    home = browser(handler).get(reverse("admin:index"))
    assert {card["name"]: card["count"] for card in home.context["cards"]}["overdue"] == 1
    assert [report.pk for report in home.context["late"]] == [late.pk]


def test_a_page_is_cut_out_of_the_whole_order(report_at, take, handler):
    planned, waiting = report_at("DPU"), report_at("DPU")
    take(
        planned,
        "schedule",
        handler,
        scheduled_for=date(2027, 4, 1),
        budget_line="APBD 2027",
        message="Menunggu anggaran.",
    )
    take(waiting, "wait", handler, waiting_reason="Pipa PDAM")
    copies(planned, 2)
    copies(report_at("DPU"), 3)
    due(report_at("DPU"), None)
    everything = Report.objects.all()
    whole = [report.pk for report in everything.order_by(*worklist.by_promise())]
    assert len(whole) == 9
    for start in range(10):
        for stop in range(start + 1, 12):
            part = worklist.slice_by_promise(everything, start, stop)
            assert [report.pk for report in part] == whole[start:stop]


def test_leafing_through_comes_from_the_running_to_the_planned(report_at, browser, handler, take):
    planned = report_at("DPU")
    take(
        planned,
        "schedule",
        handler,
        scheduled_for=date(2027, 4, 1),
        budget_line="APBD 2027",
        message="Menunggu anggaran.",
    )
    copies(planned, 60)
    copies(report_at("DPU"), 89)
    page = browser(handler)
    pages = [page.get(reverse(LIST), {"p": str(number)}) for number in (1, 2)]
    states = [[report.status for report in response.context["cl"].result_list] for response in pages]
    assert states == [["assigned"] * 90 + ["scheduled"] * 10, ["scheduled"] * 51]
    assert len({code for response in pages for code in codes_in(response)}) == 151


def test_equal_promises_keep_their_order(report_at, listed):
    reports = [report_at("DPU") for _ in range(4)]
    Report.objects.update(due_at=timezone.now() + timedelta(hours=5))
    assert listed() == [report.code for report in reports]
