import uuid

import pytest
from django.utils import timezone

from complaints import links
from complaints.domain.actor import Actor
from complaints.models import Photo, Report
from complaints.services import conversation
from complaints.services.photos import prepare_photo, stage_photo
from complaints.services.status import change_status
from tests.complaints.api.conftest import REPORTS
from tests.conftest import HERE, NOW, make_jpeg

pytestmark = pytest.mark.django_db


def path(report, tail=""):
    return f"{REPORTS}{report.code}/{tail}"


def test_a_report_in_public(api, make_report, route):
    report = route(
        make_report(description="Telepon 0812 3456 7890, lubang besar.", answers={"size": "over_60"})
    )
    read = api.get(path(report), language="en").json()
    assert read["code"] == report.code
    assert read["category"]["code"] == "jalan-lubang"
    assert read["description"] == "Telepon •••, lubang besar."
    assert (read["latitude"], read["longitude"]) == HERE
    assert (read["status"], read["is_open"], read["severity"], read["version"]) == (
        report.status,
        True,
        4,
        report.version,
    )
    assert read["department"]["code"] == report.department.code
    assert read["area"]["code"] == report.area.code
    assert read["kecamatan"]["code"] == report.area.parent.code
    assert read["promise"]["department"] == read["department"]
    assert read["promise"]["resolve_by"] == read["resolve_by"]
    assert [(event["kind"], event["by"]) for event in read["timeline"]] == [
        ("submitted", "reporter"),
        ("routed", "system"),
    ]
    assert [answer["code"] for answer in read["answers"]] == ["size"]
    assert read["routing_reasons"]
    assert (read["is_yours"], read["is_private"], read["waiting"]) == (False, False, None)
    assert read["routing_reasons"] != api.get(path(report), language="id").json()["routing_reasons"]


def test_what_an_office_waits_for_is_told_without_numbers(api, make_report, route):
    report = route(make_report())
    reason = "Kabar dari Bu Contoh, 0812 3456 7890"
    change_status(report.pk, "waiting", actor=Actor("staff"), now=NOW, waiting_reason=reason)
    assert api.get(path(report)).json()["waiting"] == {"on": "other", "reason": "Kabar dari Bu Contoh, •••"}
    own = api.get(path(report), secret=links.secret_of(report)).json()
    assert own["waiting"]["reason"] == reason


@pytest.mark.parametrize(
    "writing", [str.lower, lambda code: f"{code[:4]}-{code[4:]}", lambda code: f" {code[:3]}.{code[3:]}"]
)
def test_any_writing_of_the_code_will_do(api, make_report, writing):
    report = make_report()
    assert api.get(f"{REPORTS}{writing(report.code)}/").json()["code"] == report.code


def test_nothing_personal_is_told(api, make_report):
    from complaints.domain.draft import Contact

    report = make_report(
        contact=Contact("Warga Contoh", "warga@contoh.example", "0812 3456 7890"), is_anonymous=False
    )
    for answer in (api.get(path(report)), api.get(REPORTS)):
        text = answer.content.decode()
        assert "Warga Contoh" not in text
        assert "warga@" not in text
        assert "3456" not in text
        assert links.secret_of(report) not in text


def test_unknown_private_and_wrong_secret_look_alike(api, make_report):
    private = make_report(is_private=True)
    answers = [
        api.get(path(private)),
        api.get(path(private), secret="a" * 25),
        api.get(path(private), {"kunci": "salah"}),
        api.get(f"{REPORTS}22222222/"),
        api.get(f"{REPORTS}bukan-kode/"),
        api.get(f"{REPORTS}22222222/", secret=links.secret_of(private)),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1


@pytest.mark.parametrize("way", ["header", "address"])
def test_the_secret_opens_a_private_report(api, make_report, way):
    report = make_report(is_private=True, description="Hubungi 0812 3456 7890.")
    secret = links.secret_of(report)
    answer = (
        api.get(path(report), secret=secret) if way == "header" else api.get(path(report), {"kunci": secret})
    )
    read = answer.json()
    assert (read["is_yours"], read["is_private"], read["description"]) == (
        True,
        True,
        "Hubungi 0812 3456 7890.",
    )
    assert answer["Cache-Control"] == "private, no-cache"
    assert "X-Report-Secret" in answer["Vary"]


def test_internal_notes_stay_inside(api, make_report, staff):
    from complaints.domain.actor import STAFF, Actor

    report, user = make_report(), staff("p3m")
    conversation.add_comment(
        report.pk, "Rahasia dapur.", actor=Actor(STAFF, user.pk), now=NOW, is_public=False
    )
    for options in ({}, {"secret": links.secret_of(report)}):
        read = api.get(path(report), **options)
        assert "Rahasia dapur" not in read.content.decode()
        assert user.username not in read.content.decode()


def test_only_prepared_photos_are_shown(api, make_report):
    key = uuid.uuid4()
    staged = [stage_photo(make_jpeg(colour=colour), key, now=NOW) for colour in ("red", "green")]
    report = make_report(idempotency_key=key, photos=tuple(item.uuid for item in staged))
    first = report.photos.first()
    before = api.get(path(report))
    assert (before.json()["photos"], before.json()["photos_pending"]) == ([], 2)
    prepare_photo(first.pk)
    after = api.get(path(report))
    assert before["ETag"] != after["ETag"]
    assert after.json()["photos_pending"] == 1
    [photo] = after.json()["photos"]
    assert photo["small"] == f"http://localhost:8000/foto/{first.uuid}-small.webp"
    assert (photo["kind"], photo["width"], photo["height"]) == ("report", 64, 48)
    assert after.json()["photo"] == photo["small"]
    assert api.get(REPORTS).json()["results"][0]["photo"] == photo["small"]


def test_an_unchanged_report_is_not_sent_again(api, make_report, route):
    report = make_report()
    first = api.get(path(report))
    same = api.get(path(report), etag=first["ETag"])
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", first["ETag"])
    assert api.get(path(report), etag=first["ETag"], language="en").status_code == 200
    assert api.get(path(report), etag=first["ETag"], secret=links.secret_of(report)).status_code == 200
    route(report)
    assert api.get(path(report), etag=first["ETag"]).status_code == 200


def test_support_changes_the_etag_though_not_the_version(api, make_report):
    report = make_report()
    first = api.get(path(report))
    api.post(path(report, "support/"), {"token": "perangkat-0123456789"})
    again = api.get(path(report), etag=first["ETag"])
    assert (again.status_code, again.json()["supporter_count"]) == (200, 1)


# --- The list ---


def codes(answer):
    assert answer.status_code == 200, answer.content
    return [item["code"] for item in answer.json()["results"]]


def test_the_list_is_public_and_newest_first(api, make_report):
    first = make_report(now=NOW)
    second = make_report(now=NOW + timezone.timedelta(hours=1))
    make_report(is_private=True)
    answer = api.get(REPORTS)
    assert codes(answer) == [second.code, first.code]
    assert answer.json()["next"] is None


def test_pages_follow_each_other_without_gap_or_repetition(api, make_report):
    # Several at the same instant: the id decides.
    made = [make_report(now=NOW + timezone.timedelta(minutes=number // 3)) for number in range(8)]
    url, seen = f"{REPORTS}?limit=3", []
    while url:
        page = api.get(url).json()
        assert len(page["results"]) <= 3
        seen += [item["code"] for item in page["results"]]
        url = page["next"] and page["next"].removeprefix("http://localhost:8000")
        if len(seen) == 3:
            make_report(now=NOW + timezone.timedelta(days=1))  # newer ones do not disturb
    assert seen == [report.code for report in reversed(made)]


def test_filters(api, make_report, route):
    hole = route(make_report())
    flood = make_report(
        category="banjir-saluran", latitude=-6.9650, longitude=110.4300, now=NOW - timezone.timedelta(days=2)
    )
    kecamatan, kelurahan = hole.area.parent.code, hole.area.code
    wanted = {
        "category=jalan-lubang": [hole],
        "category=jalan": [hole],
        "category=jalan,banjir": [hole, flood],
        "status=received": [flood],
        f"status={hole.status},received": [hole, flood],
        f"area={kelurahan}": [hole],
        f"area={kecamatan}": [hole] if flood.area.parent_id != hole.area.parent_id else [hole, flood],
        f"department={hole.department.code}": [hole],
        "since=2026-09-14T09:00:00%2B07:00": [hole],
        "since=2026-09-14T09:00:00+07:00": [hole],
        "since=2026-09-14": [hole],
        "bbox=110.42,-6.995,110.425,-6.985": [hole],
        "bbox=110,-7.2,111,-6.8": [hole, flood],
        "bbox=110.1,-6.5,110.2,-6.4": [],
        "category=": [hole, flood],
        "category=jalan&status=received": [],
    }
    for query, reports in wanted.items():
        assert codes(api.get(f"{REPORTS}?{query}")) == [report.code for report in reports], query


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("category=x", "category", "category_unknown"),
        ("status=done", "status", "status_unknown"),
        ("area=99", "area", "area_unknown"),
        ("department=XYZ", "department", "department_unknown"),
        ("since=kemarin", "since", "since_invalid"),
        ("since=0001-01-01T00:00:00%2B14:00", "since", "since_invalid"),
        ("since=2026-02-30", "since", "since_invalid"),
        ("bbox=1,2,3", "bbox", "bbox_invalid"),
        ("bbox=nan,nan,nan,nan", "bbox", "bbox_invalid"),
        ("bbox=111,-7,110,-6", "bbox", "bbox_invalid"),
        ("bbox=-999,-7,110,-6", "bbox", "bbox_invalid"),
        ("limit=0", "limit", "limit_invalid"),
        ("limit=201", "limit", "limit_invalid"),
        ("limit=²", "limit", "limit_invalid"),
        ("cursor=xyz", "cursor", "cursor_invalid"),
        ("cursor=é", "cursor", "cursor_invalid"),
        ("cursor=f________________________w", "cursor", "cursor_invalid"),
        ("kategori=jalan", "kategori", "parameter_unknown"),
        ("category=" + "jalan," * 60, "category", "too_many_values"),
    ],
)
def test_bad_parameters_are_named(api, query, field, code):
    refused = api.get(f"{REPORTS}?{query}", language="en")
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (400, "parameters_invalid")
    assert {name: error["code"] for name, error in problem["errors"].items()} == {field: code}


def test_the_queries_of_a_page_do_not_grow(api, make_report, django_assert_num_queries):
    def page(expected_reports):
        with django_assert_num_queries(3):  # the city's version, the reports, their photos
            assert len(codes(api.get(f"{REPORTS}?limit=200"))) == expected_reports

    for _ in range(2):
        make_report()
    page(2)
    for number in range(20):
        make_report(category="banjir-saluran" if number % 2 else "jalan-lubang")
    page(22)


def test_a_category_that_was_closed_keeps_its_name(api, make_report):
    from city.models import Category
    from city.services import versions

    report = make_report()
    Category.objects.filter(code="jalan-lubang").update(is_active=False)
    versions.bump(boundaries=False)
    assert api.get(REPORTS).json()["results"][0]["category"]["code"] == "jalan-lubang"
    assert api.get(path(report)).json()["category"]["code"] == "jalan-lubang"


def test_refused_photos_never_show(api, make_report):
    report = make_report()
    Photo.objects.create(report=report, state="refused", sha256="0" * 64, created_at=NOW)
    read = api.get(path(report)).json()
    assert (read["photos"], read["photos_pending"]) == ([], 0)
    assert Report.objects.count() == 1
