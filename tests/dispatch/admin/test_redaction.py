"""The pages for blacking out: who may, what they get to see, and that every look at an original is on
record.
"""

import base64
import io
import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from city.models import AuditEvent
from complaints.domain.actor import THE_REPORTER
from complaints.models import Event, HiddenWords, Photo, PhotoRedaction
from complaints.services import conversation, erasure, photos
from dispatch.models import RepairCheck
from tests.conftest import NOW, make_proof, scenery
from tests.dispatch.admin.conftest import case_url, everything_about

pytestmark = pytest.mark.django_db

MAY = ["admin", "p3m", "department_admin", "duty_officer"]
MAY_NOT = ["handler", "operator", "planner", "viewer"]
SAID = "Lubang di depan rumah Pak Budi Contoh, telp 0812-0000-1111."


@pytest.fixture
def report(report_at):
    filed = report_at("DPU", description=SAID)
    conversation.add_comment(filed.pk, "Budi Contoh sudah pindah.", actor=THE_REPORTER, now=NOW)
    filed.refresh_from_db()
    return filed


@pytest.fixture
def photo(report):
    key = uuid.uuid4()
    out = io.BytesIO()
    scenery(6, (320, 240)).save(out, "JPEG", quality=90)
    staged = photos.stage_photo(out.getvalue(), key, now=NOW)
    (added,) = photos.add_photos(report.pk, key, (staged.uuid,), actor=THE_REPORTER, now=NOW)
    photos.prepare_photo(added.pk)
    added.refresh_from_db()
    report.refresh_from_db()
    return added


def url(report, name="", photo=None) -> str:
    arguments = [report.pk] + ([photo.pk] if photo else [])
    name = "_".join(part for part in ("redact", "photo" if photo else "", name) if part)
    return reverse(f"admin:complaints_report_{name}", args=arguments)


def areas(photo, *rows, **more) -> dict:
    columns = (
        dict(zip(("left", "top", "width", "height"), map(list, zip(*rows, strict=True)), strict=True))
        if rows
        else {}
    )
    return {"seen": photo.uuid, **columns, **more}


def looks():
    return list(AuditEvent.objects.filter(kind="original_look").order_by("id"))


def html(response) -> str:
    return response.content.decode()


@pytest.mark.parametrize("role", MAY)
def test_whose_business_it_is_covers_words_and_areas(role, report, photo, staff, browser):
    client = browser(staff(role, "DPU"))
    page = client.get(url(report))
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    answer = client.post(
        url(report), {"version": report.version, "words": ["Budi Contoh"], "more": "0812-0000-1111\n"}
    )
    assert (answer.status_code, answer["Location"]) == (302, url(report))
    report.refresh_from_db()
    assert report.description == "Lubang di depan rumah Pak ▇▇▇, telp ▇▇▇."
    assert client.get(url(report, photo=photo)).status_code == 200
    answer = client.post(url(report, photo=photo), areas(photo, ["10", "10,5", "20", "20"]))
    assert (answer.status_code, answer["Location"]) == (302, url(report, photo=photo))
    assert PhotoRedaction.objects.get().areas == [[10, 10.5, 20, 20]]
    assert looks() == []


@pytest.mark.parametrize("role", MAY_NOT)
def test_whose_business_it_is_not_gets_nothing_and_changes_nothing(role, report, photo, staff, browser):
    client = browser(staff(role, "DPU"))
    before = everything_about(report)
    assert [client.get(address).status_code for address in (url(report), url(report, photo=photo))] == [
        403,
        403,
    ]
    assert client.post(url(report), {"version": report.version, "more": "Budi"}).status_code == 403
    assert client.post(url(report, photo=photo), areas(photo, [1, 1, 50, 50])).status_code == 403
    for address in (url(report, "original"), url(report, "original", photo)):
        assert client.post(address).status_code == 403
    assert everything_about(report) == before
    assert not HiddenWords.objects.exists()
    assert "samarkan" not in html(client.get(case_url(report)))


def test_another_offices_report_is_not_found(report, photo, staff, browser):
    client = browser(staff("department_admin", "DLH"))
    before = everything_about(report)
    for address in (
        url(report),
        url(report, photo=photo),
        url(report, "original"),
        url(report, "original", photo),
    ):
        assert client.get(address).status_code == 404
        assert client.post(address, areas(photo, [1, 1, 50, 50])).status_code == 404
    assert everything_about(report) == before


def test_a_photo_of_another_report_is_not_found_here(report, photo, report_at, desk, browser):
    other = report_at("DPU")
    assert browser(desk).get(url(other, photo=photo)).status_code == 404
    assert browser(desk).post(url(other, photo=photo), areas(photo, [1, 1, 50, 50])).status_code == 404
    assert not PhotoRedaction.objects.exists()


@pytest.fixture
def covered(report, photo, desk, browser):
    client = browser(desk)
    client.post(url(report), {"version": report.version, "more": "Budi Contoh"})
    client.post(url(report, photo=photo), areas(photo, [0, 0, 50, 100]))
    report.refresh_from_db()
    photo.refresh_from_db()
    return report


@pytest.mark.parametrize("role", ["p3m", "admin"])
def test_the_original_is_shown_to_whom_it_may_and_each_look_is_recorded(role, covered, photo, staff, browser):
    user = staff(role)
    client = browser(user)
    page = client.post(url(covered, "original", photo))
    (encoded,) = re.findall(r'src="data:image/webp;base64,([^"]+)"', html(page))
    image = Image.open(io.BytesIO(base64.b64decode(encoded))).convert("RGB")
    assert max(high for _low, high in image.crop((0, 0, 150, 240)).getextrema()) > 60
    assert "no-store" in page["Cache-Control"]
    words = client.post(url(covered, "original"))
    assert SAID in html(words)
    assert "Budi Contoh sudah pindah." in html(words)
    assert [(look.actor, look.object_name, look.detail) for look in looks()] == [
        (user, covered.spoken_code, {"what": "photo", "photo": photo.pk}),
        (user, covered.spoken_code, {"what": "words"}),
    ]


@pytest.mark.parametrize("role", ["department_admin", "duty_officer"])
def test_who_may_cover_but_not_see_originals_learns_nothing_of_them(role, covered, photo, staff, browser):
    client = browser(staff(role, "DPU"))
    before = everything_about(covered)
    for address in (url(covered, "original"), url(covered, "original", photo)):
        response = client.post(address)
        assert response.status_code == 403
        assert "Budi" not in html(response)
    for address in (url(covered), url(covered, photo=photo), case_url(covered)):
        page = html(client.get(address))
        assert "Budi" not in page
        assert "data:image/webp" not in page
    assert everything_about(covered) == before
    assert looks() == []


def test_who_may_not_see_originals_can_add_but_never_uncover(covered, photo, staff, browser):
    client = browser(staff("department_admin", "DPU"))
    client.post(url(covered), {"version": covered.version, "replaces": "1", "more": "0812-0000-1111"})
    client.post(url(covered, photo=photo), areas(photo, [80, 80, 10, 10], replaces="1"))
    assert HiddenWords.objects.get().words == ["0812-0000-1111", "Budi Contoh"]
    assert PhotoRedaction.objects.get().areas == [[0, 0, 50, 100], [80, 80, 10, 10]]
    photo.refresh_from_db()
    client.post(url(covered, photo=photo), areas(photo, replaces="1"))
    assert PhotoRedaction.objects.get().areas == [[0, 0, 50, 100], [80, 80, 10, 10]]


def test_who_saw_the_original_can_change_it_and_take_it_back(covered, photo, desk, browser):
    client = browser(desk)
    client.post(url(covered, photo=photo), areas(photo, [1, 2, 3, 4], replaces="1"))
    assert PhotoRedaction.objects.get().areas == [[1, 2, 3, 4]]
    photo.refresh_from_db()
    client.post(url(covered, photo=photo), areas(photo, replaces="1"))
    assert not PhotoRedaction.objects.exists()
    covered.refresh_from_db()
    client.post(url(covered), {"version": covered.version, "replaces": "1"})
    covered.refresh_from_db()
    assert covered.description == SAID
    assert not HiddenWords.objects.exists()


def test_looking_by_get_shows_nothing(covered, photo, desk, browser):
    client = browser(desk)
    for address in (url(covered, "original"), url(covered, "original", photo)):
        response = client.get(address)
        assert response.status_code == 302
        assert "asli" not in response["Location"]
    assert looks() == []


def test_where_nothing_is_covered_there_is_nothing_to_look_at(report, photo, desk, browser):
    client = browser(desk)
    assert client.post(url(report, "original")).status_code == 404
    assert client.post(url(report, "original", photo)).status_code == 404
    assert looks() == []


def test_after_erasure_nobody_can_look_any_more(covered, photo, desk, browser):
    erasure.erase_personal_data(covered.pk, now=NOW)
    client = browser(desk)
    for address in (url(covered, "original"), url(covered, "original", photo)):
        response = client.post(address)
        assert response.status_code == 422
        assert "Budi" not in html(response)
    assert looks() == []


@pytest.mark.parametrize(
    "row", [["10", "20", "30", ""], ["a", "1", "5", "5"], ["101", "1", "5", "5"], ["1", "1", "0", "5"]]
)
def test_a_wrong_number_keeps_what_was_typed_and_changes_nothing(row, report, photo, desk, browser):
    before = everything_about(report)
    response = browser(desk).post(url(report, photo=photo), areas(photo, ["1", "2", "33", "44"], row))
    assert response.status_code == 422
    assert "Bidang 2 bukan persegi di dalam foto" in html(response)
    assert 'name="width" value="33"' in html(response)
    assert everything_about(report) == before


@pytest.mark.parametrize("words", ["x", "--", "y" * 201])
def test_wrong_words_keep_what_was_typed_and_change_nothing(words, report, desk, browser):
    before = everything_about(report)
    response = browser(desk).post(url(report), {"version": report.version, "more": f"Contoh Lain\n{words}"})
    assert response.status_code == 422
    assert "tidak bisa disamarkan" in html(response)
    assert "Contoh Lain" in html(response)
    assert everything_about(report) == before


def test_somebody_was_faster(covered, photo, desk, browser):
    client = browser(desk)
    before = everything_about(covered)
    stale = client.post(url(covered), {"version": covered.version - 1, "more": "0812-0000-1111"})
    assert stale.status_code == 409
    assert "0812-0000-1111" in html(stale)
    assert (
        client.post(url(covered, photo=photo), areas(photo, [1, 1, 5, 5], seen=uuid.uuid4())).status_code
        == 409
    )
    assert everything_about(covered) == before


def test_what_may_be_personal_is_suggested(report, desk, browser):
    page = browser(desk).get(url(report))
    assert [str(words) for words, _kind in page.context["suggestions"]] == ["Budi Contoh", "0812-0000-1111"]


def test_the_case_leads_there_and_says_that_it_was_done(covered, desk, browser):
    page = browser(desk).get(case_url(covered))
    assert url(covered) in html(page)
    assert [line["event"].kind for line in page.context["timeline"]].count("redacted") == 2
    assert Event.objects.filter(report=covered, kind="redacted").count() == 2


def test_the_pages_cost_the_same_whatever_was_said(report, photo, desk, browser):
    client = browser(desk)
    client.get(url(report))

    with CaptureQueriesContext(connection) as few:
        client.get(url(report))
    for number in range(12):
        conversation.add_comment(report.pk, f"Pak Contoh{number} bilang begitu.", actor=THE_REPORTER, now=NOW)
    for copy in range(3):
        Photo.objects.create(
            report=report,
            uuid=uuid.uuid4(),
            state="ready",
            large=photo.large.name,
            small=photo.small.name,
            sha256=str(copy),
            created_at=NOW,
            width=320,
            height=240,
        )
    with CaptureQueriesContext(connection) as many:
        client.get(url(report))
    assert len(few) == len(many)


def test_the_second_look_keeps_its_photo_and_what_was_found_about_it(report_at, take, desk, browser):
    report = report_at("DPU")
    for name in ("accept", "start"):
        take(report, name)
    key = uuid.uuid4()
    staged = photos.stage_photo(make_proof(place=None), key, now=NOW)
    take(
        report,
        "resolve",
        message="Sudah ditambal.",
        photos=(staged.uuid,),
        photos_key=key,
        proof_reason="Kamera lama.",
    )
    photo = Photo.objects.get(report=report)
    photos.prepare_photo(photo.pk)
    check = RepairCheck.objects.get()
    assert (check.photos, check.findings[0]["photo"]) == ([photo.uuid.hex], photo.uuid.hex)
    before = [item | {"photo": "x"} for item in check.findings]
    browser(desk).post(url(report, photo=photo), areas(photo, [1, 1, 50, 50]))
    photo.refresh_from_db()
    check.refresh_from_db()
    assert (check.photos, {item["photo"] for item in check.findings}) == ([photo.uuid.hex], {photo.uuid.hex})
    assert [item | {"photo": "x"} for item in check.findings] == before


@pytest.mark.parametrize(
    ("role", "shown"), [("p3m", True), ("admin", True), ("handler", False), ("viewer", False)]
)
def test_contact_data_that_was_typed_is_shown_to_who_may_see_identities_alone(
    role, shown, report, staff, browser
):
    conversation.add_comment(report.pk, "Surel saya budi@contoh.example.", actor=THE_REPORTER, now=NOW)
    page = html(browser(staff(role, "DPU")).get(case_url(report)))
    assert ("0812-0000-1111" in page) is shown
    assert ("budi@contoh.example" in page) is shown
    assert ("telp •••" in page) is not shown
    report.refresh_from_db()
    assert report.description == SAID
