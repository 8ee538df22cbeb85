"""The reporter's forms that arrive twice, as they do on a bad line: done once, and said to be done."""

from datetime import timedelta

import pytest
from django.utils import timezone

from complaints import links
from complaints.models import Event, Feedback
from complaints.services import conversation
from tests.complaints.web.test_report_pages import resolve, route
from tests.complaints.web.test_rights_pages import fresh, path, resolved

__all__ = ["fresh", "resolved"]  # fixtures
pytestmark = pytest.mark.django_db


def send(client, report, action: str, **data):
    return client.post(path(report, action, key=False), {"kunci": links.secret_of(report)} | data)


@pytest.mark.parametrize(
    ("action", "data", "kind"),
    [
        ("tambah", {"text": "Masih ada."}, "comment"),
        ("selesai", {"text": "Rapi.", "rating": "5"}, "confirmed"),
        ("belum-selesai", {"text": "Masih berlubang."}, "reopened"),
    ],
)
def test_the_second_sending_is_as_good_as_the_first(client, resolved, action, data, kind):
    for _ in range(2):
        answer = send(client, resolved, action, **data)
        assert (answer.status_code, answer.url.split("#")[1]) == (302, "pesan")
    resolved.refresh_from_db()
    assert Event.objects.filter(report=resolved, kind=kind).count() == 1
    assert Feedback.objects.filter(report=resolved).count() == (0 if kind == "comment" else 1)
    assert resolved.reopen_count == (1 if kind == "reopened" else 0)


def test_taking_a_report_back_twice(client, fresh):
    data = {"version": fresh.version, "text": "Salah tempat."}
    for _ in range(2):
        assert send(client, fresh, "tarik", **data).status_code == 302
    assert Event.objects.filter(report=fresh, kind="withdrawn").count() == 1
    html = client.get(f"/laporan/{fresh.code}/").content.decode()
    assert "Waktu 15 menit untuk mengubah sudah lewat." not in html


def test_other_words_and_later_ones_are_not_the_same_form(client, fresh):
    for text in ("Masih ada.", "Makin besar.", "Masih ada."):
        send(client, fresh, "tambah", text=text)
    assert Event.objects.filter(report=fresh, kind="comment").count() == 3
    last = Event.objects.filter(report=fresh).latest("id")
    later = last.at + timedelta(minutes=10)
    assert conversation.just_said(fresh, "comment", "Masih ada.", later) == last
    assert conversation.just_said(fresh, "comment", "Masih ada.", later + timedelta(seconds=1)) is None


def test_a_report_opened_again_and_repaired_again_can_be_opened_once_more(client, make_report, jpeg):
    report = resolve(route(make_report(now=timezone.now())), jpeg)
    send(client, report, "belum-selesai", text="Belum.")
    report.refresh_from_db()
    resolve(report, jpeg)
    assert send(client, report, "belum-selesai", text="Belum.").status_code == 302
    report.refresh_from_db()
    assert (report.status, report.reopen_count) == ("reopened", 2)
