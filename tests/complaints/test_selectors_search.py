"""The search's index follows the rows, whatever changes them, and the two ways of answering agree."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from city.models import Area, Department
from complaints import search_index, selectors_search
from complaints.models import Report
from complaints.selectors_search import search

pytestmark = pytest.mark.django_db


def found(text: str, **scope) -> list[str]:
    return [report.code for report in search(Report.objects.order_by("id"), text, **scope).reports]


@pytest.fixture(params=["few", "many"])
def either_way(request, monkeypatch):
    """Both ways of answering: the index's list, and going through the reports."""
    if request.param == "many":
        monkeypatch.setattr(selectors_search, "_READ_AT_MOST", 0)


def test_every_word_must_occur_in_street_description_or_area(make_report, either_way):
    one = make_report(street="Jl. Pandanaran dekat halte", description="Lubang dalam, café tutup.")
    two = make_report(street="Jln. Gajahmada 17/A", description="Retak di dekat HALTE.")
    for text, expected in {
        "pandanaran": [one],
        "PANDANARAN": [one],
        "pandan": [one],  # the last word may be only begun
        "pandan ": [],
        "pandan halte": [],
        "halte pandan": [one],
        "halte": [one, two],
        "retak halte": [two],
        "cafe": [one],
        "café": [one],
        "gajahmada 17": [two],
        "17/a": [two],
        "gajahmada 1": [],
        "jalan gajahmada": [two],
        "jl pandanaran": [one],
        "tidak-ada-kata-ini": [],
        '"halte" OR pandanaran': [],
        "halte*": [one, two],
        "d1": [],
        "o": [],
        "#o": [],
        "words": [],
        "-halte": [one, two],
        "!!!": [],
        "'": [],
    }.items():
        assert found(text) == [report.code for report in expected], text


def test_a_word_may_be_the_name_of_its_kelurahan_or_kecamatan(make_report, either_way):
    report = make_report()
    kelurahan = report.area
    assert found(kelurahan.name) == [report.code]
    assert found(kelurahan.parent.name) == [report.code]
    assert found(f"lubang {kelurahan.name}") == [report.code]
    assert found(f"kelurahan {kelurahan.name}") == [report.code]
    assert found(f"retak {kelurahan.name}") == []
    elsewhere = Area.objects.filter(level="kelurahan").exclude(parent=kelurahan.parent)
    assert found(elsewhere.exclude(name__contains="Semarang").first().name) == []


def test_what_is_written_to_a_row_by_whatever_way_is_found_at_once(make_report, either_way):
    report = make_report(street="Jl. Melati", description="Lampu padam.")
    report.description = "Kabel menjuntai."
    report.save(update_fields=["description"])
    assert (found("padam"), found("menjuntai"), found("melati")) == ([], [report.code], [report.code])
    Report.objects.filter(pk=report.pk).update(street="Jl. Kenanga")
    assert (found("melati"), found("kenanga")) == ([], [report.code])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE complaints_report SET description = '', street = ''")
    assert (found("menjuntai"), found("kenanga")) == ([], [])
    other = (
        Area.objects.filter(level="kelurahan").exclude(pk=report.area_id).exclude(name=report.area.name)[0]
    )
    Report.objects.filter(pk=report.pk).update(area=other, description="Kabel.")
    assert found(f"kabel {other.name}") == [report.code]


def test_many_rows_at_once_and_rows_that_go(make_report, either_way):
    first = make_report(street="Jl. Satu")
    Report.objects.bulk_create([Report(**values(first)), Report(**values(first))])
    kept, gone = Report.objects.exclude(pk=first.pk).order_by("id")
    Report.objects.filter(pk__in=[kept.pk, gone.pk]).update(description="Genangan setinggi lutut.")
    assert found("lutut") == [kept.code, gone.code]
    Report.objects.filter(pk=gone.pk).delete()
    assert found("lutut") == [kept.code]
    # Not even the index knows the row that went.
    satu = "'satu'" if connection.vendor == "postgresql" else 'words : "satu"'
    assert sorted(selectors_search._ids(satu, 10)) == [first.pk, kept.pk]


def test_the_marks_follow_department_and_state(make_report, route, either_way):
    report = make_report(street="Jl. Melati")
    assert found("melati", is_open=True) == [report.code]
    route(report)
    mine, other = report.department_id, Department.objects.exclude(pk=report.department_id)[0].pk
    assert found("melati", department_id=mine) == [report.code]
    assert found("melati", department_id=mine, is_open=True) == [report.code]
    assert found("melati", department_id=other) == found("melati", department_id=other, is_open=True) == []
    Report.objects.filter(pk=report.pk).update(department_id=other)
    assert found("melati", department_id=mine) == []
    assert found("melati", department_id=other, is_open=True) == [report.code]
    Report.objects.filter(pk=report.pk).update(is_open=False, status="rejected")
    assert found("melati", department_id=other) == [report.code]
    assert found("melati", is_open=True) == found("melati", department_id=other, is_open=True) == []


def test_it_never_widens_what_it_is_given(make_report, either_way):
    make_report(street="Jl. Melati")
    assert list(search(Report.objects.none(), "melati").reports) == []
    assert list(search(Report.objects.filter(is_private=True), "melati").reports) == []


@pytest.mark.parametrize(
    "text",
    ["x" * 5000, "é" * 5000, "kata " * 900, "'\\\"%_$$;--", "\u0301\u0300", "漢字 صباح", "a\u00a0b\u200bc"],
)
def test_odd_texts_can_be_filed_and_searched(make_report, text):
    report = make_report(description=text[:5000])
    assert found(text) in ([], [report.code])
    Report.objects.filter(pk=report.pk).update(description="polos")
    assert found("polos") == [report.code]
    assert found("x" * 64) == []


def test_a_word_longer_than_the_index_keeps_is_still_found(make_report):
    report = make_report(description="x" * 5000)
    assert found("x" * 5000) == [report.code]


def test_a_code_in_any_writing(make_report):
    report = make_report()
    assert found(report.spoken_code.lower()) == [report.code]
    assert list(search(Report.objects.exclude(pk=report.pk), report.code).reports) == []


def test_the_order_of_the_list_is_kept(make_report, either_way):
    one, two = make_report(street="Jl. Melati"), make_report(street="Jl. Melati")
    assert [item.pk for item in search(Report.objects.order_by("-id"), "melati").reports] == [two.pk, one.pk]


def test_filling_the_index_anew_gives_the_same(make_report):
    reports = [make_report(street=f"Jl. Melati {number}") for number in range(5)]
    expected = [report.code for report in reports]
    with connection.cursor() as cursor:
        for statement in search_index.drop_sql(connection.vendor):
            cursor.execute(statement)
        for statement in search_index.table_sql(connection.vendor):
            cursor.execute(statement)
    unkept = make_report(street="Jl. Melati")
    if connection.vendor == "postgresql":  # the triggers first: nobody waits, nothing is lost
        with connection.cursor() as cursor:
            for statement in search_index.index_sql("postgresql"):
                cursor.execute(statement)
    search_index.fill(connection, batch=2)
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            for statement in search_index.index_sql("sqlite"):
                cursor.execute(statement)
    assert found("melati") == [*expected, unkept.code]
    assert found("melati 3") == [reports[3].code]


@pytest.mark.parametrize("number", [3, 30])
def test_queries_do_not_grow(make_report, either_way, number):
    first = make_report(street="Jl. Melati")
    Report.objects.bulk_create(Report(**values(first)) for _ in range(number))
    with CaptureQueriesContext(connection) as captured:
        assert len(list(search(Report.objects.all(), "melati").reports)) == number + 1
    assert len(captured) == 3  # the city's version (in tests each time), the index, the reports


def values(report) -> dict:
    """All of a report but what is its own."""
    own = ("id", "code", "idempotency_key")
    names = (field.attname for field in Report._meta.concrete_fields)
    return {name: getattr(report, name) for name in names if name not in own}
