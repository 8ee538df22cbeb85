"""A report's page: what the public reads, what its reporter does, what nobody else may."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from city.models import Department
from complaints import links
from complaints.domain.actor import PORTAL, Actor
from complaints.domain.draft import Contact
from complaints.domain.promise import Promise
from complaints.models import Event, Feedback, Photo, Report, Supporter
from complaints.services import conversation, photos, routing, status
from complaints.web import words

pytestmark = pytest.mark.django_db
REASONS = {"reasons": ["Jalan kota ditangani DPU."], "reasons_en": ["City roads belong to DPU."]}


def route(report, *, department="DPU", severity=3, now=None):
    now = now or timezone.now()
    return routing.assign(
        report.pk,
        status="assigned",
        department_id=Department.objects.get(code=department).pk,
        severity=severity,
        promise=Promise(now + timedelta(hours=24), now + timedelta(hours=24), now + timedelta(days=3)),
        actor=PORTAL,
        now=now,
        event_data=REASONS,
    )


def resolve(report, jpeg, *, now=None):
    now = now or timezone.now()
    officer = Actor("staff", None, report.department_id)
    status.change_status(report.pk, "in_progress", actor=officer, now=now)
    key = uuid.uuid4()
    photo = photos.stage_photo(jpeg(), key, now=now)
    status.change_status(
        report.pk,
        "resolved",
        actor=officer,
        now=now,
        message="Sudah ditambal.",
        photos=(photo.uuid,),
        photos_key=key,
    )
    report.refresh_from_db()
    return report


@pytest.fixture
def routed(make_report):
    return route(make_report(now=timezone.now()))


@pytest.fixture
def resolved(routed, jpeg):
    return resolve(routed, jpeg)


def page_of(client, report, **query):
    return client.get(f"/laporan/{report.code}/", query).content.decode()


def test_the_page_says_who_by_when_and_why(client, routed):
    html = page_of(client, routed)
    assert "Dinas Pekerjaan Umum" in html
    assert 'data-status="assigned"' in html
    assert "Jalan kota ditangani DPU." in html
    client.cookies["bahasa"] = "en"
    assert "City roads belong to DPU." in page_of(client, routed)


def test_every_kind_of_event_has_its_sentence(client, resolved):
    conversation.reopen(resolved.pk, "Masih berlubang.", now=timezone.now())
    html = page_of(client, resolved)
    for kind in ("submitted", "routed", "status", "reopened"):
        assert f'data-kind="{kind}"' in html
    assert "Sudah ditambal." in html
    assert "Masih berlubang." in html


def test_internal_notes_stay_inside(client, routed):
    officer = Actor("staff", None, routed.department_id)
    conversation.add_comment(
        routed.pk, "Warga ini sering lapor.", actor=officer, now=timezone.now(), is_public=False
    )
    for query in ({}, {"kunci": links.secret_of(routed)}):
        assert "Warga ini sering lapor." not in page_of(client, routed, **query)


def test_personal_data_is_masked_in_description_street_and_comments(client, make_report):
    report = make_report(description="WA 0812 3456 7890", street="Rumah 0813 9999 0000", now=timezone.now())
    conversation.add_comment(report.pk, "saya@contoh.id", actor=Actor("reporter"), now=timezone.now())
    for address in (f"/laporan/{report.code}/", "/laporan/"):
        html = client.get(address).content.decode()
        for hidden in ("7890", "0000", "saya@contoh.id"):
            assert hidden not in html.replace("+0000", "")


def test_a_code_in_any_spelling_leads_to_the_page(client, routed):
    spoken = f"{routed.code[:4].lower()}-{routed.code[4:].lower()}"
    assert client.get(f"/laporan/{spoken}/").url == f"/laporan/{routed.code}/"
    for address in ("/", "/laporan/"):
        assert client.get(address, {"kode": f" {spoken} "}).url == f"/laporan/{routed.code}/"


def test_a_private_code_is_as_unknown_as_one_that_does_not_exist(client, make_report):
    private = make_report(is_private=True)
    for address in ("/", "/laporan/"):
        known, unknown = (client.get(address, {"kode": code}) for code in (private.code, "ABCDEFGH"))
        assert (known.status_code, unknown.status_code) == ((404, 404) if address == "/" else (200, 200))
    client.get(links.private_path(private))
    assert client.get("/", {"kode": private.code}).url == f"/laporan/{private.code}/"


def test_an_unknown_code_is_a_friendly_404(client):
    assert client.get("/laporan/ABCDEFGH/").status_code == 404
    answer = client.get("/", {"kode": "ABCD-EFGH"})
    assert answer.status_code == 404
    assert b'id="kode-error"' in answer.content


# --- Private reports ----------------------------------------------------------------------------------


def test_a_private_report_looks_like_an_unknown_one(client, make_report):
    report = make_report(is_private=True, now=timezone.now())
    unknown = client.get("/laporan/ABCDEFGH/").content.decode().replace("ABCDEFGH", report.code)
    for suffix in ("", "?kunci=salah"):
        answer = client.get(f"/laporan/{report.code}/{suffix}")
        assert answer.status_code == 404
    assert len(client.get(f"/laporan/{report.code}/").content) == len(unknown.encode())
    assert client.get(f"/laporan/{report.code}/status.json").status_code == 404
    assert client.get(f"/lapor/terima-kasih/{report.code}/").status_code == 404
    assert report.code not in client.get("/laporan/").content.decode()


def test_nobody_can_act_on_a_private_report(client, make_report):
    report = make_report(is_private=True, now=timezone.now())
    for action in ("dukung", "tambah", "selesai", "belum-selesai"):
        assert client.post(f"/laporan/{report.code}/{action}/", {"text": "x"}).status_code == 404
    assert Event.objects.count() == 1
    assert Supporter.objects.count() == 0


def test_the_private_link_opens_it_and_the_session_remembers(client, make_report):
    report = make_report(is_private=True, now=timezone.now())
    answer = client.get(links.private_path(report))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Referrer-Policy"] == "same-origin"
    assert client.get(f"/laporan/{report.code}/").status_code == 200
    assert Client().get(f"/laporan/{report.code}/").status_code == 404


def test_a_revoked_link_stops_working_for_sessions_too(client, make_report):
    report = make_report(is_private=True, now=timezone.now())
    old = links.private_path(report)
    client.get(old)
    Report.objects.filter(pk=report.pk).update(link_version=2)
    assert client.get(old).status_code == 404
    assert client.get(f"/laporan/{report.code}/").status_code == 404


# --- The reporter's actions ---------------------------------------------------------------------------


def test_the_reporter_confirms(client, resolved):
    data = {"kunci": links.secret_of(resolved), "rating": "5", "text": "Rapi."}
    answer = client.post(f"/laporan/{resolved.code}/selesai/", data)
    resolved.refresh_from_db()
    assert answer.status_code == 302
    assert resolved.status == "closed"
    assert (Feedback.objects.get().rating, Feedback.objects.get().text) == (5, "Rapi.")


def test_the_reporter_opens_it_again_with_words_and_a_photo(client, resolved, jpeg):
    photo = SimpleUploadedFile("a.jpg", jpeg(colour="red"), "image/jpeg")
    data = {"kunci": links.secret_of(resolved), "text": "Masih berlubang.", "photos": photo}
    client.post(f"/laporan/{resolved.code}/belum-selesai/", data)
    resolved.refresh_from_db()
    assert (resolved.status, resolved.reopen_count) == ("reopened", 1)
    assert Photo.objects.filter(kind="comment").count() == 1


def test_opening_again_without_words_says_so_and_keeps_the_photo(client, resolved, jpeg):
    photo = SimpleUploadedFile("a.jpg", jpeg(colour="red"), "image/jpeg")
    secret = links.secret_of(resolved)
    key = str(uuid.uuid4())
    address = f"/laporan/{resolved.code}/belum-selesai/"
    answer = client.post(address, {"kunci": secret, "key": key, "text": " ", "photos": photo})
    assert answer.status_code == 422
    assert f'name="key" value="{key}"' in answer.content.decode()
    client.post(address, {"kunci": secret, "key": key, "text": "Masih berlubang."})
    assert Photo.objects.filter(kind="comment").count() == 1


def test_the_reporter_adds_words_without_cookies(resolved):
    client = Client()
    data = {"kunci": links.secret_of(resolved), "text": "Terima kasih."}
    client.post(f"/laporan/{resolved.code}/tambah/", data)
    assert Event.objects.filter(kind="comment", actor_kind="reporter").get().text == "Terima kasih."


@pytest.mark.parametrize("action", ["tambah", "selesai", "belum-selesai"])
@pytest.mark.parametrize("secret", ["", "salah"])
def test_others_cannot_speak_for_the_reporter(client, resolved, action, secret):
    events = Event.objects.count()
    client.post(f"/laporan/{resolved.code}/{action}/", {"kunci": secret, "text": "Bohong", "rating": "1"})
    resolved.refresh_from_db()
    assert resolved.status == "resolved"
    assert Event.objects.count() == events
    assert Feedback.objects.count() == 0


@pytest.mark.parametrize("rating", ["0", "6", "-1", "99999999999", "lima", "²"])
def test_a_strange_rating_never_breaks_the_page(client, resolved, rating):
    data = {"kunci": links.secret_of(resolved), "rating": rating}
    assert client.post(f"/laporan/{resolved.code}/selesai/", data).status_code in (302, 422)


def test_a_stale_form_of_the_reporter_is_offered_again(strict_client, resolved):
    data = {"kunci": links.secret_of(resolved), "text": "Masih berlubang."}
    address = f"/laporan/{resolved.code}/belum-selesai/"
    page = strict_client.post(address, data)
    assert page.status_code == 403
    assert "Masih berlubang." in page.content.decode()
    token = strict_client.cookies["csrftoken"].value
    strict_client.post(address, data | {"csrfmiddlewaretoken": token})
    resolved.refresh_from_db()
    assert resolved.status == "reopened"


def test_also_affected_counts_once_per_browser(client, routed):
    for _ in range(2):
        client.post(f"/laporan/{routed.code}/dukung/")
    Client().post(f"/laporan/{routed.code}/dukung/")
    routed.refresh_from_db()
    assert routed.supporter_count == 2


def test_a_phone_number_given_as_a_name_is_hidden(client, make_report):
    report = make_report(contact=Contact("Budi 0812-3456-7890"), is_anonymous=False)
    page = client.get(f"/laporan/{report.code}/").content.decode()
    assert "Budi •••" in page
    assert "3456" not in page


def test_a_private_link_in_small_letters_stays_private(client, routed):
    link = links.private_path(routed).replace(routed.code, routed.code.lower())
    page = client.get(link, follow=True)
    assert page.redirect_chain == [(links.private_path(routed), 302)]
    assert b'data-testid="reporter-box"' in page.content


def test_an_unchanged_page_is_not_sent_again(client, routed, monkeypatch):
    now = timezone.now().replace(second=10, microsecond=0)
    monkeypatch.setattr("complaints.web.views_report.timezone.now", lambda: now)
    first = client.get(f"/laporan/{routed.code}/")
    client.get(f"/laporan/{routed.code}/")
    tag = client.get(f"/laporan/{routed.code}/")["ETag"]
    unchanged = client.get(f"/laporan/{routed.code}/", headers={"if-none-match": tag})
    assert unchanged.status_code == 304
    # A policy without the kept page's nonce would stop that page's scripts.
    assert "Content-Security-Policy" not in unchanged
    Client().post(f"/laporan/{routed.code}/dukung/")
    assert client.get(f"/laporan/{routed.code}/", headers={"if-none-match": tag}).status_code == 200
    assert first.status_code == 200


def test_the_thanks_page_learns_when_it_is_routed(client, make_report):
    report = make_report(now=timezone.now())
    address = f"/laporan/{report.code}/status.json"
    assert client.get(address).json()["is_routed"] is False
    route(report)
    body = client.get(address).json()
    assert body["is_routed"] is True
    assert "Dinas Pekerjaan Umum" in body["department"]


# --- Photos -------------------------------------------------------------------------------------------


@pytest.fixture
def photo_of(jpeg):
    def make(report):
        key = uuid.uuid4()
        staged = photos.stage_photo(jpeg(), key, now=timezone.now())
        added = photos.add_photos(report.pk, key, (staged.uuid,), actor=Actor("reporter"), now=timezone.now())
        return added[0]

    return make


def test_only_the_re_encoded_copies_are_served(client, routed, photo_of):
    photo = photo_of(routed)
    address = f"/foto/{photo.uuid}-large.webp"
    assert client.get(address).status_code == 404
    photos.prepare_photo(photo.pk)
    answer = client.get(address)
    content = b"".join(answer.streaming_content)
    assert content[8:12] == b"WEBP"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get(f"/foto/{photo.uuid}-original.webp").status_code == 404
    assert client.get(f"/foto/{uuid.uuid4()}-small.webp").status_code == 404


def test_a_private_reports_photo_is_for_its_reporter_and_its_staff(client, make_report, photo_of, staff):
    report = route(make_report(is_private=True, now=timezone.now()))
    photo = photo_of(report)
    photos.prepare_photo(photo.pk)
    address = f"/foto/{photo.uuid}-small.webp"
    assert client.get(address).status_code == 404
    assert client.get(address, {"kunci": "salah"}).status_code == 404
    answer = client.get(address, {"kunci": links.secret_of(report)})
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    for department, expected in (("DPU", 200), ("DLH", 404)):
        officer = Client()
        officer.force_login(staff("handler", department))
        assert officer.get(address).status_code == expected


@pytest.mark.parametrize(
    ("contact", "is_warned"),
    [
        (Contact(), True),
        (Contact("Warga Contoh"), True),
        (Contact(email="warga@example.org"), False),
        (Contact(phone="0812-3456-7890"), False),
    ],
)
def test_the_thanks_warn_whoever_cannot_be_sent_the_link_again(client, make_report, contact, is_warned):
    report = make_report(contact=contact)
    html = client.get(
        links.private_path(report).replace("/laporan/", "/lapor/terima-kasih/")
    ).content.decode()
    assert report.spoken_code in html
    assert ('data-testid="no-contact"' in html) == is_warned


NOON = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "fact"),
    [
        ({}, None),
        ({"due_at": NOON + timedelta(days=2)}, ("Sisa waktu", "2 hari")),
        ({"due_at": NOON - timedelta(hours=3)}, ("Terlambat", "3 jam")),
        ({"status": "waiting", "status_since": NOON - timedelta(days=4)}, ("Dijeda selama", "4 hari")),
        ({"status": "scheduled", "scheduled_for": date(2027, 1, 5)}, ("Direncanakan pada", "5 Januari 2027")),
        (
            {
                "status": "resolved",
                "due_at": NOON,
                "created_at": NOON - timedelta(days=3),
                "resolved_at": NOON - timedelta(hours=2),
            },
            ("Hasil", "Selesai tepat waktu, 3 hari setelah dilaporkan"),
        ),
    ],
)
def test_how_a_report_stands_to_its_promise(changes, fact):
    report = Report(**({"status": "assigned", "is_open": True} | changes))
    assert words.due_fact(report, NOON) == fact
