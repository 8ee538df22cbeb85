"""The reporter's pages: change, take back, be forgotten, answer; and nothing opens for others."""

import re
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from city.models import AuditEvent
from complaints import links
from complaints.domain.draft import Contact
from complaints.models import Event, Feedback, Photo, Report, Reporter, Subscription
from complaints.services import changes, conversation, photos
from dispatch.models import Outbox
from tests.complaints.web.test_report_pages import resolve, route
from tests.conftest import make_jpeg

pytestmark = pytest.mark.django_db
SRI = Contact(name="Sri Contoh", email="sri@example.org", phone="+6281234567890")
ACTIONS = {"ubah": "edit-form", "tarik": "withdraw-form", "hapus-data": "erase-form"}


@pytest.fixture
def fresh(make_report):
    return make_report(now=timezone.now(), contact=SRI, street="Jalan Pemuda")


@pytest.fixture
def old(make_report):
    return make_report(now=timezone.now() - timedelta(minutes=15, seconds=5), contact=SRI)


@pytest.fixture
def resolved(make_report, jpeg):
    return resolve(route(make_report(now=timezone.now())), jpeg)


def path(report, action: str, *, key=True) -> str:
    return f"/laporan/{report.code}/{action}/" + (f"?kunci={links.secret_of(report)}" if key else "")


def everything(report) -> tuple:
    models = (Event, Photo, Reporter, Subscription, Feedback)
    return (
        Report.objects.values().get(pk=report.pk),
        *(list(model.objects.filter(report=report).values()) for model in models),
        Outbox.objects.count(),
    )


def words(report, **changed) -> dict:
    """The edit form as it was given out, with some fields changed (None leaves one out)."""
    data = {
        "kunci": links.secret_of(report),
        "version": report.version,
        "description": report.description,
        "street": report.street,
        "is_anonymous": "on",
        "contact_name": SRI.name,
        "contact_email": SRI.email,
        "contact_phone": "0812 3456 7890",
    }
    return {name: value for name, value in (data | changed).items() if value is not None}


# --- who may -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("who", ["nobody", "wrong key", "another reporter", "revoked link"])
def test_nobody_else_reads_or_changes_anything(client, fresh, make_report, action, who):
    data = words(fresh, description="Diganti.", confirm="on", with_words="on", text="Diganti.")
    if who == "nobody":
        del data["kunci"]
    elif who == "wrong key":
        data["kunci"] = "a" * 25
    elif who == "another reporter":
        other = make_report(now=timezone.now())
        client.get(links.private_path(other))
        data["kunci"] = links.secret_of(other)
    else:
        client.get(links.private_path(fresh))
        Report.objects.filter(pk=fresh.pk).update(link_version=2)
    before = everything(fresh)
    query = {"kunci": data["kunci"]} if "kunci" in data else {}
    for answer in (
        client.get(path(fresh, action, key=False), query),
        client.post(path(fresh, action, key=False), data),
    ):
        assert (answer.status_code, answer.url) == (302, f"/laporan/{fresh.code}/")
    assert everything(fresh) == before
    Report.objects.filter(pk=fresh.pk).update(is_private=True)
    for answer in (
        client.get(path(fresh, action, key=False), query),
        client.post(path(fresh, action, key=False), data),
    ):
        assert answer.status_code == 404
    assert Event.objects.filter(report=fresh).count() == 1


@pytest.mark.parametrize("action", ACTIONS)
def test_the_reporter_is_shown_a_form_that_nobody_keeps(client, fresh, action):
    answer = client.get(path(fresh, action))
    assert answer.status_code == 200
    assert f'data-testid="{ACTIONS[action]}"' in answer.content.decode()
    assert "private, no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("action", ["ubah", "tarik"])
def test_after_fifteen_minutes_the_page_says_what_can_be_done_instead(client, old, action):
    before = everything(old)
    for answer in (
        client.get(path(old, action), follow=True),
        client.post(path(old, action, key=False), words(old, text="Salah."), follow=True),
    ):
        html = answer.content.decode()
        assert "Waktu 15 menit untuk mengubah sudah lewat." in html
        assert "Laporan dapat diubah atau ditarik selama 15 menit pertama." in html
        assert 'data-testid="edit-link"' not in html
        assert 'data-testid="erase-link"' in html
    assert everything(old) == before


def test_the_box_tells_how_long_is_left(client, make_report):
    report = make_report(now=timezone.now() - timedelta(minutes=3))
    html = client.get(links.private_path(report)).content.decode()
    left = int(re.search(r'data-left-s="(\d+)"', html)[1])
    assert 700 <= left <= 720
    assert "sisa 12 menit." in html
    client.cookies["bahasa"] = "en"
    assert "12 minutes left." in client.get(links.private_path(report)).content.decode()


# --- edit --------------------------------------------------------------------------------------------------


def test_changing_the_words_without_a_script(client, fresh):
    answer = client.post(path(fresh, "ubah", key=False), words(fresh, description="Lubang besar."))
    assert (answer.status_code, answer.url) == (
        302,
        f"/laporan/{fresh.code}/?kunci={links.secret_of(fresh)}#pesan",
    )
    html = Client().get(f"/laporan/{fresh.code}/").content.decode()
    assert "Lubang besar." in html
    assert "motor sering oleng" not in html
    assert "Pelapor mengubah: uraian." in html
    assert Reporter.objects.get(report=fresh).phone == "+6281234567890"


def test_what_is_wrong_is_said_and_what_was_typed_stays(client, fresh):
    before = everything(fresh)
    data = words(fresh, description="", street="Jalan Baru", contact_email="bukan surel")
    answer = client.post(path(fresh, "ubah", key=False), data)
    html = answer.content.decode()
    assert answer.status_code == 422
    for expected in (
        'href="#id_description"',
        'href="#id_contact_email"',
        'value="Jalan Baru"',
        "bukan surel",
    ):
        assert expected in html
    assert everything(fresh) == before


def test_a_version_that_is_gone_keeps_the_words_and_asks_once_more(client, fresh):
    data = words(fresh, description="Lubang besar.")
    route(fresh)
    before = everything(fresh)
    answer = client.post(path(fresh, "ubah", key=False), data)
    html = answer.content.decode()
    assert (answer.status_code, everything(fresh)) == (409, before)
    assert "Lubang besar." in html
    version = re.search(r'name="version" value="(\d+)"', html)[1]
    assert client.post(path(fresh, "ubah", key=False), data | {"version": version}).status_code == 302
    fresh.refresh_from_db()
    assert fresh.description == "Lubang besar."


@pytest.mark.parametrize("version", ["", "0", "x", "-1", "9" * 30, None])
def test_a_form_without_its_version_is_not_believed(client, fresh, version):
    before = everything(fresh)
    data = words(fresh, description="Lubang besar.", version=version)
    assert client.post(path(fresh, "ubah", key=False), data).status_code == 409
    assert everything(fresh) == before


def test_a_photo_is_taken_away(client, make_report, jpeg):
    key = uuid.uuid4()
    staged = photos.stage_photo(jpeg(), key, now=timezone.now())
    report = make_report(idempotency_key=key, photos=(staged.uuid,), now=timezone.now())
    assert str(staged.uuid) in client.get(path(report, "ubah")).content.decode()
    data = words(report, remove_photo=[str(staged.uuid), "bukan-uuid"])
    assert client.post(path(report, "ubah", key=False), data).status_code == 302
    assert not Photo.objects.filter(report=report).exists()


def test_a_stale_form_gives_the_words_back(strict_client, fresh):
    answer = strict_client.post(path(fresh, "ubah", key=False), words(fresh, description="Lubang besar."))
    html = answer.content.decode()
    assert answer.status_code == 403
    assert 'name="description" value="Lubang besar."' in html
    assert f'action="/laporan/{fresh.code}/ubah/"' in html


# --- withdraw ----------------------------------------------------------------------------------------------


def test_a_withdrawn_report_is_gone_for_the_public_and_there_for_its_reporter(client, fresh):
    route(fresh)
    fresh.refresh_from_db()
    data = {"kunci": links.secret_of(fresh), "version": fresh.version, "text": "Salah tempat."}
    answer = client.post(path(fresh, "tarik", key=False), data, follow=True)
    html = answer.content.decode()
    assert 'data-testid="withdrawn"' in html
    assert 'data-testid="reopen-form"' not in html
    assert "Salah tempat." in html
    stranger = Client()
    for address in (
        f"/laporan/{fresh.code}/",
        f"/laporan/{fresh.code}/status.json",
        f"/api/v1/reports/{fresh.code}/",
    ):
        assert stranger.get(address).status_code == 404
    assert fresh.code not in stranger.get("/laporan/").content.decode()
    mine = client.get("/laporan-saya/").content.decode()
    assert "Anda menarik laporan ini." in mine


def test_staff_read_why(client, fresh, staff):
    route(fresh)
    changes.withdraw_report(fresh.pk, now=timezone.now(), message="Salah tempat.")
    client.force_login(staff("handler", "DPU"))
    html = client.get(reverse("admin:complaints_report_change", args=[fresh.pk])).content.decode()
    assert "Pelapor menarik laporannya." in html
    assert "Salah tempat." in html
    assert SRI.name not in html


# --- erase -------------------------------------------------------------------------------------------------


def test_erasing_asks_first(client, fresh):
    before = everything(fresh)
    answer = client.post(
        path(fresh, "hapus-data", key=False), {"kunci": links.secret_of(fresh), "with_words": "on"}
    )
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="confirm-error"' in html
    assert re.search(r'name="with_words" checked', html)
    assert everything(fresh) == before


def test_the_last_page_and_then_nobody(client, fresh):
    private = links.private_path(fresh)
    shown = client.get(path(fresh, "hapus-data")).content.decode()
    for mine in (SRI.name, SRI.email, SRI.phone):
        assert mine in shown
    data = {"kunci": links.secret_of(fresh), "confirm": "on"}
    answer = client.post(path(fresh, "hapus-data", key=False), data)
    html = answer.content.decode()
    assert (answer.status_code, 'data-testid="erased"' in html, fresh.spoken_code in html) == (
        200,
        True,
        True,
    )
    assert SRI.name not in html
    page = client.get(private).content.decode()
    assert 'data-testid="reporter-box"' not in page
    assert "Data pribadi pelapor dihapus atas permintaannya." in page
    assert fresh.code not in client.get("/laporan-saya/").content.decode()
    assert client.post(path(fresh, "hapus-data", key=False), data).status_code == 302


def test_staff_see_that_it_was_erased_and_nothing_else(client, fresh, staff):
    client.post(path(fresh, "hapus-data", key=False), {"kunci": links.secret_of(fresh), "confirm": "on"})
    client.force_login(staff("p3m"))
    case = client.get(reverse("admin:complaints_report_change", args=[fresh.pk])).content.decode()
    asked = client.post(reverse("admin:complaints_report_identity", args=[fresh.pk])).content.decode()
    for html in (case, asked):
        assert 'data-testid="erased"' in html
        assert "Nobody" not in html
        assert [trace for trace in (SRI.name, SRI.email, SRI.phone) if trace in html] == []
    assert reverse("admin:complaints_report_identity", args=[fresh.pk]) not in case
    assert AuditEvent.objects.filter(kind="identity_look").count() == 1


# --- is it really fixed? -----------------------------------------------------------------------------------


def test_the_question_stands_beside_the_photos_with_its_date(client, make_report, jpeg):
    key = uuid.uuid4()
    staged = photos.stage_photo(jpeg(), key, now=timezone.now())
    report = resolve(route(make_report(idempotency_key=key, photos=(staged.uuid,), now=timezone.now())), jpeg)
    for photo in Photo.objects.filter(report=report):
        photos.prepare_photo(photo.pk)
    html = client.get(links.private_path(report)).content.decode()
    box = html[html.index('data-testid="reporter-box"') : html.index("</section>")]
    assert "Benarkah sudah beres?" in html
    assert html.count("<figcaption>") >= 2
    assert "Sudah ditambal." in html
    assert "ditutup tanpa konfirmasi dan dihitung demikian" in html
    assert box
    assert "Benarkah sudah beres?" not in Client().get(f"/laporan/{report.code}/").content.decode()


def test_yes_with_stars_words_and_a_photo_closes_as_confirmed(client, resolved):
    data = {
        "kunci": links.secret_of(resolved),
        "key": str(uuid.uuid4()),
        "rating": "4",
        "text": "Rapi.",
        "photos": [SimpleUploadedFile("a.jpg", make_jpeg(colour="red"))],
    }
    html = client.post(path(resolved, "selesai", key=False), data, follow=True).content.decode()
    resolved.refresh_from_db()
    assert (resolved.status, resolved.closure) == ("closed", "confirmed")
    assert "Anda membenarkan bahwa masalahnya sudah beres." in html
    event = resolved.events.last()
    assert (event.kind, event.text, event.data) == ("confirmed", "Rapi.", {"rating": 4, "photos": 1})


def test_a_refused_photo_closes_nothing_and_keeps_stars_and_words(client, resolved):
    before = everything(resolved)
    data = {
        "kunci": links.secret_of(resolved),
        "rating": "2",
        "text": "Kurang rata.",
        "photos": [SimpleUploadedFile("a.jpg", b"bukan foto")],
    }
    answer = client.post(path(resolved, "selesai", key=False), data)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Kurang rata." in html
    assert 'value="2" checked' in html
    assert everything(resolved) == before


def test_no_needs_words(client, resolved):
    before = everything(resolved)
    answer = client.post(
        path(resolved, "belum-selesai", key=False), {"kunci": links.secret_of(resolved), "text": " "}
    )
    assert (answer.status_code, everything(resolved)) == (422, before)


def test_who_was_silent_is_told_so_and_may_still_reopen(client, resolved):
    from complaints.domain.actor import PORTAL
    from complaints.services.status import change_status

    change_status(resolved.pk, "closed", actor=PORTAL, now=timezone.now(), reason_code="silent")
    html = client.get(links.private_path(resolved)).content.decode()
    assert "Ditutup tanpa konfirmasi: kami tidak menerima jawaban Anda selama sepuluh hari." in html
    assert 'data-testid="reopen-form"' in html
    conversation.reopen(resolved.pk, "Masih rusak.", now=timezone.now())
    resolved.refresh_from_db()
    assert (resolved.status, resolved.closure) == ("reopened", "")


# --- the two switches --------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_private", [True, False])
def test_private_by_default_where_the_kind_says_so(client, filled, is_private):
    from city import snapshot

    kind = next(
        item.code
        for item in snapshot.current().categories.values()
        if item.parent_code and item.is_private_by_default is is_private
    )
    html = client.get("/lapor/", {"kategori": kind}).content.decode()
    switch = re.search(r'name="is_private" id="id_is_private"( checked)?', html)
    assert bool(switch[1]) is is_private
    assert re.search(r'name="is_anonymous" checked', html)
    chosen = client.post("/lapor/", filled(category=kind, category_before="lain-sampah", action="choose"))
    assert bool(re.search(r'id="id_is_private" checked', chosen.content.decode())) is is_private
