"""Sending piece by piece: photos one by one, then the report; exactly once, and from our own pages only."""

import io
import threading
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from PIL import Image

from complaints.models import Event, Photo, Report, StagedPhoto
from complaints.services import photos
from tests.conftest import NOW, make_heic, make_jpeg

pytestmark = pytest.mark.django_db
PHOTO, DROP, SEND = "/lapor/foto/", "/lapor/foto/hapus/", "/lapor/kirim/"
OURS = {"X-Lapor-Form": "1"}
GPS = (-6.99, 110.42)


def upload(client, key, content: bytes, **headers):
    file = SimpleUploadedFile("foto.jpg", content, "image/jpeg")
    return client.post(PHOTO, {"key": str(key), "photos": file}, headers={**OURS, **headers})


def test_a_photo_waits_under_its_key_and_the_same_bytes_once(client, jpeg):
    key, content = uuid.uuid4(), jpeg(gps=GPS)
    first, again = upload(client, key, content), upload(client, key, content)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert first.json()["latitude"] == pytest.approx(GPS[0], abs=1e-5)
    staged = StagedPhoto.objects.get()
    assert (str(staged.uuid), staged.draft_key) == (first.json()["uuid"], key)
    assert client.get(first.json()["preview"]).status_code == 200
    assert upload(client, uuid.uuid4(), content).json()["uuid"] != first.json()["uuid"]


def test_the_database_keeps_the_same_photo_of_a_draft_once(jpeg):
    staged = photos.stage_photo(jpeg(), uuid.uuid4(), now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        StagedPhoto.objects.create(
            draft_key=staged.draft_key, sha256=staged.sha256, original="x", created_at=NOW
        )


def test_a_photo_an_iphone_sends_is_taken(client):
    assert upload(client, uuid.uuid4(), make_heic()).status_code == 201


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "empty"), (b"<svg/>", "not_an_image"), (make_jpeg(size=(640, 480))[:-900], "damaged")],
)
def test_a_refused_photo_says_why_and_is_not_kept(client, content, code):
    answer = upload(client, uuid.uuid4(), content)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["message"]
    assert StagedPhoto.objects.count() == 0


def test_a_sixth_photo_is_refused(client, jpeg):
    key = uuid.uuid4()
    for shade in range(5):
        assert upload(client, key, jpeg(colour=(shade * 40, 0, 0))).status_code == 201
    answer = upload(client, key, jpeg(colour="white"))
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many")
    assert StagedPhoto.objects.count() == 5


def test_a_dropped_photo_is_gone_and_dropping_needs_the_key(client, jpeg):
    key = uuid.uuid4()
    photo = upload(client, key, jpeg()).json()["uuid"]
    client.post(DROP, {"key": str(uuid.uuid4()), "photo": photo}, headers=OURS)
    assert StagedPhoto.objects.count() == 1
    assert client.post(DROP, {"key": str(key), "photo": photo}, headers=OURS).json() == {"dropped": True}
    assert StagedPhoto.objects.count() == 0
    assert client.post(DROP, {"key": str(key), "photo": photo}, headers=OURS).status_code == 200


@pytest.mark.parametrize("address", [PHOTO, DROP, SEND])
def test_a_foreign_page_cannot_send_and_ours_needs_no_token(strict_client, filled, jpeg, address):
    file = SimpleUploadedFile("foto.jpg", jpeg(), "image/jpeg")
    data = filled(photos=file, photo=str(uuid.uuid4()))
    answer = strict_client.post(address, data, headers={"Origin": "https://elsewhere.example"})
    assert (answer.status_code, answer.json()["code"]) == (403, "header_missing")
    assert (StagedPhoto.objects.count(), Report.objects.count()) == (0, 0)
    assert strict_client.options(address).status_code == 405  # no preflight lets the header through
    assert strict_client.get(address).status_code == 405


def test_the_report_arrives_once_with_its_photos_and_the_session_knows_it(strict_client, filled, jpeg):
    data = filled(observed_at="2026-09-01T07:30", language="en")
    data["photo"] = upload(strict_client, data["key"], jpeg()).json()["uuid"]
    first, again = (strict_client.post(SEND, data, headers=OURS) for _ in range(2))
    report = Report.objects.get()
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["code"] == report.code
    assert [str(photo.uuid) for photo in Photo.objects.all()] == [data["photo"]]
    assert (StagedPhoto.objects.count(), Event.objects.count()) == (0, 1)
    assert report.observed_at.isoformat() == "2026-09-01T00:30:00+00:00"
    assert strict_client.get(first.json()["thanks"]).status_code == 200
    assert strict_client.get(f"/laporan/{report.code}/").context["is_reporter"] is True


def test_the_form_and_the_queue_file_the_same_report(client, filled):
    """The form's answer was lost: what the queue sends again is found to be the same."""
    data = filled(observed_at="2026-09-01T07:30")
    client.post("/lapor/", {**data, "action": "submit"})
    answer = client.post(SEND, data, headers=OURS)
    assert answer.status_code == 200
    assert Report.objects.get().code == answer.json()["code"]


def test_changed_after_it_arrived_tells_so_and_files_nothing(client, filled):
    data = filled()
    code = client.post(SEND, data, headers=OURS).json()["spoken_code"]
    answer = client.post(SEND, {**data, "description": "Lain."}, headers=OURS)
    assert (answer.status_code, answer.json()["code"], answer.json()["report"]) == (409, "key_reused", code)
    assert "link" not in answer.json()
    assert Report.objects.count() == 1


def test_photos_that_were_swept_are_asked_for_again(client, filled, jpeg):
    data = filled()
    here = upload(client, data["key"], jpeg()).json()["uuid"]
    gone = str(uuid.uuid4())
    answer = client.post(SEND, {**data, "photo": [here, gone]}, headers=OURS)
    assert (answer.status_code, answer.json()["code"]) == (409, "photos_missing")
    assert answer.json()["missing"] == [gone]
    assert Report.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "field", "anchor"),
    [
        ({"category": None}, "category", "kategori"),
        ({"latitude": "-6.98", "longitude": "110.52"}, "place", "tempat"),
        ({"observed_at": "kemarin"}, "observed_at", "id_observed_at"),
        ({"observed_at": "2099-01-01T00:00"}, "observed_at", "id_observed_at"),
        ({"contact_phone": "12"}, "contact_phone", "id_contact_phone"),
    ],
)
def test_a_refusal_names_the_field_and_where_it_stands(client, filled, changes, field, anchor):
    answer = client.post(SEND, filled(**changes), headers=OURS)
    assert answer.status_code == 422
    [fault] = answer.json()["faults"]
    assert (fault["field"], fault["anchor"]) == (field, anchor)
    assert fault["message"]
    assert Report.objects.count() == 0


@pytest.mark.parametrize("address", [PHOTO, DROP, SEND])
def test_without_a_key_nothing_is_kept(client, filled, jpeg, address):
    file = SimpleUploadedFile("foto.jpg", jpeg(), "image/jpeg")
    answer = client.post(address, filled(key="x", photos=file), headers=OURS)
    assert (answer.status_code, answer.json()["code"]) == (400, "key_invalid")
    assert (StagedPhoto.objects.count(), Report.objects.count()) == (0, 0)


def test_a_filled_trap_files_nothing(client, filled):
    answer = client.post(SEND, filled(website="x"), headers=OURS)
    assert (answer.status_code, answer["Retry-After"]) == (429, "600")
    assert Report.objects.count() == 0


def test_no_metadata_of_a_sent_photo_is_ever_served(client, filled, jpeg):
    """From the sending to the picture on the report's page: place, time and camera do not come along."""
    data = filled()
    content = jpeg(gps=GPS, size=(640, 480))
    assert b"Exif" in content
    data["photo"] = upload(client, data["key"], content).json()["uuid"]
    client.post(SEND, data, headers=OURS)
    photo = Photo.objects.get()
    photos.prepare_photo(photo.pk)
    photo.refresh_from_db()
    assert (photo.state, photo.original.name) == (Photo.State.READY, "")
    for size in ("large", "small"):
        served = b"".join(client.get(f"/foto/{photo.uuid}-{size}.webp").streaming_content)
        picture = Image.open(io.BytesIO(served))
        assert (dict(picture.getexif()), picture.info.get("exif"), picture.info.get("xmp")) == (
            {},
            None,
            None,
        )


@pytest.mark.usefixtures("committed_city")
@pytest.mark.django_db(transaction=True)
def test_the_same_photo_on_two_connections_at_once_is_kept_once(monkeypatch):
    key, content = uuid.uuid4(), make_jpeg()
    both, found, failures = threading.Barrier(2, timeout=10), [], []
    check = photos._check_whole
    monkeypatch.setattr(photos, "_check_whole", lambda image: (check(image), both.wait()))

    def send():
        try:
            found.append(photos.stage_photo(content, key, now=NOW).uuid)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(set(found)) == 1
    assert StagedPhoto.objects.count() == 1
