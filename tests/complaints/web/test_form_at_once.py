"""A form that is sent twice at the same moment: a double tap, or a phone that lost the answer."""

import threading
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from complaints.models import Event, Photo, Report, StagedPhoto
from complaints.services import submit
from tests.conftest import make_jpeg

URL = "/lapor/"


@pytest.mark.usefixtures("committed_city")
@pytest.mark.django_db(transaction=True)
def test_two_sendings_at_once_make_one_report(filled, monkeypatch):
    data = filled(category=None)
    photo = SimpleUploadedFile("foto.jpg", make_jpeg(), "image/jpeg")
    Client().post(URL, data | {"photos": photo})
    data = filled(key=data["key"], photo=str(StagedPhoto.objects.get().uuid), action="submit")
    both_are_checked = threading.Barrier(2, timeout=10)
    check_draft, answers, failures = submit.check_draft, [], []

    def check_together(*arguments, **options):
        checked = check_draft(*arguments, **options)
        both_are_checked.wait()
        return checked

    def send():
        try:
            answers.append(Client().post(URL, data))
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    monkeypatch.setattr(submit, "check_draft", check_together)
    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    report = Report.objects.get()
    assert report.idempotency_key == uuid.UUID(data["key"])
    assert [answer.url for answer in answers] == [f"/lapor/terima-kasih/{report.code}/"] * 2
    assert Event.objects.filter(report=report, kind="submitted").count() == 1
    assert list(Photo.objects.values_list("report_id", flat=True)) == [report.pk]
    assert StagedPhoto.objects.count() == 0
