"""Work orders: exact content on the page and in the PDF, no reporter, and only one's own cases."""

import io
import re
import uuid

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from city.models import AuditEvent
from complaints.domain.actor import THE_REPORTER
from complaints.domain.draft import Contact
from complaints.services import photos
from dispatch.admin.work_orders import address_of_many
from dispatch.services import redaction
from tests.conftest import NOW, make_jpeg

pytestmark = pytest.mark.django_db
SRI = Contact(name="Sri Wulandari Contoh", email="sri.contoh@example.org", phone="0812 3456 7890")
TRACES = ("Wulandari", "sri.contoh", "example.org", "3456", "7890")
MANY = "admin:complaints_report_work_orders"


@pytest.fixture
def report(report_at):
    return report_at(
        "DPU",
        contact=SRI,
        is_anonymous=False,
        street="Jalan Pandanaran",
        description="Lubang di depan halte, hubungi 0812-9999-8888.",
        answers={"size": "over_60", "night_under_water": True},
    )


def page_url(report) -> str:
    return reverse("admin:complaints_report_work_order", args=[report.pk])


def pdf_url(report) -> str:
    return reverse("admin:complaints_report_work_order_pdf", args=[report.pk])


def read(response) -> PdfReader:
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    assert "no-store" in response["Cache-Control"]
    return PdfReader(io.BytesIO(response.content))


def words(page) -> str:
    return " ".join(page.extract_text().split())


EXACT = [
    "Perintah kerja {code}",
    "Jalan berlubang",
    "Jalan Pandanaran, Pleburan, Semarang Selatan",
    "Koordinat: -6.990300, 110.422900",
    "Tingkat: Berat",
    "Keadaan: Sudah di dinas",
    "Dilaporkan: Selasa, 15 September 2026, 09.00",
    "Lubang di depan halte, hubungi •••.",
    "Seberapa besar lubangnya? Lebih besar dari roda motor (lebih dari 60 cm)",
    "Apakah sering tertutup air atau tidak terlihat di malam hari? Ya",
    "Kedalaman dan arus tidak terlihat: duga dengan tongkat, jangan masuk sendirian.",
    "Pasang kerucut dan rambu sebelum mulai",
    "Helm, rompi, sepatu keselamatan, dan sarung tangan.",
    "Tiba (tanggal, jam)",
    "Selesai (tanggal, jam)",
    "Bahan dan jumlahnya",
    "Nama dan tanda tangan regu",
    "100 m",
]


def test_the_pdf_is_one_page_with_exactly_this(report, handler, browser):
    reader = read(browser(handler).get(pdf_url(report)))
    assert len(reader.pages) == 1
    text = words(reader.pages[0])
    for expected in EXACT:
        assert expected.format(code=report.spoken_code) in text
    assert [trace for trace in TRACES if trace in text] == []
    assert reader.metadata.title == f"Perintah kerja {report.spoken_code}"
    assert reader.trailer["/Root"]["/Lang"] == "id"
    width, height = (round(float(side)) for side in reader.pages[0].mediabox[2:])
    assert (width, height) == (595, 842)  # A4
    fonts = reader.pages[0]["/Resources"]["/Font"].values()
    embedded = [font.get_object()["/BaseFont"] for font in fonts if "/FontDescriptor" in font.get_object()]
    assert len(embedded) >= 2  # taken along, so that every printer has them


def test_the_page_says_the_same(report, handler, browser):
    response = browser(handler).get(page_url(report))
    assert "no-store" in response["Cache-Control"]
    html = response.content.decode()
    text = " ".join(
        re.sub(r"<[^>]+>", " ", html.replace("</dt><dd", "</dt>:<dd")).replace("&amp;", "&").split()
    )
    for expected in (
        "Perintah kerja",
        report.spoken_code,
        "Jalan Pandanaran, Pleburan",
        "hubungi •••.",
        "Bahan dan jumlahnya",
    ):
        assert expected in text
    assert (
        f'data-qr="{settings.PUBLIC_BASE_URL.rstrip("/")}/admin/complaints/report/{report.pk}/change/"'
        in html
    )
    assert html.count('class="paper-map"') == 2
    assert [trace for trace in TRACES if trace in html] == []
    assert "style=" not in html


@pytest.mark.parametrize(
    "role", ["admin", "p3m", "department_admin", "operator", "duty_officer", "planner", "viewer"]
)
def test_no_role_finds_the_reporter_on_paper(role, report, staff, browser):
    client = browser(staff(role, "DPU"))
    content = client.get(pdf_url(report)).content
    text = words(PdfReader(io.BytesIO(content)).pages[0]) + content.decode("latin-1")
    text += client.get(page_url(report)).content.decode()
    assert [trace for trace in TRACES[:3] if trace in text] == []


def test_another_offices_case_is_not_found(report, staff, browser):
    client = browser(staff("handler", "DLH"))
    assert [client.get(url(report)).status_code for url in (page_url, pdf_url)] == [404, 404]


def test_what_was_blacked_out_is_so_on_paper(report, desk, handler, browser):
    redaction.hide_words(desk, report.pk, ["depan halte"], now=NOW)
    text = words(read(browser(handler).get(pdf_url(report))).pages[0])
    assert "Lubang di [disamarkan], hubungi •••." in text
    assert "halte" not in text


def test_earlier_reports_at_the_spot_are_named_with_how_they_ended(report, report_at, take, handler, browser):
    other = report_at("DPU", latitude=report.latitude + 0.0001)
    far = report_at("DPU", latitude=report.latitude + 0.001)
    text = words(read(browser(handler).get(pdf_url(report))).pages[0])
    assert (
        f"{other.spoken_code}, Jalan berlubang, jarak 11 m: dilaporkan 15 September 2026, belum selesai"
        in text
    )
    assert far.spoken_code not in text


def add_photo(report, colour):
    key = uuid.uuid4()
    staged = photos.stage_photo(make_jpeg((640, 480), colour=colour), key, now=NOW)
    (photo,) = photos.add_photos(report.pk, key, (staged.uuid,), actor=THE_REPORTER, now=NOW)
    photos.prepare_photo(photo.pk)
    return photo


def test_two_photos_come_along_and_a_lost_file_does_no_harm(report, handler, browser):
    for colour in ("red", "green", "blue"):
        add_photo(report, colour)
    page = read(browser(handler).get(pdf_url(report))).pages[0]
    assert len(page.images) == 2
    report.photos.update(small="photos/zz/hilang.webp")
    page = read(browser(handler).get(pdf_url(report))).pages[0]
    assert len(page.images) == 0


def test_a_long_story_stays_on_one_page(report_at, handler, browser):
    long = report_at("DPU", description="Lubang besar sekali. " * 230, answers={"size": "over_60"})
    reader = read(browser(handler).get(pdf_url(long)))
    assert len(reader.pages) == 1
    assert "…" in words(reader.pages[0])


def test_several_cases_come_in_one_pdf_and_the_record_says_so(report_at, handler, browser):
    reports = [report_at("DPU") for _number in range(3)]
    reader = read(browser(handler).get(address_of_many(item.code for item in reports)))
    assert [item.spoken_code in words(page) for item, page in zip(reports, reader.pages, strict=True)] == [
        True
    ] * 3
    spoken = read(browser(handler).get(reverse(MANY), {"kode": [item.spoken_code for item in reports]}))
    assert len(spoken.pages) == 3
    assert [item.title for item in spoken.outline] == [
        f"{item.spoken_code} · Jalan berlubang" for item in reports
    ]
    looks = AuditEvent.objects.filter(kind="export")
    assert [(item.actor, item.detail["rows"]) for item in looks] == [(handler, 3)] * 2


@pytest.mark.parametrize("codes", ["", ",", "ZZZZZZZZ", ",".join(["A"] * 3)])
def test_without_a_known_code_nothing_is_printed(codes, report, handler, browser):
    response = browser(handler).get(reverse(MANY), {"kode": codes}, follow=True)
    assert response["Content-Type"].startswith("text/html")
    (message,) = response.context["messages"]
    assert "Pilih sedikitnya satu" in str(message) or "Tidak ada yang dicetak" in str(message)
    assert not AuditEvent.objects.filter(kind="export").exists()


def test_one_strange_case_among_them_stops_all_and_tells_which(report, report_at, handler, browser):
    strange = report_at("DLH")
    response = browser(handler).get(address_of_many([report.code, strange.code]), follow=True)
    (message,) = response.context["messages"]
    assert str(message) == f"Bukan laporan yang boleh Anda lihat: {strange.code}. Tidak ada yang dicetak."


def test_more_than_fifty_are_refused(handler, browser):
    response = browser(handler).get(address_of_many(f"K{number:07}" for number in range(51)), follow=True)
    (message,) = response.context["messages"]
    assert "paling banyak 50" in str(message)


def test_the_costs_of_many_grow_only_by_what_is_looked_up_for_each(report_at, handler, browser):
    """The cases and their photos are read at once; earlier reports at the spot take two queries for each."""
    reports = [report_at("DPU", latitude=-6.99 - number / 500) for number in range(6)]
    client = browser(handler)
    client.get(address_of_many([reports[0].code]))
    counts = []
    for number in (2, 6):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address_of_many(item.code for item in reports[:number])).status_code == 200
        # In tests the city's version is asked for with every look at it.
        counts.append(sum("city_cityversion" not in query["sql"] for query in queries))
    assert counts[1] - counts[0] == 4 * 2
