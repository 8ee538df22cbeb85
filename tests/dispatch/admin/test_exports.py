"""Exports of the list: what stands in them, for whom, made once, kept for a day."""

import csv
import io
import zipfile
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from city.models import AuditEvent
from complaints.domain.draft import Contact
from complaints.models import Report
from dispatch.domain import export
from dispatch.models import Export
from dispatch.services import export_rows, exports
from tests.dispatch.admin.conftest import copies

PAGE = "admin:complaints_report_export"
EVIL = "=HYPERLINK(1)"


@pytest.fixture
def page(browser, handler):
    return browser(handler)


def ask(page, query="", columns=("code", "street"), format="csv"):
    return page.post(reverse(PAGE) + query, {"columns": list(columns), "format": format})


def table(response) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_the_filtered_list_in_its_order_with_harmless_cells(report_at, page):
    first, second = report_at("DPU", street=EVIL), report_at("DPU", street="Jl. Pemuda")
    report_at("DPU", category="lain-pju")
    report_at("DLH")
    response = ask(page, "?kategori=jalan-lubang&urut=terbaru", ("code", "street", "reported", "latitude"))
    assert response["Content-Disposition"].startswith('attachment; filename="laporan-')
    assert "no-store" in response["Cache-Control"]
    assert table(response) == [
        ["Kode", "Dilaporkan", "Jalan", "Lintang"],
        [second.spoken_code, "2026-09-15T09:00:00+07:00", "Jl. Pemuda", "-6.9903"],
        [first.spoken_code, "2026-09-15T09:00:00+07:00", f"'{EVIL}", "-6.9903"],
    ]


def test_headings_are_in_the_persons_language(report_at, page):
    report_at("DPU")
    page.cookies["bahasa"] = "en"
    assert table(ask(page, columns=("code", "reported", "severity")))[0] == ["Code", "Reported", "Severity"]


def test_every_column_of_a_full_report(report_at, take, page, handler):
    report = take(report_at("DPU"), "take", handler)
    rows = table(ask(page, columns=export.COLUMNS))
    found = dict(zip(export.COLUMNS, rows[1], strict=True))
    assert (found["code"], found["handler"], found["department"]) == (
        report.spoken_code,
        handler.username,
        "DPU",
    )
    assert (found["severity"], found["private"], found["description"]) == ("3", "0", report.description)
    assert rows[0] == [str(export_rows.HEADINGS[name][0]) for name in export.COLUMNS]


@pytest.mark.parametrize(
    "role", ["handler", "department_admin", "viewer", "operator", "planner", "duty_officer"]
)
def test_nobody_else_gets_identities_even_if_they_ask(role, report_at, browser, staff):
    report_at("DPU", contact=Contact(name="Siti Contoh", email="siti@contoh.id"))
    page = browser(staff(role, "DPU"))
    assert "reporter_name" not in page.get(reverse(PAGE)).content.decode()
    rows = table(ask(page, columns=("code", *export.IDENTITY)))
    assert [len(row) for row in rows] == [1, 1]
    assert "siti" not in str(rows).lower()


@pytest.mark.parametrize("ticked", [True, False])
def test_the_desk_gets_identities_only_when_ticked_and_on_record(ticked, report_at, browser, desk):
    report_at("DPU", contact=Contact(name="Siti Contoh", email="siti@contoh.id"))
    rows = table(ask(browser(desk), columns=("code", *(export.IDENTITY if ticked else ()))))
    assert ("Siti Contoh" in str(rows)) is ticked
    line = AuditEvent.objects.get(kind="export")
    assert (line.actor, line.object_kind, line.detail["reports"]) == (desk, "complaints.report", 1)
    assert line.detail.get("identity", []) == (list(export.IDENTITY) if ticked else [])


def test_a_large_one_is_made_by_a_worker_for_its_owner_alone(report_at, page, browser, staff, monkeypatch):
    monkeypatch.setattr(export, "IN_REQUEST", 1)
    copies(report_at("DPU"), 2)
    url = ask(page).url
    assert '<meta http-equiv="refresh"' in page.get(url).content.decode()
    assert page.get(url, {"format": "json"}).json() == {"state": "queued", "done": 0, "is_running": True}
    assert page.get(url + "unduh/").status_code == 404
    assert exports.drain() == 1
    assert exports.drain() == 0
    assert "Unduh" in page.get(url).content.decode()
    response = page.get(url + "unduh/")
    assert len(table(response)) == 4
    assert "no-store" in response["Cache-Control"]
    for other in (staff("admin"), staff("department_admin", "DPU")):
        assert browser(other).get(url).status_code == 404
        assert browser(other).get(url + "unduh/").status_code == 404


def test_the_file_is_deleted_after_a_day(report_at, page, monkeypatch):
    monkeypatch.setattr(export, "IN_REQUEST", 0)
    report_at("DPU")
    url = ask(page).url
    exports.drain()
    made = Export.objects.get()
    name = made.file.name
    assert made.expires_at - made.finished_at == timedelta(hours=24)
    assert exports.sweep(now=made.expires_at - timedelta(seconds=1)) == 0
    assert default_storage.exists(name)
    assert exports.sweep(now=made.expires_at) == 1
    assert not default_storage.exists(name)
    assert page.get(url + "unduh/").status_code == 404
    assert "tidak disimpan lagi" in page.get(url).content.decode()


def test_a_late_link_gives_nothing_even_before_the_sweep(report_at, page, monkeypatch):
    monkeypatch.setattr(export, "IN_REQUEST", 0)
    report_at("DPU")
    url = ask(page).url
    exports.drain()
    Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert page.get(url + "unduh/").status_code == 404


def test_excel_with_texts_as_texts_and_a_dictionary(report_at, page):
    report = report_at("DPU", street=EVIL)
    url = ask(page, format="xlsx", columns=("code", "street", "latitude")).url
    exports.drain()
    content = b"".join(page.get(url + "unduh/").streaming_content)
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheets = {name: book.read(name).decode() for name in book.namelist() if name.endswith(".xml")}
    first = sheets["xl/worksheets/sheet1.xml"]
    assert report.spoken_code in first
    assert "<f>" not in first
    assert EVIL in first
    assert "<v>-6.9903</v>" in first
    assert 'name="Kamus data"' in sheets["xl/workbook.xml"]
    assert "Kode publik laporan." in sheets["xl/worksheets/sheet2.xml"]


def test_a_killed_worker_leaves_the_export_to_the_next(report_at, page, monkeypatch):
    monkeypatch.setattr(export, "IN_REQUEST", 0)
    report_at("DPU")
    ask(page)
    rows, now = export_rows.rows, timezone.now()

    def dies(*args):
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(export_rows, "rows", dies)
    with pytest.raises(KeyboardInterrupt):
        exports.drain(clock=lambda: now)
    monkeypatch.setattr(export_rows, "rows", rows)
    assert exports.drain(clock=lambda: now + exports.LEASE - timedelta(seconds=1)) == 0
    assert exports.drain(clock=lambda: now + exports.LEASE) == 1
    made = Export.objects.get()
    assert (made.state, made.attempts, bytes(made.ids)) == ("done", 2, b"")


def test_what_left_the_office_meanwhile_is_left_out(report_at, page, monkeypatch):
    monkeypatch.setattr(export, "IN_REQUEST", 0)
    kept, gone = report_at("DPU"), report_at("DPU")
    url = ask(page).url
    Report.objects.filter(pk=gone.pk).update(department=report_at("DLH").department)
    exports.drain()
    assert [row[0] for row in table(page.get(url + "unduh/"))] == ["Kode", kept.spoken_code]


def test_too_many_and_none_are_refused(report_at, page, monkeypatch):
    copies(report_at("DPU"), 2)
    monkeypatch.setattr(export, "AT_MOST", 2)
    assert "Lebih dari 2 laporan cocok" in page.get(reverse(PAGE)).content.decode()
    ask(page)
    ask(page, "?kategori=lain-pju")
    assert not Export.objects.exists()
    assert not AuditEvent.objects.filter(kind="export").exists()


def test_a_chunk_costs_the_same_whatever_its_size(report_at, handler, desk):
    copies(report_at("DPU", contact=Contact(name="Siti")), 30)
    ids, columns = list(Report.objects.values_list("pk", flat=True)), (*export.COLUMNS, *export.IDENTITY)
    counted = []
    for some in (ids[:2], ids):
        list(export_rows.rows(desk, some, columns))
        with CaptureQueriesContext(connection) as captured:
            list(export_rows.rows(desk, some, columns))
        counted.append(len(captured))
    assert counted[0] == counted[1] <= 5
