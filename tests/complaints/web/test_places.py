"""Pages about kelurahan, kecamatan and departments, and the public debt register."""

import csv
import io
import itertools
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from city.models import Department
from complaints.domain.actor import PORTAL
from complaints.domain.promise import Promise
from complaints.models import PlaceFigures, Report
from complaints.services import place_figures, routing
from complaints.web import views_places

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def dpu(db):
    return Department.objects.get(code="DPU")


@pytest.fixture
def filed(make_report, dpu):
    """File a report for DPU and set how its life went; keyword arguments are fields."""
    numbers = itertools.count()

    def make(age=10 * DAY, *, is_private=False, **fields):
        now = timezone.now()
        report = make_report(
            now=now - age - timedelta(minutes=next(numbers)), category="lain-parkir", is_private=is_private
        )
        routing.assign(
            report.pk,
            status="assigned",
            department_id=dpu.pk,
            severity=3,
            promise=Promise(None, None, now + DAY),
            actor=PORTAL,
            now=report.created_at,
            event_data={},
        )
        Report.objects.filter(pk=report.pk).update(**fields)
        report.refresh_from_db()
        return report

    return make


def closed(report, hours, closure):
    """Make a report end that many hours after it began."""
    at = report.created_at + hours * HOUR
    Report.objects.filter(pk=report.pk).update(status="resolved", is_open=False, resolved_at=at)
    Report.objects.filter(pk=report.pk).update(status="closed", closure=closure, closed_at=at)


def scheduled(report, day, reason="Usulan perubahan"):
    Report.objects.filter(pk=report.pk).update(status="scheduled", scheduled_for=day, budget_line=reason)


def numbers_of(kind, place_id):
    return PlaceFigures.objects.get(kind=kind, place_id=place_id).numbers


def _a_places_life(filed, now):
    """Nine public reports of this year, one older, two private; returns the first three."""
    open_ones = [filed(), filed(due_at=now - DAY), filed(due_at=now - DAY, status="in_progress")]
    scheduled(filed(due_at=now - DAY), now.date() + DAY)  # its clock stands still: not late
    for hours, closure in ((10, "confirmed"), (20, "confirmed"), (30, "unconfirmed"), (50, "unconfirmed")):
        closed(filed(acknowledged_at=None), hours, closure)
    closed(filed(reopen_count=1), 100, "confirmed")
    closed(filed(age=400 * DAY), 1, "confirmed")  # longer ago than a year
    closed(filed(is_private=True), 1, "confirmed")  # nobody's business
    filed(is_private=True)
    for report in Report.objects.exclude(status="closed"):
        Report.objects.filter(pk=report.pk).update(acknowledged_at=report.created_at + 3 * HOUR)
    for pk, hours in zip(
        Report.objects.filter(closure="confirmed").values_list("pk", flat=True), (1,) * 9, strict=False
    ):
        Report.objects.filter(pk=pk).update(
            acknowledged_at=Report.objects.get(pk=pk).created_at + hours * HOUR
        )
    return open_ones


def test_a_places_figures_are_exact(filed, dpu):
    now = timezone.now()
    open_ones = _a_places_life(filed, now)
    assert place_figures.refresh(now) == PlaceFigures.objects.count() > 200
    area = open_ones[0].area
    expected = {
        "open": 4,
        "late": 2,
        "scheduled": 1,
        "finished": 5,
        "reopened": 1,
        "confirmed": 3,
        "unconfirmed": 2,
        "resolve_hours": 30,
        "resolve_n": 5,
        "response_hours": 3,
        "response_n": 7,
    }
    for kind, place_id in (
        ("area", area.pk),
        ("area", area.parent_id),
        ("area", area.parent.parent_id),
        ("department", dpu.pk),
    ):
        found = numbers_of(kind, place_id)
        assert {name: found[name] for name in expected} == expected, kind
        assert [sum(month[n] for month in found["months"]) for n in (1, 2)] == [9, 5]
    assert numbers_of("department", Department.objects.get(code="DISHUB").pk)["open"] == 0


def test_counting_again_replaces_and_forgets_what_is_no_more(filed):
    now = timezone.now()
    PlaceFigures.objects.create(kind="area", place_id=999_999, as_of=now - DAY, numbers={})
    place_figures.refresh(now - HOUR)
    filed()
    count = place_figures.refresh(now)
    assert PlaceFigures.objects.filter(as_of=now).count() == PlaceFigures.objects.count() == count
    assert not PlaceFigures.objects.filter(place_id=999_999).exists()


def test_counting_takes_as_many_queries_for_many_as_for_few(filed, django_assert_max_num_queries):
    filed()
    with django_assert_max_num_queries(16) as few:
        place_figures.refresh(timezone.now())
    for _number in range(12):
        filed()
    with django_assert_max_num_queries(len(few)):
        place_figures.refresh(timezone.now())


def test_few_reports_are_said_to_be_too_few(client, filed):
    report = filed()
    closed(filed(), 5, "confirmed")
    place_figures.refresh(timezone.now())
    html = client.get(f"/wilayah/{report.area.code}/").content.decode()
    assert html.count("terlalu sedikit untuk dihitung") == 5
    assert 'data-figure="open">1<' in html


def test_the_pages_of_places(client, filed):
    now = timezone.now()
    oldest = filed(age=90 * DAY)
    hidden = filed(age=95 * DAY, is_private=True)
    scheduled(filed(), now.date() - DAY, "Anggaran 2027, hubungi 0812-3456-7890")
    for hours in range(10, 16):
        closed(filed(), hours, "confirmed")
    area = oldest.area
    for path in (f"/wilayah/{area.code}/", f"/wilayah/{area.parent.code}/", "/dinas/DPU/"):
        before = client.get(path).content.decode()
        assert "Angkanya sedang dihitung" in before
    place_figures.refresh(now)
    for path in (f"/wilayah/{area.code}/", f"/wilayah/{area.parent.code}/", "/dinas/DPU/"):
        html = client.get(path).content.decode()
        assert 'data-figure="resolve">12 jam<' in html
        assert 'data-figure="confirmed">100%<' in html
        assert f'href="/laporan/{oldest.code}/"' in html
        assert hidden.code not in html
        assert "tanggalnya sudah lewat" in html
        assert "0812-3456-7890" not in html
        assert "tidak membuat peringkat" in html


def test_an_owner_outside_the_city_is_named_as_one(client):
    assert "Bukan dinas kota" in client.get("/dinas/BBWS/").content.decode()
    assert "Bukan dinas kota" not in client.get("/dinas/DPU/").content.decode()


def test_what_is_no_place_is_not_found(client):
    for path in ("/wilayah/9/", "/wilayah/33.74/", "/dinas/TIDAKADA/", "/wilayah/%3Cb%3E/"):
        assert client.get(path).status_code == 404


def test_the_indexes_name_every_place_once(client):
    html = client.get("/wilayah/").content.decode()
    assert html.count('href="/wilayah/33.74.') == 16 + 177
    html = client.get("/dinas/").content.decode()
    assert (
        html.count('href="/dinas/') - html.count('href="/dinas/"')
        == Department.objects.filter(is_active=True).count()
    )


@pytest.mark.parametrize("path", ["/wilayah/{area}/", "/dinas/DPU/", "/utang/"])
def test_a_page_takes_as_many_queries_for_many_as_for_few(client, filed, django_assert_max_num_queries, path):
    first = filed()
    path = path.format(area=first.area.code)
    scheduled(filed(), timezone.now().date() + DAY)
    place_figures.refresh(timezone.now())
    client.get(path)
    with django_assert_max_num_queries(5) as few:
        client.get(path)
    for number in range(12):
        scheduled(filed(), timezone.now().date() + number * DAY)
        filed()
    with django_assert_max_num_queries(len(few)):
        client.get(path)


# --- Debt register ------------------------------------------------------------------------------------


def test_the_register_holds_what_is_owed_the_earliest_first(client, filed, monkeypatch):
    today = timezone.localdate()
    owed = [filed() for _number in range(5)]
    for report, days in zip(owed, (30, -1, 5, 5, 90), strict=True):
        scheduled(report, today + days * DAY)
    scheduled(filed(is_private=True), today)
    filed()
    monkeypatch.setattr(views_places, "PAGE_SIZE", 2)
    met, cursor, pages = [], "", 0
    while True:
        context = client.get("/utang/", {"sesudah": cursor} if cursor else {}).context
        met += [report.code for report in context["debts"]]
        cursor, pages = context["onward"], pages + 1
        assert (context["total"], context["past"]) == (5, 1)
        if not cursor:
            break
    assert pages == 3
    assert met == [owed[n].code for n in (1, 2, 3, 0, 4)]
    assert client.get("/utang/", {"dinas": "DISHUB"}).context["total"] == 0
    assert client.get("/utang/", {"wilayah": owed[0].area.parent.code}).context["total"] == 5
    assert client.get("/utang/", {"sesudah": "kapan.1"}).status_code == 200


def test_the_table_of_the_register_is_safe_and_complete(client, filed):
    report = filed(street='=HYPERLINK("http://x")', due_at=None)
    scheduled(report, timezone.localdate() - DAY, "+62 812 3456 7890")
    answer = client.get("/utang/utang-publik.csv")
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff")
    head, row = csv.reader(io.StringIO(text[1:]))
    assert len(head) == len(row) == 11
    assert row[0] == report.spoken_code
    assert row[2].startswith("'=HYPERLINK")
    assert "812 3456 7890" not in row[9]
    assert row[8] == "ya"
    assert row[10] == f"http://testserver/laporan/{report.code}/"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx", "\nx"])
def test_no_text_becomes_a_formula(text):
    assert views_places.cell(text) == f"'{text}"


def test_plain_texts_stay_as_they_are():
    assert views_places.cell("Jalan Pemuda = bagus") == "Jalan Pemuda = bagus"
    assert views_places.cell("") == ""


@pytest.mark.parametrize("path", ["/utang/", "/wilayah/{area}/", "/dinas/DPU/"])
def test_headings_skip_no_level_and_regions_have_names_of_their_own(client, filed, path):
    """Who hears a page jumps by headings and regions: none missing between, no two alike."""
    reports = [filed() for _ in range(6)]
    for report in reports[:2]:
        scheduled(report, timezone.localdate() + timedelta(days=30))
    place_figures.refresh(timezone.now())
    html = client.get(path.format(area=reports[0].area.code)).content.decode()
    assert 'class="card debt' in html
    assert path == "/utang/" or 'class="trend-scroll"' in html
    main = html[html.index("<main") : html.index("</main>")]
    levels = [1, *(int(level) for level in re.findall(r"<h([1-6])", main))]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), levels
    labelled = re.findall(r'aria-labelledby="([^"]+)"', main)
    names = [re.search(rf'id="{key}"[^>]*>([^<]+)', main)[1].strip() for key in labelled]
    names += re.findall(r'role="region" aria-label="([^"]+)"', main)
    assert len(names) == len(set(names)), names
