"""The reporter's box: nothing typed is lost, faults are summed up, photos stand beside the question."""

import re
import uuid

import pytest
from django.utils import timezone

from complaints import links
from complaints.models import Photo
from complaints.services import photos
from tests.complaints.web.test_report_pages import resolve, route
from tests.complaints.web.test_rights_pages import everything, old, path, resolved, words

__all__ = ["old", "resolved"]  # fixtures
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("action", "name"), [("ubah", "description"), ("tarik", "text")])
def test_words_that_come_too_late_become_a_comment_to_be_sent(client, old, action, name):
    before = everything(old)
    answer = client.post(path(old, action, key=False), words(old, **{name: "Lubangnya makin besar."}))
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Lubangnya makin besar.</textarea>" in html
    assert "Waktu 15 menit untuk mengubah sudah lewat." in html
    assert "private, no-store" in answer["Cache-Control"]
    assert everything(old) == before
    data = {"kunci": links.secret_of(old), "text": "Lubangnya makin besar."}
    assert client.post(path(old, "tambah", key=False), data).status_code == 302
    assert old.events.last().text == "Lubangnya makin besar."


@pytest.mark.parametrize(
    ("action", "data", "field", "error"),
    [
        ("belum-selesai", {"text": ""}, "teks-buka", "buka-error"),
        ("selesai", {"text": "a" * 2001}, "teks-konfirmasi", "konfirmasi-error"),
        ("selesai", {"rating": "9"}, "nilai-1", "nilai-error"),
        ("tambah", {"text": ""}, "teks-tambah", "tambah-error"),
    ],
)
def test_what_is_wrong_with_an_answer_is_summarised_and_tied_to_its_field(
    client, resolved, action, data, field, error
):
    answer = client.post(path(resolved, action, key=False), {"kunci": links.secret_of(resolved)} | data)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Mohon periksa: " in html
    summary = html.split('id="ringkasan-kesalahan"')[1].split("</ul>")[0]
    assert f'href="#{field}"' in summary
    assert f'id="{error}"' in html
    if field != "nilai-1":
        assert f'aria-describedby="{error}"' in html


def test_the_question_shows_the_problem_beside_its_repair(client, make_report, jpeg):
    key = uuid.uuid4()
    staged = photos.stage_photo(jpeg(), key, now=timezone.now())
    report = make_report(idempotency_key=key, photos=(staged.uuid,), now=timezone.now())
    report = resolve(route(report), jpeg)
    for photo in Photo.objects.filter(report=report):
        photos.prepare_photo(photo.pk)
    html = client.get(links.private_path(report)).content.decode()
    box = html.split('data-testid="verdict-photos"')[1].split("</div>")[0]
    before, after = Photo.objects.filter(report=report).order_by("id")
    assert re.findall(r'src="/foto/([0-9a-f-]+)-small', box) == [str(before.uuid), str(after.uuid)]


def test_what_was_done_stands_where_the_browser_goes(client, resolved):
    data = {"kunci": links.secret_of(resolved), "text": "Masih berlubang."}
    answer = client.post(path(resolved, "tambah", key=False), data, follow=True)
    assert answer.redirect_chain[-1][0].endswith("#pesan")
    said = answer.content.decode().split('id="pesan" tabindex="-1"')[1].split("</div>")[0]
    assert "Sudah ditambahkan ke laporan." in said


def test_the_edit_form_has_the_pictures_of_the_form(client, make_report):
    html = client.get(path(make_report(now=timezone.now()), "ubah")).content.decode()
    assert 'class="pic' in html
    assert "/static/css/kind.css" in html


def test_a_wrong_address_is_where_the_browser_goes(client):
    html = client.post("/laporan-saya/kode/", {"address": "bukan"}).content.decode()
    assert re.search(r'id="id_address"[^>]* autofocus', html)
    assert "autofocus" not in client.get("/laporan-saya/").content.decode()
