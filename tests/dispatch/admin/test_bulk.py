"""Steps for many reports with a browser: chosen in the list, previewed, done, taken back."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from complaints.models import Event, Report
from dispatch.admin import bulk_form
from dispatch.domain import bulk
from dispatch.models import BulkOperation
from dispatch.services import bulk_work
from tests.dispatch.admin.conftest import LIST, copies, everything_about

PREVIEW = "admin:complaints_report_bulk"


def chosen(page, step, *reports, query="", **extra):
    """What the list's button answers."""
    data = {"action": f"{step}_many", "index": "0"}
    data["_selected_action"] = ["0", *[report.pk for report in reports]]
    return page.post(reverse(LIST) + query, data | extra)


def fields(response) -> dict[str, str]:
    """The hidden fields of a preview, as its form would send them."""
    html = response.content.decode()
    return dict(
        re.findall(r'<input type="hidden" name="(step|key|seen|previewed|back)" value="([^"]*)"', html)
    )


def confirm(page, response, do="confirm", **said):
    return page.post(reverse(PREVIEW), fields(response) | {"do": do, **said})


def numbers(response) -> dict[str, str]:
    html = response.content.decode()
    return dict(re.findall(r'data-testid="([a-z-]+)">(\d+)<', html))


@pytest.fixture
def page(browser, handler):
    return browser(handler)


def test_nothing_is_done_before_the_preview_is_confirmed(report_at, page, take, handler):
    fresh, accepted = [report_at("DPU"), report_at("DPU")], take(report_at("DPU"), "accept", handler)
    before = [everything_about(report) for report in (*fresh, accepted)]
    response = chosen(page, "accept", *fresh, accepted)
    html = response.content.decode()
    assert response.status_code == 200
    assert numbers(response) == {"changing": "2", "kept": "1"}
    assert "Laporan ini sudah diterima." in html
    assert "belum diterima" in html
    for report in fresh:
        assert f'data-code="{report.code}"' in html
    assert f'data-code="{accepted.code}"' not in html
    assert [everything_about(report) for report in (*fresh, accepted)] == before
    assert not BulkOperation.objects.exists()


def test_the_preview_confirmed_does_it_and_the_page_says_what_became_of_each(report_at, page, take, handler):
    fresh, accepted = [report_at("DPU"), report_at("DPU")], take(report_at("DPU"), "accept", handler)
    response = confirm(page, chosen(page, "accept", *fresh, accepted))
    operation = BulkOperation.objects.get()
    assert response.url == reverse("admin:complaints_report_bulk_one", args=[operation.pk])
    result = page.get(response.url)
    assert numbers(result) == {"done": "2", "failed": "1"}
    assert accepted.spoken_code in result.content.decode()
    for report in fresh:
        report.refresh_from_db()
        assert report.acknowledged_at is not None
        assert Event.objects.filter(report=report, kind="acknowledged", actor=handler).count() == 1


def test_taken_back_from_its_page(report_at, page):
    both = [report_at("DPU"), report_at("DPU")]
    operation_url = confirm(page, chosen(page, "start", *both)).url
    assert set(Report.objects.values_list("status", flat=True)) == {"in_progress"}
    assert "Tarik kembali langkah ini" in page.get(operation_url).content.decode()
    response = page.post(operation_url + "batalkan/", follow=True)
    assert numbers(response) == {"done": "0", "undone": "2"}
    assert set(Report.objects.values_list("status", flat=True)) == {"assigned"}
    assert "Tarik kembali langkah ini" not in response.content.decode()
    public = page.get(reverse("report_detail", args=[both[0].code])).content.decode()
    assert "langkah terakhirnya" in public


def test_a_head_gives_many_to_a_handler(report_at, browser, staff, handler):
    both = [report_at("DPU"), report_at("DPU")]
    page = browser(staff("department_admin", "DPU"))
    response = chosen(page, "assign", *both)
    assert 'value="confirm"' not in response.content.decode()  # first the handler
    asked = confirm(page, response)
    assert (asked.status_code, asked.context["faults"]) == (422, {"assignee": "Pilih petugas atau regu."})
    shown = confirm(page, asked, do="look", assignee=handler.pk)
    assert handler.username in shown.content.decode()
    assert set(Report.objects.values_list("assignee", flat=True)) == {None}
    confirm(page, shown, assignee=handler.pk)
    assert set(Report.objects.values_list("assignee", flat=True)) == {handler.pk}


def test_the_desk_gives_reports_of_several_offices_and_learns_which_do_not_fit(
    report_at, browser, desk, staff, handler
):
    mine, theirs = report_at("DPU"), report_at("DLH")
    stranger = staff("handler", "DLH")
    page = browser(desk)
    response = chosen(page, "assign", mine, theirs)
    html = response.content.decode()
    assert handler.username in html
    assert stranger.username in html
    shown = confirm(page, response, do="look", assignee=handler.pk)
    assert numbers(shown) == {"changing": "1", "kept": "1"}
    assert "tidak bekerja di dinas" in shown.content.decode()


def test_what_citizens_will_read_stands_there_before(report_at, page):
    report = report_at("DPU")
    response = confirm(
        page, chosen(page, "wait", report), do="look", waiting_on="other", waiting_reason="Pipa PDAM"
    )
    html = response.content.decode()
    assert "Ditunda oleh" in html
    assert "Menunggu: Pipa PDAM" in html
    assert f"Laporan {report.spoken_code}: pengerjaan dijeda" in html


def test_other_words_than_those_shown_are_shown_first(report_at, page):
    report = report_at("DPU")
    response = confirm(page, chosen(page, "start", report), message="Regu berangkat.")
    assert response.status_code == 200
    assert "Regu berangkat." in response.content.decode()
    assert "Belum ada yang dikerjakan" in response.content.decode()
    assert not BulkOperation.objects.exists()
    confirm(page, response, message="Regu berangkat.")
    assert Event.objects.get(report=report, kind="status").text == "Regu berangkat."


@pytest.mark.parametrize(
    ("step", "said", "field"),
    [
        ("wait", {"waiting_on": "other"}, "waiting_reason"),
        ("schedule", {"scheduled_for": "2020-01-01", "budget_line": "DPA"}, "scheduled_for"),
        ("schedule", {"scheduled_for": "bukan tanggal", "budget_line": "DPA"}, "scheduled_for"),
        ("reject", {"reason_code": "cannot_find"}, "message"),
        ("reject", {"reason_code": "entah", "message": "Tidak."}, "reason_code"),
    ],
)
def test_bad_input_is_told_and_kept(step, said, field, report_at, page):
    report = report_at("DPU")
    before = everything_about(report)
    for do in ("look", "confirm"):
        response = confirm(page, chosen(page, step, report), do=do, **said)
        assert response.status_code == 422
        assert field in response.context["faults"]
        assert "error-text" in response.content.decode()
    assert everything_about(report) == before
    typed = response.context["typed"]
    assert {name: typed[name] for name in said} == said


def test_a_report_that_changed_in_between_is_named_and_left(report_at, page, take, handler):
    fine, changed = report_at("DPU"), report_at("DPU")
    response = chosen(page, "accept", fine, changed)
    take(changed, "note", handler, message="Sudah dilihat.")
    before = everything_about(changed)
    again = confirm(page, response, do="look")
    assert numbers(again) == {"changing": "1", "kept": "1"}
    result = page.get(confirm(page, response).url)
    assert numbers(result) == {"done": "1", "failed": "1"}
    assert changed.spoken_code in result.content.decode()
    assert everything_about(changed) == before


@pytest.mark.parametrize("role", ["viewer", "planner", "operator", "duty_officer"])
@pytest.mark.parametrize("step", bulk.STEPS)
def test_steps_for_many_are_not_for_everybody(step, role, report_at, browser, staff, handler):
    if (role, step) in {
        ("operator", "reply"),
        *(("duty_officer", name) for name in ("reply", "tag", "untag")),
    }:
        return  # theirs for single reports, so for many
    report = report_at("DPU")
    before = everything_about(report)
    page = browser(staff(role, "DPU"))
    chosen(page, step, report)
    said = {"assignee": handler.pk} if step == "assign" else {}
    form = {"step": step, "key": str(bulk_form.new_key()), "seen": f"{report.pk}.{report.version}"}
    form["previewed"] = bulk_form.digest(step, said)
    answer = page.post(reverse(PREVIEW), form | said | {"do": "confirm"})
    assert answer.status_code == 403
    assert everything_about(report) == before
    assert not BulkOperation.objects.exists()


def test_another_offices_report_cannot_be_smuggled_in(report_at, page):
    """Ticked in the list, or written into the preview's form by hand: named as not theirs, left alone."""
    mine, theirs = report_at("DPU"), report_at("DLH")
    before = everything_about(theirs)
    response = chosen(page, "accept", mine, theirs)
    html = response.content.decode()
    assert numbers(response) == {"changing": "1", "kept": "1"}
    assert "1 laporan tidak berada di dinas Anda" in html
    assert theirs.spoken_code not in html
    form = fields(response)
    form["seen"] = f"{mine.pk}.{mine.version},{theirs.pk}.{theirs.version},999999.1"
    result = page.post(reverse(PREVIEW), form | {"do": "confirm"}, follow=True)
    assert "2 laporan tidak berada di dinas Anda" in result.content.decode()
    assert theirs.spoken_code not in result.content.decode()
    assert everything_about(theirs) == before
    mine.refresh_from_db()
    assert mine.acknowledged_at is not None


@pytest.mark.parametrize("seen", ["abc", "1", "1.2.3", "-1.2", "1.٣", "9" * 30 + ".1"])
def test_a_broken_form_is_refused_without_a_fault_of_ours(seen, report_at, page):
    form = fields(chosen(page, "accept", report_at("DPU"))) | {"seen": seen}
    assert page.post(reverse(PREVIEW), form | {"do": "confirm"}).status_code == 404


def test_all_that_match_the_filter(report_at, page, monkeypatch):
    copies(report_at("DPU"), 3)
    report_at("DPU", category="lain-pju")
    report_at("DLH")
    monkeypatch.setattr("dispatch.admin.reports.ReportAdmin.list_per_page", 2)
    query = "?kategori=jalan-lubang"
    html = page.get(reverse(LIST) + query).content.decode()
    assert "Semua 4 yang cocok dengan saringan" in html
    response = chosen(page, "accept", query=query, select_across="1")
    assert numbers(response) == {"changing": "4", "kept": "0"}
    confirm(page, response)
    accepted = Report.objects.exclude(acknowledged_at=None)
    assert set(accepted.values_list("category__code", "department__code")) == {("jalan-lubang", "DPU")}
    assert accepted.count() == 4


def test_nothing_ticked_and_too_many_change_nothing(report_at, page, monkeypatch):
    both = [report_at("DPU"), report_at("DPU")]
    monkeypatch.setattr(bulk, "AT_MOST", 1)
    for reports in ([], both):
        url = chosen(page, "accept", *reports).url
        said = [str(message) for message in page.get(url).context["messages"]]
        assert len(said) == 1
        assert "Tidak ada yang diubah." in said[0]
    assert not BulkOperation.objects.exists()


def test_many_are_left_to_a_worker_and_the_page_follows_it(report_at, page, monkeypatch):
    monkeypatch.setattr(bulk, "IN_REQUEST", 1)
    both = [report_at("DPU"), report_at("DPU")]
    url = confirm(page, chosen(page, "accept", *both)).url
    waiting = page.get(url)
    assert '<meta http-equiv="refresh"' in waiting.content.decode()
    assert numbers(waiting)["pending"] == "2"
    before = {"state": "queued", "done": 0, "is_running": True, "pending": 2}
    assert page.get(url, {"format": "json"}).json().items() >= before.items()
    bulk_work.drain()
    after = {"state": "done", "is_running": False, "pending": 0}
    assert page.get(url, {"format": "json"}).json().items() >= after.items()
    assert '<meta http-equiv="refresh"' not in page.get(url).content.decode()


def test_the_form_sent_twice_does_it_once(report_at, page):
    response = chosen(page, "start", report_at("DPU"))
    assert confirm(page, response).url == confirm(page, response).url
    assert (BulkOperation.objects.count(), Event.objects.filter(kind="status").count()) == (1, 1)


def test_the_record_is_its_owners_and_their_heads(report_at, page, browser, staff):
    url = confirm(page, chosen(page, "accept", report_at("DPU"))).url
    record = reverse("admin:complaints_report_bulk_list")
    for role, office, sees in (
        ("department_admin", "DPU", True),
        ("admin", None, True),
        ("department_admin", "DLH", False),
        ("handler", "DPU", False),
    ):
        other = browser(staff(role, office))
        assert other.get(url).status_code == (200 if sees else 404), role
        assert (url in other.get(record).content.decode()) is sees
    colleague = browser(staff("handler", "DPU"))
    assert colleague.post(url + "batalkan/").status_code == 404
    assert browser(staff("department_admin", "DPU")).post(url + "batalkan/").status_code == 403
    assert Report.objects.get().acknowledged_at is not None


def test_too_late_says_so(report_at, page):
    url = confirm(page, chosen(page, "accept", report_at("DPU"))).url
    BulkOperation.objects.update(undo_until=timezone.now() - timedelta(seconds=1))
    assert "Tarik kembali langkah ini" not in page.get(url).content.decode()
    said = page.post(url + "batalkan/", follow=True).context["messages"]
    assert [str(message) for message in said] == ["Sepuluh menit untuk menarik kembali sudah lewat."]
    assert Report.objects.get().acknowledged_at is not None


def test_a_preview_reads_as_often_for_many_as_for_few(report_at, page):
    first = report_at("DPU")
    copies(first, 40)
    few, many = list(Report.objects.order_by("pk")[:2]), list(Report.objects.order_by("pk"))
    counted = []
    for reports in (few, few, many):
        with CaptureQueriesContext(connection) as captured:
            chosen(page, "start", *reports)
        counted.append(len(captured))
    assert counted[1] == counted[2]
