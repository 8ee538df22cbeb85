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


def unsafe(report, delta, *, severity=5):
    """Danger to life: promised to be made safe, and no day named for the repair."""
    by = timezone.now() + delta
    Report.objects.filter(pk=report.pk).update(severity=severity, due_at=None, make_safe_due_at=by)


def test_danger_that_nobody_ended_stands_before_everything(report_at, listed, browser, take, handler):
    late, worse, soon, ended, unpromised = (report_at("DPU") for _ in range(5))
    due(late, timedelta(days=-60))
    due(unpromised, None)
    unsafe(worse, timedelta(days=-2))
    unsafe(soon, timedelta(minutes=40))
    unsafe(ended, timedelta(days=-90))
    take(ended, "make_safe", handler)
    expected = [worse.code, soon.code, late.code, ended.code, unpromised.code]
    assert sorted(listed()[3:]) == sorted(expected[3:])
    assert listed()[:3] == expected[:3]
    assert listed(tenggat="overdue") == [worse.code, late.code]
    page = browser(handler)
    rows = page.get(reverse(LIST)).content.decode().split("<tr")
    row = next(row for row in rows if worse.code in row)
    assert "Belum diamankan, terlambat 2 hari" in row
    assert 'class="is-late"' in row
    row = next(row for row in rows if soon.code in row)
    assert "lagi untuk mengamankan" in row
    assert "is-late" not in row
    home = page.get(reverse("admin:index"))
    assert {card["name"]: card["count"] for card in home.context["cards"]}["overdue"] == 2
    assert [report.pk for report in home.context["late"]] == [worse.pk, late.pk]
    case = page.get(reverse("admin:complaints_report_change", args=[worse.pk])).content.decode()
    assert 'class="state state-late"' in case


def test_pages_of_danger_running_and_paused_are_cut_out_of_one_order(report_at, take, handler):
    waiting = report_at("DPU")
    take(waiting, "wait", handler, waiting_reason="Pipa PDAM")
    copies(report_at("DPU"), 2)
    for hours in (-5, -3, 2):
        unsafe(report_at("DPU"), timedelta(hours=hours))
    everything = Report.objects.all()
    whole = [report.pk for report in everything.order_by(*worklist.by_promise())]
    assert len(whole) == 7
    assert whole[-1] == waiting.pk
    for start in range(8):
        for stop in range(start + 1, 10):
            part = worklist.slice_by_promise(everything, start, stop)
            assert [report.pk for report in part] == whole[start:stop]
