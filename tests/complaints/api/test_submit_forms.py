"""Reports as multipart forms, with photos."""

import io
import uuid
import zlib

import pytest
from django.core.files.storage import default_storage

from complaints.models import Event, Photo, Report, StagedPhoto
from complaints.services import photos as photo_service
from dispatch.models import Outbox
from tests.complaints.api.conftest import REPORTS
from tests.conftest import HERE, NOW, make_heic, make_jpeg

pytestmark = pytest.mark.django_db


def counts():
    return (
        Report.objects.count(),
        Event.objects.count(),
        Outbox.objects.count(),
        StagedPhoto.objects.count(),
    )


def form_fields(**changes):
    values = {
        "category": "jalan-lubang",
        "latitude": str(HERE[0]),
        "longitude": str(HERE[1]),
        "description": "",
        "answers.size": "over_60",
        "contact.email": "warga@contoh.example",
        "is_private": "true",
        "accuracy_m": "8.5",
    }
    return {name: value for name, value in (values | changes).items() if value is not None}


def upload(content: bytes, name="IMG_1234.jpg"):
    file = io.BytesIO(content)
    file.name = name
    return file


def test_a_form_with_photos(api):
    key = uuid.uuid4()
    photos = [upload(make_jpeg(colour=colour)) for colour in ("red", "green")]
    response = api.form(REPORTS, form_fields(photos=photos), key=key)
    assert response.status_code == 201, response.content
    report = Report.objects.get()
    assert (report.answers, report.is_private, report.accuracy_m) == ({"size": "over_60"}, True, 8.5)
    assert report.reporter.email == "warga@contoh.example"
    assert [photo.state for photo in report.photos.all()] == ["pending", "pending"]
    again = [upload(make_jpeg(colour=colour)) for colour in ("red", "green")]
    replay = api.form(REPORTS, form_fields(photos=again), key=key)
    assert (replay.status_code, replay.content) == (201, response.content)
    assert (Report.objects.count(), Photo.objects.count(), StagedPhoto.objects.count()) == (1, 2, 0)
    other = api.form(REPORTS, form_fields(photos=[upload(make_jpeg(colour="blue"))]), key=key)
    assert other.status_code == 409
    assert (Photo.objects.count(), StagedPhoto.objects.count()) == (2, 0)


def test_an_iphones_photo_comes_through_a_form(api):
    response = api.form(REPORTS, form_fields(photos=upload(make_heic(), "IMG_0001.HEIC")))
    assert response.status_code == 201, response.content
    photo = Photo.objects.get()
    photo_service.prepare_photo(photo.pk)
    photo.refresh_from_db()
    assert (photo.state, photo.width, photo.height) == ("ready", 300, 200)


def test_objects_in_a_form_may_be_json(api):
    fields = form_fields(**{"answers.size": None, "contact.email": None})
    fields |= {"answers": '{"size": "over_60"}', "contact": '{"name": "Warga"}', "description": '{"a": 1}'}
    assert api.form(REPORTS, fields).status_code == 201
    report = Report.objects.get()
    assert (report.answers, report.reporter.name, report.description) == (
        {"size": "over_60"},
        "Warga",
        '{"a": 1}',
    )


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"latitude": "nan"}, "latitude", "not_a_number"),
        ({"latitude": "6,99"}, "latitude", "wrong_type"),
        ({"latitude": "1e999"}, "latitude", "out_of_range"),
        ({"is_private": "mungkin"}, "is_private", "wrong_type"),
        ({"kategori": "x"}, "kategori", "unknown_field"),
        ({"answers": "bukan json", "answers.size": None}, "answers", "wrong_type"),
    ],
)
def test_bad_texts_in_a_form(api, changes, field, code):
    refused = api.form(REPORTS, form_fields(description="Lubang.", **changes))
    assert refused.status_code == 422
    assert refused.json()["errors"][field]["code"] == code
    assert counts() == (0, 0, 0, 0)


def _png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and has next to no data: a bomb by its header."""
    ihdr = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    chunk = len(ihdr[4:]).to_bytes(4, "big") + ihdr + zlib.crc32(ihdr).to_bytes(4, "big")
    idat = b"IDAT" + zlib.compress(b"\x00" * 100)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk
        + (len(idat) - 4).to_bytes(4, "big")
        + idat
        + zlib.crc32(idat).to_bytes(4, "big")
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "not_an_image"),
        (b"", "empty"),
        (b"%PDF-1.4 nothing", "not_an_image"),
        (make_jpeg(size=(640, 480))[:900], "damaged"),
        (_png_header(60_000, 60_000), "too_many_pixels"),
        (make_jpeg(size=(4, 4)), "too_small"),
    ],
)
def test_files_that_are_no_usable_photo_are_named_and_leave_nothing(api, content, code):
    good, bad = upload(make_jpeg()), upload(content, "foto.jpg")
    refused = api.form(REPORTS, form_fields(photos=[good, bad]))
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (422, "invalid")
    assert {name: error["code"] for name, error in problem["errors"].items()} == {"photos.1": code}
    assert counts() == (0, 0, 0, 0)


def test_six_photos_are_too_many_and_none_is_kept(api):
    photos = [upload(make_jpeg(size=(20 + number, 20))) for number in range(6)]
    refused = api.form(REPORTS, form_fields(photos=photos))
    assert refused.json()["errors"]["photos"]["code"] == "too_many"
    assert counts() == (0, 0, 0, 0)


def test_a_form_with_faults_keeps_no_photo(api):
    refused = api.form(REPORTS, form_fields(category="x", photos=[upload(make_jpeg())]))
    assert refused.status_code == 422
    assert counts() == (0, 0, 0, 0)


def test_uploads_are_closed(api, monkeypatch):
    from django.core.files.uploadedfile import UploadedFile

    from complaints.api import parsing

    seen = []
    original = parsing._photos

    def watch(request):
        seen.extend(request.FILES.getlist("photos"))
        return original(request)

    monkeypatch.setattr(parsing, "_photos", watch)
    assert api.form(REPORTS, form_fields(photos=[upload(make_jpeg())])).status_code == 201
    assert [(isinstance(file, UploadedFile), file.closed) for file in seen] == [(True, True)]


def test_a_broken_form_is_malformed(api):
    refused = api.post(REPORTS, raw=b"--x\r\nnonsense", content_type="multipart/form-data")
    assert (refused.status_code, refused.json()["code"]) == (400, "malformed")


def test_a_refused_request_leaves_the_photos_of_another_with_the_same_key(api):
    """The other one has kept its photo and is about to file its report."""
    key, photo = uuid.uuid4(), make_jpeg()
    held = photo_service.stage_photo(photo, key, now=NOW)
    refused = api.form(REPORTS, form_fields(photos=[upload(photo), upload(b"kaputt")]), key=key)
    assert refused.status_code == 422
    assert StagedPhoto.objects.get() == held
    assert default_storage.exists(held.original.name)
