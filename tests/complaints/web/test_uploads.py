"""Photos that come with a form: how many, how large, how often, and what is kept when they are refused."""

import uuid

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from complaints import links
from complaints.models import Photo, Report, StagedPhoto
from complaints.services import photos
from complaints.web import limits
from tests.conftest import make_heic

from .conftest import hidden_fields

pytestmark = pytest.mark.django_db
URL = "/lapor/"
COLOURS = ("red", "green", "blue", "white", "black", "pink", "gray")


def upload(content: bytes, name="foto.jpg"):
    return SimpleUploadedFile(name, content, "image/jpeg")


def test_an_address_keeps_only_so_many_bytes_and_nothing_typed_is_lost(client, filled, jpeg, monkeypatch):
    first, second = jpeg(colour="red"), jpeg(colour="blue")
    monkeypatch.setattr(limits, "BYTES_PER_WINDOW", len(first) + len(second) - 1)
    assert client.post(URL, filled() | {"photos": upload(first)}).status_code == 200
    page = client.post(URL, filled() | {"photos": upload(second)})
    html = page.content.decode()
    assert (page.status_code, page["Retry-After"]) == (429, "3600")
    assert "motor sering oleng" in html
    assert "tautan pribadi" in html
    assert StagedPhoto.objects.count() == 1
    assert client.post(URL, filled(action="submit")).status_code == 302


def test_no_more_files_are_read_than_a_report_can_have(client, filled, jpeg, monkeypatch):
    looked_at = []
    identify = photos.identify
    monkeypatch.setattr(photos, "identify", lambda content: looked_at.append(content) or identify(content))
    files = [upload(jpeg(colour=colour)) for colour in COLOURS]
    page = client.post(URL, filled() | {"photos": files})
    assert page.status_code == 422
    assert str(photos.refusal("too_many")) in page.content.decode()
    assert (len(looked_at), StagedPhoto.objects.count()) == (5, 5)


def test_an_iphones_photo_comes_through_the_form(client, filled):
    page = client.post(URL, filled(description="") | {"photos": upload(make_heic(), "IMG_0001.HEIC")})
    fields = hidden_fields(page.content.decode())
    preview = client.get(reverse("staged_photo", args=[fields["key"][0], fields["photo"][0]]))
    assert preview.content[8:12] == b"WEBP"
    assert client.post(URL, fields | {"action": "submit"}).status_code == 302
    photo = Photo.objects.get()
    photos.prepare_photo(photo.pk)
    photo.refresh_from_db()
    assert (photo.state, photo.width, photo.height) == ("ready", 300, 200)


def test_a_form_from_a_busy_address_says_when_to_try_again(client, filled):
    cache.set("limit:report:127.0.0.1", limits.POSTS_PER_WINDOW)
    page = client.post(URL, filled(action="submit"))
    assert (page.status_code, page["Retry-After"]) == (429, "600")
    assert "motor sering oleng" in page.content.decode()
    assert Report.objects.count() == 0


def test_a_reporter_at_a_busy_address_is_told_when_to_try_again(client, make_report):
    report = make_report()
    cache.set("limit:act:127.0.0.1", limits.POSTS_PER_WINDOW)
    data = {"kunci": links.secret_of(report), "text": "Masih berlubang."}
    page = client.post(f"/laporan/{report.code}/tambah/", data)
    assert (page.status_code, page["Retry-After"]) == (429, "600")
    assert "Masih berlubang." in page.content.decode()


# --- A stale token -----------------------------------------------------------------------------------


def test_a_stale_comment_keeps_its_photos(strict_client, make_report, jpeg):
    report = make_report()
    key = str(uuid.uuid4())
    address = f"/laporan/{report.code}/tambah/"
    data = {"kunci": links.secret_of(report), "key": key, "text": "Makin lebar."}
    page = strict_client.post(address, data | {"photos": [upload(jpeg()), upload(b"kaputt", "aneh.jpg")]})
    html = page.content.decode()
    assert page.status_code == 403
    assert "Makin lebar." in html
    assert "aneh.jpg" in html
    assert "1 foto" in html
    fields = hidden_fields(html)
    assert fields["key"] == [key]
    token = strict_client.cookies["csrftoken"].value
    again = {name: values[0] for name, values in fields.items()}
    sent = strict_client.post(address, again | {"text": "Makin lebar.", "csrfmiddlewaretoken": token})
    assert sent.status_code == 302
    assert report.photos.count() == 1


# --- Larger than a request may be ----------------------------------------------------------------------


@pytest.fixture
def small_requests(settings):
    settings.MAX_UPLOAD_REQUEST_BYTES = 4_000


def test_photos_too_large_together_cost_nothing_that_was_typed(client, filled, jpeg, small_requests):
    page = client.post(URL, filled() | {"photos": upload(jpeg(size=(2000, 1500)))})
    html = page.content.decode()
    assert page.status_code == 422
    assert str(photos.refusal("too_large_together")) in html
    assert "motor sering oleng" in html
    assert 'value="jalan-lubang" checked' in html
    assert StagedPhoto.objects.count() == 0


def test_a_comments_photos_too_large_together_cost_no_words(client, make_report, jpeg, small_requests):
    report = make_report()
    data = {"kunci": links.secret_of(report), "text": "Makin lebar."}
    photo = upload(jpeg(size=(2000, 1500)))
    page = client.post(f"/laporan/{report.code}/tambah/", data | {"photos": photo})
    assert page.status_code == 422
    assert str(photos.refusal("too_large_together")) in page.content.decode()
    assert "Makin lebar." in page.content.decode()


def test_a_request_beyond_all_measure_is_answered_with_what_to_do(client, filled, jpeg, settings):
    settings.MAX_UPLOAD_REQUEST_BYTES = settings.MAX_READ_OVER_BYTES = 4_000
    page = client.post(URL, filled() | {"photos": upload(jpeg(size=(2000, 1500)))})
    html = page.content.decode()
    assert page.status_code == 413
    assert '<html lang="id">' in html
    assert f'href="{URL}"' in html
    assert "nonce-" in page["Content-Security-Policy"]
    assert StagedPhoto.objects.count() == 0


def test_more_files_than_are_looked_at_are_answered_with_what_to_do(client, filled, jpeg, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 6
    files = [upload(jpeg(colour=colour)) for colour in COLOURS]
    page = client.post(URL, filled() | {"photos": files})
    assert page.status_code == 413
    assert '<html lang="id">' in page.content.decode()
