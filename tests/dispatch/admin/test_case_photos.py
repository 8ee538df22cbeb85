"""Photos that an officer sends with a step: needed, kept, refused."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from city import snapshot as city
from complaints.models import Photo, StagedPhoto
from complaints.services import photos
from tests.conftest import make_jpeg
from tests.dispatch.admin.conftest import everything_about, upload


@pytest.fixture
def handler(staff):
    return staff("handler", "DPU")


@pytest.fixture
def page(browser, handler):
    return browser(handler)


def test_resolving_needs_a_photo_where_the_kind_says_so(report_at, page, step):
    report = report_at("DPU")
    assert report.category.needs_repair_photo
    before = everything_about(report)
    response = step(page, report, "resolve", message="Sudah ditambal.", photos_key=str(uuid.uuid4()))
    assert response.status_code == 422
    assert "photos" in response.context["attempt"].faults
    assert "Sudah ditambal." in response.content.decode()
    assert everything_about(report) == before


def test_resolving_with_a_photo(report_at, page, step, handler):
    report = report_at("DPU")
    key = str(uuid.uuid4())
    response = step(page, report, "resolve", message="Sudah ditambal.", photos_key=key, photos=upload())
    assert response.status_code == 302
    report.refresh_from_db()
    assert report.status == "resolved"
    photo = Photo.objects.get(report=report)
    assert (photo.kind, photo.by_staff) == (Photo.Kind.REPAIR, handler)


def test_a_kind_that_needs_no_photo_is_resolved_without(report_at, page, step):
    kinds = [item for item in city.current().categories.values() if item.parent_code]
    kind = next(item for item in kinds if not item.needs_repair_photo)
    required = {q.code: q.choices[0].value for q in kind.questions if q.is_required and q.choices}
    report = report_at("DPU", category=kind.code, answers=required)
    assert step(page, report, "resolve", message="Sudah ditangani.").status_code == 302


def test_a_photo_survives_a_forgotten_sentence(report_at, page, step):
    report = report_at("DPU")
    key = str(uuid.uuid4())
    response = step(page, report, "resolve", message="", photos_key=key, photos=upload())
    assert response.status_code == 422
    staged = StagedPhoto.objects.get(draft_key=key)
    assert f'value="{staged.uuid}" checked' in response.content.decode()
    done = step(page, report, "resolve", message="Ditambal.", photos_key=key, kept=[str(staged.uuid)])
    assert done.status_code == 302
    assert [photo.uuid for photo in Photo.objects.filter(report=report)] == [staged.uuid]


def test_a_photo_unticked_is_left_out(report_at, page, step):
    report = report_at("DPU")
    key = str(uuid.uuid4())
    step(page, report, "resolve", message="", photos_key=key, photos=upload())
    response = step(page, report, "resolve", message="Ditambal.", photos_key=key)
    assert response.status_code == 422
    assert not Photo.objects.filter(report=report).exists()


def test_a_file_that_is_no_photo_is_refused_with_a_sentence(report_at, page, step):
    report = report_at("DPU")
    before = everything_about(report)
    fake = SimpleUploadedFile("a.jpg", b"<svg onload=alert(1)>", content_type="image/jpeg")
    response = step(page, report, "resolve", message="Ditambal.", photos_key=str(uuid.uuid4()), photos=fake)
    assert response.status_code == 422
    assert "photos" in response.context["attempt"].faults
    assert everything_about(report) == before


# --- Two officers ------------------------------------------------------------------------------------


def test_photos_too_large_together_are_refused_and_the_sentence_is_kept(report_at, page, step, settings):
    settings.MAX_UPLOAD_REQUEST_BYTES = 4_000
    report = report_at("DPU")
    before = everything_about(report)
    large = SimpleUploadedFile("a.jpg", make_jpeg(size=(2000, 1500)), content_type="image/jpeg")
    response = step(page, report, "resolve", message="Ditambal.", photos_key=str(uuid.uuid4()), photos=large)
    assert response.status_code == 422
    assert str(photos.refusal("too_large_together")) in response.content.decode()
    assert "Ditambal." in response.content.decode()
    assert everything_about(report) == before


def test_before_and_after_stand_over_one_another(report_at, page, handler):
    from tests.dispatch.admin.conftest import NOW, case_url

    report = report_at("DPU")

    def picture(kind, state=Photo.State.READY):
        return Photo.objects.create(
            report=report, kind=kind, state=state, sha256="0" * 64, created_at=NOW, width=480, height=360
        )

    before = picture(Photo.Kind.REPORT)
    assert page.get(case_url(report)).context["photo_pairs"] == []
    after = picture(Photo.Kind.REPAIR, Photo.State.PENDING)
    assert page.get(case_url(report)).context["photo_pairs"] == []
    Photo.objects.filter(pk=after.pk).update(state=Photo.State.READY)
    response = page.get(case_url(report))
    assert response.context["photo_pairs"] == [(before, after)]
    html = response.content.decode()
    assert html.count("data-compare") == 1
    assert "kunci=" not in html
