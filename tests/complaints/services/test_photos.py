import io
import re
import struct
import uuid
import zlib
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from PIL import Image, ImageOps

from complaints import errors
from complaints.domain.actor import THE_REPORTER
from complaints.models import Event, Photo, StagedPhoto
from complaints.services import photos, thumbnails
from tests.conftest import HERE, NOW, make_jpeg

pytestmark = pytest.mark.django_db


def encoded(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png_header_claiming(width, height):
    """A PNG that promises a picture of this size in a few bytes: a decompression bomb."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = zlib.compress(b"\x00" * 100_000)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
        + chunk(b"IDAT", rows)
        + chunk(b"IEND", b"")
    )


NOISE = Image.effect_noise((300, 200), 90).convert("RGB")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\xff\xd8\xff" + b"x" * 100, "not_an_image"),
        (SVG, "not_an_image"),
        (b"<html><body>bukan foto</body></html>", "not_an_image"),
        (b"%PDF-1.7 ...", "not_an_image"),
        (encoded(NOISE, "TIFF"), "not_an_image"),
        (encoded(NOISE, "BMP"), "not_an_image"),
        (encoded(NOISE, "JPEG")[:3000], "damaged"),
        (encoded(NOISE, "PNG")[:3000], "damaged"),
        (png_header_claiming(40_000, 40_000), "too_many_pixels"),
        (png_header_claiming(5_001, 5_000), "too_many_pixels"),
        (encoded(Image.new("RGB", (1, 1)), "PNG"), "too_small"),
        (b"\xff\xd8" + b"\x00" * (15 * 1024 * 1024), "too_large"),
    ],
)
def test_what_is_not_a_whole_photo_is_refused_with_a_sentence(content, code):
    with pytest.raises(errors.PhotoRefused) as caught:
        photos.stage_photo(content, uuid.uuid4(), now=NOW)
    assert caught.value.code == code
    assert str(caught.value)
    assert StagedPhoto.objects.count() == 0


def test_heic_is_accepted_and_prepared(make_report):
    photos._register_heif()
    photo = prepared(make_report(), encoded(NOISE, "HEIF"))
    assert (photo.state, photo.width, photo.height) == ("ready", 300, 200)


def prepared(report, content):
    key = uuid.uuid4()
    staged = photos.stage_photo(content, key, now=NOW)
    (photo,) = photos.add_photos(report.pk, key, (staged.uuid,), actor=THE_REPORTER, now=NOW)
    photos.prepare_photo(photo.pk)
    photo.refresh_from_db()
    return photo


@pytest.mark.parametrize("tail", [b"<script>alert(1)</script>", b"PK\x03\x04zip", b""])
def test_only_re_encoded_pixels_are_kept(make_report, tail, django_capture_on_commit_callbacks):
    content = make_jpeg((2000, 1000), gps=HERE, orientation=6) + tail
    with django_capture_on_commit_callbacks(execute=True):
        photo = prepared(make_report(), content)
    assert (photo.state, photo.width, photo.height, photo.original.name) == ("ready", 800, 1600, "")
    for field, size in ((photo.large, (800, 1600)), (photo.small, (240, 480))):
        served = field.open("rb").read()
        assert b"script" not in served
        assert b"PK\x03\x04" not in served
        image = Image.open(io.BytesIO(served))
        assert (image.format, image.size) == ("WEBP", size)
        assert not image.getexif()
        assert not {"exif", "xmp", "icc_profile"} & set(image.info)
    assert not default_storage.exists(f"originals/{photo.uuid.hex[:2]}/{photo.uuid.hex}.bin")


def test_place_and_time_are_read_from_the_photo():
    staged = photos.stage_photo(make_jpeg(gps=HERE), uuid.uuid4(), now=NOW)
    assert staged.gps_latitude == pytest.approx(HERE[0], abs=1e-5)
    assert staged.gps_longitude == pytest.approx(HERE[1], abs=1e-5)


@pytest.mark.parametrize("gps", [(0.0, 0.0), (95.0, 110.0)])
def test_nonsense_positions_are_ignored(gps):
    staged = photos.stage_photo(make_jpeg(gps=gps), uuid.uuid4(), now=NOW)
    assert (staged.gps_latitude, staged.gps_longitude) == (None, None)


def test_transparency_is_laid_on_white(make_report):
    photo = prepared(make_report(), encoded(Image.new("RGBA", (40, 40), (255, 0, 0, 0)), "PNG"))
    assert Image.open(photo.large.open("rb")).getpixel((20, 20)) == (255, 255, 255)


def test_preparing_twice_is_preparing_once(make_report):
    photo = prepared(make_report(), make_jpeg())
    before = photo.large.name
    photos.prepare_photo(photo.pk)
    photo.refresh_from_db()
    assert (photo.large.name, photo.state) == (before, "ready")


def test_broken_exif_costs_neither_the_photo_nor_its_upright_position(make_report):
    """A resolution that is a text: what rewrites all of the EXIF fails at it."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "72 dpi"
    written = exif.tobytes().replace(b"\x01\x0f\x00\x02", b"\x01\x1a\x00\x02")  # the maker → the resolution
    content = encoded(Image.new("RGB", (64, 48)), "JPEG", exif=written)
    with pytest.raises(TypeError):
        ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    staged = photos.stage_photo(content, uuid.uuid4(), now=NOW)
    assert Image.open(io.BytesIO(thumbnails.of_staged(staged))).size == (48, 64)
    photo = prepared(make_report(), content)
    assert (photo.state, photo.width, photo.height) == ("ready", 48, 64)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photos_are_turned_as_their_orientation_says(orientation):
    picture = Image.open(io.BytesIO(make_jpeg((64, 48), orientation=orientation)))
    picture.paste("red", (0, 0, 20, 20))
    assert photos.upright(picture).tobytes() == ImageOps.exif_transpose(picture).tobytes()


def test_a_disk_that_does_not_answer_is_asked_again(make_report, monkeypatch):
    key = uuid.uuid4()
    staged = photos.stage_photo(make_jpeg(), key, now=NOW)
    (photo,) = photos.add_photos(make_report().pk, key, (staged.uuid,), actor=THE_REPORTER, now=NOW)

    def fail(*_arguments):
        raise OSError(5, "I/O error")

    with monkeypatch.context() as broken:
        broken.setattr(FileSystemStorage, "_open", fail)
        with pytest.raises(OSError, match="I/O"):
            photos.prepare_photo(photo.pk)
    photo.refresh_from_db()
    assert photo.state == "pending"
    photos.prepare_photo(photo.pk)
    photo.refresh_from_db()
    assert photo.state == "ready"


def test_a_photo_that_breaks_later_is_refused_and_never_shown(make_report):
    key = uuid.uuid4()
    staged = photos.stage_photo(make_jpeg(), key, now=NOW)
    with open(settings.MEDIA_ROOT + "/" + staged.original.name, "wb") as handle:
        handle.write(b"kaputt")
    (photo,) = photos.add_photos(make_report().pk, key, (staged.uuid,), actor=THE_REPORTER, now=NOW)
    photos.prepare_photo(photo.pk)
    photo.refresh_from_db()
    assert (photo.state, photo.large.name) == ("refused", "")


def test_the_same_file_twice_is_kept_once_and_the_sixth_is_refused():
    key = uuid.uuid4()
    first = photos.stage_photo(make_jpeg(colour="red"), key, now=NOW)
    assert photos.stage_photo(make_jpeg(colour="red"), key, now=NOW) == first
    for colour in ("blue", "green", "white", "black"):
        photos.stage_photo(make_jpeg(colour=colour), key, now=NOW)
    with pytest.raises(errors.PhotoRefused) as caught:
        photos.stage_photo(make_jpeg(colour="pink"), key, now=NOW)
    assert caught.value.code == "too_many"
    assert StagedPhoto.objects.count() == 5


def test_photos_whose_report_never_came_are_swept_after_a_week():
    old = photos.stage_photo(make_jpeg(colour="red"), uuid.uuid4(), now=NOW - timedelta(days=8))
    fresh = photos.stage_photo(make_jpeg(colour="blue"), uuid.uuid4(), now=NOW)
    assert photos.sweep_staged(now=NOW) == 1
    assert list(StagedPhoto.objects.all()) == [fresh]
    assert not default_storage.exists(old.original.name)


def test_adding_photos_leaves_one_event(make_report):
    report = make_report()
    prepared(report, make_jpeg())
    assert list(Event.objects.filter(report=report, kind="photo").values_list("data", flat=True)) == [
        {"count": 1}
    ]
    assert Photo.objects.get(report=report).kind == "comment"


def test_the_name_of_the_sent_file_is_kept_nowhere(make_report):
    """stage_photo takes bytes, not an upload: there is no name to keep (invariant 6)."""
    photo = prepared(make_report(), make_jpeg())
    name = f"photos/{photo.uuid.hex[:2]}/{photo.uuid.hex}-[0-9a-f]{{8}}-large.webp"
    assert re.fullmatch(name, photo.large.name)


def test_of_two_workers_at_one_photo_one_keeps_its_files(make_report, monkeypatch):
    """A lease ran out: a second worker finishes while the first is still writing."""
    key = uuid.uuid4()
    staged = photos.stage_photo(make_jpeg(), key, now=NOW)
    (photo,) = photos.add_photos(make_report().pk, key, (staged.uuid,), actor=THE_REPORTER, now=NOW)
    write, calls = photos.write_copy, []

    def slow_write(field, image, side_px, name):
        calls.append(name)
        if len(calls) == 1:
            photos.prepare_photo(photo.pk)
        return write(field, image, side_px, name)

    monkeypatch.setattr(photos, "write_copy", slow_write)
    photos.prepare_photo(photo.pk)
    photo.refresh_from_db()
    kept = {f"photos/{photo.uuid.hex[:2]}/{name}" for name in calls[1:3]}
    assert {photo.large.name, photo.small.name} == kept
    stored = default_storage.listdir(f"photos/{photo.uuid.hex[:2]}")[1]
    assert {f"photos/{photo.uuid.hex[:2]}/{name}" for name in stored if photo.uuid.hex in name} == kept
