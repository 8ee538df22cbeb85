"""Originals that lie on the disk for nobody."""

import os
import uuid
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from complaints.domain.actor import THE_REPORTER
from complaints.models import Photo, StagedPhoto
from complaints.services import photo_files, photos
from dispatch import tasks
from tests.conftest import NOW, make_jpeg

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, settings):
    """A disk of its own: what other tests left behind is not counted."""
    settings.MEDIA_ROOT = str(tmp_path)


def write(name: str, *, age: timedelta) -> str:
    default_storage.save(name, ContentFile(b"x"))
    changed_s = (NOW - age).timestamp()
    os.utime(default_storage.path(name), (changed_s, changed_s))
    return name


def test_a_file_that_no_row_names_goes_after_a_day():
    old = write("originals/ab/abc.bin", age=timedelta(hours=25))
    fresh = write("originals/ab/abd.bin", age=timedelta(hours=23))
    served = write("photos/ab/abc-large.webp", age=timedelta(days=9))
    assert photo_files.sweep_orphans(now=NOW) == 1
    assert [default_storage.exists(name) for name in (old, fresh, served)] == [False, True, True]


def test_what_waits_for_a_report_or_a_worker_stays(make_report):
    key = uuid.uuid4()
    waiting = photos.stage_photo(make_jpeg(colour="red"), key, now=NOW)
    taken = photos.stage_photo(make_jpeg(colour="blue"), key, now=NOW)
    photos.add_photos(make_report().pk, key, (taken.uuid,), actor=THE_REPORTER, now=NOW)
    assert photo_files.sweep_orphans(now=NOW + timedelta(days=3650)) == 0
    assert default_storage.exists(waiting.original.name)
    assert default_storage.exists(Photo.objects.get().original.name)


def test_what_could_not_be_read_goes_after_a_day(make_report):
    key = uuid.uuid4()
    staged = photos.stage_photo(make_jpeg(), key, now=NOW)
    (photo,) = photos.add_photos(make_report().pk, key, (staged.uuid,), actor=THE_REPORTER, now=NOW)
    Photo.objects.update(state="refused")
    name = photo.original.name
    assert photo_files.sweep_orphans(now=NOW + timedelta(hours=23)) == 0
    assert default_storage.exists(name)
    assert photo_files.sweep_orphans(now=NOW + timedelta(hours=25)) == 1
    assert not default_storage.exists(name)
    photo.refresh_from_db()
    assert photo.original.name == ""


def test_nothing_to_sweep_is_no_trouble():
    assert photo_files.sweep_orphans(now=NOW) == 0


def test_the_hourly_task_sweeps():
    old = write("originals/ab/abc.bin", age=timedelta(days=900))
    tasks.prune()
    assert not default_storage.exists(old)
    assert StagedPhoto.objects.count() == 0
